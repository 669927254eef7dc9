/* All names under which mail is accepted, and what holds for each. */
#include "snapshot/names.h"

#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#define EX "connector ex { smart-hosts = h address-spaces = '*' }\n"

static const struct {
	const char *name, *config, *entries;
	const char *expect; /* see describe(), in order */
} cases[] = {
	{ "the three scopes",
		EX "accepted-domain 'a.example' { }\n"
		   "accepted-domain '#b.example' { type = internal-relay }\n"
		   "accepted-domain '*.c.example' { enabled = no }\n"
		   "accepted-domain '*.d.example' { }\n",
		"",
		"a.example reject smtp:[h]\n"
		".a.example reject smtp:[h]\n"
		"b.example relay smtp:[h]\n"
		".d.example reject smtp:[h]\n" },
	{ "names with entries",
		EX "accepted-domain 'a.example' { catch-all = 'x@far.example' "
		   "}\ndirectory ad { path = p }\n",
		"ad bob@b.a.example\nad bob@o.example",
		"a.example accept x@far.example smtp:[h]\n"
		".a.example reject smtp:[h]\n"
		"b.a.example entry accept x@far.example smtp:[h]\n" },
	{ "in a secondary domain too",
		EX "accepted-domain 'a.example' { }\n"
		   "accepted-domain 'o.example' { secondary-of = 'a.example' "
		   "}\ndirectory ad { path = p }\n",
		"ad bob@b.a.example",
		"a.example reject smtp:[h] > o.example\n"
		".a.example reject smtp:[h]\n"
		"o.example reject smtp:[h]\n"
		".o.example reject smtp:[h]\n"
		"b.a.example entry reject smtp:[h] > b.o.example\n"
		"b.o.example entry reject smtp:[h]\n" },
	{ "in a secondary domain of that one, too, whichever comes first",
		EX "accepted-domain 'a.example' { }\n"
		   "accepted-domain '*.p.example' { secondary-of = 'o.example' "
		   "}\naccepted-domain 'o.example' { secondary-of = "
		   "'a.example' }\ndirectory ad { path = p }\n",
		"ad bob@b.a.example\nad bob@c.a.example\nad bob@c.o.example",
		"a.example reject smtp:[h] > o.example\n"
		".a.example reject smtp:[h]\n"
		".p.example reject smtp:[h]\n"
		"o.example reject smtp:[h]\n"
		".o.example reject smtp:[h]\n"
		"b.a.example entry reject smtp:[h] > b.o.example\n"
		"c.a.example entry reject smtp:[h] > c.o.example\n"
		"c.o.example entry reject smtp:[h] > c.p.example\n"
		"b.o.example entry reject smtp:[h] > b.p.example\n"
		"c.p.example entry reject smtp:[h]\n"
		"b.p.example entry reject smtp:[h]\n" },
	{ "not where it is below its own primary",
		EX "accepted-domain 'a.example' { }\n"
		   "accepted-domain '*.o.a.example' { secondary-of = "
		   "'a.example' }\ndirectory ad { path = p }\n",
		"ad bob@b.a.example",
		"a.example reject smtp:[h]\n"
		".a.example reject smtp:[h]\n"
		".o.a.example reject smtp:[h]\n"
		"b.a.example entry reject smtp:[h] > b.o.a.example\n"
		"b.o.a.example entry reject smtp:[h]\n" },
	{ "three entries of one name, linked once",
		EX "accepted-domain '#a.example' { }\n"
		   "accepted-domain 'o.example' { secondary-of = 'a.example' "
		   "}\n"
		   "accepted-domain '#o.example' { secondary-of = 'a.example' "
		   "}\naccepted-domain '*.o.example' { }\n",
		"",
		"a.example reject smtp:[h] > o.example\n"
		"o.example reject smtp:[h]\n"
		".o.example reject smtp:[h]\n" },
	{ "what a stale directory may list",
		EX "accepted-domain 'a.example' { }\n"
		   "directory ad { path = p domains = { '#b.a.example', "
		   "'o.example' } }\n",
		"ad never",
		"a.example reject smtp:[h]\n"
		".a.example reject smtp:[h]\n"
		"b.a.example entry defer DEFER smtp:[h]\n" },
	{ "and its name in a secondary domain",
		EX
		"accepted-domain 'a.example' { }\n"
		"accepted-domain '*.o.example' { secondary-of = 'a.example' "
		"}\ndirectory ad { path = p domains = { '#b.a.example' } }\n",
		"ad never",
		"a.example reject smtp:[h]\n"
		".a.example reject smtp:[h]\n"
		".o.example reject smtp:[h]\n"
		"b.a.example entry defer DEFER smtp:[h] > b.o.example\n"
		"b.o.example entry defer DEFER smtp:[h]\n" },
	{ "one key for a name and those below it",
		EX "accepted-domain '#a.example' { recipient-filter = verify "
		   "}\naccepted-domain '*.a.example' { }\n",
		"",
		"a.example relay VERIFY smtp:[h]\n"
		".a.example reject VERIFY smtp:[h]\n" },
	{ "nobody is refused without knowledge",
		EX "accepted-domain '#a.example' { recipient-filter = verify "
		   "}\naccepted-domain '*.a.example' { }\n"
		   "directory ad { path = p }\n",
		"ad never",
		"a.example relay DEFER smtp:[h]\n"
		".a.example defer DEFER smtp:[h]\n" },
	{ "trusted ones are shut by the route",
		EX "accepted-domain '#a.example' { accept-from = trusted }\n"
		   "accepted-domain 'b.example' { accept-from = trusted\n"
		   "type = internal-relay }\n"
		   "accepted-domain 'o.example' { secondary-of = 'b.example' "
		   "}\n",
		"",
		"a.example reject error:5.1.1 User unknown\n"
		"b.example relay smtp:[h] > o.example\n"
		".b.example relay smtp:[h]\n"
		"o.example relay @b.example error:5.1.1 User unknown\n"
		".o.example reject error:5.1.1 User unknown\n" },
	{ "and those without a way", "accepted-domain '#a.example' { }\n", "",
		"a.example reject error:5.1.1 User unknown\n" },
};

