/* An output onto a stream in memory, fed with records and their fates. */
#ifndef TESTS_UNIT_OUTPUT_CASE_H
#define TESTS_UNIT_OUTPUT_CASE_H

#include "record_case.h"

struct output_case {
	struct record_case record; /* the next to be taken */
	struct printed printed;
	struct output output;
};

/* In the zone of set_zone(); the shape's stream is the one in memory. */
RECORD_HELPER void output_case_init(struct output_case *c,
	void (*open)(struct output *, const struct shape *), struct shape shape)
{
	set_zone();
	printed_init(&c->printed);
	record_case_init(&c->record);
	shape.to = c->printed.to;
	open(&c->output, &shape);
}

/* After output_end(). */
RECORD_HELPER void output_case_fini(struct output_case *c)
{
	record_case_fini(&c->record);
	printed_fini(&c->printed);
}

RECORD_HELPER void output_case_take(struct output_case *c)
{
	output_take(&c->output, &c->record);
}

/* The record with so many fates, two at most; the first says a hostile word. */
RECORD_HELPER void output_case_take_fates(struct output_case *c, size_t n_fates)
{
	static const struct fate fates[] = {
		{ RECORD_TIME_US + 1000000, "bob@inner.example", "sent",
			"2.0.0", "mx[10.8.0.25]:25",
			"250 2.0.0 \"ok\"\x1b[2J" },
		{ RECORD_TIME_US, "ann@inner.example", "queued", "", "", "" },
	};
	struct record *record = &c->record.record;

	record_case_make(&c->record);
	record->verdict.written[FIELD_QUEUE_ID] = slice_of("4XyZ");
	record->fates = fates;
	record->n_fates = n_fates;
	c->output.take(c->output.context, record);
}

/* What has been taken is shown, as while following. */
RECORD_HELPER void output_case_shows(
	struct output_case *c, const char *expected)
{
	c->output.flush(c->output.context);
	ck_assert_ptr_nonnull(c->printed.text);
	ck_assert_str_eq(c->printed.text, expected);
}

/* Ends the output, that wrote what is expected, and the case. */
RECORD_HELPER void output_case_end(struct output_case *c, const char *expected)
{
	output_end(&c->output);
	printed_is(&c->printed, expected);
	output_case_fini(c);
}

#endif
