/* What Postfix would find in a regexp map of ours, and what is none. */
#include "transport-map-gen/regexp_map.h"

#include "sink_text.h"
#include "unit_main.h"

static const struct {
	const char *name, *map;
	enum lookup found;
	const char *pattern, *value; /* where it is found */
} cases[] = {
	{ "no line", "", LOOKUP_NONE, NULL, NULL },
	{ "another address", "/^bob@/ x\n", LOOKUP_NONE, NULL, NULL },
	{ "found", "/^ann@/ x y\n", LOOKUP_FOUND, "^ann@", "x y" },
	{ "the first of two", "/^ann@/ x\n/^ann@/ y\n", LOOKUP_FOUND, "^ann@",
		"x" },
	{ "letters alike", "/^ANN@/ x\n", LOOKUP_FOUND, "^ANN@", "x" },
	{ "tabs before the value", "/^ann@/\t \tx\n", LOOKUP_FOUND, "^ann@",
		"x" },
	{ "an escaped slash", "/^a\\/?nn@/ x\n", LOOKUP_FOUND, "^a\\/?nn@",
		"x" },
	{ "the last line has no end", "/^ann@/ x", LOOKUP_FOUND, "^ann@", "x" },
	{ "passed over", "if !/^ann@/\n/^ann@/ x\nendif\n/^ann@/ y\n",
		LOOKUP_FOUND, "^ann@", "y" },
	{ "not passed over", "if !/^bob@/\n/^ann@/ x\nendif\n", LOOKUP_FOUND,
		"^ann@", "x" },
	{ "one within the other",
		"if !/^ann@/\nif !/^bob@/\nendif\n/^ann@/ x\nendif\n",
		LOOKUP_NONE, NULL, NULL },
	{ "an end without a beginning", "endif\n/^ann@/ x\n", LOOKUP_FOUND,
		"^ann@", "x" },
	{ "no pattern", "^ann@ x\n", LOOKUP_FAILED, NULL, NULL },
	{ "a pattern without end", "/^ann@ x\n", LOOKUP_FAILED, NULL, NULL },
	{ "an escape at the end", "/^ann@\\", LOOKUP_FAILED, NULL, NULL },
	{ "a pattern that is none", "/^(ann@/ x\n", LOOKUP_FAILED, NULL, NULL },
};

START_TEST(finds)
{
	struct arena *arena = arena_open();
	const char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/map", folder);
	const char *pattern = NULL, *value = NULL;

	test_write(path, cases[_i].map, strlen(cases[_i].map));
	const enum lookup found =
		regexp_map_find(&pattern, &value, path, "ann@d.example", arena);

	ck_assert_msg(found == cases[_i].found, "%s", cases[_i].name);
	if (found == LOOKUP_FOUND) {
		ck_assert_str_eq(pattern, cases[_i].pattern);
		ck_assert_str_eq(value, cases[_i].value);
	}
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

START_TEST(absent_map_is_no_answer)
{
	struct arena *arena = arena_open();
	const char *pattern, *value;

	ck_assert_int_eq(regexp_map_find(&pattern, &value, "/nonexistent/map",
				 "ann@d.example", arena),
		LOOKUP_FAILED);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("regexp_map");

	tcase_add_loop_test(tcase, finds, 0, COUNT(cases));
	tcase_add_test(tcase, absent_map_is_no_answer);
	return unit_run(suite_create("regexp_map"), tcase);
}
