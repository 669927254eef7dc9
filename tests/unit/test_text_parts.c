/* Parts of a file: together they are its bytes, wherever they are cut. */
#include "directory/text_parts.h"

#include "directory/text_decode.h"

#include "sink_text.h"
#include "unit_main.h"

enum { MANY = 40000, LONG = 600 * 1024 };

static size_t behind_line(const char *bytes, size_t len)
{
	const char *stop = memrchr(bytes, '\n', len);

	return stop == NULL ? 0 : (size_t)(stop + 1 - bytes);
}

static void saw(void *context, const char *bytes, size_t len)
{
	text_add(context, bytes, len);
}

struct whole {
	struct text seen; /* the bytes as they were read */
	struct text text; /* of all parts */
	size_t n_parts;
};

/* All of a file of these bytes; lines are counted as a reader does. */
static enum lookup read_all(
	struct whole *out, const struct text *bytes, struct err *err)
{
	struct arena *arena = arena_open();
	const char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/text", folder);
	const struct source_options options = { .saw = saw,
		.context = &out->seen };
	enum lookup found;
	struct decoded part;
	unsigned line = 1;

	test_write(path, text_of(bytes), bytes->len);
	struct text_parts *parts =
		text_parts_open(path, &options, behind_line, err);

	ck_assert_ptr_nonnull(parts);
	while ((found = text_parts_next(parts, line, &part, err)) ==
		LOOKUP_FOUND) {
		ck_assert_int_eq(part.text[part.len], '\0');
		out->n_parts++;
		text_add(&out->text, part.text, part.len);
		for (size_t i = 0; i < part.len; i++) {
			line += part.text[i] == '\n';
			part.text[i] = 'x'; /* it may be written to */
		}
	}
	text_parts_close(&parts);
	text_parts_close(&parts);
	test_folder_remove(folder);
	arena_close(&arena);
	return found;
}

static void whole_fini(struct whole *whole)
{
	text_fini(&whole->seen);
	text_fini(&whole->text);
}

static void put_lines(struct text *text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		text_addf(text, "first.last%zu@company.example\n", i);
}

static void put_long(struct text *text)
{
	for (size_t i = 0; i < LONG; i++)
		text_adds(text, "y");
}

static void fill(struct text *text, const char *kind)
{
	if (strcmp(kind, "empty") == 0)
		return;
	if (strcmp(kind, "byte order mark") == 0)
		text_adds(text, "\xEF\xBB\xBF");
	put_lines(text, MANY);
	if (strcmp(kind, "long line") == 0)
		put_long(text);
	if (strcmp(kind, "no end of line") == 0)
		text_adds(text, "ann@company.example");
	else
		text_adds(text, "\n");
	put_lines(text, MANY);
}

static const char *const kinds[] = { "lines", "empty", "byte order mark",
	"long line", "no end of line" };

START_TEST(parts_are_the_text)
{
	struct whole whole = { .n_parts = 0 };
	struct err err = { 0 };
	struct text text;

	text_init(&text);
	fill(&text, kinds[_i]);
	const size_t mark = text.len > 0 && text.data[0] == '\xEF' ? 3 : 0;

	ck_assert_msg(read_all(&whole, &text, &err) == LOOKUP_NONE, "%s: %s",
		kinds[_i], err.text);
	ck_assert_uint_eq(whole.seen.len, text.len);
	ck_assert_uint_eq(whole.text.len, text.len - mark);
	if (text.len > 0) {
		ck_assert_mem_eq(whole.seen.data, text.data, text.len);
		ck_assert_mem_eq(
			whole.text.data, text.data + mark, text.len - mark);
	}
	ck_assert(text.len == 0 ? whole.n_parts == 1 : whole.n_parts > 2);
	whole_fini(&whole);
	text_fini(&text);
}
END_TEST

static const struct {
	const char *name, *bytes, *err;
} bad[] = {
	{ "no utf-8", "\xE9@b\n",
		"byte 0xE9 is not UTF-8: save the file as UTF-8" },
	{ "a mark of utf-16 within", "\xFF\xFE\n",
		"byte 0xFF is not UTF-8: save the file as UTF-8" },
};

/* Wherever in the file it stands, its own line is named. */
START_TEST(bad_bytes_have_their_line)
{
	struct whole whole = { .n_parts = 0 };
	struct err err = { 0 };
	struct text text;
	char wanted[128];

	text_init(&text);
	put_lines(&text, MANY);
	text_adds(&text, bad[_i].bytes);
	put_lines(&text, MANY);
	ck_assert_int_eq(read_all(&whole, &text, &err), LOOKUP_FAILED);
	snprintf(wanted, sizeof wanted, "/text:%d: %s", MANY + 1, bad[_i].err);
	ck_assert_msg(strstr(err.text, wanted) != NULL, "%s: %s", bad[_i].name,
		err.text);
	whole_fini(&whole);
	text_fini(&text);
}
END_TEST

/* A mark at the border of two parts is no mark. */
START_TEST(only_the_beginning_has_a_mark)
{
	struct whole whole = { .n_parts = 0 };
	struct err err = { 0 };
	struct text text;

	text_init(&text);
	for (size_t i = 0; i < MANY; i++)
		text_adds(&text, "\n\xEF\xBB\xBF");
	put_lines(&text, MANY);
	ck_assert_int_eq(read_all(&whole, &text, &err), LOOKUP_NONE);
	ck_assert_uint_eq(whole.text.len, text.len);
	ck_assert_mem_eq(whole.text.data, text.data, text.len);
	whole_fini(&whole);
	text_fini(&text);
}
END_TEST

START_TEST(utf16_is_one_part)
{
	struct whole whole = { .n_parts = 0 };
	struct err err = { 0 };
	struct text text;

	text_init(&text);
	text_add(&text, "\xFF\xFE", 2);
	for (size_t i = 0; i < LONG; i++)
		text_add(&text, i % 32 == 0 ? "\n\0" : "a\0", 2);
	ck_assert_int_eq(read_all(&whole, &text, &err), LOOKUP_NONE);
	ck_assert_uint_eq(whole.n_parts, 1);
	ck_assert_uint_eq(whole.text.len, LONG);
	whole_fini(&whole);
	text_fini(&text);
}
END_TEST

static const struct {
	const char *path, *err;
} no_files[] = {
	{ "/no/such/text", "open /no/such/text: No such file or directory" },
	{ "/", "read /: not a regular file" },
};

START_TEST(what_is_no_file_is_told)
{
	const struct source_options options = { .saw = NULL };
	struct err err = { 0 };

	ck_assert_ptr_null(text_parts_open(
		no_files[_i].path, &options, behind_line, &err));
	ck_assert_str_eq(err.text, no_files[_i].err);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("text_parts");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, parts_are_the_text, 0, COUNT(kinds));
	tcase_add_loop_test(tcase, bad_bytes_have_their_line, 0, COUNT(bad));
	tcase_add_test(tcase, only_the_beginning_has_a_mark);
	tcase_add_test(tcase, utf16_is_one_part);
	tcase_add_loop_test(tcase, what_is_no_file_is_told, 0, COUNT(no_files));
	return unit_run(suite, tcase);
}
