/* Who is on the list of which system. */
#include "transport-map-gen/contact_list.h"

#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#define CONFIG \
	"accepted-domain 'd.example' { type = internal-relay }\n" \
	"accepted-domain '#e.example' { type = authoritative }\n" \
	"accepted-domain 'old.example' { secondary-of = 'd.example' }\n" \
	"connector ex { smart-hosts = h address-spaces = '#d.example' }\n" \
	"connector unix { smart-hosts = u address-spaces = { '*' } }\n" \
	"directory ad { path = '/l/ad' connector = ex }\n" \
	"directory staff { path = '/l/staff' connector = unix }\n" \
	"directory any { path = '/l/any' }\n"

#define CHAIN \
	CONFIG "accepted-domain 'older.example' " \
	       "{ secondary-of = 'old.example' }\n" \
	       "accepted-domain 'oldest.example' " \
	       "{ secondary-of = 'older.example' }\n"

#define CONTACT "contact 'c@d.example' { target = 'x@far.example' }"

static const struct {
	const char *name, *config, *entries;
	const char *connector, *domain;
	const char *expect; /* "address " for each */
} cases[] = {
	{ "nobody", CONFIG, "", "ex", NULL, "" },
	{ "of the others, in order", CONFIG,
		"ad ann@d.example\nstaff nora@d.example\nstaff bob@e.example\n"
		"staff al@d.example",
		"ex", NULL, "al@d.example bob@e.example nora@d.example " },
	{ "of the others, for the others", CONFIG,
		"ad ann@d.example\nstaff nora@d.example", "unix", NULL,
		"ann@d.example " },
	{ "a contact of the configuration", CONFIG CONTACT, "", "ex", NULL,
		"c@d.example " },
	{ "the same, listed as well", CONFIG CONTACT, "staff c@d.example", "ex",
		NULL, "c@d.example " },
	{ "known as a contact", CONFIG CONTACT,
		"ad c@d.example > x@far.example\n"
		"ad nora@d.example > nora@d.example\nstaff nora@d.example",
		"ex", NULL, "" },
	{ "known as a mailbox that another one wins", CONFIG,
		"ad nora@d.example\nstaff nora@d.example", "ex", NULL, "" },
	{ "a contact of another directory", CONFIG,
		"staff far@d.example > x@far.example", "ex", NULL,
		"far@d.example " },
	{ "a contact that leads to nobody", CONFIG,
		"staff far@d.example > no@d.example", "ex", NULL, "" },
	{ "outside all accepted domains", CONFIG, "staff far@far.example", "ex",
		NULL, "" },
	{ "of a directory without connector", CONFIG,
		"any ann@d.example\nany al@e.example", "ex", NULL,
		"al@e.example " },
	{ "the same for the other system", CONFIG,
		"any ann@d.example\nany al@e.example", "unix", NULL,
		"ann@d.example " },
	{ "one domain", CONFIG,
		"staff al@d.example\nstaff ben@x.d.example\n"
		"staff bob@e.example",
		"ex", "#d.example", "al@d.example " },
	{ "with what is below it", CONFIG,
		"staff al@d.example\nstaff ben@x.d.example\n"
		"staff bob@e.example",
		"ex", "d.example", "al@d.example ben@x.d.example " },
	{ "no secondary names", CONFIG, "staff al@d.example", "ex", NULL,
		"al@d.example " },
	{ "secondary names, asked for", CONFIG CONTACT,
		"staff al@d.example\nstaff ben@x.d.example\nad ann@d.example\n"
		"staff bob@e.example",
		"ex", "old.example",
		"al@old.example ann@old.example ben@x.old.example "
		"c@old.example " },
	{ "a secondary name that a directory lists", CONFIG,
		"staff al@d.example\nstaff al@old.example", "ex", NULL,
		"al@d.example al@old.example " },
	{ "names of names", CHAIN, "staff al@d.example\nstaff ben@x.d.example",
		"ex", "oldest.example",
		"al@oldest.example ben@x.oldest.example " },
	{ "the first of them alone", CHAIN,
		"staff al@d.example\nstaff ben@x.d.example", "ex",
		"#old.example", "al@old.example " },
	{ "names of a name that is listed itself", CHAIN,
		"staff al@d.example\nstaff al@old.example", "ex",
		"oldest.example", "al@oldest.example " },
	{ "a secondary below its own primary",
		CONFIG "accepted-domain 'y.d.example' "
		       "{ secondary-of = 'd.example' }\n",
		"staff al@d.example\nstaff ben@x.d.example", "ex",
		"y.d.example", "al@y.d.example ben@x.y.d.example " },
};

START_TEST(lists)
{
	struct model_case c;
	struct contact_list list;
	struct text said;

	model_case_sound(&c, cases[_i].config, cases[_i].entries);
	struct domain_pattern *domain = arena_alloc(c.arena, sizeof *domain);

	if (cases[_i].domain != NULL)
		ck_assert(domain_pattern_parse(
			domain, cases[_i].domain, c.arena, NULL));
	const struct contact_question question = { .ns = c.ns,
		.recipients = c.recipients,
		.model = c.model,
		.now = MODEL_NOW,
		.connector = namespace_connector(c.ns, cases[_i].connector),
		.domains = domain,
		.n_domains = cases[_i].domain == NULL ? 0 : 1 };

	contact_list_make(&list, &question, c.arena);
	text_init(&said);
	text_adds(&said, "");
	for (size_t i = 0; i < list.count; i++)
		text_addf(&said, "%s ", list.addresses[i]);
	ck_assert_msg(strcmp(said.data, cases[_i].expect) == 0,
		"%s: %s\nbut expected %s", cases[_i].name, said.data,
		cases[_i].expect);
	text_fini(&said);
	model_case_close(&c);
}
END_TEST

START_TEST(grows)
{
	struct model_case c;
	struct contact_list list;
	struct text entries;

	text_init(&entries);
	for (int i = 0; i < 3000; i++)
		text_addf(&entries, "staff u%04d@d.example\n", 2999 - i);
	entries.data[entries.len - 1] = '\0';
	model_case_sound(&c, CONFIG, entries.data);
	const struct contact_question question = { .ns = c.ns,
		.recipients = c.recipients,
		.model = c.model,
		.now = MODEL_NOW,
		.connector = namespace_connector(c.ns, "ex") };

	contact_list_make(&list, &question, c.arena);
	ck_assert_uint_eq(list.count, 3000);
	ck_assert_str_eq(list.addresses[0], "u0000@d.example");
	ck_assert_str_eq(list.addresses[2999], "u2999@d.example");
	text_fini(&entries);
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("contact_list");

	tcase_add_loop_test(tcase, lists, 0, COUNT(cases));
	tcase_add_test(tcase, grows);
	return unit_run(suite_create("contact_list"), tcase);
}
