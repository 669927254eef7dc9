/*
 * rollback: the hold first, so that one that is killed holds too; then the
 * old content as a new generation, published like any other but in the place
 * of whatever an earlier run left open.
 *
 * What leaves now is reckoned from the generation whose recipients are in
 * force: it alone has the routes of all that was ever accepted under it,
 * while routes that another run has switched are those of what is given up:
 * they count for whom they alone let in.
 *
 * How old the lists are is said before their recipients are in force, and
 * after: who is listed in what is undone alone would else be refused for
 * good by lists that are too old to refuse anybody.
 */
#include "transport-map-gen/commands.h"

#include "base/arena.h"
#include "base/text.h"
#include "config/config.h"
#include "snapshot/folder.h"
#include "snapshot/generation.h"
#include "snapshot/hold.h"
#include "snapshot/publish.h"
#include "transport-map-gen/compile.h"
#include "transport-map-gen/event_log.h"
#include "transport-map-gen/old_content.h"
#include "transport-map-gen/options.h"
#include "transport-map-gen/progress.h"
#include "transport-map-gen/standing.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>

struct rollback {
	const struct options *options;
	struct arena *arena;
	struct state *state;
	unsigned long was; /* the generation in force */
	unsigned long in_force; /* its content */
	unsigned long open; /* published in part; 0 = none */
	unsigned long from; /* which one is copied */
	unsigned long content; /* whose that is */
	const char *by;
	struct manifest old; /* of from */
	bool is_needless; /* its content is in force already */
	struct publication publication;
};

static const char *folder_of(const struct rollback *r, unsigned long number)
{
	return state_generation(r->state, number, r->arena);
}

static const char *list_kept(
	const struct rollback *r, const struct state_numbers *kept)
{
	const char *list = "";

	for (size_t i = 0; i < kept->count; i++)
		list = arena_printf(r->arena, "%s%s%lu", list,
			i == 0 ? "" : ", ", kept->list[i]);
	return list;
}

static bool is_kept(const struct state_numbers *kept, unsigned long number)
{
	for (size_t i = 0; i < kept->count; i++)
		if (kept->list[i] == number)
			return true;
	return false;
}

/* init publishes what no configuration is in, and refuses everybody. */
static bool has_configuration(const struct rollback *r, unsigned long number)
{
	struct manifest manifest;

	return !manifest_read(
		       &manifest, folder_of(r, number), r->arena, NULL) ||
		*manifest.configuration != '\0';
}

/*
 * A rollback that was not finished is, and what a build has not finished is
 * undone; else one back from the content in force, never forward.
 */
static unsigned long default_number(
	const struct rollback *r, const struct state_numbers *kept)
{
	const unsigned long due =
		r->open == 0 ? 0 : standing_content(r->state, r->open);

	if (due != 0 && due != r->open)
		return is_kept(kept, due) ? due : r->open;
	if (due != 0)
		return is_kept(kept, r->in_force) ? r->in_force : r->was;
	for (size_t i = kept->count; i > 0; i--)
		if (kept->list[i - 1] < r->in_force &&
			has_configuration(r, kept->list[i - 1]))
			return kept->list[i - 1];
	return 0;
}

static bool choose_asked(
	struct rollback *r, const struct state_numbers *kept, struct err *err)
{
	const char *asked = r->options->arguments[0];

	if (!text_to_ulong(&r->from, asked))
		return err_set(err,
			"a generation is named by its number, not \"%s\"; "
			"there are %s",
			asked, list_kept(r, kept));
	return is_kept(kept, r->from) ||
		err_set(err, "generation %lu is not kept; there are %s",
			r->from, list_kept(r, kept));
}

static bool choose(struct rollback *r, struct err *err)
{
	struct state_numbers kept;

	if (!state_numbers(r->state, &kept, r->arena, err))
		return false;
	if (r->options->n_arguments > 0) {
		if (!choose_asked(r, &kept, err))
			return false;
	} else {
		r->from = default_number(r, &kept);
		if (r->from == 0)
			return err_set(err,
				"no generation from before %lu is kept that "
				"accepts anybody; there are %s",
				r->in_force, list_kept(r, &kept));
	}
	r->content = standing_content(r->state, r->from);
	return true;
}

