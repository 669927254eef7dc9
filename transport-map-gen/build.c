/*
 * build: the lock first, then what an earlier run left open, then the input
 * as it is now.  Whatever fails, what was published stays published.
 *
 * When the directories loaded is written last: a daemon that knew a list to
 * be fresh before it has the recipients of it would refuse the new ones.
 *
 * While a rollback holds all is done but the publishing: what is wrong shows
 * now, and when the directories loaded stays what it was for the lists that
 * are in force.
 */
#include "transport-map-gen/commands.h"

#include "base/arena.h"
#include "base/clock.h"
#include "snapshot/folder.h"
#include "snapshot/measured.h"
#include "snapshot/publish.h"
#include "snapshot/state.h"
#include "snapshot/state_guard.h"
#include "transport-map-gen/compile.h"
#include "transport-map-gen/directory_report.h"
#include "transport-map-gen/event_log.h"
#include "transport-map-gen/gather.h"
#include "transport-map-gen/guard.h"
#include "transport-map-gen/load_report.h"
#include "transport-map-gen/progress.h"
#include "transport-map-gen/standing.h"
#include "transport-map-gen/textfile.h"
#include "transport-map-gen/unchanged.h"

#include <limits.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>
#include <syslog.h>

struct build {
	const struct options *options;
	struct state *state;
	const char *held; /* why nothing is published; NULL: it is */
	bool is_interrupted; /* an earlier run left something open */
	struct gathered gathered;
	struct measured measured;
	struct publication publication;
};

static int fail(
	const struct options *options, int status, const struct err *err)
{
	progress(options, "%s", "");
	fprintf(stderr, "transport-map-gen: error: %s\n", err->text);
	return status;
}

static void warn(const struct err *err)
{
	if (err->text[0] != '\0')
		fprintf(stderr, "transport-map-gen: warning: %s\n", err->text);
}

/* With the advice of a class that has gone these are the whole story. */
static void print_loads(const struct gathered *g)
{
	for (size_t i = 0; i < g->ns->n_directories; i++)
		if (g->ns->directories[i].is_enabled)
			puts(directory_report_format(&g->ns->directories[i],
				&g->loads[i], g->arena));
}

static const char *folder_of(const struct build *b, unsigned long number)
{
	return number == 0
		? NULL
		: state_generation(b->state, number, b->gathered.arena);
}

static bool write_folder(struct build *b, const char *folder, struct err *err)
{
	const struct compile_before before = {
		.routes = folder_of(b, state_routes(b->state)),
		.current = folder_of(b, state_current(b->state)),
		.linger_s = b->gathered.ns->linger_s,
		.measured = &b->measured,
	};

	return compile_maps(&b->gathered, &before, folder, err);
}

static void fill_manifest(struct build *b)
{
	const struct gathered *g = &b->gathered;
	struct manifest_directory *list =
		arena_array(g->arena, g->ns->n_directories, sizeof *list);
	size_t count = 0;

	for (size_t i = 0; i < g->ns->n_directories; i++)
		if (g->ns->directories[i].is_enabled)
			list[count++] = (struct manifest_directory){
				.name = g->ns->directories[i].name,
				.entries = g->loads[i].n_entries,
				.loaded = g->loaded[i],
			};
	b->publication.manifest = (struct manifest){ .time = g->now,
		.configuration = g->ns->digest,
		.directories = list,
		.n_directories = count,
		.measured = &b->measured };
}

static void say_result(const struct build *b)
{
	const size_t count = recipients_count(b->gathered.recipients);

	if (b->options->is_quiet)
		return;
	switch (b->publication.published) {
	case PUBLISHED_NOTHING:
		printf("unchanged: generation %lu stands\n",
			b->publication.manifest.generation);
		break;
	case PUBLISHED_ALL:
		printf("published: generation %lu, %zu recipient%s\n",
			b->publication.manifest.generation, count,
			count == 1 ? "" : "s");
		break;
	case PUBLISHED_ROUTES:
		printf("routes published, recipients due: generation %lu\n",
			b->publication.manifest.generation);
		break;
	}
}

