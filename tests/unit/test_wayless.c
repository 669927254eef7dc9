/* Who is accepted and taken by nobody: what is sound here can be written. */
#include "snapshot/wayless.h"

#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#define A "accepted-domain 'a.example' { }\n"
#define OLD "accepted-domain 'old.example' { secondary-of = 'a.example' }\n"
#define CONNECTOR "connector c { smart-hosts = h }\n"
#define PM "postmaster = 'pm@far.example'\n"
#define CONTACT "contact 'c@x.a.example' { target = 'x@far.example' }\n"

static const struct {
	const char *name, *config, *entries;
	const char *expect; /* "LINE: sentence\n" of each error */
} cases[] = {
	{ "a way for all",
		A OLD CONTACT
		"connector c { smart-hosts = h address-spaces = '*' }\n"
		"directory d { path = p }\n",
		"d ann@a.example\nd bob@y.old.example", "" },
	{ "a directory's connector",
		A OLD CONTACT CONNECTOR "directory d { path = p connector = c "
					"}\n",
		"d ann@a.example\nd bob@y.old.example", "" },
	{ "contacts below alone, and no postmaster",
		"accepted-domain '*.a.example' { }\n" CONTACT, "",
		"1: nobody takes the mail of postmaster@x.a.example, which no "
		"domain may refuse: set postmaster, or put the address space "
		"\"*.a.example\" on a connector\n" },
	{ "with a postmaster", "accepted-domain '*.a.example' { }\n" CONTACT PM,
		"", "" },
	{ "with an address space",
		"accepted-domain '*.a.example' { }\n" CONTACT
		"connector c { smart-hosts = h address-spaces = "
		"'*.a.example' }\n",
		"", "" },
	{ "the first of a domain",
		"accepted-domain '*.a.example' { }\n" CONTACT
		"contact 'c@y.a.example' { target = 'x@far.example' }\n",
		"",
		"1: nobody takes the mail of postmaster@x.a.example, which no "
		"domain may refuse: set postmaster, or put the address space "
		"\"*.a.example\" on a connector\n" },
	{ "a directory that may list nobody there",
		"accepted-domain '*.a.example' { }\n" CONTACT CONNECTOR
		"directory d { path = p connector = c domains = 'y.a.example' "
		"}\n",
		"d ann@y.a.example",
		"1: nobody takes the mail of postmaster@x.a.example, which no "
		"domain may refuse: set postmaster, or put the address space "
		"\"*.a.example\" on a connector\n" },
	{ "below a secondary domain", A OLD CONTACT PM, "",
		"2: nobody takes the mail of postmaster@x.old.example, which "
		"no domain may refuse: put the address space \"old.example\" "
		"on a connector\n" },
	{ "which has a way",
		A OLD CONTACT PM "connector c { smart-hosts = h address-spaces "
				 "= 'old.example' }\n",
		"", "" },
	{ "whose primary has a way",
		A OLD CONTACT PM "connector c { smart-hosts = h address-spaces "
				 "= 'a.example' }\n",
		"", "" },
	{ "where its primary's name alone has a way",
		A OLD CONTACT PM "connector c { smart-hosts = h address-spaces "
				 "= '#x.a.example' }\n",
		"",
		"2: nobody takes the mail of postmaster@x.old.example, which "
		"no domain may refuse: put the address space \"old.example\" "
		"on a connector\n" },
	{ "a postmaster whom a directory lists",
		"accepted-domain '#a.example' { }\n"
		"accepted-domain '#b.example' { }\n" CONNECTOR
		"directory d { path = p connector = c domains = '#b.example' "
		"}\npostmaster = 'pm@b.example'\n",
		"d pm@b.example", "" },
	{ "whom it may list",
		"accepted-domain '#a.example' { }\n"
		"accepted-domain '#b.example' { }\n" CONNECTOR
		"directory d { path = p connector = c domains = '#b.example' "
		"}\npostmaster = 'pm@b.example'\n",
		"d never",
		"1: nobody takes the mail of postmaster@a.example, which no "
		"domain may refuse: put the address space \"#a.example\" on a "
		"connector\n" },
	{ "mailboxes below",
		A PM "directory d { path = p domains = { 'y.a.example', "
		     "'z.a.example' } }\n",
		"d ann@y.a.example\nd bob@y.a.example\nd ann@z.a.example",
		"3: directory \"d\" lists ann@y.a.example, and no connector "
		"takes its mail: give one to the directory, or put the address "
		"space \"#y.a.example\" on one\n"
		"3: directory \"d\" lists ann@z.a.example, and no connector "
		"takes its mail: give one to the directory, or put the address "
		"space \"#z.a.example\" on one\n" },
	{ "of two directories",
		A PM CONNECTOR
		"directory d { path = p domains = 'y.a.example' }\n"
		"directory e { path = q domains = 'y.a.example' connector = c "
		"}\n",
		"d bob@y.a.example\ne ann@y.a.example\ne bob@y.a.example",
		"4: directory \"d\" lists bob@y.a.example, and no connector "
		"takes its mail: give one to the directory, or put the address "
		"space \"#y.a.example\" on one\n" },
	{ "that another one has first",
		A PM CONNECTOR
		"directory e { path = q domains = 'y.a.example' connector = c "
		"}\ndirectory d { path = p domains = 'y.a.example' }\n",
		"e bob@y.a.example\nd bob@y.a.example", "" },
	{ "that is a contact",
		A PM
		"directory d { path = p domains = 'x.a.example' }\n" CONTACT,
		"d c@x.a.example", "" },
};

