/*
 * Namespaces by chance, the same ones from the same seed: what operators
 * may write, side by side in every way that the rules tell apart.
 */
#ifndef TESTS_UNIT_CHANCE_H
#define TESTS_UNIT_CHANCE_H

#include "tests/unit/model_case.h"

struct chance {
	uint64_t state;
};

/* 0 to below - 1 */
unsigned draw(struct chance *chance, unsigned below);
bool happens(struct chance *chance, unsigned percent);

/* One that a list may have, and one that a contact may stand for. */
const char *pick_address(struct chance *chance, struct arena *arena);
const char *pick_target(struct chance *chance, struct arena *arena);

/* As a value of namespace.conf. */
const char *quoted(const char *text, struct arena *arena);

/* A namespace.conf of three connectors and as many directories. */
const char *draw_config(struct chance *chance, struct arena *arena);

/* Of what these directories list: percentages, and a number. */
struct lists {
	unsigned unread, contacts;
	unsigned below; /* so many entries has none of them */
};

/* Lines as model_case_open() takes them. */
const char *draw_lists(
	struct chance *chance, const struct lists *lists, struct arena *arena);
/* Few of each. */
const char *draw_entries(struct chance *chance, struct arena *arena);

#endif
