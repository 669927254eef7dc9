#include "directory/postfix_map.h"

#include "sink_text.h"
#include "unit_main.h"

static const struct map_case {
	const char *name, *text, *found;
} CASES[] = {
	{ "empty", "", "" },
	{ "one", "a@b x\n", "1 a@b\n" },
	{ "no newline at the end", "a@b x", "1 a@b\n" },
	{ "tab and crlf", "a@b\tx\r\nc@d\tx\r\n", "1 a@b\n2 c@d\n" },
	{ "value of many words", "a@b OK, and more # of it\n", "1 a@b\n" },
	{ "comments", "# a\na@b x\n  # b\n#c@d x\n", "2 a@b\n" },
	{ "empty lines", "\n \t\na@b x\n\n", "3 a@b\n" },
	{ "continued value", "a@b\n  x\nc@d x\n y z\n", "1 a@b\n3 c@d\n" },
	{ "continued across a comment", "a@b\n# c\n\n  x\n", "1 a@b\n" },
	{ "number sign in a key", "a#b@c x\n", "1 a#b@c\n" },
	{ "quoted key", "\"two words\"@b x\n", "1 \"two words\"@b\n" },
	{ "quote in a quoted key", "\"a\\\" b\"@c x\n", "1 \"a\\\" b\"@c\n" },
	{ "escaped blank", "a\\ b@c x\n", "1 a\\ b@c\n" },
	{ "quote closed on the next line", "\"a\n b\"@c x\n", "1 \"a b\"@c\n" },
	{ "open quote", "\"a@b x\nc@d x\n",
		"1 BAD a quote is not closed\n2 c@d\n" },
	{ "whole domain", "@b x\n",
		"1 BAD \"@b\" stands for a whole domain, not for a recipient: "
		"that is \"recipient-filter = off\" or \"catch-all\" on the "
		"accepted domain\n" },
	{ "no domain", "bob x\n",
		"1 BAD \"bob\" has no domain: write the whole address\n" },
	{ "no value", "a@b\nc@d x\n",
		"1 BAD \"a@b\" has no value, so Postfix does not use the line "
		"either (\"type = file\" reads addresses alone)\n2 c@d\n" },
	{ "blank value", "a@b  \r\n",
		"1 BAD \"a@b\" has no value, so Postfix does not use the line "
		"either (\"type = file\" reads addresses alone)\n" },
	{ "nothing to continue", "\n  a@b x\nc@d x\n",
		"2 BAD begins with a blank, but there is no line before it "
		"that it could continue\n3 c@d\n" },
};

static bool read_file(const char *path, struct text *found, struct err *err)
{
	const struct directory directory = {
		.type = DIRECTORY_POSTFIX, .source = path, .path = path
	};
	const struct source_options options = { .is_dry = true };
	const struct sink sink = sink_text(found);

	return source_read(&directory, &options, &sink, err);
}

START_TEST(keys_are_entries)
{
	const struct map_case *c = &CASES[_i];
	struct arena *arena = arena_open();
	const char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/map", folder);
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	test_write(path, c->text, strlen(c->text));
	ck_assert_msg(
		read_file(path, &found, &err), "%s: %s", c->name, err.text);
	ck_assert_msg(strcmp(text_of(&found), c->found) == 0, "%s: %s", c->name,
		text_of(&found));
	text_fini(&found);
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

START_TEST(missing_file_fails)
{
	struct err err = { 0 };

	ck_assert(!read_file("/no/such/map", NULL, &err));
	ck_assert_str_eq(
		err.text, "open /no/such/map: No such file or directory");
}
END_TEST

START_TEST(real_map_is_read)
{
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	ck_assert_msg(read_file("tests/data/directory/relay_recipients", &found,
			      &err),
		"%s", err.text);
	ck_assert_str_eq(text_of(&found),
		"2 ann@company.example\n3 bob@company.example\n"
		"6 \"two words\"@company.example\n");
	text_fini(&found);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, keys_are_entries, 0, COUNT(CASES));
	tcase_add_test(tcase, missing_file_fails);
	tcase_add_test(tcase, real_map_is_read);
	return unit_run(suite_create("postfix_map"), tcase);
}
