/* What node_exporter is told of a build. */
#include "transport-map-gen/textfile.h"

#include "base/file.h"
#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"
#include "transport-map-gen/gather.h"

#include <sysexits.h>

#define LAST "\npostshare_build_last_success_timestamp_seconds "
#define LOADED "_directory_loaded_timestamp_seconds"
#define CONFIG \
	"accepted-domain '#d.example' { }\n" \
	"connector ex { smart-hosts = h address-spaces = 'd.example' }\n" \
	"directory ad { path = '/l/ad' }\n" \
	"directory off { path = '/l/off' enabled = no }\n" \
	"directory el { path = '/l/el' }\n"

static const struct {
	const char *name;
	struct textfile_run run;
	const char *has, *lacks;
} cases[] = {
	{ "a success is the last one", { .now = 200, .last_success = 100 },
		LAST "200\n", NULL },
	{ "a failure keeps the last one",
		{ .now = 200, .last_success = 100, .status = EX_CONFIG },
		LAST "100\n", NULL },
	{ "there was none", { .now = 200, .status = EX_CONFIG },
		"\npostshare_build_success 0\n", "last_success" },
	{ "its status", { .now = 200, .status = EX_TEMPFAIL },
		"\npostshare_build_exit_status 75\n", NULL },
	{ "its end", { .now = 200, .status = EX_TEMPFAIL },
		"\npostshare_build_timestamp_seconds 200\n", NULL },
	{ "its duration", { .now = 200, .duration_us = 12345000 },
		"\npostshare_build_duration_seconds 12.345000\n", NULL },
	{ "no state, no generation", { .now = 200 }, "", "generation" },
	{ "none is published", { .now = 200, .has_state = true },
		"\npostshare_build_generation 0\n", "generation_timestamp" },
	{ "the one in force",
		{ .now = 200,
			.has_state = true,
			.generation = 42,
			.generation_time = 150 },
		"\npostshare_build_generation 42\n", NULL },
	{ "and its time",
		{ .now = 200,
			.has_state = true,
			.generation = 42,
			.generation_time = 150 },
		"\npostshare_build_generation_timestamp_seconds 150\n", NULL },
	{ "nothing is held", { .now = 200, .has_state = true },
		"\npostshare_build_held 0\n", NULL },
	{ "a rollback holds",
		{ .now = 200, .has_state = true, .is_held = true },
		"\npostshare_build_held 1\n", NULL },
	{ "no state, no hold", { .now = 200, .is_held = true }, "", "held" },
	{ "directories that it did not come to", { .now = 200 }, "",
		"directory" },
	{ "nor to conflicts", { .now = 200 }, "", "conflicts" },
};

START_TEST(tells_of_the_run)
{
	const struct gathered nothing = { .model = NULL };
	struct textfile_run run = cases[_i].run;
	struct text text;

	run.gathered = &nothing;
	text_init(&text);
	textfile_format(&text, &run);
	ck_assert_msg(strstr(text.data, cases[_i].has) != NULL, "%s: %s",
		cases[_i].name, text.data);
	ck_assert_msg(cases[_i].lacks == NULL ||
			strstr(text.data, cases[_i].lacks) == NULL,
		"%s: %s", cases[_i].name, text.data);
	text_fini(&text);
}
END_TEST

START_TEST(tells_of_each_directory)
{
	static const char *const lines[] = {
		"_directory_success{directory=\"ad\"} 1\n",
		"_directory_success{directory=\"el\"} 0\n",
		"_directory_recipients{directory=\"ad\"} 3\n",
		LOADED "{directory=\"ad\"} 1700000000\n",
		LOADED "{directory=\"el\"} 0\n",
		"_directory_bad_lines{directory=\"ad\"} 2\n",
		"_conflicts 1\n",
		"_warnings 1\n",
	};
	struct load loads[3] = { { .n_entries = 3, .n_bad = 2 }, { 0 },
		{ .end = LOAD_NEVER } };
	struct model_case c;
	struct text text;

	model_case_sound(&c, CONFIG,
		"ad a@d.example\nad b@d.example\nel a@d.example\nel never");
	faults_warning(c.faults, (struct place){ "x", 1 }, "a class went");
	const struct gathered g = { .arena = c.arena,
		.faults = c.faults,
		.ns = c.ns,
		.recipients = c.recipients,
		.loads = loads,
		.loaded = c.loaded,
		.model = c.model,
		.has_loads = true,
		.n_conflicts = 1 };

	text_init(&text);
	textfile_format(
		&text, &(struct textfile_run){ .now = 200, .gathered = &g });
	for (size_t i = 0; i < COUNT(lines); i++)
		ck_assert_msg(strstr(text.data, lines[i]) != NULL, "%s: %s",
			lines[i], text.data);
	ck_assert_ptr_null(strstr(text.data, "\"off\""));
	text_fini(&text);
	model_case_close(&c);
}
END_TEST

