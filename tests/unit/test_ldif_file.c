#include "directory/ldif_file.h"

#include "base/file.h"
#include "directory/ldif.h"
#include "directory/text_decode.h"

#include "sink_text.h"
#include "unit_main.h"

#include <sys/stat.h>

struct fixture {
	struct arena *arena;
	const char *folder, *path;
	struct directory directory;
	struct text text; /* of the file */
	struct text found;
	struct sink sink;
	struct err err;
};

static void fixture_init(struct fixture *f)
{
	*f = (struct fixture){ .arena = arena_open() };
	f->folder = test_folder(f->arena);
	f->path = arena_printf(f->arena, "%s/x.ldif", f->folder);
	f->directory = (struct directory){ .type = DIRECTORY_LDIF,
		.source = f->path,
		.path = f->path,
		.preset = PRESET_OPENLDAP };
	text_init(&f->text);
	text_init(&f->found);
	f->sink = sink_text(&f->found);
	f->sink.object = sink_text_object;
}

static void fixture_fini(struct fixture *f)
{
	text_fini(&f->text);
	text_fini(&f->found);
	test_folder_remove(f->folder);
	arena_close(&f->arena);
}

static bool read_it(struct fixture *f)
{
	const struct source_options options = { .is_dry = true };

	text_clear(&f->found);
	test_write(f->path, f->text.data, f->text.len);
	return source_read(&f->directory, &options, &f->sink, &f->err);
}

/* What the file's text brings when it is read in one piece. */
static const char *in_one_piece(struct fixture *f)
{
	struct text found;
	struct sink sink = f->sink;
	struct decoded decoded;

	text_init(&found);
	sink.context = &found;
	ck_assert(text_decode_file(&decoded, f->path, f->arena, &f->err));
	ck_assert(ldif_read(&f->directory, &decoded, &sink, &f->err));
	const char *copy = arena_strdup(f->arena, text_of(&found));

	text_fini(&found);
	return copy;
}

/* count entries of about 100 bytes, each of another length. */
static void add_entries(struct text *text, unsigned count, const char *end)
{
	for (unsigned i = 0; i < count; i++)
		text_addf(text,
			"dn: cn=%u%smail: %u@%s b.example%scn: %.*s%s%s", i,
			end, i, end, end, (int)(i % 61),
			"0123456789012345678901234567890123456789012345678901"
			"234567890",
			end, end);
}

static void check_same(struct fixture *f, size_t parts)
{
	ck_assert_uint_gt(f->text.len, parts * 1024 * 1024);
	ck_assert_msg(read_it(f), "%s", f->err.text);
	ck_assert_str_eq(text_of(&f->found), in_one_piece(f));
	ck_assert(strstr(text_of(&f->found), "\nline 1: cn=0 0@b.example\n"));
}

static const char *const LINE_ENDS[] = { "\n", "\r\n" };

START_TEST(parts_are_read_as_the_whole)
{
	struct fixture f;

	fixture_init(&f);
	add_entries(&f.text, 40000, LINE_ENDS[_i]);
	check_same(&f, 2);
	fixture_fini(&f);
}
END_TEST

START_TEST(large_entries_are_read)
{
	struct fixture f;

	fixture_init(&f);
	add_entries(&f.text, 20000, LINE_ENDS[_i]);
	for (int i = 0; i < 40000; i++)
		text_addf(&f.text, "photo:: %064d%s %064d%s", 0, LINE_ENDS[_i],
			0, LINE_ENDS[_i]);
	ck_assert(!read_it(&f));
	ck_assert(strstr(f.err.text, "\"photo\" before any dn"));
	text_clear(&f.text);
	add_entries(&f.text, 20000, LINE_ENDS[_i]);
	text_addf(&f.text, "dn: cn=large%s", LINE_ENDS[_i]);
	for (int i = 0; i < 40000; i++)
		text_addf(&f.text, "photo:: %064d%s %064d%s", 0, LINE_ENDS[_i],
			0, LINE_ENDS[_i]);
	text_addf(&f.text, "mail: large@b.example%s%s", LINE_ENDS[_i],
		LINE_ENDS[_i]);
	add_entries(&f.text, 20000, LINE_ENDS[_i]);
	check_same(&f, 6);
	ck_assert(strstr(text_of(&f.found),
		": cn=large large@b.example\nclass object\n"));
	fixture_fini(&f);
}
END_TEST

