/*
 * The state folder: generations, the links that publish them, the lock that
 * a run holds.
 */
#ifndef SNAPSHOT_STATE_H
#define SNAPSHOT_STATE_H

#include "base/err.h"

struct arena;
struct state;

/*
 * Makes what is missing (directories 0750, group postshare where there is
 * one), takes the lock, waiting for a run that holds it, and removes what
 * killed runs left.  Links in it lead root nowhere: they are errors.
 */
struct state *state_open(const char *path, struct err *err);
/* To look at only: makes nothing, waits for nobody, cleans nothing. */
struct state *state_look(const char *path, struct err *err);
void state_close(struct state **state);

/* Lives as long as the state. */
struct arena *state_arena(struct state *state);
const char *state_path(const struct state *state);
/* False: there is no group postshare; files are of the caller's group. */
bool state_has_group(const struct state *state);
/* Makes it 0640, or 0750 a folder, and of the group; a link is an error. */
bool state_own(const struct state *state, const char *path, struct err *err);
/* An empty folder for the next generation's files; NULL on failure. */
const char *state_new_folder(struct state *state, struct err *err);
/*
 * 0 = none published.  By the links current and routes; where a link can not
 * be read, what it led to when it last could; the newest kept.
 */
unsigned long state_current(const struct state *state);
unsigned long state_routes(const struct state *state);
unsigned long state_newest(const struct state *state);
/* What is larger is no generation's number: one more must have room. */
#define STATE_NUMBER_MAX 999999999999999UL
/* All that are there, published or not, oldest first. */
struct state_numbers {
	unsigned long *list;
	size_t count;
};
bool state_numbers(const struct state *state, struct state_numbers *out,
	struct arena *arena, struct err *err);
/* <state>/generations/N */
const char *state_generation(
	const struct state *state, unsigned long number, struct arena *arena);
/* So that a rename of one of them survives a crash. */
bool state_sync_generations(const struct state *state, struct err *err);

#endif
