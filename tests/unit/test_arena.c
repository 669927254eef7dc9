/* Memory of one lifetime: zeroed, aligned, whole after any size. */
#include "base/arena.h"

#include "tests/unit/unit_main.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static struct arena *arena;

static void setup(void)
{
	arena = arena_open();
}

static void teardown(void)
{
	arena_close(&arena);
}

static const size_t sizes[] = { 0, 1, 7, 8, 15, 16, 17, 4096, 16384, 16385,
	1 << 20 };

START_TEST(memory_is_zeroed_aligned_and_apart)
{
	const size_t size = sizes[_i];
	unsigned char *before = arena_alloc(arena, 3);
	unsigned char *bytes = arena_alloc(arena, size);
	unsigned char *after = arena_alloc(arena, 3);
	unsigned char used = 0;

	ck_assert_uint_eq((uintptr_t)bytes % _Alignof(max_align_t), 0);
	/* one assertion: libcheck writes each to a file, and a million of
	 * them are late on a busy machine */
	for (size_t i = 0; i < size; i++)
		used |= bytes[i];
	ck_assert_uint_eq(used, 0);
	memset(bytes, 0xff, size);
	for (size_t i = 0; i < 3; i++)
		ck_assert_uint_eq(before[i] + after[i], 0);
}
END_TEST

START_TEST(reset_gives_clean_memory_again)
{
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			char *bytes = arena_alloc(arena, sizes[i] + 1);

			ck_assert_int_eq(bytes[sizes[i]], 0);
			memset(bytes, 'x', sizes[i] + 1);
		}
		arena_reset(arena);
	}
	arena_reset(arena);
}
END_TEST

START_TEST(many_small_ones_keep_their_content)
{
	enum { COUNT = 5000 };
	char *texts[COUNT];

	for (int i = 0; i < COUNT; i++)
		texts[i] = arena_printf(arena, "%d@company.example", i);
	for (int i = 0; i < COUNT; i++)
		ck_assert_int_eq(strtol(texts[i], NULL, 10), i);
}
END_TEST

START_TEST(texts_are_copied)
{
	char text[] = "company.example";

	char *whole = arena_strdup(arena, text);
	char *part = arena_strndup(arena, text, 7);
	char *none = arena_strndup(arena, NULL, 0);
	char *made = arena_printf(arena, "%s/%u", text, 7U);

	memset(text, 'x', sizeof text - 1);
	ck_assert_str_eq(whole, "company.example");
	ck_assert_str_eq(part, "company");
	ck_assert_str_eq(none, "");
	ck_assert_str_eq(made, "company.example/7");
}
END_TEST

/* Those that just fill what a block has left, and those that do not fit. */
START_TEST(text_of_any_length_is_whole)
{
	for (int len = 16 * 1024 - 40; len < 16 * 1024 + 2; len++) {
		char *first = arena_printf(arena, "%s", "first");
		char *text = arena_printf(arena, "%0*d", len, 7);
		char *next = arena_printf(arena, "%s", "next");

		ck_assert_uint_eq(strlen(text), (size_t)len);
		ck_assert_uint_eq(strspn(text, "0"), (size_t)len - 1);
		ck_assert_str_eq(first, "first");
		ck_assert_str_eq(next, "next");
		arena_reset(arena);
	}
}
END_TEST

START_TEST(array_holds_count_times_size)
{
	uint64_t *numbers = arena_array(arena, 1000, sizeof *numbers);

	for (size_t i = 0; i < 1000; i++)
		ck_assert_uint_eq(numbers[i], 0);
	ck_assert_ptr_nonnull(arena_array(arena, 0, 8));
	ck_assert_ptr_nonnull(arena_array(arena, 8, 0));
}
END_TEST

START_TEST(overflow_ends_the_process)
{
	arena_array(arena, SIZE_MAX / 2, 3);
}
END_TEST

/* Sizes that overflow when rounded up, or with the block's own head. */
static const size_t too_much[] = { SIZE_MAX, SIZE_MAX - 20 };

START_TEST(too_much_ends_the_process)
{
	arena_alloc(arena, too_much[_i]);
}
END_TEST

START_TEST(close_takes_nothing_too)
{
	struct arena *none = NULL;

	arena_close(&none);
	arena_close(&arena);
	ck_assert_ptr_null(arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("arena");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(
		tcase, memory_is_zeroed_aligned_and_apart, 0, COUNT(sizes));
	tcase_add_test(tcase, reset_gives_clean_memory_again);
	tcase_add_test(tcase, many_small_ones_keep_their_content);
	tcase_add_test(tcase, texts_are_copied);
	tcase_add_test(tcase, text_of_any_length_is_whole);
	tcase_add_test(tcase, array_holds_count_times_size);
	tcase_add_exit_test(tcase, overflow_ends_the_process, EX_OSERR);
	tcase_add_loop_exit_test(
		tcase, too_much_ends_the_process, EX_OSERR, 0, 2);
	tcase_add_test(tcase, close_takes_nothing_too);
	return unit_run(suite_create("arena"), tcase);
}
