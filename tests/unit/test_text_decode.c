#include "directory/text_decode.h"

#include "sink_text.h"
#include "unit_main.h"

#define BYTES(literal) literal, sizeof literal - 1

static const struct decode_case {
	const char *name, *bytes;
	size_t len;
	const char *text, *err;
	unsigned line;
} CASES[] = {
	{ "empty", BYTES(""), .text = "" },
	{ "ascii", BYTES("a@b\n"), .text = "a@b\n" },
	{ "utf-8", BYTES("j\xC3\xBCrg\n"), .text = "j\xC3\xBCrg\n" },
	{ "utf-8 with mark", BYTES("\xEF\xBB\xBFx"), .text = "x" },
	{ "mark alone", BYTES("\xEF\xBB\xBF"), .text = "" },
	{ "second mark stays", BYTES("\xEF\xBB\xBF\xEF\xBB\xBF"),
		.text = "\xEF\xBB\xBF" },
	{ "outside the basic plane", BYTES("\xF0\x9F\x93\xA7"),
		.text = "\xF0\x9F\x93\xA7" },
	{ "utf-16 little",
		BYTES("\xFF\xFE"
		      "a\0\xFC\0"),
		.text = "a\xC3\xBC" },
	{ "utf-16 big",
		BYTES("\xFE\xFF"
		      "\0a\x20\xAC"),
		.text = "a\xE2\x82\xAC" },
	{ "utf-16 mark alone", BYTES("\xFF\xFE"), .text = "" },
	{ "utf-16 pair", BYTES("\xFF\xFE\x3D\xD8\xE7\xDC"),
		.text = "\xF0\x9F\x93\xA7" },
	{ "utf-16 odd",
		BYTES("\xFF\xFE"
		      "a\0b"),
		.err = "UTF-16 text is cut short: half a character at its "
		       "end" },
	{ "utf-16 lead alone", BYTES("\xFF\xFE\n\0\x3D\xD8"), .line = 2,
		.err = "half a UTF-16 surrogate pair: save the file as UTF-8" },
	{ "utf-16 lead and letter",
		BYTES("\xFF\xFE\x3D\xD8"
		      "a\0"),
		.line = 1,
		.err = "half a UTF-16 surrogate pair: save the file as UTF-8" },
	{ "utf-16 trail first", BYTES("\xFE\xFF\xDC\xE7\xD8\x3D"), .line = 1,
		.err = "half a UTF-16 surrogate pair: save the file as UTF-8" },
	{ "utf-16 without mark", BYTES("a\0@\0b\0"), .line = 1,
		.err = "a NUL byte: save the file as UTF-8 (UTF-16 without a "
		       "byte order mark?)" },
	{ "utf-32", BYTES("\xFF\xFE\0\0a\0\0\0"), .line = 1,
		.err = "a NUL byte: save the file as UTF-8 (UTF-16 without a "
		       "byte order mark?)" },
	{ "windows-1252", BYTES("a@b\nj\xFCrg@b\n"), .line = 2,
		.err = "byte 0xFC is not UTF-8: save the file as UTF-8" },
	{ "cut within a character", BYTES("\n\n\xE2\x82"), .line = 3,
		.err = "byte 0xE2 is not UTF-8: save the file as UTF-8" },
	{ "overlong", BYTES("\xC0\xAF"), .line = 1,
		.err = "byte 0xC0 is not UTF-8: save the file as UTF-8" },
	{ "surrogate in utf-8", BYTES("\xED\xA0\xBD"), .line = 1,
		.err = "byte 0xED is not UTF-8: save the file as UTF-8" },
};

START_TEST(text_is_decoded)
{
	const struct decode_case *c = &CASES[_i];
	struct arena *arena = arena_open();
	char *bytes = arena_strndup(arena, c->bytes, c->len);
	struct decoded out;
	struct err err = { 0 };
	const bool good = text_decode(&out, bytes, c->len, arena, &err);

	ck_assert_msg(good == (c->err == NULL), "%s: %s", c->name, err.text);
	if (good) {
		ck_assert_msg(out.len == strlen(c->text), "%s", c->name);
		ck_assert_msg(strcmp(out.text, c->text) == 0, "%s", c->name);
	} else {
		ck_assert_msg(strcmp(err.text, c->err) == 0, "%s: %s", c->name,
			err.text);
		ck_assert_msg(
			out.line == c->line, "%s: line %u", c->name, out.line);
	}
	arena_close(&arena);
}
END_TEST

START_TEST(file_error_names_file_and_line)
{
	struct arena *arena = arena_open();
	const char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/list", folder);
	struct decoded out;
	struct err err = { 0 };

	ck_assert(!text_decode_file(&out, path, arena, &err));
	ck_assert_str_eq(err.text,
		arena_printf(
			arena, "open %s: No such file or directory", path));
	test_write(path, BYTES("a\n\xFF\n"));
	ck_assert(!text_decode_file(&out, path, arena, &err));
	ck_assert_str_eq(err.text,
		arena_printf(arena,
			"%s:2: byte 0xFF is not UTF-8: save the file as UTF-8",
			path));
	test_write(path,
		BYTES("\xFF\xFE"
		      "a"));
	ck_assert(!text_decode_file(&out, path, arena, &err));
	ck_assert_str_eq(err.text,
		arena_printf(arena,
			"%s: UTF-16 text is cut short: half a character at its "
			"end",
			path));
	test_write(path, BYTES("good"));
	ck_assert(text_decode_file(&out, path, arena, &err));
	ck_assert_str_eq(out.text, "good");
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, text_is_decoded, 0, COUNT(CASES));
	tcase_add_test(tcase, file_error_names_file_and_line);
	return unit_run(suite_create("text_decode"), tcase);
}
