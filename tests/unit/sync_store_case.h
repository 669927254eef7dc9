/*
 * A sync store and what it should hold, told by scripts: "p3" puts object 3
 * (each time with another address), "r3" removes it, "k3" keeps it, "R"
 * removes the rest, "s" settles, "/" writes the store and reads it anew.
 */
#ifndef TESTS_UNIT_SYNC_STORE_CASE_H
#define TESTS_UNIT_SYNC_STORE_CASE_H

#include "directory/sync_store.h"

#include "base/file.h"
#include "directory/sync_file.h"
#include "tests/unit/sink_text.h"

enum { ID_MAX = 40 };

struct sync_store_case {
	struct arena *arena;
	const char *state;
	struct sync_store *store;
	struct text found;
	struct err err;
	unsigned version; /* of the object put last */
	unsigned held[ID_MAX]; /* what should be there; 0 = nothing */
	bool is_seen[ID_MAX];
	bool has_all; /* since the last "/" */
};

void sync_store_case_init(struct sync_store_case *f);
void sync_store_case_fini(struct sync_store_case *f);

/* Of object 3 where number is 3. */
void sync_store_case_id(unsigned char id[16], unsigned number);

/* Steps of a script by themselves. */
void sync_store_case_put(struct sync_store_case *f, unsigned number);
void sync_store_case_remove_rest(struct sync_store_case *f);
void sync_store_case_reopen(struct sync_store_case *f);

void sync_store_case_write(struct sync_store_case *f);
/* False: the store has nothing of these settings. */
bool sync_store_case_read(struct sync_store_case *f, const char *settings);

/* One step of a script, a whole one, and what is in the store then. */
void sync_store_case_act(struct sync_store_case *f, char what, unsigned number);
void sync_store_case_run(struct sync_store_case *f, const char *script);
const char *sync_store_case_found(struct sync_store_case *f);

/* Two objects: mailbox, contact, bad line and nothing; no entry at all. */
void sync_store_case_put_all_kinds(struct sync_store_case *f);

#endif
