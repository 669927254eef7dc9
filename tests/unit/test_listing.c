/* What is written is walked over; damage is in test_served.c. */
#include "directory/listing.h"

#include "listing_case.h"
#include "unit_main.h"

START_TEST(what_was_written_is_walked_over)
{
	struct arena *arena = arena_open();
	struct class_counts classes, found;
	struct text text, shown;

	text_init(&text);
	text_init(&shown);
	class_counts_init(&classes, arena);
	class_counts_init(&found, arena);
	class_counts_add(&classes, "two words", 12);
	listing_put_head(&text);
	text_adds(&text, "\"a@b\"@d.example\trow 2\n");
	text_adds(&text, "c@d.example\t\tx@e.example\n");
	listing_put_tail(&text, &classes, 2);
	ck_assert(listing_show(
		&shown, (struct slice){ text.data, text.len }, &found));
	ck_assert_str_eq(text_of(&shown),
		"row 2 \"a@b\"@d.example\n c@d.example -> x@e.example\n");
	ck_assert_uint_eq(class_counts_find(&found, "two words"), 12);
	text_fini(&text);
	text_fini(&shown);
	arena_close(&arena);
}
END_TEST

static const struct somebody_case {
	const char *name, *line;
	const char *domain;
	bool is_somebody;
} SOMEBODIES[] = {
	{ "mailbox", "a@d\t1\n", "d", true },
	{ "contact", "a@d\t1\tb@d\n", "d", true },
	{ "contact for itself", "a@d\t1\ta@d\n", "d", false },
	{ "sign in the local part", "\"a@b\"@d.e\t1\n", "d.e", true },
};

START_TEST(contact_for_itself_is_nobody)
{
	const struct somebody_case *c = &SOMEBODIES[_i];
	struct listing_walk walk = { c->line, c->line + strlen(c->line) };
	struct listing_entry entry;

	ck_assert(listing_next(&walk, &entry));
	ck_assert_msg(
		listing_is_somebody(&entry) == c->is_somebody, "%s", c->name);
	ck_assert(slice_is(entry.domain, c->domain));
	ck_assert(!listing_next(&walk, &entry));
}
END_TEST

static const struct end_case {
	const char *end;
	uint64_t size;
	bool may_be;
} ENDS[] = {
	{ "count 0\n", 4095, true },
	{ "count 0\n", 4096, false },
	{ "d.example\t1\ncount 1\n", 2 * 4096 - 1, true },
	{ "d.example\t1\ncount 1\n", 2 * 4096, false },
	{ "1\ncount 18446744073709551615\n", UINT64_MAX, true },
	{ "count 1", 64, false },
	{ "\n", 64, false },
	{ "", 64, false },
};

START_TEST(size_is_that_of_so_many_entries)
{
	const struct end_case *c = &ENDS[_i];
	size_t count;

	ck_assert_msg(
		listing_fits(slice_of(c->end), c->size, &count) == c->may_be,
		"%s", c->end);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("listing");
	TCase *tcase = tcase_create("listing");

	tcase_add_test(tcase, what_was_written_is_walked_over);
	tcase_add_loop_test(
		tcase, contact_for_itself_is_nobody, 0, COUNT(SOMEBODIES));
	tcase_add_loop_test(
		tcase, size_is_that_of_so_many_entries, 0, COUNT(ENDS));
	return unit_run(suite, tcase);
}