static const struct {
	const char *name, *text;
	time_t expect;
} olds[] = {
	{ "what it wrote",
		"# HELP postshare_build_last_success_timestamp_seconds x.\n"
		"# TYPE of no account\n"
		"postshare_build_last_success_timestamp_seconds "
		"1700000000\npostshare_build_success 1\n",
		1700000000 },
	{ "on the first line",
		"postshare_build_last_success_timestamp_seconds 17\n", 17 },
	{ "without an end", "postshare_build_last_success_timestamp_seconds 17",
		17 },
	{ "another one's file", "node_load1 0.5\n", 0 },
	{ "empty", "", 0 },
	{ "no number", LAST "x\n", 0 },
	{ "too great a number", LAST "99999999999999999999999999\n", 0 },
	{ "far too great a number",
		LAST "99999999999999999999999999999999999999999999999\n", 0 },
};

static const char *in_folder(struct model_case *c, const char *name)
{
	return arena_printf(c->arena, "%s/%s", c->folder, name);
}

START_TEST(reads_what_it_replaces)
{
	struct model_case c;
	struct err err = { 0 };

	model_case_open(&c, "", "");
	const char *path = in_folder(&c, "postshare.prom");

	ck_assert_msg(file_replace(path, olds[_i].text, strlen(olds[_i].text),
			      0644, &err),
		"%s", err.text);
	ck_assert_msg(textfile_last_success(path) == olds[_i].expect, "%s",
		olds[_i].name);
	model_case_close(&c);
}
END_TEST

START_TEST(writes_for_everybody)
{
	const struct gathered nothing = { .model = NULL };
	const struct textfile_run run = { .now = 200, .gathered = &nothing };
	struct model_case c;
	struct err err = { 0 };
	struct stat status;

	model_case_open(&c, "", "");
	const char *path = in_folder(&c, "postshare.prom");

	ck_assert_int_eq(textfile_last_success(path), 0);
	ck_assert(textfile_check(path, &err));
	umask(077);
	ck_assert_msg(textfile_write(path, &run, &err), "%s", err.text);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_int_eq(status.st_mode & 07777, 0644);
	ck_assert_int_eq(textfile_last_success(path), 200);
	model_case_close(&c);
}
END_TEST

START_TEST(says_what_is_no_place_for_it)
{
	struct model_case c;
	struct err err = { 0 };

	model_case_open(&c, "", "");
	const char *path = in_folder(&c, "none/postshare.prom");

	ck_assert(!textfile_check(path, &err));
	ck_assert_str_eq(err.text,
		arena_printf(c.arena,
			"--textfile %s: the folder %s/none: No such file or "
			"directory",
			path, c.folder));
	ck_assert(!textfile_check(c.folder, &err));
	ck_assert_str_eq(err.text,
		arena_printf(c.arena,
			"--textfile %s is no file; name one that is to be "
			"written, such as postshare.prom",
			c.folder));
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("textfile");

	tcase_add_loop_test(tcase, tells_of_the_run, 0, COUNT(cases));
	tcase_add_test(tcase, tells_of_each_directory);
	tcase_add_loop_test(tcase, reads_what_it_replaces, 0, COUNT(olds));
	tcase_add_test(tcase, writes_for_everybody);
	tcase_add_test(tcase, says_what_is_no_place_for_it);
	return unit_run(suite_create("textfile"), tcase);
}
