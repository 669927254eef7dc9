/*
 * The steps of a publish, each recorded before it is done and harmless to do
 * twice:
 *   routes      switch <state>/routes, retire the routes it led to
 *   wait        until 12 seconds after that: trivial-rewrite looks at its
 *               maps every 10 seconds, and at a touch 2 seconds late
 *   recipients  switch <state>/current, retire what it led to; every smtpd
 *               then starts anew, without answers cached meanwhile
 * A run killed before the first record leaves a generation that no link
 * leads to; its number is not used again, and it is pruned in its time.
 */
#include "snapshot/publish.h"

#include "base/arena.h"
#include "base/file.h"
#include "namespace/lookup.h"
#include "snapshot/files.h"
#include "snapshot/folder.h"
#include "snapshot/publish_prune.h"
#include "snapshot/publish_record.h"
#include "snapshot/publish_switch.h"
#include "snapshot/same_bytes.h"

#include <stdio.h>
#include <string.h>

enum { SETTLE_MS = 12000, TOUCH_AGAIN_MS = 2000 };

struct run {
	struct state *state;
	const struct publish_options *options;
	struct publish_clock clock;
	struct publish_record record;
	bool is_reloaded; /* so there is nothing to wait for */
	struct err note; /* what went wrong beside the publish */
};

static bool run_init(struct run *run, struct state *state,
	const struct publish_options *options, struct err *err)
{
	*run = (struct run){ .state = state,
		.options = options,
		.clock = options->clock != NULL ? *options->clock
						: *publish_clock_real() };
	return publish_record_read(&run->record, state_path(state), err);
}

static long long now_ms(const struct run *run)
{
	return run->clock.now_ms(run->clock.context);
}

static long long steady_ms(const struct run *run)
{
	return run->clock.steady_ms(run->clock.context);
}

static void sleep_ms(const struct run *run, long long ms)
{
	run->clock.sleep_ms(run->clock.context, (unsigned)ms);
}

/* Records that step comes next. */
static bool next(struct run *run, enum publish_step step, struct err *err)
{
	run->record.step = step;
	return publish_record_write(&run->record, state_path(run->state), err);
}

/*
 * A process may have opened a file before the switch and look at its mtime
 * only after the first touch; it sees the second.
 */
static bool retire_again(const struct run *run, unsigned long number,
	enum retired which, struct err *err)
{
	if (number == 0 || run->is_reloaded)
		return true;
	sleep_ms(run, TOUCH_AGAIN_MS);
	return switch_touch(run->state, number, which, now_ms(run), err);
}

/* Where the reload fails, the waits do what it should have done. */
static void reload(struct run *run)
{
	run->is_reloaded = run->options->reload && switch_reload(&run->note);
}

static long long later(long long a, long long b)
{
	return a > b ? a : b;
}

static long long earlier(long long a, long long b)
{
	return a < b ? a : b;
}

/*
 * The second touch counts, where it was a slow one: who was caught by the
 * first looks for it as long again.
 */
static void note_second_touch(struct run *run)
{
	struct publish_record *record = &run->record;

	record->routes_switched_ms =
		later(record->routes_switched_ms, now_ms(run) - TOUCH_AGAIN_MS);
	record->routes_switched_steady_ms =
		later(record->routes_switched_steady_ms,
			steady_ms(run) - TOUCH_AGAIN_MS);
}

static bool step_routes(struct run *run, struct err *err)
{
	struct publish_record *record = &run->record;

	if (!switch_link(run->state, FILES_ROUTES, record->generation, err) ||
		!switch_touch(run->state, record->retired_routes,
			RETIRED_ROUTES, now_ms(run), err))
		return false;
	record->routes_switched_ms = now_ms(run);
	record->routes_switched_steady_ms = steady_ms(run);
	reload(run);
	if (!retire_again(run, record->retired_routes, RETIRED_ROUTES, err))
		return false;
	note_second_touch(run);
	return next(run, PUBLISH_WAIT, err);
}

