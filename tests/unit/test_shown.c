#include "verdicts/shown.h"

#include "record_case.h"
#include "unit_main.h"

static const struct {
	enum verdict_field field;
	const char *written, *shown;
} CASES[] = {
	{ FIELD_DOMAIN, "company.example", "company.example" },
	{ FIELD_DOMAIN, "-", "-" },
	{ FIELD_DOMAIN, "\"-\"", "\\x2d" },
	{ FIELD_RECIPIENT, "<bob@d.example>", "bob@d.example" },
	{ FIELD_RECIPIENT, "<>", "<>" },
	{ FIELD_RECIPIENT, "<->", "\\x2d" },
	{ FIELD_RECIPIENT, "\"<<>>\"", "\\x3c>" },
	{ FIELD_RECIPIENT, "<änne@d.example>", "änne@d.example" },
	{ FIELD_RECIPIENT, "\"<a b@d>\"", "a b@d" },
	{ FIELD_RECIPIENT, "\"<a\\x09\\x1b[2J@d>\"", "a\\x09\\x1b[2J@d" },
	{ FIELD_RECIPIENT, "\"<a\\\\b\\\"@d>\"", "a\\x5cb\"@d" },
	{ FIELD_RECIPIENT, "\"<a\\xe2\\x80\\xae@d>\"", "a\\xe2\\x80\\xae@d" },
	{ FIELD_REPLY, "\"550 5.1.1 User\"...", "550 5.1.1 User..." },
};

START_TEST(a_value_is_shown)
{
	struct record_case record;
	struct text text;

	text_init(&text);
	record_case_init(&record);
	record.written[CASES[_i].field] = CASES[_i].written;
	shown_add(&text, CASES[_i].field,
		record_case_make(&record)->verdict.written[CASES[_i].field]);
	ck_assert_str_eq(text.data, CASES[_i].shown);
	record_case_fini(&record);
	text_fini(&text);
}
END_TEST

START_TEST(a_text_is_shown)
{
	struct text text;

	text_init(&text);
	shown_text(&text, "");
	shown_text(&text, "a\tb");
	shown_text(&text, "-");
	ck_assert_str_eq(text.data, "-a\\x09b\\x2d");
	text_fini(&text);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, a_value_is_shown, 0, COUNT(CASES));
	tcase_add_test(tcase, a_text_is_shown);
	return unit_run(suite_create("shown"), tcase);
}
