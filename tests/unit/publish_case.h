/*
 * A state folder, and publishes into it by a clock of our own that notes
 * what stood each time it was asked to sleep.
 */
#ifndef TESTS_UNIT_PUBLISH_CASE_H
#define TESTS_UNIT_PUBLISH_CASE_H

#include "snapshot/manifest.h"
#include "snapshot/publish.h"

#include "tests/unit/unit_main.h"

#include <time.h>

enum { EVENTS_MAX = 32 };

/* What stood in the state folder when somebody began to sleep. */
struct event {
	unsigned ms;
	unsigned long routes, current;
	time_t route_mtime, recipient_mtime; /* of the watched generation */
};

/* Time passes when somebody sleeps, and only then. */
struct fake_clock {
	long long now_ms;
	long long ahead_ms; /* the clock of the day, of the other one */
	long long set_ms; /* so far it is set when somebody sleeps */
	unsigned calls, die_at; /* 0 = never */
	unsigned long watched;
	struct event events[EVENTS_MAX]; /* of the publish made last */
	size_t n_events;
};

/* Stays where it was initialized: the options point into it. */
struct publish_case {
	char base[256]; /* the folder that goes with all in it */
	char path[300]; /* of the state folder, in it */
	struct arena *arena;
	struct state *state;
	struct fake_clock clock;
	struct publish_clock publish_clock; /* by that one */
	struct publish_options options; /* of each publish */
	struct manifest manifest; /* of what was published last */
};

void publish_case_init(struct publish_case *c);
void publish_case_fini(struct publish_case *c);
/* The state folder again, after a state_close(). */
void publish_case_open(struct publish_case *c);

/* One pair where the name is that of a CDB file, or else that text. */
void publish_case_write(const struct publish_case *c, const char *folder,
	const char *name, const char *value);
/* A whole set of maps; routes and recipients are what is in them. */
const char *publish_case_new_folder(const struct publish_case *c,
	const char *routes, const char *recipients);

/* As publish() of such a folder. */
bool publish_case_publish(struct publish_case *c, const char *folder,
	enum published *out, struct err *err);
/* A whole set of maps, without a fault or a warning. */
enum published publish_case_maps(
	struct publish_case *c, const char *routes, const char *recipients);
/* As publish_finish(), without a fault. */
enum published publish_case_finish(struct publish_case *c);

/* 0: there is no such file. */
time_t publish_case_mtime(
	const struct publish_case *c, unsigned long number, const char *name);
/* The generation that a link leads to; 0: there is no such link. */
unsigned long publish_case_link(const struct publish_case *c, const char *name);
bool publish_case_has(const struct publish_case *c, unsigned long number);

/* What must be so. */
void publish_case_links_are(const struct publish_case *c, unsigned long routes,
	unsigned long current);
/* The temporary folder of a publish is gone, whatever its end. */
void publish_case_nothing_is_left(const struct publish_case *c);
void publish_case_is_retired(
	const struct publish_case *c, unsigned long number, const char *name);

#endif
