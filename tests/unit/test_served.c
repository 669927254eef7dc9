/* From the text of a copy to recipients, or nothing at all. */
#include "directory/served.h"

#include "base/memory.h"
#include "namespace/recipients.h"

#include "listing_case.h"
#include "unit_main.h"

static const struct directory ad = { .name = "ad" };

#define HEAD "postshare-directory 1\n"

static const struct text_case {
	const char *name, *text;
	const char *shown; /* NULL: not whole */
} TEXTS[] = {
	{ "nobody", HEAD "count 0\n", "" },
	{ "mailbox", HEAD "ann@d.example\t1\ncount 1\n",
		"1 ann@d.example d.example\n" },
	{ "contact", HEAD "c@d.example\trow 3\tx@e.example\ncount 1\n",
		"row 3 c@d.example d.example -> x@e.example\n" },
	{ "quoted", HEAD "\"a@b\"@d.example\t\nz@d\t2\ncount 2\n",
		" \"a@b\"@d.example d.example\n2 z@d d\n" },
	{ "classes", HEAD "a@d\t1\nclass 7 user\nclass 1 two words\ncount 1\n",
		"1 a@d d\n7 user\n1 two words\n" },
	{ "empty", "", NULL },
	{ "no end", HEAD "a@d\t1\n", NULL },
	{ "end within a line", HEAD "a@d\t1\ncount 1", NULL },
	{ "too few", HEAD "a@d\t1\ncount 2\n", NULL },
	{ "too many", HEAD "a@d\t1\nb@d\t2\ncount 1\n", NULL },
	{ "more than a text can have", HEAD "count 99999999999\n", NULL },
	{ "more than a number", HEAD "count 99999999999999999999\n", NULL },
	{ "count with a zero in front", HEAD "a@d\t1\ncount 01\n", NULL },
	{ "count without digits", HEAD "count \n", NULL },
	{ "count of letters", HEAD "count x\n", NULL },
	{ "long count", HEAD "count 00000000000000000000000000000000\n", NULL },
	{ "two counts", HEAD "count 0\ncount 0\n", NULL },
	{ "class behind the count", HEAD "count 0\nclass 1 x\n", NULL },
	{ "class that could be an entry", HEAD "class 1 x@d\t1\ncount 0\n",
		NULL },
	{ "class without a name", HEAD "class 1 \ncount 0\n", NULL },
	{ "class with too large a number",
		HEAD "class 99999999999999999999 x\ncount 0\n", NULL },
	{ "other head", "postshare-directory 2\ncount 0\n", NULL },
	{ "empty target", HEAD "a@d\t1\t\ncount 1\n", NULL },
	{ "target that is no key", HEAD "a@d\t1\tx\ncount 1\n", NULL },
};

static const char *show(const struct recipients *recipients,
	const struct class_counts *classes, struct arena *arena)
{
	struct text text;

	text_init(&text);
	for (size_t i = 0; i < recipients_count(recipients); i++) {
		const struct recipient *r = recipients_get(recipients, i);

		ck_assert_ptr_eq(r->directory, &ad);
		text_addf(&text, "%s %s %s%s%s\n", r->origin, r->key, r->domain,
			r->target == NULL ? "" : " -> ",
			r->target == NULL ? "" : r->target);
	}
	for (size_t i = 0; i < classes->n_classes; i++)
		text_addf(&text, "%zu %s\n", classes->list[i].count,
			classes->list[i].class);
	const char *shown = arena_strdup(arena, text_of(&text));

	text_fini(&text);
	return shown;
}

START_TEST(whole_text_is_served_and_no_other)
{
	const struct text_case *c = &TEXTS[_i / 2];
	const bool is_prepared = _i % 2 == 1;
	struct recipients *recipients = recipients_open();
	struct arena *arena = arena_open();
	const size_t len = strlen(c->text);
	struct class_counts classes;
	struct served served = { .list = NULL };
	char *text = memory_map(len);

	class_counts_init(&classes, arena);
	memcpy(text, c->text, len);
	if (is_prepared)
		served_prepare(&served, (struct slice){ text, len }, len);
	const bool is_whole = served_parse(&served, text, len, &ad, &classes);

	ck_assert_msg(is_whole == (c->shown != NULL), "%s", c->name);
	if (is_whole)
		served_add(&served, recipients);
	ck_assert_ptr_null(served.list);
	ck_assert_str_eq(
		show(recipients, &classes, arena), is_whole ? c->shown : "");
	recipients_close(&recipients);
	arena_close(&arena);
}
END_TEST

/* What was prepared for another text is not in the way. */
START_TEST(another_text_has_room)
{
	static const char ONE[] = HEAD "a@d\t1\ncount 1\n";
	static const char TWO[] = HEAD "a@d\t1\nb@d\t2\ncount 2\n";
	struct arena *arena = arena_open();
	struct class_counts classes;
	struct served served = { .list = NULL };
	char *text = memory_map(sizeof TWO - 1);

	class_counts_init(&classes, arena);
	memcpy(text, TWO, sizeof TWO - 1);
	served_prepare(&served, slice_of(ONE), sizeof ONE - 1);
	ck_assert_ptr_nonnull(served.list);
	ck_assert(served_parse(&served, text, sizeof TWO - 1, &ad, &classes));
	ck_assert_uint_eq(served.count, 2);
	ck_assert_str_eq(served.list[1].key, "b@d");
	served_close(&served);
	arena_close(&arena);
}
END_TEST

START_TEST(what_is_not_handed_over_is_given_back)
{
	static const char TEXT[] = HEAD "a@d\t1\ncount 1\n";
	struct arena *arena = arena_open();
	struct class_counts classes;
	struct served served = { .list = NULL };
	char *text = memory_map(sizeof TEXT - 1);

	class_counts_init(&classes, arena);
	memcpy(text, TEXT, sizeof TEXT - 1);
	ck_assert(served_parse(&served, text, sizeof TEXT - 1, &ad, &classes));
	ck_assert_uint_eq(served.count, 1);
	served_close(&served);
	ck_assert_ptr_null(served.list);
	ck_assert_ptr_null(served.text);
	served_close(&served);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("served");
	TCase *tcase = tcase_create("served");

	tcase_add_loop_test(
		tcase, whole_text_is_served_and_no_other, 0, 2 * COUNT(TEXTS));
	tcase_add_test(tcase, another_text_has_room);
	tcase_add_test(tcase, what_is_not_handed_over_is_given_back);
	return unit_run(suite, tcase);
}
