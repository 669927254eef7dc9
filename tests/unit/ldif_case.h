/* LDIF from memory, and what is found in it as text. */
#ifndef TESTS_UNIT_LDIF_CASE_H
#define TESTS_UNIT_LDIF_CASE_H

#include "tests/unit/sink_text.h"

/*
 * As ldif_read(); found gets what sink_text() writes, and a line "class NAME"
 * for each object.
 */
bool ldif_case_read(const struct directory *directory, const char *text,
	size_t len, struct text *found, struct err *err);

#endif
