#include "directory/logical_line.h"

#include "sink_text.h"
#include "unit_main.h"

#define LOST \
	" BAD begins with a blank, but there is no line before it that it " \
	"could continue\n"

static const struct line_case {
	const char *name, *text, *found;
} CASES[] = {
	{ "empty", "", "" },
	{ "one line", "a b", "1|a b\n" },
	{ "lines", "a\nb\n", "1|a\n2|b\n" },
	{ "comments and blank lines", "# x\n\n \t\n\r\na\n  # y\nb",
		"5|a\n7|b\n" },
	{ "continued", "a\n b\n\tc\nd\n", "1|a b\tc\n4|d\n" },
	{ "continued across others", "a\n\n# x\n b\n", "1|a b\n" },
	{ "continues nothing", " a\nb\n", "1" LOST "2|b\n" },
	{ "no newline at the end", "a\n b", "1|a b\n" },
};

static void put(
	void *context, const char *origin, char *line, const struct sink *sink)
{
	(void)sink;
	text_addf(context, "%s|%s\n", origin, line);
}

START_TEST(lines_are_joined)
{
	const struct line_case *c = &CASES[_i];
	struct arena *arena = arena_open();
	struct text found;
	const struct sink sink = sink_text(&found);

	text_init(&found);
	logical_lines_read(arena_strdup(arena, c->text), put, &found, &sink);
	ck_assert_msg(strcmp(text_of(&found), c->found) == 0, "%s: %s", c->name,
		text_of(&found));
	text_fini(&found);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("logical_line");

	tcase_add_loop_test(tcase, lines_are_joined, 0, COUNT(CASES));
	return unit_run(suite_create("logical_line"), tcase);
}
