/* Which listed address an unknown one resembles. */
#include "verdicts/likeness.h"

#include "base/text.h"

#include "unit_main.h"

#include <string.h>

struct distance_case {
	const char *name, *a, *b;
	unsigned limit, distance;
};

static const struct distance_case distances[] = {
	{ "the same", "ann", "ann", 2, 0 },
	{ "put in", "ann", "anna", 2, 1 },
	{ "left out", "smith", "smth", 2, 1 },
	{ "changed", "smith", "smyth", 2, 1 },
	{ "swapped", "smith", "smiht", 2, 1 },
	{ "swapped at the start", "nan", "ann", 2, 1 },
	{ "swapped and put in", "smith", "msiths", 2, 2 },
	{ "two apart", "miller", "mueller", 2, 2 },
	{ "a letter of two bytes is one", "m\xc3\xbcller", "muller", 2, 1 },
	{ "over the limit", "ann", "bob", 2, 3 },
	{ "far over the limit", "ann", "christopher", 2, 3 },
	{ "nothing and one", "", "a", 2, 1 },
	{ "nothing and nothing", "", "", 2, 0 },
};

START_TEST(distance_is_told)
{
	const struct distance_case *c = &distances[_i];

	ck_assert_msg(likeness_distance(slice_of(c->a), slice_of(c->b),
			      c->limit) == c->distance,
		"%s", c->name);
	ck_assert_msg(likeness_distance(slice_of(c->b), slice_of(c->a),
			      c->limit) == c->distance,
		"%s, the other way", c->name);
}
END_TEST

struct find_case {
	const char *name, *question, *primary;
	const char *listed; /* blanks between */
	const char *found; /* "address kind distance;..." */
};

#define HERE "@company.example"

static const struct find_case finds[] = {
	{ "swapped letters", "ann.smiht" HERE, NULL,
		"ann.smith" HERE " bob.jones" HERE,
		"ann.smith" HERE " typo 1;" },
	{ "two letters in a long one", "an.smyth" HERE, NULL, "ann.smith" HERE,
		"ann.smith" HERE " typo 2;" },
	{ "one letter in a short one", "anm" HERE, NULL, "ann" HERE,
		"ann" HERE " typo 1;" },
	{ "two letters in a short one", "axm" HERE, NULL, "ann" HERE, "" },
	{ "one letter is like no other", "a" HERE, NULL, "b" HERE, "" },
	{ "all dots missing", "annbsmith" HERE, NULL, "ann.b.smith" HERE,
		"ann.b.smith" HERE " dots 0;" },
	{ "dots of a short one", "a.b.c" HERE, NULL, "abc" HERE,
		"abc" HERE " dots 0;" },
	{ "dots before letters", "annsmith" HERE, NULL,
		"annsmyth" HERE " ann.smith" HERE,
		"ann.smith" HERE " dots 0;annsmyth" HERE " typo 1;" },
	{ "nothing but dots", "..." HERE, NULL, "--" HERE, "" },
	{ "another domain, the same name", "ann" HERE, NULL,
		"ann@partner.example", "ann@partner.example domain 0;" },
	{ "another domain, another name", "ann" HERE, NULL,
		"anne@partner.example", "" },
	{ "the primary of its domain", "ann.smiht@old.example",
		"company.example", "ann.smith" HERE,
		"ann.smith" HERE " typo 1;" },
	{ "itself", "ann" HERE, NULL, "ann" HERE, "" },
	{ "the best three", "carol" HERE, NULL,
		"carola" HERE " caro" HERE " karol" HERE " carl" HERE
		" carol@partner.example",
		"carl" HERE " typo 1;caro" HERE " typo 1;carola" HERE
		" typo 1;" },
	{ "no local part is listed", "ann" HERE, NULL, HERE " ann", "" },
	{ "nor asked for", HERE, NULL, "a" HERE, "" },
	{ "no address", "", NULL, "a" HERE, "" },
};

static void describe(
	struct text *out, const struct likeness *likeness, size_t question)
{
	static const char *const kinds[] = { "dots", "typo", "domain" };
	const struct likeness_match *list;
	const size_t n = likeness_get(likeness, question, &list);

	text_clear(out);
	for (size_t i = 0; i < n; i++)
		text_addf(out, "%s %s %u;", list[i].address,
			kinds[list[i].kind], list[i].distance);
	text_adds(out, "");
}

START_TEST(the_best_are_found)
{
	const struct find_case *c = &finds[_i];
	struct likeness *likeness = likeness_open();
	const size_t question = likeness_ask(likeness, c->question, c->primary);
	char *copy = strdup(c->listed), *rest = copy;
	struct text found;

	while (rest != NULL)
		likeness_feed(likeness, slice_of(strsep(&rest, " ")));
	text_init(&found);
	describe(&found, likeness, question);
	ck_assert_msg(strcmp(found.data, c->found) == 0, "%s: %s", c->name,
		found.data);
	text_fini(&found);
	free(copy);
	likeness_close(&likeness);
}
END_TEST

START_TEST(questions_do_not_mix)
{
	struct likeness *likeness = likeness_open();
	const size_t first = likeness_ask(likeness, "anm" HERE, NULL);
	const size_t second = likeness_ask(likeness, "bub" HERE, NULL);
	const size_t third = likeness_ask(likeness, "anm" HERE, NULL);
	struct text found;

	text_init(&found);
	likeness_feed(likeness, slice_of("ann" HERE));
	likeness_feed(likeness, slice_of("bob" HERE));
	describe(&found, likeness, first);
	ck_assert_str_eq(found.data, "ann" HERE " typo 1;");
	describe(&found, likeness, second);
	ck_assert_str_eq(found.data, "bob" HERE " typo 1;");
	describe(&found, likeness, third);
	ck_assert_str_eq(found.data, "ann" HERE " typo 1;");
	text_fini(&found);
	likeness_close(&likeness);
	ck_assert_ptr_null(likeness);
}
END_TEST

START_TEST(a_long_local_part_is_compared_with_none)
{
	struct likeness *likeness = likeness_open();
	const struct likeness_match *list;
	char question[300], listed[300];

	memset(question, 'a', 200);
	memcpy(question + 200, HERE, sizeof HERE);
	memcpy(listed, question, sizeof listed);
	listed[0] = 'b';
	likeness_ask(likeness, question, NULL);
	likeness_feed(likeness, slice_of(listed));
	ck_assert_uint_eq(likeness_get(likeness, 0, &list), 0);
	likeness_close(&likeness);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("likeness");

	tcase_add_loop_test(tests, distance_is_told, 0, COUNT(distances));
	tcase_add_loop_test(tests, the_best_are_found, 0, COUNT(finds));
	tcase_add_test(tests, questions_do_not_mix);
	tcase_add_test(tests, a_long_local_part_is_compared_with_none);
	return unit_run(suite_create("likeness"), tests);
}
