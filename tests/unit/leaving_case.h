/*
 * Maps of an old generation, and what becomes of them in a new one: in folders
 * "old" and "new" below one that is removed again.
 */
#ifndef TESTS_UNIT_LEAVING_CASE_H
#define TESTS_UNIT_LEAVING_CASE_H

#include "snapshot/leaving.h"

enum { NOW = 1700000000, LINGER_S = 432000, PAIRS_MAX = 8 };

struct leaving_case {
	const char *base;
	struct arena *arena;
};

/* With both folders, empty. */
void leaving_case_init(struct leaving_case *c);
void leaving_case_fini(struct leaving_case *c);

/* The path of what has that name there; "old/transport.cdb". */
const char *leaving_case_path(const struct leaving_case *c, const char *name);

struct pair {
	const char *key, *value;
};

/* Up to PAIRS_MAX, or one without a key. */
void leaving_case_write_map(const struct leaving_case *c, const char *name,
	const struct pair *pairs);
void leaving_case_write_text(
	const struct leaving_case *c, const char *name, const char *bytes);

struct leaving_maps {
	const char *name;
	struct pair domains[PAIRS_MAX]; /* old relay_domains */
	struct pair transport[PAIRS_MAX]; /* old */
	struct pair leaving[PAIRS_MAX]; /* old */
	const char *dates; /* old */
	struct pair recipients[PAIRS_MAX]; /* old */
	struct pair next[PAIRS_MAX]; /* new transport */
	const char *accepted[PAIRS_MAX]; /* by the new model */
	const char *map, *new_dates; /* expected */
};

#define D_OLD \
	{ \
		{ "d", "x" }, \
		{ \
			".d", "x" \
		} \
	}

/* All but what is expected. */
void leaving_case_write_old(
	const struct leaving_case *c, const struct leaving_maps *maps);
/* From old to new; accepted: keys, ended by NULL. */
struct leaving_options leaving_case_options(
	const struct leaving_case *c, const char *const *accepted);

/* "key=value;" of the new map, in order; and the new leaving.dates. */
const char *leaving_case_written(const struct leaving_case *c);
const char *leaving_case_dates(const struct leaving_case *c);

#endif
