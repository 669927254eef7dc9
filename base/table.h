/*
 * Text -> pointer, in memory.  Keys are borrowed and must outlive the table;
 * entries are numbered in the order in which they came.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stddef.h>

struct table;

struct table *table_open(void);
void table_close(struct table **table);

/* NULL when absent. */
void *table_find(const struct table *table, const char *key);
/* Adds or replaces; value is not NULL. */
void table_put(struct table *table, const char *key, void *value);

size_t table_count(const struct table *table);
/* index < table_count() */
const char *table_key(const struct table *table, size_t index);
void *table_value(const struct table *table, size_t index);

#endif
