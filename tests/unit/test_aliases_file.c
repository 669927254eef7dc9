#include "directory/aliases_file.h"

#include "directory/text_decode.h"

#include "sink_text.h"
#include "unit_main.h"

#define NO_ALIAS "BAD no alias: \"name: value\" is expected\n"
#define AS_A_WHOLE \
	": a name with blanks, quotes, parentheses or backslashes is written " \
	"in double quotes as a whole\n"

/* found: "class alias" before each entry is left out. */
static const struct line_case {
	const char *name, *text, *found;
} CASES[] = {
	{ "empty", "", "" },
	{ "comments", "# a: b\n\n  \n", "" },
	{ "one", "root: ann\n", "1 root@unix.example\n" },
	{ "continued", "# x\nteam: ann,\n\tbob,\n# y\n  carol\nroot:ann",
		"2 team@unix.example\n6 root@unix.example\n" },
	{ "continued before its value", "team:\n ann\n",
		"1 team@unix.example\n" },
	{ "owner, include, command, file, black hole",
		"owner-list: ann\nlist: :include:/etc/list\n"
		"robot: \"|/bin/robot a:b\"\nold: /var/mail/old\n"
		"none: /dev/null\n",
		"1 owner-list@unix.example\n2 list@unix.example\n"
		"3 robot@unix.example\n4 old@unix.example\n"
		"5 none@unix.example\n" },
	{ "blanks around", "root \t:  ann\r\n", "1 root@unix.example\n" },
	{ "quoted name", "\"two words\": ann\n",
		"1 \"two words\"@unix.example\n" },
	{ "quoted without need", "\"root\": ann\n", "1 root@unix.example\n" },
	{ "colon, sign and quote in quotes", "\"a:b@\\\"c\": ann\n",
		"1 \"a:b@\\\"c\"@unix.example\n" },
	{ "colon in the value", "a: b:c\n", "1 a@unix.example\n" },
	{ "two words", "two words: ann\nb: c\n",
		"1 BAD two words" AS_A_WHOLE "2 b@unix.example\n" },
	{ "half quoted", "\"two\" words: ann\n",
		"1 BAD \"two\" words" AS_A_WHOLE },
	{ "quote in the middle", "a\"b\": ann\n", "1 BAD a\"b\"" AS_A_WHOLE },
	{ "comment in the name", "a (b): ann\n", "1 BAD a (b)" AS_A_WHOLE },
	{ "address as a name", "ann@company.example: bob\n",
		"1 BAD \"ann@company.example\": the name of an alias has no "
		"\"@\"; the domain is that of \"local-domain\"\n" },
	{ "no value", "a:\nb:  \nc: d\n",
		"1 BAD \"a\" has no value, so Postfix does not use the line "
		"either\n"
		"2 BAD \"b\" has no value, so Postfix does not use the line "
		"either\n3 c@unix.example\n" },
	{ "no colon", "root ann\n", "1 " NO_ALIAS },
	{ "no name", ": ann\n", "1 " NO_ALIAS },
	{ "empty name", "\"\": ann\n", "1 BAD an alias without a name\n" },
	{ "quote never closed", "\"root: ann\nb: c\n",
		"1 " NO_ALIAS "2 b@unix.example\n" },
	{ "backslash at the end", "root\\", "1 " NO_ALIAS },
	{ "continues nothing", "  ann\n",
		"1 BAD begins with a blank, but there is no line before it "
		"that it could continue\n" },
};

static void count_object(void *context, const char *class)
{
	(void)context;
	ck_assert_str_eq(class, "alias");
}

static void read_text(const char *text, size_t len, struct text *found)
{
	struct arena *arena = arena_open();
	const struct directory directory = { .type = DIRECTORY_ALIASES,
		.local_domain = "unix.example" };
	struct decoded decoded = { .text = arena_strndup(arena, text, len),
		.len = len };
	struct sink sink = sink_text(found);

	sink.object = count_object;
	ck_assert(aliases_file_read(&directory, &decoded, &sink, NULL));
	arena_close(&arena);
}

START_TEST(names_are_listed)
{
	const struct line_case *c = &CASES[_i];
	struct text found;

	text_init(&found);
	read_text(c->text, strlen(c->text), &found);
	ck_assert_msg(strcmp(text_of(&found), c->found) == 0, "%s: %s", c->name,
		text_of(&found));
	text_fini(&found);
}
END_TEST

START_TEST(truncations_are_borne)
{
	for (size_t len = 0; len <= strlen(CASES[_i].text); len++) {
		struct text found;

		text_init(&found);
		read_text(CASES[_i].text, len, &found);
		text_fini(&found);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("aliases_file");

	tcase_add_loop_test(tcase, names_are_listed, 0, COUNT(CASES));
	tcase_add_loop_test(tcase, truncations_are_borne, 0, COUNT(CASES));
	return unit_run(suite_create("aliases_file"), tcase);
}
