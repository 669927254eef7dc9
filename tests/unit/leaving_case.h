/* Maps of an old generation, and what becomes of them in a new one. */
#ifndef TESTS_UNIT_LEAVING_CASE_H
#define TESTS_UNIT_LEAVING_CASE_H

#include "snapshot/leaving.h"

enum { NOW = 1700000000, LINGER_S = 432000, PAIRS_MAX = 8 };

/* Before and after each test; what the rest returns lives until then. */
void make_base(void);
void remove_base(void);

/* The path of what has that name there; "folder/name". */
const char *in(const char *name);
const char *below(const char *folder, const char *name);

struct pair {
	const char *key, *value;
};

/* Up to PAIRS_MAX, or one without a key. */
void write_map(const char *name, const struct pair *pairs);
void write_text(const char *name, const char *bytes);

struct leaving_case {
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

void write_old(const struct leaving_case *c);
/* accepted: keys, ended by NULL. */
struct leaving_options old_to_new(const char *const *accepted);

/* "key=value;" of the new map, in order; and the new leaving.dates. */
const char *written(void);
const char *dates(void);

#endif