/* "NAME [entry] VERDICT [TARGET] [ACCESS] TRANSPORT [> SECONDARY...]" */
static void describe(struct text *out, const struct name *name)
{
	static const char *const access[] = { [ACCESS_NONE] = "",
		[ACCESS_VERIFY] = "VERIFY ",
		[ACCESS_DEFER] = "DEFER " };

	text_addf(out, "%s %s%s %s%s%s%s", name->ascii,
		name->is_entry ? "entry " : "",
		verdict_format(name->wildcard.verdict),
		name->wildcard.target == NULL ? "" : name->wildcard.target,
		name->wildcard.target == NULL ? "" : " ", access[name->access],
		name->transport);
	for (size_t i = 0; i < name->n_secondaries; i++)
		text_addf(out, "%s %s", i == 0 ? " >" : "",
			name->secondaries[i]->ascii);
	text_adds(out, "\n");
}

START_TEST(names_are)
{
	struct model_case c;
	struct text said;

	model_case_sound(&c, cases[_i].config, cases[_i].entries);
	struct names *names = names_open(c.ns, c.model);

	names_answer(names, MODEL_NOW);
	text_init(&said);
	for (size_t i = 0; i < names_count(names); i++) {
		const struct name *name = names_get(names, i);

		describe(&said, name);
		ck_assert_ptr_eq(names_find(names, name->ascii), name);
	}
	ck_assert_msg(strcmp(said.data, cases[_i].expect) == 0,
		"%s:\n%sbut expected:\n%s", cases[_i].name, said.data,
		cases[_i].expect);
	text_fini(&said);
	names_close(&names);
	names_close(&names);
	model_case_close(&c);
}
END_TEST

START_TEST(names_have_both_label_forms)
{
	struct model_case c;

	model_case_sound(&c,
		EX "accepted-domain 'b\xc3\xbc"
		   "cher.example' { }\n",
		"");
	struct names *names = names_open(c.ns, c.model);
	const struct name *below = names_find(names, ".xn--bcher-kva.example");

	ck_assert_str_eq(below->unicode,
		".b\xc3\xbc"
		"cher.example");
	ck_assert(below->is_below);
	ck_assert_ptr_null(names_find(names, below->unicode));
	names_close(&names);
	model_case_close(&c);
}
END_TEST

START_TEST(a_route_leads_to_every_key)
{
	struct model_case c;

	model_case_sound(&c,
		"accepted-domain '#a.example' { }\n"
		"connector ex { smart-hosts = h address-spaces = { "
		"'far.example', '*' } }\n"
		"connector b { smart-hosts = i address-spaces = "
		"'far.example;2' backup = yes }",
		"");
	const struct view *view = model_view(c.model);

	ck_assert_str_eq(transport_value(view, "*", c.arena), "smtp:[h]");
	ck_assert_str_eq(transport_value(view, ".far.example", c.arena),
		"smtp:[h], [i]");
	model_case_close(&c);
	model_case_sound(&c, "accepted-domain '#a.example' { }\n", "");
	view = model_view(c.model);
	ck_assert_ptr_null(transport_value(view, "*", c.arena));
	ck_assert_ptr_null(transport_value(view, "far.example", c.arena));
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("names");

	tcase_add_loop_test(tcase, names_are, 0, COUNT(cases));
	tcase_add_test(tcase, names_have_both_label_forms);
	tcase_add_test(tcase, a_route_leads_to_every_key);
	return unit_run(suite_create("names"), tcase);
}
