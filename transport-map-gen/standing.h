/*
 * What stands after rollbacks: whose content a generation has, how old its
 * lists are, whether builds are held.
 */
#ifndef TRANSPORT_MAP_GEN_STANDING_H
#define TRANSPORT_MAP_GEN_STANDING_H

#include "base/err.h"
#include "namespace/lookup.h"

#include <time.h>

struct arena;
struct freshness;
struct manifest;
struct state;

/*
 * The generation whose content it has: itself where it was not rolled back
 * to, or can not be read.
 */
unsigned long standing_content(const struct state *state, unsigned long number);

/* When its directories loaded, in the manifest's order and number. */
struct freshness *standing_loaded(
	const struct manifest *manifest, struct arena *arena);
/*
 * Says in <state>/freshness when the directories of the generation in force
 * loaded, as its manifest has it.
 */
bool standing_note_loaded(struct state *state, struct err *err);
/* The same of any manifest, but nothing later than what is said there now. */
bool standing_note_earlier(
	struct state *state, const struct manifest *manifest, struct err *err);

/*
 * NONE: builds publish.  FOUND: they do not, and *out is why, in a sentence:
 * "generation 43 has the content of 41 since 2026-11-21 09:05 by root; nothing
 * is ...".  FAILED: it can not be told, so that nothing may be published.
 */
enum lookup standing_held(const char **out, const struct state *state,
	struct arena *arena, struct err *err);
/* "2026-11-21 09:05", local time */
const char *standing_date(time_t when, struct arena *arena);

/* The user whose work this is: of the real uid, or who called sudo(8). */
const char *standing_user(struct arena *arena);

#endif
