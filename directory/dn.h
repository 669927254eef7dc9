/* Distinguished names (RFC 4514) as people read them. */
#ifndef DIRECTORY_DN_H
#define DIRECTORY_DN_H

#include <stddef.h>

struct arena;

/*
 * UTF-8 where servers escape it ("\C3\BC"); what could move a terminal's
 * cursor or is no UTF-8 as "\0A".  The same name always gives the same text.
 */
const char *dn_show(const char *bytes, size_t len, struct arena *arena);

#endif
