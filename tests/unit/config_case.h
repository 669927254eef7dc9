/*
 * A configuration written into a folder of its own, read, and its faults
 * put side by side with what was expected.
 */
#ifndef TESTS_UNIT_CONFIG_CASE_H
#define TESTS_UNIT_CONFIG_CASE_H

#include "base/arena.h"
#include "base/text.h"
#include "config/config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * expect: one "@LINE: error: sentence" a line, in the order in which they
 * are found; "@LINE" elsewhere is a place too, "@@LINE" the bare line.
 * LINE counts from the first of text.
 */
struct config_case {
	const char *name;
	const char *text;
	const char *expect;
};

struct config_folder {
	char path[64];
};

static inline void folder_open(struct config_folder *folder)
{
	const char *base = getenv("TMPDIR");

	snprintf(folder->path, sizeof folder->path, "%.40s/configXXXXXX",
		base == NULL ? "/tmp" : base);
	ck_assert_ptr_nonnull(mkdtemp(folder->path));
}

static inline void folder_file(const struct config_folder *folder,
	const char *name, const char *bytes, size_t len)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", folder->path, name);
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

static inline void folder_text(
	const struct config_folder *folder, const char *name, const char *text)
{
	folder_file(folder, name, text, strlen(text));
}

static inline void folder_close(const struct config_folder *folder)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf '%s'", folder->path);
	ck_assert_int_eq(system(command), 0);
}

static inline struct namespace *folder_read(const struct config_folder *folder,
	struct arena *arena, struct faults *faults)
{
	char path[128];

	snprintf(path, sizeof path, "%s/namespace.conf", folder->path);
	return config_read(path, arena, faults);
}

/* Without the folder, wherever it is named. */
static inline void add_stripped(
	struct text *out, const char *text, const struct config_folder *folder)
{
	const size_t len = strlen(folder->path);
	const char *found;

	while ((found = strstr(text, folder->path)) != NULL) {
		text_add(out, text, (size_t)(found - text));
		text = found + len + (found[len] == '/');
	}
	text_adds(out, text);
}

/* "FILE:LINE: error: sentence" a line. */
static inline void faults_print(struct text *out, const struct faults *faults,
	const struct config_folder *folder)
{
	for (size_t i = 0; i < faults_count(faults); i++) {
		const struct fault *fault = faults_get(faults, i);

		add_stripped(out, fault->place.file, folder);
		if (fault->place.line != 0)
			text_addf(out, ":%u", fault->place.line);
		text_adds(out,
			fault->kind == FAULT_ERROR ? ": error: "
						   : ": advice: ");
		add_stripped(out, fault->text, folder);
		text_adds(out, "\n");
	}
}

/* expect with its places in that file, where text begins behind a line. */
static inline void expect_print(
	struct text *out, const char *expect, const char *file, unsigned behind)
{
	while (*expect != '\0') {
		const bool is_bare = expect[0] == '@' && expect[1] == '@';
		const char *digits = expect + 1 + is_bare;
		char *end;

		if (expect[0] != '@' || *digits < '0' || *digits > '9') {
			text_add(out, expect++, 1);
			continue;
		}
		const unsigned long line = strtoul(digits, &end, 10);

		if (!is_bare)
			text_addf(out, "%s:", file);
		text_addf(out, "%lu", line + behind);
		expect = end;
	}
}

static inline unsigned lines_in(const char *text)
{
	unsigned lines = 0;

	for (; *text != '\0'; text++)
		lines += *text == '\n';
	return lines;
}

struct fixture {
	struct config_folder folder;
	struct arena *arena;
	struct faults *faults;
};

static inline void fixture_init(struct fixture *f)
{
	folder_open(&f->folder);
	f->arena = arena_open();
	f->faults = faults_open();
}

static inline void fixture_fini(struct fixture *f)
{
	folder_close(&f->folder);
	arena_close(&f->arena);
	faults_close(&f->faults);
}

