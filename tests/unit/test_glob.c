#include "verdicts/glob.h"

#include "base/arena.h"

#include "unit_main.h"

#include <string.h>

static const struct glob_case {
	const char *pattern, *value;
	bool fits;
} CASES[] = {
	{ "", "", true },
	{ "", "a", false },
	{ "*", "", true },
	{ "*", "anything", true },
	{ "**", "a", true },
	{ "a*", "ba", false },
	{ "*a", "ba", true },
	{ "*a", "ab", false },
	{ "a*b*c", "aXbYbZc", true },
	{ "a*b*c", "aXbYbZ", false },
	{ "*ab", "aab", true },
	{ "?", "", false },
	{ "?", "a", true },
	{ "?", "ab", false },
	{ "?", "ä", true },
	{ "??", "ä", false },
	{ "*??", "ä", false },
	{ "*?", "ä", true },
	{ "?x", "日x", true },
	{ "?", "\xff", true },
	{ "\\?", "?", true },
	{ "\\?", "a", false },
	{ "\\\\", "\\", true },
	{ "[ab]", "a", false },
	{ "[ab]", "[ab]", true },
};

START_TEST(a_pattern_is_for_the_whole)
{
	const struct glob_case *c = &CASES[_i];
	struct arena *arena = arena_open();
	struct glob glob;

	ck_assert(glob_parse(&glob, slice_of(c->pattern), arena));
	ck_assert_msg(glob_fits(&glob, slice_of(c->value)) == c->fits,
		"%s on %s", c->pattern, c->value);
	arena_close(&arena);
}
END_TEST

/* What backtracks from every star would not end before the stars do. */
START_TEST(many_stars_take_no_time)
{
	static char value[20000];
	char pattern[201];
	struct arena *arena = arena_open();
	struct glob glob;

	memset(value, 'a', sizeof value);
	for (size_t i = 0; i < sizeof pattern; i += 2)
		memcpy(pattern + i, "*a", i + 1 < sizeof pattern ? 2 : 1);
	pattern[sizeof pattern - 1] = 'b';
	ck_assert(glob_parse(
		&glob, (struct slice){ pattern, sizeof pattern }, arena));
	ck_assert(!glob_fits(&glob, (struct slice){ value, sizeof value }));
	arena_close(&arena);
}
END_TEST

START_TEST(a_literal_has_no_escapes)
{
	struct arena *arena = arena_open();
	struct glob glob;

	ck_assert(glob_parse(&glob, slice_of("a\\*\\,b"), arena));
	ck_assert(!glob.has_wildcard);
	ck_assert(slice_is(glob_literal(&glob, arena), "a*,b"));
	ck_assert(glob_parse(&glob, slice_of("a?"), arena));
	ck_assert(glob.has_wildcard);
	ck_assert(!glob_parse(&glob, slice_of("a\\"), arena));
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, a_pattern_is_for_the_whole, 0, COUNT(CASES));
	tcase_add_test(tcase, many_stars_take_no_time);
	tcase_add_test(tcase, a_literal_has_no_escapes);
	return unit_run(suite_create("glob"), tcase);
}
