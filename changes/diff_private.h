/* What the parts of a diff share.  For changes/diff*.c alone. */
#ifndef CHANGES_DIFF_PRIVATE_H
#define CHANGES_DIFF_PRIVATE_H

#include "changes/diff.h"

struct cdb_reader;
struct table;
struct text;

/* The maps that name addresses; each address is that of the first. */
enum diff_map { DIFF_RECIPIENTS, DIFF_ALIASES, DIFF_ACCESS, DIFF_MAPS };

struct diff_side {
	const struct generation *generation; /* NULL: nothing was published */
	const struct view *view; /* without it: nothing is ours */
	struct cdb_reader *maps[DIFF_MAPS]; /* all NULL without it */
};

enum { BEFORE, AFTER, SIDES };

struct diff_work {
	struct diff *out;
	struct diff_side sides[SIDES];
	time_t now;
	struct arena *arena; /* the diff's */
	struct arena *request; /* of one recipient, or one name */
	struct table *names; /* see diff_names_collect() */
};

/* Room for one more; lists grow from nothing. */
void *diff_grow(
	struct arena *arena, const void *list, size_t count, size_t size);

/*
 * All names whose recipients may be answered in a way of their own: "d", or
 * "?.d" for those below d that nothing names.  Also names that are nobody's:
 * of address spaces.
 */
bool diff_names_collect(struct diff_work *work, struct err *err);
/* Whether any of the maps names the address. */
bool diff_is_named(const struct diff_work *work, const char *address);

/*
 * The same key for recipients that must have the same two answers; false:
 * none can be told for this one.
 */
bool diff_alike_key(
	struct text *out, struct diff_work *work, const char *address);

bool diff_recipients(struct diff_work *work, struct err *err);
void diff_unlisted(struct diff_work *work);
bool diff_domains(struct diff_work *work, struct err *err);
void diff_connectors(struct diff_work *work);
void diff_spaces(struct diff_work *work);
bool diff_tls(struct diff_work *work, struct err *err);

#endif
