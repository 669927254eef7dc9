/*
 * A table as main.cf names it, "cdb:/path", asked through postmap(1); or a
 * file of names, "/path", as lists of domains may have it.
 */
#ifndef DOCTOR_LOOKUP_TABLE_H
#define DOCTOR_LOOKUP_TABLE_H

#include <stdbool.h>

struct arena;
struct text;

/*
 * In a file of this machine or in main.cf itself, whatever proxy: stands
 * before it: asking waits for nobody.
 */
bool lookup_table_is_local(const char *word);
/* "type:name", of whatever type, or "/path". */
bool lookup_table_is_table(const char *word);
/* regexp: and pcre:, which Postfix asks for whole addresses alone. */
bool lookup_table_has_patterns(const char *word);

/*
 * keys: a line each, asked as they are, one look-up each (no parents, no
 * extension).  Adds "key<TAB>value" to found for each that is there; what
 * can not be opened has none.
 */
void lookup_table_ask(const char *word, const char *keys, struct text *found);
/*
 * Adds what the table has, "key<TAB>value" a line, or the lines of a file of
 * names; nothing where its type can not be gone through (postmap -s).
 */
void lookup_table_list(const char *word, struct text *found);

/*
 * The file that Postfix opens for it, ".cdb" and the like added; NULL where
 * it is in none, or its type is not known here.
 */
const char *lookup_table_file(const char *word, struct arena *arena);

#endif