/*
 * What of a rollback is still due is said too.  Run from cron, quietly, it is
 * said to syslog: nobody shall wonder why nothing is published.
 */
static void say_held(const struct build *b)
{
	struct arena *arena = b->gathered.arena;
	const char *held = b->held;
	unsigned long due = 0;

	/* It may have been finished since. */
	standing_held(&held, b->state, arena, NULL);
	progress(b->options, "%s", "");
	if (b->options->is_quiet) {
		event_log(_PATH_LOG, LOG_NOTICE,
			arena_printf(arena, "build: held: %s", held), NULL);
		return;
	}
	if (b->publication.published == PUBLISHED_ROUTES &&
		publish_open_number(b->state, &due, NULL))
		printf("routes published, recipients due: generation %lu\n",
			due);
	printf("held: %s\n", held);
}

static bool write_freshness(const struct build *b, struct err *err)
{
	return freshness_write(b->options->state, b->gathered.freshness,
		b->gathered.ns->n_directories, err);
}

/* What was never written stands. */
static int leave_unchanged(struct build *b, int loads)
{
	struct err err = { 0 };

	b->publication.published = PUBLISHED_NOTHING;
	b->publication.manifest.generation = state_current(b->state);
	say_result(b);
	return write_freshness(b, &err) ? loads
					: fail(b->options, EX_IOERR, &err);
}

/*
 * Last, for a build that was killed before left less than it may have said.
 * A list that was let shrink once is no input of the next.
 */
static void keep_inputs(
	const struct build *b, int loads, const struct err *warning)
{
	if (loads == EX_OK && warning->text[0] == '\0' &&
		b->options->n_accept_shrink == 0)
		unchanged_keep(
			&b->gathered, b->options, b->state, &b->publication);
}

static bool publish_folder(struct build *b, int loads, struct err *err)
{
	const struct gathered *g = &b->gathered;
	const struct publish_options options = { .no_wait = b->options->no_wait,
		.reload = b->options->reload,
		.keep = g->ns->keep };

	fill_manifest(b);
	progress(b->options, "publishing: routes first, recipients 12 s later");
	if (!publish(b->state, &b->publication, &options, err))
		return false;
	progress(b->options, "%s", "");
	warn(err);
	say_result(b);
	if (b->publication.published == PUBLISHED_ROUTES)
		return true;
	if (!write_freshness(b, err))
		return false;
	keep_inputs(b, loads, err);
	return true;
}

/* Where anything but the input may ask for a new one, all is made anew. */
static bool gather_input(struct build *b)
{
	const bool may_recall = b->held == NULL && !b->is_interrupted &&
		b->options->n_accept_shrink == 0;

	return gather_changes(
		&b->gathered, b->options, may_recall ? b->state : NULL);
}

static int compile(struct build *b)
{
	struct gathered *g = &b->gathered;
	const bool is_sound = gather_input(b);
	struct err err = { 0 };

	gathered_report(g, !b->options->is_quiet);
	const int loads = g->has_loads ? load_report(g) : EX_OK;

	if (g->has_loads && !b->options->is_quiet)
		print_loads(g);
	if (!is_sound)
		return EX_CONFIG;
	if (g->is_unchanged)
		return leave_unchanged(b, loads);
	if (loads == EX_DATAERR)
		return loads;
	if (!guard_check(
		    g, b->options, folder_of(b, state_current(b->state)), &err))
		return fail(b->options, EX_DATAERR, &err);
	progress(b->options, "writing maps");
	b->publication.folder = state_new_folder(b->state, &err);
	if (b->publication.folder == NULL)
		return fail(b->options, EX_IOERR, &err);
	if (!write_folder(b, b->publication.folder, &err)) {
		/* The disk may be full: what is of no use goes at once. */
		folder_remove(b->publication.folder, NULL);
		return fail(b->options, EX_IOERR, &err);
	}
	if (b->held != NULL) {
		folder_remove(b->publication.folder, NULL);
		say_held(b);
		return loads;
	}
	return publish_folder(b, loads, &err)
		? loads
		: fail(b->options, EX_IOERR, &err);
}

