/*
 * Limits of namespace.conf, for test_limits.c: whether one is taken that has
 * the number, or so many of what the name says.
 */
#ifndef TESTS_UNIT_LIMITS_CONFIG_H
#define TESTS_UNIT_LIMITS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

bool takes_cost(struct arena *arena, size_t n);
bool takes_keep(struct arena *arena, size_t n);
bool takes_page(struct arena *arena, size_t n);
bool takes_time(struct arena *arena, size_t n);
bool takes_block_name(struct arena *arena, size_t n);
bool takes_token(struct arena *arena, size_t n);
bool takes_contacts(struct arena *arena, size_t n);
bool takes_secondaries(struct arena *arena, size_t n);
bool takes_includes(struct arena *arena, size_t n);
bool takes_nested_includes(struct arena *arena, size_t n);

/* head, n times c, tail. */
char *fill(struct arena *arena, const char *head, size_t n, char c,
	const char *tail);

#endif
