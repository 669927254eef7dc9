/*
 * A case: a text that is put behind tests/data/config/preamble.conf, which is
 * sound and full of what libConfuse would miscount, and what is said of it.
 */
#ifndef TESTS_UNIT_CONFIG_CASE_H
#define TESTS_UNIT_CONFIG_CASE_H

#include "base/file.h"
#include "tests/unit/config_folder.h"

/*
 * expect: one "@LINE: error: sentence", or "advice:", a line, in the order
 * in which they are found; "@LINE" elsewhere is a place too, "@@LINE" the bare
 * line.  LINE counts from the first of text.
 */
struct config_case {
	const char *name;
	const char *text;
	const char *expect;
};

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

/* What is said of these files is what the case expects in that one. */
static inline void case_compare(struct fixture *f, const struct config_case *c,
	const char *file, unsigned behind)
{
	struct text wanted;

	text_init(&wanted);
	text_adds(&wanted, "");
	expect_print(&wanted, c->expect, file, behind);
	read_written(f);
	expect_faults(f, c->name, wanted.data);
	text_fini(&wanted);
}

/* A file of tests/data/config. */
static inline const char *sample(const char *name, struct arena *arena)
{
	size_t len;
	const char *path = arena_printf(arena, "tests/data/config/%s", name);
	const char *text = file_read(path, &len, arena, NULL);

	ck_assert_ptr_nonnull(text);
	return text;
}

/* The case behind the preamble, and in a file that is included there. */
static inline void case_run(const struct config_case *c)
{
	struct fixture f;

	fixture_init(&f);
	const char *preamble = sample("preamble.conf", f.arena);

	write_text(&f, "sub/first.conf", sample("sub/first.conf", f.arena));
	write_text(&f, "namespace.conf",
		arena_printf(f.arena, "%s%s", preamble, c->text));
	case_compare(&f, c, "namespace.conf", lines_in(preamble));

	write_text(&f, "sub/case.conf", c->text);
	write_text(&f, "namespace.conf",
		arena_printf(f.arena, "%s\ninclude('sub/case.conf') /*\n*/",
			preamble));
	case_compare(&f, c, "sub/case.conf", 0);
	fixture_fini(&f);
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
