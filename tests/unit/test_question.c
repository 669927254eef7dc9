#include "verdicts/question.h"

#include "base/text.h"
#include "unit_main.h"

enum { WORDS_MAX = 6 };

static const struct question_case {
	const char *words[WORDS_MAX];
	const char *text;
} CASES[] = {
	{ { "verdicts" }, "policyd verdicts" },
	{ { "verdicts", "--since", "1w", "--html=x.html" },
		"policyd verdicts --since 1w --html=x.html" },
	{ { "verdicts", "--sender", "<>", "--recipient", "*@d" },
		"policyd verdicts --sender '<>' --recipient '*@d'" },
	{ { "verdicts", "" }, "policyd verdicts ''" },
	{ { "verdicts", "o'brien@d" }, "policyd verdicts 'o'\\''brien@d'" },
	{ { "verdicts", "a b\x1b[2J\n" },
		"policyd verdicts 'a b\\x1b[2J\\x0a'" },
	{ { "verdicts", "j\xc3\xb6rg@d" }, "policyd verdicts 'j\xc3\xb6rg@d'" },
};

START_TEST(is_written_as_it_was_asked)
{
	const struct question_case *c = &CASES[_i];
	struct text text;

	text_init(&text);
	question_format(&text, (char *const *)(const void *)c->words);
	ck_assert_str_eq(text.data, c->text);
	text_fini(&text);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, is_written_as_it_was_asked, 0, COUNT(CASES));
	return unit_run(suite_create("question"), tcase);
}
