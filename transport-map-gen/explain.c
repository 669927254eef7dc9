/*
 * explain: the resolver's own trace.  It asks the published generation,
 * which is what Postfix has; the configuration and the last-good copies are
 * read only to say which line decided.  Before the first build, or with
 * --candidate, the files as they stand are asked instead.
 */
#include "transport-map-gen/commands.h"

#include "base/arena.h"
#include "config/config.h"
#include "directory/contact_file.h"
#include "namespace/resolver.h"
#include "snapshot/generation.h"
#include "snapshot/manifest.h"
#include "transport-map-gen/explanation.h"
#include "transport-map-gen/gather.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/*
 * What a shell user writes, or copies out of a log with its angle brackets,
 * to what Postfix would hand to policyd.
 */
static const char *internal_form(const char *text, struct arena *arena)
{
	const size_t len = strlen(text);
	const char *at = strrchr(text, '@');
	struct address address;

	if (len > 2 && text[0] == '<' && text[len - 1] == '>')
		return internal_form(
			arena_strndup(arena, text + 1, len - 2), arena);
	if (text[0] != '"' || at == NULL ||
		!address_from_key(&address, text, "", arena))
		return text;
	return arena_printf(arena, "%s%s", address.local, at);
}

static void ask(struct explanation *e, const struct options *options,
	const struct network *client)
{
	const char *recipient = internal_form(options->arguments[0], e->arena);
	const struct question question = { .recipient = recipient,
		.len = strlen(recipient),
		.client = client,
		.now = time(NULL) };
	const struct trace trace = { explanation_step, e };

	e->asked = recipient;
	resolve(&e->resolution, e->view, &question, &trace, e->arena);
	if (e->is_published)
		explanation_walk_maps(e);
}

static void print(const struct explanation *e, const struct options *options)
{
	if (options->as_json)
		explanation_print_json(e);
	else
		explanation_print(e);
}

/* Whether the configuration is the one that the generation was made of. */
static bool is_changed(const struct explanation *e)
{
	struct manifest manifest;
	const char *folder = arena_printf(e->arena, "%s/current", e->state);

	return e->ns != NULL && e->ns->digest != NULL &&
		manifest_read(&manifest, folder, e->arena, NULL) &&
		strcmp(manifest.configuration, e->ns->digest) != 0;
}

static int explain_published(const struct options *options,
	struct generation *generation, const struct network *client)
{
	struct explanation e = { .arena = arena_open(),
		.state = options->state,
		.view = generation_view(generation),
		.is_published = true,
		.generation = generation_number(generation) };
	struct faults *faults = faults_open();
	struct err err = { 0 };

	if (!generation_refresh(generation, &err))
		fprintf(stderr,
			"transport-map-gen: %s; every directory counts as "
			"never loaded\n",
			err.text);
	struct namespace *ns = config_read(options->config, e.arena, faults);

	if (ns != NULL)
		contact_files_read(ns, e.arena, faults);
	e.ns = ns;
	ask(&e, options, client);
	if (is_changed(&e))
		fprintf(stderr,
			"transport-map-gen: %s has changed since generation "
			"%lu was built of it: lines may be off, --candidate "
			"shows what a build would make of it\n",
			options->config, e.generation);
	print(&e, options);
	faults_close(&faults);
	arena_close(&e.arena);
	return EX_OK;
}

static int explain_candidate(
	const struct options *options, const struct network *client)
{
	struct gathered g;
	const bool is_sound = gather(&g, options, GATHER_DRY);

	gathered_report(&g, false);
	if (is_sound) {
		struct explanation e = { .arena = arena_open(),
			.state = options->state,
			.ns = g.ns,
			.view = model_view(g.model),
			.recipients = g.recipients };

		ask(&e, options, client);
		print(&e, options);
		arena_close(&e.arena);
	}
	gathered_fini(&g);
	return is_sound ? EX_OK : EX_CONFIG;
}

int command_explain(const struct options *options)
{
	struct err err = { 0 };
	struct network client;
	struct generation *generation = NULL;

	if (options->client != NULL &&
		!network_of_client(&client, options->client)) {
		fprintf(stderr,
			"transport-map-gen: --client wants an IP address, not "
			"%s\n",
			options->client);
		return EX_USAGE;
	}
	if (!options->candidate)
		generation = generation_open(options->state, &err);
	if (generation == NULL) {
		if (!options->candidate)
			fprintf(stderr,
				"transport-map-gen: %s; this is what a build "
				"would make of %s\n",
				err.text, options->config);
		return explain_candidate(
			options, options->client == NULL ? NULL : &client);
	}
	const int status = explain_published(
		options, generation, options->client == NULL ? NULL : &client);

	generation_close(&generation);
	return status;
}
