/* What became of a recipient, for tests of outputs. */
#ifndef TESTS_UNIT_FATE_CASE_H
#define TESTS_UNIT_FATE_CASE_H

#include "record_case.h"

static const struct fate FATE_CASES[] = {
	{ RECORD_TIME_US + 1000000, "bob@inner.example", "sent", "2.0.0",
		"mx[10.8.0.25]:25", "250 2.0.0 \"ok\"\x1b[2J" },
	{ RECORD_TIME_US, "ann@inner.example", "queued", "", "", "" },
};

/* A record with these fates; until the next. */
RECORD_HELPER const struct record *fate_case_make(
	struct record_case *c, size_t n_fates)
{
	record_case_make(c);
	c->record.verdict.written[FIELD_QUEUE_ID] = slice_of("4XyZ");
	c->record.fates = FATE_CASES;
	c->record.n_fates = n_fates;
	return &c->record;
}

#endif
