/*
 * init: a generation of empty maps, written and published by what build
 * writes and publishes with, so that main.cf can name the maps before there
 * is a configuration.  An empty map accepts nobody, a missing one answers
 * 451 to everybody.
 *
 * Where <state>/current leads somewhere nothing is done, whatever is left
 * there: empty maps in the place of damaged ones would refuse their people.
 * Where it is gone, and the routes beside it are not, that is an error.
 */
#include "transport-map-gen/commands.h"

#include "base/arena.h"
#include "namespace/namespace.h"
#include "snapshot/files.h"
#include "snapshot/folder.h"
#include "snapshot/generation.h"
#include "snapshot/maps.h"
#include "snapshot/publish.h"
#include "transport-map-gen/compile.h"
#include "transport-map-gen/options.h"

#include <limits.h>
#include <stdio.h>
#include <sysexits.h>

static bool write_empty(const char *folder, struct err *err)
{
	static const struct namespace ns = { .extension = "", .digest = "" };
	struct recipients *recipients = recipients_open();
	struct model *model = model_open(&ns, recipients, NULL);
	const struct maps_input input = { &ns, recipients, model, time(NULL) };
	const struct compile_before before = { .routes = NULL };
	const bool is_written = maps_write(&input, folder, err) &&
		compile_leaving(
			model_view(model), input.now, &before, folder, err);

	model_close(&model);
	recipients_close(&recipients);
	return is_written;
}

static bool publish_empty(struct state *state,
	const struct publish_options *options, struct err *err)
{
	struct publication publication = {
		.folder = state_new_folder(state, err),
	};

	if (publication.folder == NULL)
		return false;
	if (!write_empty(publication.folder, err)) {
		folder_remove(publication.folder, NULL);
		return false;
	}
	return publish(state, &publication, options, err);
}

/* Whose people are answered 451 by the missing maps, and 550 by empty ones. */
static bool is_bare(const struct state *state, struct err *err)
{
	const unsigned long routes = state_routes(state);

	if (routes == 0)
		return true;
	return err_set(err,
		"%s/" FILES_CURRENT " is gone, and the routes of generation "
		"%lu are there: empty maps would refuse its people; "
		"\"transport-map-gen build\" brings back what is missing",
		state_path(state), routes);
}

/* What is left open stays so where there is something to go on with. */
static bool init(struct state *state, bool *is_new, struct err *err)
{
	const struct publish_options options = {
		.keep = UINT_MAX, /* that is for a configuration to say */
	};
	enum published finished;

	*is_new = false;
	if (state_current(state) != 0)
		return true;
	if (!publish_finish(state, &options, &finished, err))
		return false;
	*is_new = state_current(state) == 0;
	return !*is_new ||
		(is_bare(state, err) && publish_empty(state, &options, err));
}

/* What stands is not touched, sound or not. */
static void say(
	const struct state *state, const struct options *options, bool is_new)
{
	const unsigned long number = state_current(state);
	struct err err = { 0 };
	struct generation *generation = generation_open(options->state, &err);

	if (generation == NULL)
		fprintf(stderr,
			"transport-map-gen: warning: generation %lu is "
			"published and can not be read: %s; the next build "
			"takes its place\n",
			number, err.text);
	else if (!options->is_quiet)
		printf(is_new ? "published: generation %lu, which accepts "
				"nobody\n"
			      : "nothing to do: generation %lu is published\n",
			number);
	generation_close(&generation);
}

int command_init(const struct options *options)
{
	struct err err = { 0 };
	struct state *state = state_open(options->state, &err);
	bool is_new;
	const bool is_done = state != NULL && init(state, &is_new, &err);

	if (err.text[0] != '\0')
		fprintf(stderr, "transport-map-gen: %s: %s\n",
			is_done ? "warning" : "error", err.text);
	if (is_done)
		say(state, options, is_new);
	state_close(&state);
	return is_done ? EX_OK : EX_IOERR;
}
