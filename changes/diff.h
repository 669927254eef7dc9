/*
 * What changes from one generation to another, and for whom: every address
 * that either names is put to the resolver of both, and whatever touches
 * people whom no map names is told by name of domain.
 *
 * Both are asked at the same time of day, and each with the times at which
 * its directories loaded that it was given: generation_refresh() for what is
 * published, so that an older one is asked as it would answer now, not as it
 * did when it was in force.
 */
#ifndef CHANGES_DIFF_H
#define CHANGES_DIFF_H

#include "base/err.h"
#include "changes/answer.h"

#include <time.h>

struct generation;

/*
 * An answer with its text, as answer_format() has it.  An address that is
 * delivered to under the same local part is "@primary" in both.
 */
struct diff_answer {
	struct answer answer;
	const char *text;
};

/* All recipients of which the two answers are the same. */
struct diff_way {
	enum change change; /* never CHANGE_NONE */
	const struct diff_answer *from, *to;
	size_t count;
};

struct diff_recipient {
	const char *address; /* a key, its domain in ascii form */
	const struct diff_way *way;
};

/*
 * Rerouted recipients by the texts of their ways, the most first; where both
 * deliver to the same other address, without that.
 */
struct diff_reroute {
	const char *from, *to;
	size_t count;
};

/*
 * The block that accepts a name: in both, or NULL where none does.  A name
 * that was another block's before, or is now, has changed hands.
 */
struct diff_domain {
	const char *name; /* as its own block has it: "#d" */
	const struct domain *from, *to;
};

/* Whoever nobody lists. */
struct diff_unlisted {
	const char *name; /* "d", or "*.d": names below that nothing names */
	enum change change; /* CHANGE_NONE: another reason, "verify" */
	struct diff_answer from, to;
};

struct diff_connector {
	const char *name;
	const struct connector *from, *to; /* NULL = there is none */
};

struct diff_value {
	const char *name;
	const char *from, *to; /* NULL = none */
};

/* Lists in byte order of names but where they say so. */
struct diff {
	size_t counts[CHANGES]; /* CHANGE_NONE: of who is let in or deferred */
	const struct diff_recipient *recipients;
	size_t n_recipients;
	const struct diff_reroute *reroutes;
	size_t n_reroutes;
	const struct diff_domain *domains;
	size_t n_domains;
	const struct diff_unlisted *unlisted;
	size_t n_unlisted;
	const struct diff_connector *connectors;
	size_t n_connectors;
	const struct diff_value *spaces; /* routes of what is not ours */
	size_t n_spaces;
	const struct diff_value *tls; /* levels, by hop */
	size_t n_tls;
	const struct diff_value *settings; /* "extension", "postmaster" */
	size_t n_settings;
	struct arena *arena;
};

/*
 * before NULL: nothing was published, nobody was let in.  Borrows both
 * generations.  NULL: a map can not be read, or is corrupt.
 */
struct diff *diff_open(const struct generation *before,
	const struct generation *after, time_t now, struct err *err);
void diff_close(struct diff **diff);

bool diff_is_empty(const struct diff *diff);

/* "smtp:[10.8.0.25]:25, [10.8.0.26]:25"; "" without hops. */
const char *diff_hops_format(
	const struct connector *connector, struct arena *arena);
/* "10.8.0.25, 10.8.1.0/24"; "" without any. */
const char *diff_clients_format(
	const struct connector *connector, struct arena *arena);

#endif
