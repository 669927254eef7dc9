/* What stands published, told without reading it. */
#include "snapshot/published_files.h"

#include "base/arena.h"
#include "base/text.h"
#include "snapshot/files.h"

#include "tests/unit/publish_case.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct publish_case c;

static void set_up(void)
{
	publish_case_init(&c);
}

static void tear_down(void)
{
	publish_case_fini(&c);
}

static const char *describe(void)
{
	struct text text = { 0 };

	ck_assert(published_files_describe(&text, c.state));
	const char *copy = arena_strdup(c.arena, text.data);

	text_fini(&text);
	return copy;
}

static const char *file_of(unsigned long number, const char *name)
{
	return arena_printf(
		c.arena, "%s/generations/%lu/%s", c.path, number, name);
}

START_TEST(same_as_long_as_it_stands)
{
	publish_case_maps(&c, "r1", "c1");
	const char *first = describe();

	ck_assert_str_eq(describe(), first);
	ck_assert_ptr_nonnull(strstr(first, "generation 1\n"));
	ck_assert_ptr_nonnull(strstr(first, "\nmanifest.json "));
	ck_assert_ptr_nonnull(strstr(first, "\ntransport.cdb "));
	publish_case_maps(&c, "r1", "c1");
	ck_assert_str_eq(describe(), first);
	publish_case_maps(&c, "r2", "c2");
	ck_assert_str_ne(describe(), first);
}
END_TEST

START_TEST(routes_of_another_generation_count)
{
	publish_case_maps(&c, "r1", "c1");
	publish_case_maps(&c, "r1", "c2");
	publish_case_links_are(&c, 1, 2);
	const char *both = describe();

	ck_assert_ptr_nonnull(strstr(both, "generation 1\n"));
	ck_assert_ptr_nonnull(strstr(both, "generation 2\n"));
	ck_assert_int_eq(truncate(file_of(1, "transport.cdb"), 3), 0);
	ck_assert_str_ne(describe(), both);
}
END_TEST

START_TEST(file_that_went_or_came_is_seen)
{
	publish_case_maps(&c, "r1", "c1");
	const char *whole = describe();

	ck_assert_int_eq(
		rename(file_of(1, "policy.cdb"), file_of(1, "other")), 0);
	ck_assert_str_ne(describe(), whole);
}
END_TEST

START_TEST(nothing_published_is_said)
{
	struct text text = { 0 };

	ck_assert(!published_files_describe(&text, c.state));
	text_fini(&text);
}
END_TEST

#define NOW 1000

static const struct {
	const char *name, *routes, *current;
	unsigned long linger_s;
	bool is_read;
	time_t due;
} dates[] = {
	{ "nobody left", "", "", 100, true, 0 },
	{ "one left", "900 a@d.example\n", "", 100, true, 1000 },
	{ "the first of several", "990 a\n980 b\n985 .c\n", "", 100, true,
		1080 },
	{ "of the other generation", "990 a\n", "970 b\n", 100, true, 1070 },
	{ "without end", "990 a\n", "", (unsigned long)-1, true, INT64_MAX },
	{ "later than now", "1001 a\n", "", 100, false, 0 },
	{ "no date", "a\n", "", 100, false, 0 },
	{ "no number", "soon a\n", "", 100, false, 0 },
};

START_TEST(first_date_that_passes)
{
	time_t due = -1;

	publish_case_maps(&c, "r1", "c1");
	publish_case_maps(&c, "r1", "c2");
	publish_case_write(
		&c, file_of(1, ""), FILES_LEAVING_DATES, dates[_i].routes);
	publish_case_write(
		&c, file_of(2, ""), FILES_LEAVING_DATES, dates[_i].current);
	ck_assert_msg(published_files_due(&due, c.state, dates[_i].linger_s,
			      NOW) == dates[_i].is_read,
		"%s", dates[_i].name);
	if (dates[_i].is_read)
		ck_assert_msg(due == dates[_i].due, "%s: %lld", dates[_i].name,
			(long long)due);
}
END_TEST

START_TEST(dates_that_are_missing_are_not_read)
{
	time_t due;

	publish_case_maps(&c, "r1", "c1");
	ck_assert(!published_files_due(&due, c.state, 100, NOW));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("published_files");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, same_as_long_as_it_stands);
	tcase_add_test(tcase, routes_of_another_generation_count);
	tcase_add_test(tcase, file_that_went_or_came_is_seen);
	tcase_add_test(tcase, nothing_published_is_said);
	tcase_add_loop_test(tcase, first_date_that_passes, 0, COUNT(dates));
	tcase_add_test(tcase, dates_that_are_missing_are_not_read);
	return unit_run(suite_create("published_files"), tcase);
}
