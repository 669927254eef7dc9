/* What a terminal, a log and a table can be given of foreign bytes. */
#ifndef BASE_PRINTABLE_H
#define BASE_PRINTABLE_H

#include <stddef.h>

/*
 * The number of bytes of the character that begins here (len > 0); 0 where
 * none does that may be shown: what is not UTF-8, control characters (C0,
 * DEL, C1), separators of lines, marks that turn the direction of writing.
 */
size_t printable_len(const char *bytes, size_t len);
/* Puts a "?" in the place of each byte of the text that may not be shown. */
void printable_mask(char *text);

#endif