/* While it is held, only what a rollback has begun: not what it undid. */
static bool may_finish(const struct build *b, bool *out, struct err *err)
{
	unsigned long open;

	*out = true;
	if (b->held == NULL)
		return true;
	if (!publish_open_number(b->state, &open, err))
		return false;
	*out = open != 0 && standing_content(b->state, open) != open;
	return true;
}

static bool is_closed(const struct build *b)
{
	unsigned long open;

	return publish_open_number(b->state, &open, NULL) && open == 0;
}

/*
 * Before the input is read: last routes are reckoned from what is in force.
 * The run that compiled what is finished could not say when its directories
 * loaded, and this one may leave its own recipients due.
 */
static bool finish(struct build *b, struct err *err)
{
	const struct publish_options options = {
		.no_wait = b->options->no_wait,
		.reload = b->options->reload,
		.keep = UINT_MAX, /* not known yet */
	};

	bool is_wanted;

	if (!may_finish(b, &is_wanted, err) || !is_wanted)
		return !is_wanted;
	b->is_interrupted = !is_closed(b);
	progress(b->options, "finishing what an earlier run left open");
	if (!publish_finish(b->state, &options, &b->publication.published, err))
		return false;
	warn(err);
	*err = (struct err){ 0 };
	return b->publication.published != PUBLISHED_ALL ||
		standing_note_loaded(b->state, err);
}

/*
 * Where it can not be told nothing is published, and nobody shall take that
 * for a rollback of somebody's: lists that grow old unnoticed refuse mail.
 */
static bool find_hold(struct build *b, struct err *err)
{
	return standing_held(&b->held, b->state, state_arena(b->state), err) !=
		LOOKUP_FAILED;
}

static int run(struct build *b)
{
	const struct options *options = b->options;
	struct err err = { 0 };

	progress(options, "waiting for a build that may be running");
	b->state = state_open(options->state, &err);
	if (b->state == NULL)
		return fail(options, EX_IOERR, &err);
	if (!state_has_group(b->state) && !options->is_quiet &&
		state_newest(b->state) == 0)
		fputs("transport-map-gen: there is no group postshare; files "
		      "are of your own group, and policyd must run in it\n",
			stderr);
	if (!options->is_quiet &&
		!state_is_guarded(options->state, geteuid(), &err))
		warn(&err);
	err = (struct err){ 0 };
	return find_hold(b, &err) && finish(b, &err)
		? compile(b)
		: fail(options, EX_IOERR, &err);
}

/* While the lock is held, so that the last run is the last to tell. */
static int tell(const struct build *b, int status, int64_t duration_ms)
{
	const char *path = b->options->textfile;
	struct textfile_run told = { .now = time(NULL),
		.last_success = textfile_last_success(path),
		.duration_us = duration_ms * 1000,
		.status = status,
		.has_state = b->state != NULL,
		.is_held = b->held != NULL,
		.gathered = &b->gathered };
	struct manifest manifest;
	struct err err = { 0 };

	if (told.has_state)
		told.generation = state_current(b->state);
	if (told.generation != 0 &&
		manifest_read(&manifest,
			state_generation(b->state, told.generation,
				state_arena(b->state)),
			state_arena(b->state), NULL))
		told.generation_time = manifest.time;
	if (textfile_write(path, &told, &err))
		return status;
	fail(b->options, EX_IOERR, &err);
	return status == EX_OK ? EX_IOERR : status;
}

int command_build(const struct options *options)
{
	struct build b = { .options = options };
	struct err err = { 0 };
	const int64_t began_ms = clock_now_ms();

	if (options->textfile != NULL &&
		!textfile_check(options->textfile, &err))
		return fail(options, EX_IOERR, &err);
	int status = run(&b);

	if (options->textfile != NULL)
		status = tell(&b, status, clock_now_ms() - began_ms);
	measured_fini(&b.measured);
	gathered_fini(&b.gathered);
	state_close(&b.state);
	return status;
}
