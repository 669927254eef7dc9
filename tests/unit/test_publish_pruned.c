/* The generations that a publish leaves, and their numbers. */
#include "snapshot/publish.h"

#include "tests/unit/publish_case.h"

#include <limits.h>
#include <stdlib.h>

START_TEST(numbers_are_not_used_again)
{
	publish_maps("r1", "u1");
	publish_maps("r2", "u2");
	publish_maps("r3", "u3");
	/* Somebody removes it all; the record still knows. */
	ck_assert_int_eq(system(arena_printf(arena,
				 "rm -rf '%s/generations/3' '%s/current' "
				 "'%s/routes'",
				 path, path, path)),
		0);
	ck_assert_int_eq(publish_maps("r4", "u4"), PUBLISHED_ALL);
	ck_assert_uint_eq(manifest.generation, 4);
	/* Without the record, folders and links do. */
	unlink(arena_printf(arena, "%s/publish", path));
	mkdir(arena_printf(arena, "%s/generations/17", path), 0700);
	publish_maps("r5", "u5");
	ck_assert_uint_eq(manifest.generation, 18);
	/* Behind these there would be none. */
	mkdir(arena_printf(arena, "%s/generations/%lu", path, ULONG_MAX), 0700);
	ck_assert_int_eq(system(arena_printf(arena,
				 "sed -i 's/^generation=.*/generation=%lu/' "
				 "'%s/publish'",
				 ULONG_MAX, path)),
		0);
	publish_maps("r5", "u6");
	ck_assert_uint_eq(manifest.generation, 19);
	unlink(arena_printf(arena, "%s/publish", path));
	ck_assert_int_eq(
		system(arena_printf(arena, "rm -rf '%s'/generations/*", path)),
		0);
	publish_maps("r6", "u6");
	ck_assert_uint_eq(manifest.generation, 20);
}
END_TEST

START_TEST(old_generations_are_pruned)
{
	options.keep = 3;
	publish_maps("r1", "u1");
	for (unsigned i = 2; i <= 7; i++)
		publish_maps("r1", arena_printf(arena, "u%u", i));
	/* The routes stay where they are, and so does what they lead to. */
	links_are(1, 7);
	ck_assert(exists(1) && !exists(2) && !exists(3) && !exists(4));
	ck_assert(exists(5) && exists(6) && exists(7));
	nothing_is_left();
	/* Where nothing is published too, by what is configured now. */
	options.keep = 0;
	publish_maps("r1", "u7");
	ck_assert(exists(1) && !exists(5) && !exists(6) && exists(7));
}
END_TEST

START_TEST(generation_that_is_due_is_not_pruned)
{
	publish_maps("r1", "u1");
	options.keep = 1;
	options.no_wait = true;
	publish_maps("r2", "u2");
	publish_maps("r2", "u3");
	ck_assert(exists(1) && exists(2) && exists(3));
	options.no_wait = false;
	publish_maps("r2", "u3");
	links_are(2, 3);
	ck_assert(!exists(1) && exists(2) && exists(3));
}
END_TEST

START_TEST(prune_that_fails_is_told_and_it_is_published)
{
	struct err err = { 0 };
	enum published out;

	options.keep = 1;
	publish_maps("r1", "u1");
	const char *deep = arena_printf(arena, "%s/generations/1", path);

	for (int i = 0; i < 10; i++) {
		deep = arena_printf(arena, "%s/folder", deep);
		ck_assert_int_eq(mkdir(deep, 0700), 0);
	}
	ck_assert(publish_folder(
		state, new_folder("r2", "u2"), &options, &out, &err));
	ck_assert_int_eq(out, PUBLISHED_ALL);
	ck_assert_ptr_nonnull(strstr(err.text, "remove "));
	links_are(2, 2);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("publish_pruned");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, make_base, remove_base);
	tcase_add_test(tc, numbers_are_not_used_again);
	tcase_add_test(tc, old_generations_are_pruned);
	tcase_add_test(tc, generation_that_is_due_is_not_pruned);
	tcase_add_test(tc, prune_that_fails_is_told_and_it_is_published);
	return unit_run(suite_create("publish_pruned"), tc);
}
