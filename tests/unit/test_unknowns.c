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
	const bool is_found = unknowns_find(&way, model_view(c.model),
		&c.ns->domains[0], "d.example", c.arena);

	ck_assert_msg(
		is_found == (cases[_i].way != NULL), "%s", cases[_i].name);
	if (is_found) {
		ck_assert_str_eq(unknowns_format(&way, c.arena), cases[_i].way);
		ck_assert_int_eq(way.end, cases[_i].end);
	}
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("unknowns");

	tcase_add_loop_test(tcase, ends, 0, COUNT(cases));
	return unit_run(suite_create("unknowns"), tcase);
}