/*
 * Both clocks must agree that time has passed: that of the day may have been
 * set ahead, and the other one began anew if the machine did, or is another
 * machine's.  Never more than the whole wait.
 */
static long long wait_left_ms(const struct run *run)
{
	const struct publish_record *record = &run->record;
	const long long by_day = now_ms(run) - record->routes_switched_ms;
	const long long steady =
		steady_ms(run) - record->routes_switched_steady_ms;
	const long long gone = by_day < steady ? by_day : steady;

	/* Where nothing was current, nothing was accepted either. */
	if (run->is_reloaded || state_current(run->state) == 0 ||
		gone >= SETTLE_MS)
		return 0;
	return gone < 0 ? SETTLE_MS : SETTLE_MS - gone;
}

/*
 * A clock that has not come to what it showed then has begun anew, and the
 * wait with it, or runs that leave it to the next one would do so until it
 * has.
 */
static bool leave_wait(struct run *run, struct err *err)
{
	struct publish_record *record = &run->record;
	const struct publish_record found = *record;

	record->routes_switched_ms =
		earlier(found.routes_switched_ms, now_ms(run));
	record->routes_switched_steady_ms =
		earlier(found.routes_switched_steady_ms, steady_ms(run));
	return (record->routes_switched_ms == found.routes_switched_ms &&
		       record->routes_switched_steady_ms ==
			       found.routes_switched_steady_ms) ||
		next(run, PUBLISH_WAIT, err);
}

static bool step_wait(struct run *run, enum published *out, struct err *err)
{
	if (wait_left_ms(run) > 0)
		reload(run);
	const long long left = wait_left_ms(run);

	if (left > 0 && run->options->no_wait) {
		*out = PUBLISHED_ROUTES;
		return leave_wait(run, err);
	}
	if (left > 0)
		sleep_ms(run, left);
	run->record.retired_current = state_current(run->state);
	return next(run, PUBLISH_RECIPIENTS, err);
}

static bool step_recipients(struct run *run, struct err *err)
{
	const struct publish_record *record = &run->record;

	if (!switch_link(run->state, FILES_CURRENT, record->generation, err) ||
		!switch_touch(run->state, record->retired_current,
			RETIRED_RECIPIENTS, now_ms(run), err))
		return false;
	reload(run);
	return retire_again(
		       run, record->retired_current, RETIRED_RECIPIENTS, err) &&
		next(run, PUBLISH_DONE, err);
}

/* From where the record stands to the end, or to the wait. */
static bool run_steps(struct run *run, enum published *out, struct err *err)
{
	const struct publish_record *record = &run->record;

	*out = PUBLISHED_ALL;
	if (record->step == PUBLISH_ROUTES && !step_routes(run, err))
		return false;
	if (record->step == PUBLISH_WAIT && !step_wait(run, out, err))
		return false;
	return record->step != PUBLISH_RECIPIENTS || step_recipients(run, err);
}

/* A link must never lead to nothing: Postfix would answer 451 to all. */
static enum lookup find_generation(const struct run *run, struct err *err)
{
	struct arena *arena = arena_open();
	const char *folder =
		state_generation(run->state, run->record.generation, arena);
	const enum lookup found =
		files_find(folder, FILES_MANIFEST, arena, err);

	arena_close(&arena);
	return found;
}

static bool finish(struct run *run, enum published *out, struct err *err)
{
	*out = PUBLISHED_NOTHING;
	if (run->record.step == PUBLISH_DONE)
		return true;
	const enum lookup found = find_generation(run, err);

	if (found == LOOKUP_NONE)
		return next(run, PUBLISH_DONE, err);
	return found == LOOKUP_FOUND && run_steps(run, out, err);
}

/*
 * The record stays as it is until that of the new generation takes its
 * place: killed before, a run leaves what it found.  Routes whose step is
 * not done may be switched and not retired, and recipients that are
 * switched are in force: their steps are harmless to do, and only those.
 */
