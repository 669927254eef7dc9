#include "verdicts/last.h"

#include "record_case.h"
#include "unit_main.h"

#include <limits.h>

/* Writes down the recipients that it gets. */
static void take(void *context, const struct record *record)
{
	text_adds(context, " ");
	verdict_value(context, &record->verdict, FIELD_RECIPIENT);
}

static void flush(void *context)
{
	text_adds(context, " flush");
}

static bool finish(void *context, struct err *err)
{
	(void)err;
	text_adds(context, " finish");
	return true;
}

static void close_output(void *context)
{
	text_adds(context, " close");
}

static const struct {
	unsigned long n;
	unsigned taken, taken_after_flush; /* 0: no flush at all */
	const char *expected;
} CASES[] = {
	{ 3, 0, 0, " finish close" },
	{ 3, 2, 0, " 1 2 finish close" },
	{ 3, 3, 0, " 1 2 3 finish close" },
	{ 3, 4, 0, " 2 3 4 finish close" },
	{ 3, 9, 0, " 7 8 9 finish close" },
	{ 1, 9, 0, " 9 finish close" },
	{ 20, 21, 0,
		" 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 finish "
		"close" },
	{ 2, 5, 3, " 4 5 flush 6 7 8 finish close" },
	{ ULONG_MAX, 2, 1, " 1 2 flush 3 finish close" },
};

START_TEST(the_last_are_handed_on)
{
	struct record_case record;
	struct output output;
	struct text text;
	const struct output inner = { take, flush, finish, close_output,
		&text };
	const unsigned first = CASES[_i].taken;

	text_init(&text);
	record_case_init(&record);
	last_open(&output, &inner, CASES[_i].n);
	for (unsigned i = 1; i <= first + CASES[_i].taken_after_flush; i++) {
		char recipient[32];

		/* Of different lengths, so that no line fits by luck. */
		snprintf(recipient, sizeof recipient, "<%u>", i);
		record.written[FIELD_RECIPIENT] = recipient;
		output_take(&output, &record);
		if (i == first && CASES[_i].taken_after_flush > 0)
			output.flush(output.context);
	}
	output_end(&output);
	ck_assert_str_eq(text.data, CASES[_i].expected);
	record_case_fini(&record);
	text_fini(&text);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, the_last_are_handed_on, 0, COUNT(CASES));
	return unit_run(suite_create("last"), tcase);
}
