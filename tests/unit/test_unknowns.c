/* The way of a recipient whom no system has. */
#include "namespace/unknowns.h"

#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#define OFF "accepted-domain '#d.example' { type = internal-relay }\n"
#define SYSTEM(name, spaces, unknowns) \
	"connector " name " { smart-hosts = '" name ".example' " \
	"address-spaces = '" spaces "' unknowns = " unknowns " }\n"

static const struct {
	const char *name, *config;
	const char *way; /* NULL: none leaves */
	enum unknowns_end end;
} cases[] = {
	{ "refused by the first", OFF SYSTEM("a", "*", "reject"),
		"this Postfix -> a", UNKNOWNS_REFUSED },
	{ "refused by the second",
		OFF SYSTEM("a", "*", "b") SYSTEM("b", "x.example", "reject"),
		"this Postfix -> a -> b", UNKNOWNS_REFUSED },
	{ "handed back", OFF SYSTEM("a", "*", "return"),
		"this Postfix -> a -> this Postfix", UNKNOWNS_RETURNED },
	{ "past us",
		OFF SYSTEM("a", "*", "b") SYSTEM("b", "x.example", "c")
			SYSTEM("c", "y.example", "b"),
		"this Postfix -> a -> b -> c -> b", UNKNOWNS_CIRCLE },
	{ "refused by us",
		"accepted-domain '#d.example' { }\n" SYSTEM("a", "*", "return"),
		NULL, UNKNOWNS_REFUSED },
	{ "no way", OFF SYSTEM("a", "x.example", "return"), NULL,
		UNKNOWNS_REFUSED },
};

START_TEST(ends)
{
	struct unknowns_way way;
	struct model_case c;

	model_case_sound(&c, cases[_i].config, "");
	const struct unknowns_ways *ways =
		unknowns_open(model_view(c.model), c.arena);
	const bool is_found =
		unknowns_find(&way, ways, &c.ns->domains[0], "d.example");

	ck_assert_msg(
		is_found == (cases[_i].way != NULL), "%s", cases[_i].name);
	if (is_found) {
		ck_assert_str_eq(
			unknowns_format(ways, &way, c.arena), cases[_i].way);
		ck_assert_int_eq(way.end, cases[_i].end);
	}
	model_case_close(&c);
}
END_TEST

/* So many systems, each of which hands its unknowns to the next. */
static const struct {
	const char *name;
	unsigned count;
	const char *last; /* what the last one does with them */
	const char *end; /* of the text */
	bool has_last;
} rows[] = {
	{ "sixteen", 16, "reject", " -> c15", true },
	{ "seventeen", 17, "reject", " -> c15 -> ...", true },
	{ "seventeen that return", 17, "return",
		" -> c15 -> ... -> this Postfix", true },
	{ "a ring of fifteen", 15, "c0", " -> c14 -> c0", false },
	{ "a ring of sixteen", 16, "c0", " -> c15 -> ...", false },
	{ "a ring of thousands", 5000, "c1", " -> c15 -> ...", false },
};

START_TEST(long_ways_are_cut)
{
	struct model_case c;
	struct unknowns_way way;
	struct text text;

	text_init(&text);
	text_adds(&text, OFF);
	for (unsigned i = 0; i < rows[_i].count; i++) {
		text_addf(&text,
			"connector c%u { smart-hosts = h%u address-spaces = "
			"'%s' unknowns = ",
			i, i, i == 0 ? "*" : "x.example");
		if (i + 1 < rows[_i].count)
			text_addf(&text, "c%u }\n", i + 1);
		else
			text_addf(&text, "%s }\n", rows[_i].last);
	}
	model_case_sound(&c, text.data, "");
	const struct unknowns_ways *ways =
		unknowns_open(model_view(c.model), c.arena);

	ck_assert(unknowns_find(&way, ways, &c.ns->domains[0], "d.example"));
	ck_assert_msg(
		(way.last != NULL) == rows[_i].has_last, "%s", rows[_i].name);
	const char *shown = unknowns_format(ways, &way, c.arena);
	const size_t len = strlen(rows[_i].end);

	ck_assert_msg(strlen(shown) > len &&
			strcmp(shown + strlen(shown) - len, rows[_i].end) == 0,
		"%s: %s", rows[_i].name, shown);
	model_case_close(&c);
	text_fini(&text);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("unknowns");

	tcase_add_loop_test(tcase, ends, 0, COUNT(cases));
	tcase_add_loop_test(tcase, long_ways_are_cut, 0, COUNT(rows));
	return unit_run(suite_create("unknowns"), tcase);
}
