/* Within a generation: its fields, for those who open it and who ask it. */
#ifndef SNAPSHOT_GENERATION_PRIVATE_H
#define SNAPSHOT_GENERATION_PRIVATE_H

#include "base/err.h"
#include "namespace/view.h"

#include <sys/stat.h>
#include <time.h>

struct arena;
struct cdb_reader;
struct sums;
struct table;

struct generation {
	struct view view; /* first, so that a view leads back here */
	struct arena *arena;
	char *state; /* NULL: a folder that is in none */
	char *folder;
	char *target; /* what <state>/current read; NULL: not asked */
	unsigned long number;
	struct sums *sums; /* NULL: written by a version without */
	struct cdb_reader *policy;
	/* Whether policy.cdb may have any, so that they are looked up. */
	bool may_have_contacts, may_have_brought;
	struct cdb_reader *recipients; /* NULL: damaged, nothing is known */
	struct table *domains; /* key -> struct known_domain */
	struct table *spaces; /* key -> struct known_claims */
	time_t *loaded;
	bool is_refreshed;
	struct stat freshness; /* of the file read last; zero = none */
};

/*
 * The record KIND:KEY of policy.cdb, copied into the arena; where that is
 * NULL, only whether it is there is of use.
 */
enum lookup generation_record(char **out, const struct generation *generation,
	const char *kind, const char *key, struct arena *arena);
/*
 * Opens the files of generation->folder and reads what is needed of all.
 * Where may_lack, relay_recipients.cdb may be missing or damaged.
 */
bool generation_read(
	struct generation *generation, bool may_lack, struct err *err);
/* With its sums where there are some; NULL on failure. */
struct cdb_reader *generation_open_map(
	const struct generation *generation, const char *name, struct err *err);

#endif