static inline struct namespace *read_text(struct fixture *f, const char *text)
{
	folder_text(&f->folder, "namespace.conf", text);
	return folder_read(&f->folder, f->arena, f->faults);
}

static inline void expect_faults(const struct fixture *f, const char *wanted)
{
	struct text said;

	text_init(&said);
	text_adds(&said, "");
	faults_print(&said, f->faults, &f->folder);
	ck_assert_str_eq(said.data, wanted);
	text_fini(&said);
}

/* A sound one; what it has for faults is printed. */
static inline struct namespace *read_sound(struct fixture *f, const char *text)
{
	struct namespace *ns = read_text(f, text);

	expect_faults(f, "");
	ck_assert_ptr_nonnull(ns);
	return ns;
}

/* Valid, and full of what libConfuse would miscount. */
static const char CONFIG_PREAMBLE[] =
	"# one \"comment\n"
	"// another's\n"
	"/* a long {\n"
	" one */ accepted-domain \"base.example\" { # tail\n"
	"	type = internal-relay }\n"
	"include ( 'sub/first.conf' ) # more\n"
	"connector \"base\" {\n"
	"	address-spaces = { \"base.example;1\", # why\n"
	"		\"#lab.base.example;5\", /* not\n"
	"	yet */ \"*\" }\n"
	"	smart-hosts = {\n"
	"		\"10.8.0.25\",\n"
	"		\"[mail2.base.example]:587\"\n"
	"	}\n"
	"}\n";

static const char CONFIG_FIRST[] = "# included\n"
				   "directory \"first\" {\n"
				   "	path = first.txt // here\n"
				   "	connector = base\n"
				   "}\n";

/* What a run over these files says is what the case expects in that one. */
static inline void case_compare(const struct config_folder *folder,
	const struct config_case *c, const char *file, unsigned behind)
{
	struct arena *arena = arena_open();
	struct faults *faults = faults_open();
	struct text said, wanted;

	text_init(&said);
	text_init(&wanted);
	text_adds(&said, "");
	text_adds(&wanted, "");
	folder_read(folder, arena, faults);
	faults_print(&said, faults, folder);
	expect_print(&wanted, c->expect, file, behind);
	ck_assert_msg(strcmp(said.data, wanted.data) == 0,
		"%s, in %s:\n%sbut expected:\n%s", c->name, file, said.data,
		wanted.data);
	text_fini(&said);
	text_fini(&wanted);
	faults_close(&faults);
	arena_close(&arena);
}

/* The case behind the preamble, and in a file that is included there. */
static inline void case_run(const struct config_case *c)
{
	struct config_folder folder;
	struct text text;
	char sub[128];

	folder_open(&folder);
	snprintf(sub, sizeof sub, "mkdir '%s/sub'", folder.path);
	ck_assert_int_eq(system(sub), 0);
	folder_text(&folder, "sub/first.conf", CONFIG_FIRST);
	text_init(&text);
	text_adds(&text, CONFIG_PREAMBLE);
	text_adds(&text, c->text);
	folder_text(&folder, "namespace.conf", text.data);
	case_compare(&folder, c, "namespace.conf", lines_in(CONFIG_PREAMBLE));

	text_clear(&text);
	text_adds(&text, CONFIG_PREAMBLE);
	text_adds(&text, "include(\"sub/case.conf\")\nkeep = 7\n");
	folder_text(&folder, "namespace.conf", text.data);
	folder_text(&folder, "sub/case.conf", c->text);
	if (strstr(c->text, "keep") == NULL)
		case_compare(&folder, c, "sub/case.conf", 0);
	text_fini(&text);
	folder_close(&folder);
}

/* A loop over a table of cases, and its place in a TCase. */
#define CONFIG_CASES(table) \
	START_TEST(table##_fault_names_its_line) \
	{ \
		case_run(&table[_i]); \
	} \
	END_TEST

#define CONFIG_ADD(tcase, table) \
	tcase_add_loop_test(tcase, table##_fault_names_its_line, 0, \
		sizeof table / sizeof table[0])

#endif
