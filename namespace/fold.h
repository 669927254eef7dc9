/*
 * Case folding exactly as Postfix folds the keys it looks up
 * (smtputf8_enable = yes): ASCII by tolower(), anything else by ICU's full
 * case folding, no Unicode normalisation.  And NFC, for names we write.
 */
#ifndef NAMESPACE_FOLD_H
#define NAMESPACE_FOLD_H

#include <stddef.h>

struct arena;

/*
 * A copy in the arena, the caller's to change; NULL where the bytes are not
 * valid UTF-8, or have a NUL among them.
 */
char *fold(const char *bytes, size_t len, struct arena *arena);
/* Unicode normalisation form C; NULL as above. */
const char *normalize(const char *bytes, size_t len, struct arena *arena);

enum { FOLD_CHARACTER_SIZE = 5 };

/*
 * For tables in which nothing is folded: the capital of the character that
 * the text (valid UTF-8) begins with, or "" where it has none of one
 * character.  The bytes that the character takes.
 */
size_t fold_capital(char capital[FOLD_CHARACTER_SIZE], const char *text);

#endif
