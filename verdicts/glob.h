/*
 * Patterns for whole values: * is any number of characters, ? is one, a
 * backslash takes the next byte for itself.
 */
#ifndef VERDICTS_GLOB_H
#define VERDICTS_GLOB_H

#include "base/slice.h"

#include <stdint.h>

struct arena;

/* What stands for more than itself; any other token is a byte. */
enum { GLOB_ANY = 0x100, GLOB_ONE };

struct glob {
	const uint16_t *tokens;
	size_t n;
	bool has_wildcard;
};

/*
 * False: it ends in a backslash.  The tokens live in the arena.
 */
bool glob_parse(struct glob *out, struct slice text, struct arena *arena);
/* The pattern's own bytes, for where it has no wildcard. */
struct slice glob_literal(const struct glob *glob, struct arena *arena);
/* Takes len(value) * len(glob) steps at the most; a character is UTF-8. */
bool glob_fits(const struct glob *glob, struct slice value);

#endif
