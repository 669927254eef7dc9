/* An address as a source or a contact file has it, to its key. */
#ifndef DIRECTORY_KEY_H
#define DIRECTORY_KEY_H

#include "base/err.h"

struct arena;

/*
 * The key, with its extension, in the arena; NULL where it is no address,
 * and then *err shows it (what could move a terminal's cursor as "?").
 */
const char *key_parse(const char *text, const char *delimiters,
	struct arena *arena, struct err *err);
/* A copy with "?" for each byte of what may not be shown (printable.h). */
const char *key_printable(const char *text, struct arena *arena);

#endif
