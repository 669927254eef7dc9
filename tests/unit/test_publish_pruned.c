/* The generations that a publish leaves, and their numbers. */
#include "snapshot/publish.h"

#include "base/arena.h"

#include "tests/unit/publish_case.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

START_TEST(numbers_are_not_used_again)
{
	publish_case_maps(&c, "r1", "u1");
	publish_case_maps(&c, "r2", "u2");
	publish_case_maps(&c, "r3", "u3");
	/* Somebody removes it all; the record still knows. */
	ck_assert_int_eq(system(arena_printf(c.arena,
				 "rm -rf '%s/generations/3' '%s/current' "
				 "'%s/routes'",
				 c.path, c.path, c.path)),
		0);
	ck_assert_int_eq(publish_case_maps(&c, "r4", "u4"), PUBLISHED_ALL);
	ck_assert_uint_eq(c.manifest.generation, 4);
	/* Without the record, folders and links do. */
	unlink(arena_printf(c.arena, "%s/publish", c.path));
	mkdir(arena_printf(c.arena, "%s/generations/17", c.path), 0700);
	publish_case_maps(&c, "r5", "u5");
	ck_assert_uint_eq(c.manifest.generation, 18);
	/* Behind these there would be none. */
	mkdir(arena_printf(c.arena, "%s/generations/%lu", c.path, ULONG_MAX),
		0700);
	ck_assert_int_eq(system(arena_printf(c.arena,
				 "sed -i 's/^generation=.*/generation=%lu/' "
				 "'%s/publish'",
				 ULONG_MAX, c.path)),
		0);
	publish_case_maps(&c, "r5", "u6");
	ck_assert_uint_eq(c.manifest.generation, 19);
	unlink(arena_printf(c.arena, "%s/publish", c.path));
	ck_assert_int_eq(system(arena_printf(
				 c.arena, "rm -rf '%s'/generations/*", c.path)),
		0);
	publish_case_maps(&c, "r6", "u6");
	ck_assert_uint_eq(c.manifest.generation, 20);
}
END_TEST

START_TEST(old_generations_are_pruned)
{
	c.options.keep = 3;
	publish_case_maps(&c, "r1", "u1");
	for (unsigned i = 2; i <= 7; i++)
		publish_case_maps(&c, "r1", arena_printf(c.arena, "u%u", i));
	/* The routes stay where they are, and so does what they lead to. */
	publish_case_links_are(&c, 1, 7);
	ck_assert(publish_case_has(&c, 1) && !publish_case_has(&c, 2) &&
		!publish_case_has(&c, 3) && !publish_case_has(&c, 4));
	ck_assert(publish_case_has(&c, 5) && publish_case_has(&c, 6) &&
		publish_case_has(&c, 7));
	publish_case_nothing_is_left(&c);
	/* Where nothing is published too, by what is configured now. */
	c.options.keep = 0;
	publish_case_maps(&c, "r1", "u7");
	ck_assert(publish_case_has(&c, 1) && !publish_case_has(&c, 5) &&
		!publish_case_has(&c, 6) && publish_case_has(&c, 7));
}
END_TEST

START_TEST(generation_that_is_due_is_not_pruned)
{
	publish_case_maps(&c, "r1", "u1");
	c.options.keep = 1;
	c.options.no_wait = true;
	publish_case_maps(&c, "r2", "u2");
	publish_case_maps(&c, "r2", "u3");
	ck_assert(publish_case_has(&c, 1) && publish_case_has(&c, 2) &&
		publish_case_has(&c, 3));
	c.options.no_wait = false;
	publish_case_maps(&c, "r2", "u3");
	publish_case_links_are(&c, 2, 3);
	ck_assert(!publish_case_has(&c, 1) && publish_case_has(&c, 2) &&
		publish_case_has(&c, 3));
}
END_TEST

START_TEST(prune_that_fails_is_told_and_it_is_published)
{
	struct err err = { 0 };
	enum published out;

	c.options.keep = 1;
	publish_case_maps(&c, "r1", "u1");
	const char *deep = arena_printf(c.arena, "%s/generations/1", c.path);

	for (int i = 0; i < 10; i++) {
		deep = arena_printf(c.arena, "%s/folder", deep);
		ck_assert_int_eq(mkdir(deep, 0700), 0);
	}
	ck_assert(publish_case_publish(
		&c, publish_case_new_folder(&c, "r2", "u2"), &out, &err));
	ck_assert_int_eq(out, PUBLISHED_ALL);
	ck_assert_ptr_nonnull(strstr(err.text, "remove "));
	publish_case_links_are(&c, 2, 2);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("publish_pruned");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, numbers_are_not_used_again);
	tcase_add_test(tc, old_generations_are_pruned);
	tcase_add_test(tc, generation_that_is_due_is_not_pruned);
	tcase_add_test(tc, prune_that_fails_is_told_and_it_is_published);
	return unit_run(suite_create("publish_pruned"), tc);
}
