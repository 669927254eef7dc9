#include "directory/source.h"

#include "sink_text.h"
#include "unit_main.h"

static const char *const COLUMNS[] = { "Mail" };

static const struct directory DIRECTORIES[] = {
	{ .type = DIRECTORY_FILE, .path = "tests/data/directory/staff.txt" },
	{ .type = DIRECTORY_POSTFIX,
		.path = "tests/data/directory/relay_recipients" },
	{ .type = DIRECTORY_CSV,
		.path = "tests/data/directory/unicode_text.txt",
		.fields = (const char **)COLUMNS,
		.n_fields = 1 },
	{ .type = DIRECTORY_PASSWD,
		.path = "tests/data/directory/passwd",
		.local_domain = "company.example",
		.min_uid = 1000,
		.max_uid = 60000 },
	{ .type = DIRECTORY_ALIASES,
		.path = "tests/data/directory/aliases",
		.local_domain = "company.example" },
	{ .type = DIRECTORY_COMMAND,
		.source = "echo",
		.command = (const char *const[]){ "echo", "ann@company.example",
			NULL },
		.output = DIRECTORY_FILE,
		.timeout_s = 60 },
};

START_TEST(each_type_has_its_reader)
{
	const struct directory *directory = &DIRECTORIES[_i];
	struct text found;
	const struct sink sink = sink_text(&found);
	const struct source_options options = { .is_dry = true };
	struct err err = { 0 };

	text_init(&found);
	ck_assert_msg(
		source_read(directory, &options, &sink, &err), "%s", err.text);
	ck_assert_ptr_nonnull(
		strstr(text_of(&found), " ann@company.example\n"));
	ck_assert_ptr_null(strstr(text_of(&found), "BAD"));
	text_fini(&found);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(
		tcase, each_type_has_its_reader, 0, COUNT(DIRECTORIES));
	return unit_run(suite_create("source"), tcase);
}
