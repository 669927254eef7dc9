/* Text -> pointer, and the order in which the entries came. */
#include "base/table.h"

#include "base/arena.h"
#include "tests/unit/unit_main.h"

#include <stdint.h>

static struct table *table;

static void setup(void)
{
	table = table_open();
}

static void teardown(void)
{
	table_close(&table);
}

START_TEST(empty_table_finds_nothing)
{
	ck_assert_uint_eq(table_count(table), 0);
	ck_assert_ptr_null(table_find(table, ""));
	ck_assert_ptr_null(table_find(table, "a"));
}
END_TEST

START_TEST(put_twice_replaces_and_keeps_the_place)
{
	int old, new, other;

	table_put(table, "a", &old);
	table_put(table, "b", &other);
	table_put(table, "a", &new);
	ck_assert_uint_eq(table_count(table), 2);
	ck_assert_ptr_eq(table_find(table, "a"), &new);
	ck_assert_str_eq(table_key(table, 0), "a");
	ck_assert_ptr_eq(table_value(table, 0), &new);
	ck_assert_str_eq(table_key(table, 1), "b");
}
END_TEST

START_TEST(empty_text_is_a_key)
{
	int value;

	table_put(table, "", &value);
	ck_assert_ptr_eq(table_find(table, ""), &value);
	ck_assert_ptr_null(table_find(table, "a"));
}
END_TEST

START_TEST(growth_loses_nothing_and_keeps_the_order)
{
	enum { COUNT = 20000 };
	static int values[COUNT];
	struct arena *arena = arena_open();

	for (int i = 0; i < COUNT; i++)
		table_put(table, arena_printf(arena, "u%d", i), &values[i]);
	ck_assert_uint_eq(table_count(table), COUNT);
	for (int i = 0; i < COUNT; i++) {
		char *key = arena_printf(arena, "u%d", i);

		ck_assert_ptr_eq(table_find(table, key), &values[i]);
		ck_assert_str_eq(table_key(table, (size_t)i), key);
		key[0] = 'v';
		ck_assert_ptr_null(table_find(table, key));
	}
	arena_close(&arena);
}
END_TEST

START_TEST(close_takes_nothing_too)
{
	struct table *none = NULL;

	table_close(&none);
	table_close(&table);
	ck_assert_ptr_null(table);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("table");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, empty_table_finds_nothing);
	tcase_add_test(tcase, put_twice_replaces_and_keeps_the_place);
	tcase_add_test(tcase, empty_text_is_a_key);
	tcase_add_test(tcase, growth_loses_nothing_and_keeps_the_order);
	tcase_add_test(tcase, close_takes_nothing_too);
	return unit_run(suite_create("table"), tcase);
}