/* What is there before anything is changed. */
static int look(struct rollback *r, struct err *err)
{
	if (!publish_open_number(r->state, &r->open, err))
		return EX_IOERR;
	r->was = state_current(r->state);
	if (r->open == r->was)
		r->open = 0; /* all but retired, which publish() does */
	if (r->was == 0) {
		err_set(err, "%s: nothing is published", state_path(r->state));
		return EX_USAGE;
	}
	r->in_force = standing_content(r->state, r->was);
	return choose(r, err) ? EX_OK : EX_USAGE;
}

static bool hold(
	const struct rollback *r, unsigned long content, struct err *err)
{
	const struct hold hold = { content, time(NULL), r->by };

	return hold_write(&hold, r->options->state, err);
}

/* Its own folder too: damaged maps are replaced by their equal. */
static bool is_in_force(const struct rollback *r)
{
	struct manifest manifest;
	const char *folder = folder_of(r, r->was);

	return r->open == 0 && r->content == r->in_force &&
		manifest_read(&manifest, folder, r->arena, NULL) &&
		old_content_is_sound(&manifest, folder);
}

/* A rollback must not need a configuration that is sound. */
static unsigned long linger_of(const struct rollback *r)
{
	struct faults *faults = faults_open();
	const struct namespace *ns =
		config_read(r->options->config, r->arena, faults);
	const bool is_known = ns != NULL && faults_errors(faults) == 0;

	if (!is_known && !r->options->is_quiet)
		fprintf(stderr,
			"transport-map-gen: warning: %s can not be used; last "
			"routes are kept for %d days\n",
			r->options->config, LINGER_DEFAULT_S / 86400);
	faults_close(&faults);
	return is_known ? ns->linger_s : LINGER_DEFAULT_S;
}

static bool write_leaving(
	const struct rollback *r, const char *folder, struct err *err)
{
	const char *before = folder_of(r, r->was);
	const unsigned long routes = state_routes(r->state);
	const struct compile_before both = {
		.routes = before,
		.current = before,
		.given_up = routes == r->was ? NULL : folder_of(r, routes),
		.linger_s = linger_of(r),
	};
	struct generation *generation = generation_open_folder(folder, err);

	if (generation == NULL)
		return false;
	generation_set_loaded(generation, standing_loaded(&r->old, r->arena),
		r->old.n_directories);
	const bool is_written = compile_leaving(
		generation_view(generation), time(NULL), &both, folder, err);

	generation_close(&generation);
	return is_written;
}

static void warn(const struct rollback *r, struct err *err)
{
	if (err->text[0] != '\0' && !r->options->is_quiet)
		fprintf(stderr, "transport-map-gen: warning: %s\n", err->text);
	*err = (struct err){ 0 };
}

/* The folder is gone again where it is of no use. */
static int make_folder(struct rollback *r, struct err *err)
{
	const char *folder = state_new_folder(r->state, err);
	int status = EX_IOERR;

	if (folder == NULL)
		return status;
	switch (old_content_copy(&r->old, folder_of(r, r->from), folder, err)) {
	case OLD_CONTENT_DAMAGED: status = EX_DATAERR; break;
	case OLD_CONTENT_NOT_WRITTEN: break;
	case OLD_CONTENT_SOUND:
		if (write_leaving(r, folder, err))
			status = EX_OK;
		break;
	}
	if (status != EX_OK)
		folder_remove(folder, NULL);
	else
		warn(r, err);
	r->publication.folder = folder;
	return status;
}

static int copy(struct rollback *r, struct err *err)
{
	if (!manifest_read(&r->old, folder_of(r, r->from), r->arena, err))
		return EX_DATAERR;
	r->publication.manifest = (struct manifest){
		.content_of = r->content,
		.configuration = r->old.configuration,
		.directories = r->old.directories,
		.n_directories = r->old.n_directories,
	};
	progress(r->options, "copying generation %lu", r->from);
	return make_folder(r, err);
}