static const char *errors_text(const struct model_case *c)
{
	struct text out;

	text_init(&out);
	text_adds(&out, "");
	for (size_t i = 0; i < faults_count(c->faults); i++)
		if (faults_get(c->faults, i)->kind == FAULT_ERROR)
			text_addf(&out, "%u: %s\n",
				faults_get(c->faults, i)->place.line,
				faults_get(c->faults, i)->text);
	const char *text = arena_strdup(c->arena, out.data);

	text_fini(&out);
	return text;
}

static bool can_be_written(struct model_case *c)
{
	const struct maps_input input = { c->ns, c->recipients, c->model,
		MODEL_NOW };
	const char *folder = arena_printf(c->arena, "%s/maps", c->folder);
	struct err err = { 0 };

	ck_assert_int_eq(mkdir(folder, 0700), 0);
	return maps_write(&input, folder, &err);
}

START_TEST(proves)
{
	struct model_case c;

	model_case_sound(&c, cases[_i].config, cases[_i].entries);
	const bool is_sound = model_case_is_proven(&c);

	ck_assert_msg(strcmp(errors_text(&c), cases[_i].expect) == 0,
		"%s: %s\nbut expected %s", cases[_i].name, errors_text(&c),
		cases[_i].expect);
	ck_assert_msg(can_be_written(&c) == is_sound,
		"%s: the maps say something else", cases[_i].name);
	model_case_close(&c);
}
END_TEST

/* Not more than anybody reads. */
START_TEST(counts_mailboxes)
{
	struct model_case c;
	struct text config, entries;
	const char *between = "";

	text_init(&config);
	text_init(&entries);
	text_adds(&config, A PM "directory d { path = p domains = {");
	for (int i = 0; i < 150; i++) {
		text_addf(&config, "%s 'y%d.a.example'", between, i);
		text_addf(
			&entries, "%sd u@y%d.a.example", i == 0 ? "" : "\n", i);
		between = ",";
	}
	text_adds(&config, " } }\n");
	model_case_sound(&c, config.data, entries.data);
	ck_assert(!model_case_is_proven(&c));
	ck_assert_uint_eq(faults_errors(c.faults), 100);
	model_case_close(&c);
	text_fini(&config);
	text_fini(&entries);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("wayless");

	tcase_add_loop_test(tcase, proves, 0, COUNT(cases));
	tcase_add_test(tcase, counts_mailboxes);
	return unit_run(suite_create("wayless"), tcase);
}
