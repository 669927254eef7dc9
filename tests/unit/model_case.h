/*
 * A namespace from its text and from lines of what directories list, as a
 * model; and that model written into a state folder and opened again.
 */
#ifndef TESTS_UNIT_MODEL_CASE_H
#define TESTS_UNIT_MODEL_CASE_H

#include "base/arena.h"
#include "base/text.h"
#include "config/config.h"
#include "namespace/address.h"
#include "namespace/prove.h"
#include "namespace/resolver.h"
#include "snapshot/freshness.h"
#include "snapshot/generation.h"
#include "snapshot/maps.h"
#include "snapshot/wayless.h"
#include "tests/unit/recipient_case.h"

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* No test uses them all. */
#define HELPER static inline __attribute__((unused))

enum { MODEL_NOW = 1700000000, MODEL_DAY = 86400, MODEL_DIRECTORIES = 8 };

struct model_case {
	struct arena *arena;
	struct faults *faults;
	char folder[64]; /* the state folder, and namespace.conf in it */
	struct namespace *ns;
	struct recipients *recipients;
	time_t loaded[MODEL_DIRECTORIES];
	struct model *model;
};

/* The one of that name; there is one. */
const struct directory *model_case_directory(
	const struct model_case *c, const char *name);

/*
 * Entries are lines "DIRECTORY ADDRESS", "DIRECTORY ADDRESS > TARGET" or
 * "DIRECTORY AGE", in the order of the directories; an age is never, stale,
 * ahead or damaged.  What the configuration has for faults is in c->faults,
 * and where they are errors there is no model.
 */
void model_case_open(
	struct model_case *c, const char *config, const char *entries);

/* One that must have no error. */
void model_case_sound(
	struct model_case *c, const char *config, const char *entries);

/* For nftw(3), with FTW_DEPTH. */
int model_case_remove(const char *path, const struct stat *status, int type,
	struct FTW *walk);
void model_case_close(struct model_case *c);

/* Whether the compiler would have it; what it says is in c->faults. */
bool model_case_is_proven(struct model_case *c);

/* The maps into <state>/generations/NUMBER, which both links lead to. */
const char *model_case_write(struct model_case *c, unsigned number);
/* What was written last, opened. */
struct generation *model_case_generation(struct model_case *c);

/* recipient in internal form; the client as text, NULL = unknown. */
struct resolution view_ask(const struct view *view, const char *recipient,
	const char *client, struct arena *arena);

#endif
