#include "directory/class_counts.h"

#include "base/arena.h"

#include "unit_main.h"

#include <stdio.h>
#include <string.h>

START_TEST(first_spelling_is_kept)
{
	struct arena *arena = arena_open();
	struct class_counts counts;

	class_counts_init(&counts, arena);
	class_counts_add(&counts, "UserMailbox", 1);
	class_counts_add(&counts, "group", 3);
	class_counts_add(&counts, "usermailbox", 1);
	ck_assert_uint_eq(counts.n_classes, 2);
	ck_assert_str_eq(counts.list[0].class, "UserMailbox");
	ck_assert_uint_eq(class_counts_find(&counts, "USERMAILBOX"), 2);
	ck_assert_uint_eq(class_counts_find(&counts, "group"), 3);
	ck_assert_uint_eq(class_counts_find(&counts, "room"), 0);
	arena_close(&arena);
}
END_TEST

START_TEST(no_control_character_is_kept)
{
	struct arena *arena = arena_open();
	struct class_counts counts;

	class_counts_init(&counts, arena);
	class_counts_add(&counts, "a\nb\x7f", 1);
	class_counts_add(&counts, "a\nb\x7f", 1);
	class_counts_add(&counts, "\xc3\xbc", 1);
	/* U+009B begins an escape sequence as well; U+202E turns a line. */
	class_counts_add(&counts,
		"\xc2\x9b"
		"2J",
		1);
	class_counts_add(&counts,
		"\xe2\x80\xae"
		"c\xff",
		1);
	ck_assert_uint_eq(counts.n_classes, 4);
	ck_assert_str_eq(counts.list[0].class, "a?b?");
	ck_assert_str_eq(counts.list[1].class, "\xc3\xbc");
	ck_assert_str_eq(counts.list[2].class, "??2J");
	ck_assert_str_eq(counts.list[3].class, "???c?");
	ck_assert_uint_eq(counts.list[0].count, 2);
	arena_close(&arena);
}
END_TEST

/* However many a source makes up, and however long. */
START_TEST(the_rest_is_other)
{
	struct arena *arena = arena_open();
	struct class_counts counts;
	char name[CLASS_NAME_MAX + 2];

	class_counts_init(&counts, arena);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "class%u", i);
		class_counts_add(&counts, name, 1);
	}
	ck_assert_uint_eq(counts.n_classes, CLASS_COUNTS_MAX + 1);
	ck_assert_uint_eq(class_counts_find(&counts, "class63"), 1);
	ck_assert_uint_eq(class_counts_find(&counts, "class64"), 0);
	ck_assert_uint_eq(class_counts_find(&counts, "other"), 936);
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	class_counts_add(&counts, name, 2);
	ck_assert_uint_eq(class_counts_find(&counts, "other"), 938);
	name[CLASS_NAME_MAX] = '\0';
	class_counts_init(&counts, arena);
	class_counts_add(&counts, name, 2);
	ck_assert_uint_eq(class_counts_find(&counts, name), 2);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, first_spelling_is_kept);
	tcase_add_test(tcase, no_control_character_is_kept);
	tcase_add_test(tcase, the_rest_is_other);
	return unit_run(suite_create("class_counts"), tcase);
}
