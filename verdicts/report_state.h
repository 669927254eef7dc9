/*
 * What the report is told by the state folder: whose client is whose, whom a
 * generation lists, how old each directory is.  A folder that can not be read
 * tells nothing but why.
 */
#ifndef VERDICTS_REPORT_STATE_H
#define VERDICTS_REPORT_STATE_H

#include "base/slice.h"

#include <stdbool.h>
#include <time.h>

struct address;
struct arena;
struct likeness;
struct report_state;
struct view;

/* Never NULL.  path NULL: no folder was named. */
struct report_state *report_state_open(const char *path);
void report_state_close(struct report_state **state);

/* NULL where nothing can be read. */
const struct view *report_state_view(const struct report_state *state);
unsigned long report_state_generation(const struct report_state *state);
/* Why nothing, or not all, can be read; "" = all can. */
const char *report_state_trouble(const struct report_state *state);

/*
 * Whose client it is, as a place among the connectors of the view; -1 where it
 * is nobody's.  client is an address, ended by a NUL.
 */
int report_state_connector(
	const struct report_state *state, const char *client);
/* False: it is no address, or there is nothing to compare it with. */
bool report_state_address(const struct report_state *state,
	struct slice recipient, struct address *out, struct arena *arena);
/* The primary of a key's domain; NULL = it has none. */
const char *report_state_primary(
	const struct report_state *state, const char *key);
/* Shows it all that the generation lists, and when directories loaded. */
void report_state_compare(
	struct report_state *state, struct likeness *likeness);

#endif
