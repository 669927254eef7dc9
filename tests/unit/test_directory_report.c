#include "transport-map-gen/directory_report.h"

#include "base/arena.h"

#include "unit_main.h"

#include <string.h>

static const struct report_case {
	const char *name;
	enum load_end end;
	size_t n_entries, n_bad, n_users, n_groups;
	const char *line;
} CASES[] = {
	{ "fresh", LOAD_FRESH, 2400, 0, 0, 0, "directory ad: 2400 recipients" },
	{ "one", LOAD_FRESH, 1, 0, 0, 0, "directory ad: 1 recipient" },
	{ "classes", LOAD_FRESH, 2400, 3, 1166, 34,
		"directory ad: 2400 recipients; 1166 user, 34 group; 3 bad" },
	{ "kept", LOAD_KEPT, 7, 0, 7, 0,
		"directory ad: 7 recipients as last read; 7 user" },
	{ "refused", LOAD_REFUSED, 7, 2, 0, 0,
		"directory ad: 7 recipients as last read; 2 bad" },
	{ "never", LOAD_NEVER, 0, 0, 0, 0,
		"directory ad: 0 recipients, never read" },
};

START_TEST(line_says_what_it_brought)
{
	const struct report_case *c = &CASES[_i];
	const struct directory directory = { .name = "ad" };
	struct arena *arena = arena_open();
	struct load load = {
		.end = c->end, .n_entries = c->n_entries, .n_bad = c->n_bad
	};

	class_counts_init(&load.classes, arena);
	if (c->n_users != 0)
		class_counts_add(&load.classes, "user", c->n_users);
	if (c->n_groups != 0)
		class_counts_add(&load.classes, "group", c->n_groups);
	const char *line = directory_report_format(&directory, &load, arena);

	ck_assert_msg(strcmp(line, c->line) == 0, "%s: %s", c->name, line);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, line_says_what_it_brought, 0, COUNT(CASES));
	return unit_run(suite_create("directory_report"), tcase);
}
