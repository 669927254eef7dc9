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
 * killed runs left.
 */
struct state *state_open(const char *path, struct err *err);
void state_close(struct state **state);

const char *state_path(const struct state *state);
/* Files are 0640 and of this group. */
bool state_own(const struct state *state, const char *path, struct err *err);
/* An empty folder for the next generation's files. */
const char *state_new_folder(struct state *state, struct err *err);
/* 0 = none published.  By the links current and routes; the newest kept. */
unsigned long state_current(const struct state *state);
unsigned long state_routes(const struct state *state);
unsigned long state_newest(const struct state *state);
/* <state>/generations/N */
const char *state_generation(
	const struct state *state, unsigned long number, struct arena *arena);

#endif
