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

struct fixture {
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

void fixture_init(struct fixture *f);
void fixture_fini(struct fixture *f);

/* Of object 3 where number is 3. */
void make_id(unsigned char id[16], unsigned number);

/* Steps of a script by themselves. */
void put(struct fixture *f, unsigned number);
void remove_rest(struct fixture *f);
void reopen(struct fixture *f);

void write_store(struct fixture *f);
/* False: the store has nothing of these settings. */
bool read_store(struct fixture *f, const char *settings);

/* One step of a script, a whole one, and what is in the store then. */
void act(struct fixture *f, char what, unsigned number);
void run(struct fixture *f, const char *script);
const char *found(struct fixture *f);

/* Two objects: mailbox, contact, bad line and nothing; no entry at all. */
void put_all_kinds(struct fixture *f);

#endif
