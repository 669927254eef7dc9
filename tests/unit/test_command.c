#include "directory/command.h"

#include "sink_text.h"
#include "unit_main.h"

#include <sys/stat.h>

#define SH "sh", "-c"
#define HALF \
	"its output ends within a line: either it was cut off, or the last " \
	"line has to be ended too"

static const struct command_case {
	const char *name;
	const char *argv[4];
	enum directory_type output;
	const char *found, *err; /* err: behind "list-users: " */
} CASES[] = {
	{ "a list", { "printf", "a@b # x\\n\\nc@d\\n" }, DIRECTORY_FILE,
		"1 a@b\n3 c@d\n", NULL },
	{ "nobody", { "true" }, DIRECTORY_FILE, "", NULL },
	{ "csv", { "printf", "id,Mail\\n1,a@b;c@d\\n" }, DIRECTORY_CSV,
		"row 2 a@b\nrow 2 c@d\n", NULL },
	{ "utf-16", { "printf", "\\377\\376a\\0@\\0b\\0\\n\\0" },
		DIRECTORY_FILE, "1 a@b\n", NULL },
	{ "a map", { "printf", "a@b x\\n" }, DIRECTORY_POSTFIX, "1 a@b\n",
		NULL },
	{ "status", { SH, "echo a@b; exit 3" }, DIRECTORY_FILE, "",
		"failed with status 3" },
	{ "complaint",
		{ SH,
			"echo x >&2; echo 'no\tcon\033[2Jtact\n' >&2; "
			"exit 1" },
		DIRECTORY_FILE, "",
		"failed with status 1; it said: no?con?[2Jtact" },
	{ "complaint that is no text",
		{ SH, "printf 'caf\\351 \\302\\233x \\303\\251' >&2; exit 1" },
		DIRECTORY_FILE, "",
		"failed with status 1; it said: caf? ??x \xC3\xA9" },
	{ "signal", { SH, "echo a@b; kill -15 $$" }, DIRECTORY_FILE, "",
		"killed by signal 15 (Terminated)" },
	{ "half a line", { "printf", "a@b\\nc@d" }, DIRECTORY_FILE, "", HALF },
	{ "half a line of one", { "printf", "a" }, DIRECTORY_CSV, "", HALF },
	{ "not utf-8", { "printf", "a@b\\n\\351@b\\n" }, DIRECTORY_FILE, "",
		NULL },
	{ "hangs", { SH, "echo a@b; sleep 100" }, DIRECTORY_FILE, "",
		"not ended after 1 s (\"timeout\"); it was killed with all "
		"that it had started" },
	{ "not there", { "no-such-list" }, DIRECTORY_FILE, "",
		"can not be run: No such file or directory" },
	{ "broken csv", { "printf", "Mail\\n\"a\\n" }, DIRECTORY_CSV, "",
		NULL },
};

/* Those whose sentence has a line in it. */
static const struct line_case {
	const char *name, *err;
} LINES[] = {
	{ "not utf-8",
		"list-users:2: its output: byte 0xE9 is not UTF-8: save the "
		"file as UTF-8" },
	{ "broken csv", "list-users:2: the quote opened here is never closed" },
};

static const char *err_of(const struct command_case *c, struct arena *arena)
{
	for (int i = 0; i < COUNT(LINES); i++) {
		if (strcmp(LINES[i].name, c->name) == 0)
			return LINES[i].err;
	}
	return c->err == NULL ? ""
			      : arena_printf(arena, "list-users: %s", c->err);
}

/* Others get the time that they take on a busy machine. */
static bool is_endless(const char *const argv[])
{
	return argv[1] != NULL && argv[2] != NULL &&
		strstr(argv[2], "sleep") != NULL;
}

static bool read_command(const char *const *argv, enum directory_type output,
	struct text *found, struct err *err)
{
	const char *columns[] = { "mail" };
	const struct directory directory = {
		.type = DIRECTORY_COMMAND,
		.source = "list-users",
		.command = argv,
		.output = output,
		.fields = columns,
		.n_fields = 1,
		.timeout_s = is_endless(argv) ? 1 : 60,
	};
	const struct source_options options = { .is_dry = true };
	const struct sink sink = sink_text(found);

	return source_read(&directory, &options, &sink, err);
}

START_TEST(commands_are_read)
{
	const struct command_case *c = &CASES[_i];
	struct arena *arena = arena_open();
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	const bool is_read = read_command(c->argv, c->output, &found, &err);
	const char *wanted = err_of(c, arena);

	ck_assert_msg(
		strcmp(err.text, wanted) == 0, "%s: %s", c->name, err.text);
	ck_assert_msg(is_read == (*wanted == '\0'), "%s", c->name);
	ck_assert_msg(strcmp(text_of(&found), c->found) == 0, "%s: %s", c->name,
		text_of(&found));
	text_fini(&found);
	arena_close(&arena);
}
END_TEST

/* From where we are, though the program itself runs in "/". */
START_TEST(a_path_is_from_the_working_directory)
{
	static const char script[] =
		"#!/bin/sh\ntest \"$(pwd)\" = / && echo \"$1@b\"\n";
	const char *const argv[] = { "./list", "a", NULL };
	struct arena *arena = arena_open();
	const char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/list", folder);
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	test_write(path, script, sizeof script - 1);
	ck_assert_int_eq(chmod(path, 0700), 0);
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_msg(read_command(argv, DIRECTORY_FILE, &found, &err), "%s",
		err.text);
	ck_assert_str_eq(text_of(&found), "1 a@b\n");
	text_fini(&found);
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("command");

	tcase_set_timeout(tcase, 60); /* a busy machine */
	tcase_add_loop_test(tcase, commands_are_read, 0, COUNT(CASES));
	tcase_add_test(tcase, a_path_is_from_the_working_directory);
	return unit_run(suite_create("command"), tcase);
}
