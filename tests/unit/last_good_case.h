/* A state folder and a directory's last-good copy in it. */
#ifndef TESTS_UNIT_LAST_GOOD_CASE_H
#define TESTS_UNIT_LAST_GOOD_CASE_H

#include "base/err.h"
#include "base/slice.h"
#include "base/text.h"
#include "directory/class_counts.h"
#include "namespace/lookup.h"

struct last_good_case {
	struct arena *arena;
	const char *state, *copy; /* paths; the directory is "ad" */
	struct text found; /* what was read last, as sink_text() writes it */
	struct class_counts classes; /* to be written */
	struct err err;
};

/* There is no copy yet. */
void last_good_case_init(struct last_good_case *c);
void last_good_case_fini(struct last_good_case *c);

/* A listing of so many entries, three at most, and of the classes. */
struct slice last_good_case_listing(
	const struct last_good_case *c, size_t count);

/* Makes that the copy; false: as c->err says. */
bool last_good_case_write(struct last_good_case *c, size_t count);
/* As last_good_read(), with c->err. */
enum lookup last_good_case_read(struct last_good_case *c);

#endif
