/* Logs of Postfix and policyd, and the fates that are found in them. */
#ifndef TESTS_UNIT_DELIVERY_CASE_H
#define TESTS_UNIT_DELIVERY_CASE_H

#include "tests/unit/delivery_log.h"
#include "tests/unit/unit_main.h"

/* log: see delivery_log_take(); fates: see delivery_case_add_record(). */
struct delivery_case {
	const char *name, *log, *fates;
};

HELPER void delivery_case_add_fate(struct text *out, const struct fate *fate)
{
	const bool is_bare = *fate->dsn == '\0' && *fate->said == '\0';

	text_addf(out, " %s%s%s", fate->status, *fate->to == '\0' ? "" : " to ",
		fate->to);
	if (*fate->dsn != '\0')
		text_addf(out, " %s", fate->dsn);
	if (!is_bare)
		text_addf(out, " %s (%s)", fate->system, fate->said);
}

/* A line for each fate: "RECIPIENT ID STATUS to ADDRESS DSN SYSTEM (SAID)". */
HELPER void delivery_case_add_record(
	struct text *out, const struct record *record)
{
	const struct slice id = record->verdict.written[FIELD_QUEUE_ID];
	size_t i = 0;

	do {
		verdict_value(out, &record->verdict, FIELD_RECIPIENT);
		if (verdict_has(&record->verdict, FIELD_QUEUE_ID))
			text_addf(out, " %.*s", (int)id.len, id.bytes);
		if (i < record->n_fates)
			delivery_case_add_fate(out, &record->fates[i]);
		text_adds(out, "\n");
	} while (++i < record->n_fates);
}

HELPER void delivery_case_add_all(struct text *out, struct delivery *delivery)
{
	const size_t n = delivery_count(delivery);

	for (size_t i = 0; i < n; i++)
		delivery_case_add_record(out, delivery_record(delivery, i));
}

HELPER void delivery_case_check(const struct delivery_case *c)
{
	struct delivery *delivery = delivery_open();
	struct text out;

	text_init(&out);
	delivery_log_take(delivery, c->log);
	delivery_case_add_all(&out, delivery);
	ck_assert_msg(strcmp(text_of(&out), c->fates) == 0, "%s:\n%s---\n%s",
		c->name, text_of(&out), c->fates);
	text_fini(&out);
	delivery_close(&delivery);
	ck_assert_ptr_null(delivery);
	delivery_close(&delivery);
}

HELPER void delivery_case_check_without(
	const struct delivery_case *c, unsigned left_out)
{
	struct delivery *delivery = delivery_open();
	struct text log, out;
	unsigned i = 0;

	text_init(&log);
	text_init(&out);
	for (const char *at = c->log; *at != '\0'; i++) {
		const size_t len = strcspn(at, "\n") + 1;

		if (i != left_out)
			text_add(&log, at, len);
		at += len;
	}
	delivery_log_take(delivery, text_of(&log));
	delivery_case_add_all(&out, delivery);
	text_fini(&log);
	text_fini(&out);
	delivery_close(&delivery);
}

/* Without the first line, without the second, ... */
HELPER void delivery_case_check_without_lines(const struct delivery_case *c)
{
	unsigned n_lines = 0;

	for (const char *at = c->log; *at != '\0'; at++)
		n_lines += *at == '\n';
	for (unsigned left_out = 0; left_out < n_lines; left_out++)
		delivery_case_check_without(c, left_out);
}

#endif
