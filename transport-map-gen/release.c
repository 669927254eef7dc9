/*
 * release: under the lock, or a rollback that is being published would end
 * without the hold that it began with.
 */
#include "transport-map-gen/commands.h"

#include "base/arena.h"
#include "snapshot/hold.h"
#include "snapshot/state.h"
#include "transport-map-gen/event_log.h"
#include "transport-map-gen/options.h"
#include "transport-map-gen/progress.h"
#include "transport-map-gen/standing.h"

#include <stdio.h>
#include <sysexits.h>
#include <syslog.h>

struct release {
	const struct options *options;
	struct arena *arena;
	struct state *state;
	const char *was; /* what was held; NULL: nothing */
};

/* A hold that can not be read is one all the same, and goes. */
static const char *describe(
	const struct release *r, const struct hold *hold, enum lookup found)
{
	const unsigned long current = state_current(r->state);
	const unsigned long content = standing_content(r->state, current);
	const char *of = content == current
		? ""
		: arena_printf(r->arena, " with the content of %lu", content);
	const char *since = found != LOOKUP_FOUND
		? ""
		: arena_printf(r->arena, " since %s by %s",
			  standing_date(hold->since, r->arena), hold->by);

	return arena_printf(
		r->arena, "generation %lu%s was held%s", current, of, since);
}

static bool release(struct release *r, struct err *err)
{
	struct state *there = state_look(r->options->state, err);
	struct hold hold;

	if (there == NULL)
		return false;
	state_close(&there);
	progress(r->options, "waiting for a build that may be running");
	r->state = state_open(r->options->state, err);
	progress(r->options, "%s", "");
	if (r->state == NULL)
		return false;
	const enum lookup found =
		hold_read(&hold, r->options->state, r->arena, NULL);

	if (found == LOOKUP_NONE)
		return true;
	r->was = describe(r, &hold, found);
	return hold_remove(r->options->state, err);
}

static void log_event(const struct release *r, int severity, const char *text)
{
	struct err err = { 0 };
	const char *line = arena_printf(
		r->arena, "release: %s, by %s", text, standing_user(r->arena));

	if (!event_log(_PATH_LOG, severity, line, &err) &&
		!r->options->is_quiet)
		fprintf(stderr, "transport-map-gen: warning: %s\n", err.text);
}

static void tell(const struct release *r)
{
	if (r->was != NULL)
		log_event(r, LOG_NOTICE,
			arena_printf(
				r->arena, "%s, builds publish again", r->was));
	if (r->options->is_quiet)
		return;
	if (r->was == NULL)
		puts("release: nothing is held");
	else
		printf("release: %s; the next build publishes\n", r->was);
}

int command_release(const struct options *options)
{
	struct release r = { .options = options, .arena = arena_open() };
	struct err err = { 0 };
	const bool is_released = release(&r, &err);

	if (is_released) {
		tell(&r);
	} else {
		log_event(&r, LOG_ERR,
			arena_printf(r.arena, "failed: %s", err.text));
		fprintf(stderr, "transport-map-gen: error: %s\n", err.text);
	}
	state_close(&r.state);
	arena_close(&r.arena);
	return is_released ? EX_OK : EX_IOERR;
}