static bool give_up(struct run *run, enum published *out, struct err *err)
{
	const struct publish_record *record = &run->record;
	const unsigned long retired = record->retired_routes;

	*out = PUBLISHED_NOTHING;
	switch (record->step) {
	case PUBLISH_ROUTES:
		return state_routes(run->state) != record->generation ||
			(switch_touch(run->state, retired, RETIRED_ROUTES,
				 now_ms(run), err) &&
				retire_again(
					run, retired, RETIRED_ROUTES, err));
	case PUBLISH_WAIT: *out = PUBLISHED_ROUTES; return true;
	case PUBLISH_RECIPIENTS:
		return state_current(run->state) != record->generation ||
			step_recipients(run, err);
	case PUBLISH_DONE: return true;
	}
	return true;
}

static bool begin(struct run *run, enum published *out, struct err *err)
{
	return run->options->abandon ? give_up(run, out, err)
				     : finish(run, out, err);
}

static void tell(const struct run *run, struct err *err)
{
	if (run->note.text[0] != '\0')
		err_set(err, "%s", run->note.text);
}

bool publish_open_number(
	const struct state *state, unsigned long *out, struct err *err)
{
	struct publish_record record;

	if (!publish_record_read(&record, state_path(state), err))
		return false;
	*out = record.step == PUBLISH_DONE ? 0 : record.generation;
	return true;
}

bool publish_finish(struct state *state, const struct publish_options *options,
	enum published *out, struct err *err)
{
	struct run run;

	if (!run_init(&run, state, options, err) || !finish(&run, out, err))
		return false;
	tell(&run, err);
	return true;
}

/* A folder on its way to become a generation. */
struct candidate {
	const char *folder;
	struct manifest *manifest;
	struct arena *arena;
};

static bool measure(const struct candidate *new, struct err *err)
{
	const char *name;

	for (size_t i = 0; (name = files_required(i)) != NULL; i++) {
		const enum lookup found =
			files_find(new->folder, name, new->arena, err);

		if (found == LOOKUP_NONE)
			err_set(err, "%s: %s is missing", new->folder, name);
		if (found != LOOKUP_FOUND)
			return false;
	}
	return manifest_measure(new->manifest, new->folder, new->arena, err);
}

static bool is_same_file(
	const char *a, const char *b, const char *name, struct arena *arena)
{
	return same_bytes(arena_printf(arena, "%s/%s", a, name),
		arena_printf(arena, "%s/%s", b, name));
}

static bool has_digest(
	const struct manifest *old, const struct manifest_file *file)
{
	for (size_t i = 0; i < old->n_files; i++) {
		if (strcmp(old->files[i].name, file->name) == 0)
			return strcmp(old->files[i].digest, file->digest) == 0;
	}
	return false;
}

/*
 * By the old manifest first, which tells at once what is new; then by the
 * files, for one may have been damaged since.  A generation that is damaged
 * or can not be read is equal to nothing, so that the new one takes its
 * place.
 */
static bool is_equal(const struct run *run, const struct candidate *new,
	unsigned long number, bool (*counts)(const char *name))
{
	const struct manifest *m = new->manifest;
	const char *folder = state_generation(run->state, number, new->arena);
	struct manifest old;
	size_t n_old = 0, n_new = 0;

	if (number == 0 || !manifest_read(&old, folder, new->arena, NULL))
		return false;
	for (size_t i = 0; i < old.n_files; i++)
		n_old += counts(old.files[i].name);
	for (size_t i = 0; i < m->n_files; i++) {
		const char *name = m->files[i].name;

		if (!counts(name))
			continue;
		n_new++;
		if (!has_digest(&old, &m->files[i]) ||
			!is_same_file(new->folder, folder, name, new->arena))
			return false;
	}
	return n_old == n_new;
}

static bool any_file(const char *name)
{
	(void)name;
	return true;
}