static bool publish_copy(struct rollback *r, struct err *err)
{
	const struct publish_options options = {
		.no_wait = r->options->no_wait,
		.reload = r->options->reload,
		.abandon = true,
		.keep = UINT_MAX, /* or one could not go back further */
	};

	progress(r->options, "publishing: routes first, recipients 12 s later");
	if (!standing_note_earlier(r->state, &r->old, err) ||
		!publish(r->state, &r->publication, &options, err))
		return false;
	warn(r, err);
	return r->publication.published == PUBLISHED_ROUTES ||
		standing_note_loaded(r->state, err);
}

/* Nothing is undone; what stands is held until somebody has looked. */
static void hold_what_stands(const struct rollback *r)
{
	struct err err = { 0 };

	if (r->open == 0 && !hold(r, r->in_force, &err))
		fprintf(stderr, "transport-map-gen: error: %s\n", err.text);
}

/*
 * Of a rollback that was killed all but this may be done: that smtpd is told
 * of its recipients.
 */
static bool finish_retiring(struct rollback *r, struct err *err)
{
	const struct publish_options options = {
		.reload = r->options->reload,
		.keep = UINT_MAX,
	};
	enum published finished;

	if (!publish_finish(r->state, &options, &finished, err))
		return false;
	warn(r, err);
	return true;
}

static int roll_back(struct rollback *r, struct err *err)
{
	if (!hold(r, r->content, err))
		return EX_IOERR;
	r->is_needless = is_in_force(r);
	if (r->is_needless)
		return finish_retiring(r, err) ? EX_OK : EX_IOERR;
	const int status = copy(r, err);

	if (status != EX_OK) {
		hold_what_stands(r);
		return status;
	}
	return publish_copy(r, err) ? EX_OK : EX_IOERR;
}

static const char *result_of(const struct rollback *r)
{
	const unsigned long number = r->publication.manifest.generation;

	if (r->is_needless)
		return arena_printf(r->arena,
			"generation %lu has the content of %lu already", r->was,
			r->content);
	return arena_printf(r->arena,
		r->publication.published == PUBLISHED_ROUTES
			? "routes of generation %lu published with the "
			  "content of %lu (was %lu), recipients due"
			: "generation %lu published with the content of %lu "
			  "(was %lu)",
		number, r->content, r->was);
}

static void log_event(const struct rollback *r, int severity, const char *text)
{
	struct err err = { 0 };

	if (!event_log(_PATH_LOG, severity, text, &err))
		warn(r, &err);
}

static void tell(const struct rollback *r)
{
	const char *result = result_of(r);

	log_event(r, LOG_NOTICE,
		arena_printf(r->arena, "rollback: %s, builds are held, by %s",
			result, r->by));
	if (!r->options->is_quiet)
		printf("rollback: %s; nothing else is published until "
		       "\"transport-map-gen release\"\n",
			result);
}

/* A slip of the keyboard is nothing to be found in a log. */
static void tell_failure(
	const struct rollback *r, int status, const struct err *err)
{
	struct hold unused;
	const bool is_held = r->state != NULL &&
		hold_read(&unused, r->options->state, r->arena, NULL) !=
			LOOKUP_NONE;
	const char *held = is_held ? "; builds are held" : "";

	if (status != EX_USAGE)
		log_event(r, LOG_ERR,
			arena_printf(r->arena, "rollback failed: %s%s, by %s",
				err->text, held, r->by));
	fprintf(stderr, "transport-map-gen: error: %s%s\n", err->text, held);
}

static int run(struct rollback *r, struct err *err)
{
	struct state *there = state_look(r->options->state, err);

	if (there == NULL)
		return EX_USAGE;
	state_close(&there);
	progress(r->options, "waiting for a build that may be running");
	r->state = state_open(r->options->state, err);
	if (r->state == NULL)
		return EX_IOERR;
	const int status = look(r, err);

	return status == EX_OK ? roll_back(r, err) : status;
}

int command_rollback(const struct options *options)
{
	struct rollback r = { .options = options, .arena = arena_open() };
	struct err err = { 0 };

	r.by = standing_user(r.arena);
	const int status = run(&r, &err);

	progress(options, "%s", "");
	if (status == EX_OK)
		tell(&r);
	else
		tell_failure(&r, status, &err);
	state_close(&r.state);
	arena_close(&r.arena);
	return status;
}
