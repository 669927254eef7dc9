#include "directory/list_file.h"

#include "sink_text.h"
#include "unit_main.h"

#define BYTES(literal) literal, sizeof literal - 1

static const struct list_case {
	const char *name, *bytes;
	size_t len;
	const char *found, *err;
} CASES[] = {
	{ "empty", BYTES(""), .found = "" },
	{ "byte order mark alone", BYTES("\xEF\xBB\xBF"), .found = "" },
	{ "one", BYTES("a@b"), .found = "1 a@b\n" },
	{ "crlf", BYTES("a@b\r\nc@d\r\n"), .found = "1 a@b\n2 c@d\n" },
	{ "empty lines", BYTES("\n\r\n \t\na@b\n\n"), .found = "4 a@b\n" },
	{ "blanks around", BYTES(" \ta@b \t\n"), .found = "1 a@b\n" },
	{ "byte order mark",
		BYTES("\xEF\xBB\xBF"
		      "a@b\n"),
		.found = "1 a@b\n" },
	{ "utf-16",
		BYTES("\xFF\xFE"
		      "a\0@\0b\0\r\0\n\0"),
		.found = "1 a@b\n" },
	{ "comment line", BYTES("#a@b\n  # c@d\ne@f"), .found = "3 e@f\n" },
	{ "comment behind", BYTES("a@b # x\nc@d\t#x\n"),
		.found = "1 a@b\n2 c@d\n" },
	{ "number sign in an address", BYTES("a#b@c\n#a@b\n"),
		.found = "1 a#b@c\n" },
	{ "number sign behind an address", BYTES("a@b#c\n"),
		.found = "1 a@b#c\n" },
	{ "number sign in quotes", BYTES("\"a # b\"@c # d\n"),
		.found = "1 \"a # b\"@c\n" },
	{ "quote in quotes", BYTES("\"a\\\" # b\"@c # d\n"),
		.found = "1 \"a\\\" # b\"@c\n" },
	{ "open quote stays whole", BYTES("\"a # b\n"),
		.found = "1 \"a # b\n" },
	{ "what is no address is passed on", BYTES("Bob <a@b>, c@d\n"),
		.found = "1 Bob <a@b>, c@d\n" },
	{ "not utf-8", BYTES("a@b\n\xE9@b\n"), .found = "",
		.err = ":2: byte 0xE9 is not UTF-8: save the file as UTF-8" },
};

static bool read_file(const char *path, struct text *found, struct err *err)
{
	const struct directory directory = {
		.type = DIRECTORY_FILE, .source = path, .path = path
	};
	const struct source_options options = { .is_dry = true };
	const struct sink sink = sink_text(found);

	return source_read(&directory, &options, &sink, err);
}

START_TEST(lines_are_entries)
{
	const struct list_case *c = &CASES[_i];
	struct arena *arena = arena_open();
	const char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/list", folder);
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	test_write(path, c->bytes, c->len);
	const bool good = read_file(path, &found, &err);

	ck_assert_msg(good == (c->err == NULL), "%s: %s", c->name, err.text);
	ck_assert_msg(strcmp(text_of(&found), c->found) == 0, "%s: %s", c->name,
		text_of(&found));
	if (c->err != NULL)
		ck_assert_str_eq(
			err.text, arena_printf(arena, "%s%s", path, c->err));
	text_fini(&found);
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

/* A line of so many bytes between two others, of characters of len bytes. */
static const struct {
	const char *name, *character;
	size_t len, count;
	bool has_end, is_taken;
} LENGTHS[] = {
	{ "as long as may be", "a", 1, 65536, true, true },
	{ "the last one as long as may be", "a", 1, 65536, false, true },
	{ "a byte more", "a", 1, 65537, true, false },
	{ "the last one a byte more", "a", 1, 65537, false, false },
	{ "no end, of a size to be read in parts", "a", 1, 1000000, false,
		false },
	{ "an end after several parts", "a", 1, 1000000, true, false },
	{ "characters of two bytes", "\xC3\xBC", 2, 300000, false, false },
	{ "characters of three bytes", "\xE2\x82\xAC", 3, 300000, false,
		false },
	{ "characters of four bytes", "\xF0\x9F\x98\x80", 4, 300000, false,
		false },
	{ "a comment", "#", 1, 65537, true, false },
	{ "blanks", " ", 1, 65537, true, false },
};

static void write_long(const char *path, size_t i)
{
	struct text bytes;

	text_init(&bytes);
	text_adds(&bytes, "a@b\n");
	for (size_t k = 0; k < LENGTHS[i].count; k++)
		text_add(&bytes, LENGTHS[i].character, LENGTHS[i].len);
	if (LENGTHS[i].has_end)
		text_adds(&bytes, "\nc@d\n");
	test_write(path, bytes.data, bytes.len);
	text_fini(&bytes);
}

START_TEST(too_long_a_line_fails)
{
	struct arena *arena = arena_open();
	const char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/list", folder);
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	write_long(path, (size_t)_i);
	ck_assert_msg(read_file(path, &found, &err) == LENGTHS[_i].is_taken,
		"%s: %s", LENGTHS[_i].name, err.text);
	if (!LENGTHS[_i].is_taken)
		ck_assert_str_eq(err.text,
			arena_printf(arena,
				"%s:2: a line of more than 65536 bytes: is "
				"this a list, an address a line?",
				path));
	text_fini(&found);
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

START_TEST(missing_file_fails)
{
	struct err err = { 0 };

	ck_assert(!read_file("/no/such/list", NULL, &err));
	ck_assert_str_eq(
		err.text, "open /no/such/list: No such file or directory");
}
END_TEST

START_TEST(real_list_is_read)
{
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	ck_assert_msg(read_file("tests/data/directory/staff.txt", &found, &err),
		"%s", err.text);
	ck_assert_str_eq(text_of(&found),
		"3 ann@company.example\n"
		"4 Bob@Company.example\n"
		"5 j\xC3\xBCrgen@company.example\n"
		"6 c#d@company.example\n"
		"7 \"two words # no comment\"@company.example\n");
	text_fini(&found);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, lines_are_entries, 0, COUNT(CASES));
	tcase_add_loop_test(tcase, too_long_a_line_fails, 0, COUNT(LENGTHS));
	tcase_add_test(tcase, missing_file_fails);
	tcase_add_test(tcase, real_list_is_read);
	return unit_run(suite_create("list_file"), tcase);
}