static unsigned long larger(unsigned long a, unsigned long b)
{
	return a > b ? a : b;
}

/* One more than all that ever were. */
static unsigned long next_number(const struct run *run)
{
	const unsigned long links =
		larger(state_routes(run->state), state_current(run->state));
	const unsigned long recorded =
		run->record.generation <= STATE_NUMBER_MAX
		? run->record.generation
		: 0;

	return larger(links, larger(state_newest(run->state), recorded)) + 1;
}

static bool own_files(
	const struct run *run, const struct candidate *new, struct err *err)
{
	struct folder files;

	if (!folder_list(&files, new->folder, new->arena, err))
		return false;
	for (size_t i = 0; i < files.count; i++) {
		const char *path = arena_printf(
			new->arena, "%s/%s", new->folder, files.names[i]);

		if (!state_own(run->state, path, err) || !file_sync(path, err))
			return false;
	}
	return state_own(run->state, new->folder, err) &&
		file_sync(new->folder, err);
}

/* Makes the folder a generation, which nothing leads to yet. */
static bool install(
	const struct run *run, const struct candidate *new, struct err *err)
{
	struct manifest *m = new->manifest;
	m->generation = next_number(run);
	m->time = (time_t)(now_ms(run) / 1000);
	if (!manifest_write(m, new->folder, err) || !own_files(run, new, err))
		return false;
	const char *path =
		state_generation(run->state, m->generation, new->arena);

	if (rename(new->folder, path) != 0)
		return err_sys(err, "rename %s to %s", new->folder, path);
	return state_sync_generations(run->state, err);
}

/* Recipients wait for routes that are not yet settled, whose ever. */
static enum publish_step first_step(
	const struct run *run, bool same_routes, enum published pending)
{
	if (!same_routes)
		return PUBLISH_ROUTES;
	return pending == PUBLISHED_ROUTES || state_current(run->state) == 0
		? PUBLISH_WAIT
		: PUBLISH_RECIPIENTS;
}

static bool publish_new(struct run *run, const struct candidate *new,
	bool same_routes, enum published *out, struct err *err)
{
	struct publish_record *record = &run->record;

	if (!install(run, new, err))
		return false;
	record->generation = new->manifest->generation;
	record->retired_current = state_current(run->state);
	if (!same_routes)
		record->retired_routes = state_routes(run->state);
	return next(run, first_step(run, same_routes, *out), err) &&
		run_steps(run, out, err);
}

/* *out says what was pending and what is published in the end. */
static bool publish_measured(struct run *run, const struct candidate *new,
	enum published *out, struct err *err)
{
	const unsigned long published = *out == PUBLISHED_ROUTES
		? run->record.generation
		: state_current(run->state);
	/* Routes in the middle of their step are nobody's. */
	const bool same_routes = run->record.step != PUBLISH_ROUTES &&
		is_equal(run, new, state_routes(run->state), files_is_route);
	const bool is_abandoned =
		run->options->abandon && run->record.step != PUBLISH_DONE;

	if (!same_routes || is_abandoned ||
		!is_equal(run, new, published, any_file))
		return publish_new(run, new, same_routes, out, err);
	new->manifest->generation = published;
	if (*out != PUBLISHED_ROUTES)
		*out = PUBLISHED_NOTHING;
	return folder_remove(new->folder, err);
}

bool publish(struct state *state, struct publication *publication,
	const struct publish_options *options, struct err *err)
{
	const struct candidate new = { publication->folder,
		&publication->manifest, state_arena(state) };
	enum published *out = &publication->published;
	struct run run;

	if (!run_init(&run, state, options, err) || !begin(&run, out, err) ||
		!measure(&new, err) ||
		!publish_measured(&run, &new, out, err)) {
		/* Gone already where it has become a generation. */
		folder_remove(new.folder, NULL);
		return false;
	}
	publish_prune(state, options->keep, run.record.generation, &run.note);
	tell(&run, err);
	return true;
}
