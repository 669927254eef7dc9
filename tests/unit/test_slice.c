#include "base/slice.h"

#include "unit_main.h"

static const struct slice_case {
	const char *a, *b;
	bool same, starts;
} CASES[] = {
	{ "", "", true, true },
	{ "a", "", false, true },
	{ "", "a", false, false },
	{ "abc", "abc", true, true },
	{ "abc", "ab", false, true },
	{ "ab", "abc", false, false },
	{ "abc", "abd", false, false },
	{ "Abc", "abc", false, false },
};

START_TEST(slices_are_compared)
{
	const struct slice_case *c = &CASES[_i];
	const struct slice a = slice_of(c->a);

	ck_assert_msg(slice_is(a, c->b) == c->same, "%s %s", c->a, c->b);
	ck_assert_msg(
		slice_same(a, slice_of(c->b)) == c->same, "%s %s", c->a, c->b);
	ck_assert_msg(slice_starts(a, c->b) == c->starts, "%s %s", c->a, c->b);
}
END_TEST

START_TEST(nul_is_a_byte)
{
	const struct slice with = { "a\0b", 3 };
	const struct slice other = { "a\0c", 3 };

	ck_assert(!slice_is(with, "a"));
	ck_assert(slice_starts(with, "a"));
	ck_assert(!slice_same(with, other));
	ck_assert(slice_same(with, (struct slice){ "a\0bc", 3 }));
}
END_TEST

START_TEST(the_rest_is_borrowed)
{
	const struct slice slice = slice_of("abc");

	ck_assert(slice_is(slice_after(slice, 0), "abc"));
	ck_assert(slice_is(slice_after(slice, 2), "c"));
	ck_assert_uint_eq(slice_after(slice, 3).len, 0);
	ck_assert_ptr_eq(slice_after(slice, 3).bytes, slice.bytes + 3);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, slices_are_compared, 0, COUNT(CASES));
	tcase_add_test(tcase, nul_is_a_byte);
	tcase_add_test(tcase, the_rest_is_borrowed);
	return unit_run(suite_create("slice"), tcase);
}
