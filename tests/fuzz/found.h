/*
 * What a source lists, written down, so that two ways of reading the same
 * text can be compared.
 */
#ifndef TESTS_FUZZ_FOUND_H
#define TESTS_FUZZ_FOUND_H

#include "base/text.h"
#include "directory/source.h"

struct found {
	struct text text;
	size_t entries, contacts, bad, objects;
};

void found_init(struct found *found);
void found_fini(struct found *found);
/* Each text that it is handed is checked on the way. */
struct sink found_sink(struct found *found);

#endif
