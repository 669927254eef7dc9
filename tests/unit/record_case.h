/* A record as a log has it, its fields to be replaced; and what is written. */
#ifndef TESTS_UNIT_RECORD_CASE_H
#define TESTS_UNIT_RECORD_CASE_H

#include "base/text.h"
#include "verdicts/output.h"
#include "verdicts/shape.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RECORD_HELPER static inline __attribute__((unused))

/* Saturday 2026-11-21 09:05:03.000042 UTC. */
#define RECORD_TIME_US INT64_C(1795251903000042)

struct record_case {
	const char *written[VERDICT_FIELDS];
	const char *host;
	int64_t time_us;
	struct text line;
	struct record record; /* in the line */
};

RECORD_HELPER void record_case_init(struct record_case *c)
{
	*c = (struct record_case){ .host = "mx1", .time_us = RECORD_TIME_US };
	const char *const written[VERDICT_FIELDS] = { "reject", "unknown",
		"<bob@company.example>", "company.example", "internal-relay",
		"-", "-", "-", "192.0.2.7", "<a@b.example>", "-", "1a2b.3c",
		"42", "\"550 5.1.1 User unknown\"", "14", "-" };

	memcpy(c->written, written, sizeof written);
	text_init(&c->line);
}

RECORD_HELPER void record_case_fini(struct record_case *c)
{
	text_fini(&c->line);
}

/* The record of what is written now; until the next. */
RECORD_HELPER const struct record *record_case_make(struct record_case *c)
{
	struct record *record = &c->record;
	const unsigned n = strcmp(c->written[FIELD_SHADOW], "-") == 0
		? FIELD_SHADOW
		: VERDICT_FIELDS;

	text_clear(&c->line);
	text_addf(&c->line,
		"2026-11-21T09:05:03.000042+00:00 %s "
		"postfix/policyd[812]: ",
		c->host);
	for (unsigned i = 0; i < n; i++)
		text_addf(&c->line, "%s%s=%s", i == 0 ? "" : " ",
			verdict_field_name((enum verdict_field)i),
			c->written[i]);
	*record = (struct record){ .time_us = c->time_us,
		.line = { c->line.data, c->line.len } };
	ck_assert_msg(
		log_line_parse(&record->log, record->line), "%s", c->line.data);
	ck_assert_msg(verdict_parse(&record->verdict, record->log.message),
		"%s", c->line.data);
	return record;
}

/* What is printed to a stream in memory. */
struct printed {
	char *text;
	size_t len;
	FILE *to;
};

RECORD_HELPER void printed_init(struct printed *printed)
{
	printed->to = open_memstream(&printed->text, &printed->len);
	ck_assert_ptr_nonnull(printed->to);
}

RECORD_HELPER void printed_fini(struct printed *printed)
{
	ck_assert_int_eq(fclose(printed->to), 0);
	free(printed->text);
}

RECORD_HELPER void printed_is(struct printed *printed, const char *expected)
{
	ck_assert_int_eq(fflush(printed->to), 0);
	ck_assert_str_eq(printed->text, expected);
}

/* Finishes an output and closes it. */
RECORD_HELPER void output_end(struct output *output)
{
	struct err err = { 0 };

	ck_assert_msg(output->finish(output->context, &err), "%s", err.text);
	output->close(output->context);
}

RECORD_HELPER void output_take(struct output *output, struct record_case *c)
{
	output->take(output->context, record_case_make(c));
}

/* Local time two hours ahead of UTC. */
RECORD_HELPER void set_zone(void)
{
	ck_assert_int_eq(setenv("TZ", "TEST-2", 1), 0);
	tzset();
}

#endif