/* 20,000 entries of 5 lines, then what is wrong. */
static const struct fault_case {
	const char *name, *text, *err;
	size_t len; /* 0: up to the NUL */
} FAULTS[] = {
	{ "no attribute", "x\n",
		":100001: no \"attribute: value\": a long line goes on in the "
		"next one behind a blank",
		0 },
	{ "not UTF-8", "dn: cn=x\ncn: \xE9\n",
		":100002: byte 0xE9 is not UTF-8: save the file as UTF-8", 0 },
	{ "NUL", "dn: cn=\0x\n",
		":100001: a NUL byte: save the file as UTF-8 (UTF-16 without "
		"a byte order mark?)",
		10 },
	{ "cut off", "dn: cn=x\nmail: x@",
		":100002: the text ends within a line, so it was cut off; a "
		"whole one ends with a newline",
		0 },
	{ "cut off in an entry", "dn: cn=x\nmail: long@b\n",
		":100003: the text ends behind a line as long as those that "
		"go on in the next, so it may have been cut off; a whole one "
		"ends with an empty line",
		0 },
	{ "too few", "# numEntries: 20001\n",
		":100001: 20001 entries were found by the search, 20000 are "
		"here",
		0 },
	{ "no end of a search", "# extended LDIF\n",
		":100002: ldapsearch did not come to the end of its search, so "
		"the list is not whole",
		0 },
};

START_TEST(faults_of_later_parts_name_their_line)
{
	const struct fault_case *c = &FAULTS[_i];
	struct fixture f;

	fixture_init(&f);
	add_entries(&f.text, 20000, "\n");
	ck_assert_uint_gt(f.text.len, 1024 * 1024);
	text_add(&f.text, c->text, c->len == 0 ? strlen(c->text) : c->len);
	ck_assert_msg(!read_it(&f), "%s", c->name);
	ck_assert_str_eq(
		f.err.text, arena_printf(f.arena, "%s%s", f.path, c->err));
	fixture_fini(&f);
}
END_TEST

START_TEST(utf16_is_read)
{
	struct fixture f;
	struct text wide;

	fixture_init(&f);
	text_init(&wide);
	add_entries(&f.text, 40000, "\r\n");
	text_add(&wide, "\xFF\xFE", 2);
	for (size_t i = 0; i < f.text.len; i++) {
		text_add(&wide, &f.text.data[i], 1);
		text_add(&wide, "", 1);
	}
	text_fini(&f.text);
	f.text = wide;
	check_same(&f, 3);
	fixture_fini(&f);
}
END_TEST

static const struct small_case {
	const char *name, *text, *found;
} SMALL[] = {
	{ "empty", "", "" },
	{ "byte order mark",
		"\xEF\xBB\xBF"
		"dn: cn=a\nmail: a@b\n\n",
		"class object\nline 1: cn=a a@b\n" },
	{ "one entry", "dn: cn=a\nmail: a@b\n",
		"class object\nline 1: cn=a a@b\n" },
};

START_TEST(small_files_are_read)
{
	const struct small_case *c = &SMALL[_i];
	struct fixture f;

	fixture_init(&f);
	text_adds(&f.text, c->text);
	ck_assert_msg(read_it(&f), "%s: %s", c->name, f.err.text);
	ck_assert_str_eq(text_of(&f.found), c->found);
	fixture_fini(&f);
}
END_TEST

START_TEST(what_is_no_file_is_said)
{
	struct fixture f;
	const struct source_options options = { .is_dry = true };

	fixture_init(&f);
	ck_assert(!source_read(&f.directory, &options, &f.sink, &f.err));
	ck_assert_str_eq(f.err.text,
		arena_printf(
			f.arena, "open %s: No such file or directory", f.path));
	ck_assert_int_eq(mkfifo(f.path, 0600), 0);
	ck_assert(!source_read(&f.directory, &options, &f.sink, &f.err));
	ck_assert_str_eq(f.err.text,
		arena_printf(f.arena, "read %s: not a regular file", f.path));
	fixture_fini(&f);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60); /* megabytes, on a busy machine */
	tcase_add_loop_test(
		tcase, parts_are_read_as_the_whole, 0, COUNT(LINE_ENDS));
	tcase_add_loop_test(tcase, large_entries_are_read, 0, COUNT(LINE_ENDS));
	tcase_add_loop_test(
		tcase, faults_of_later_parts_name_their_line, 0, COUNT(FAULTS));
	tcase_add_test(tcase, utf16_is_read);
	tcase_add_loop_test(tcase, small_files_are_read, 0, COUNT(SMALL));
	tcase_add_test(tcase, what_is_no_file_is_said);
	return unit_run(suite_create("ldif_file"), tcase);
}
