/* What must hold of the recipients; what is left out, counted and shown. */
#include "namespace/prove.h"

#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#define CONFIG \
	"accepted-domain '#d.example' { }\n" \
	"connector ex { smart-hosts = h address-spaces = '*' }\n" \
	"directory ad { path = '/l/ad' domains = { 'd.example', 'e.example' " \
	"} }\n" \
	"directory staff { path = '/l/staff' }\n"
#define RING_SENTENCE \
	"which leads back here, or through more than 16 addresses: a ring of " \
	"contacts, or so long a row, delivers to nobody\n"
#define CONTACT(name, target) \
	"contact '" name "@d.example' { target = '" target "@d.example' }\n"
#define FOUR_CONTACTS(a, b, c, d, e) \
	CONTACT(b, a) CONTACT(c, b) CONTACT(d, c) CONTACT(e, d)
#define EIGHT_CONTACTS(a, b, c, d, e, f, g, h, i) \
	FOUR_CONTACTS(a, b, c, d, e) FOUR_CONTACTS(e, f, g, h, i)
#define SIXTEEN_CONTACTS \
	EIGHT_CONTACTS("c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8") \
	EIGHT_CONTACTS("c8", "c9", "ca", "cb", "cc", "cd", "ce", "cf", "c16")

static const struct {
	const char *name, *config, *entries, *expect;
} cases[] = {
	{ "sound", CONFIG "contact 'c@d.example' { target = 'x@far.example' }",
		"ad bob@d.example\nstaff ann@d.example > ann@far.example", "" },
	{ "contact outside",
		CONFIG "contact 'c@o.example' { target = "
		       "'x@far.example' }",
		"",
		"namespace.conf:5: error: contact c@o.example is in no "
		"accepted domain: mail for it does not come here\n" },
	{ "contact of nobody",
		CONFIG "contact 'c@d.example' { target = 'no@d.example' }", "",
		"namespace.conf:5: error: contact c@d.example leads to "
		"no@d.example, which is in an accepted domain and nobody lists "
		"it: list it, or name another target\n" },
	{ "contact that can not be judged",
		CONFIG "contact 'c@d.example' { target = 'no@d.example' }",
		"ad never", "" },
	{ "a ring of contacts",
		CONFIG "contact 'a@d.example' { target = 'b@d.example' }\n"
		       "contact 'b@d.example' { target = 'a@d.example' }",
		"",
		"namespace.conf:5: error: contact a@d.example leads to "
		"b@d.example, " RING_SENTENCE
		"namespace.conf:6: error: contact b@d.example leads to "
		"a@d.example, " RING_SENTENCE },
	{ "a row of sixteen contacts", CONFIG SIXTEEN_CONTACTS,
		"staff c0@d.example", "" },
	{ "a row of more of them",
		CONFIG SIXTEEN_CONTACTS CONTACT("c17", "c16"),
		"staff c0@d.example",
		"namespace.conf:21: error: contact c17@d.example leads to "
		"c16@d.example, " RING_SENTENCE },
	{ "contact to itself",
		CONFIG "contact 'a@d.example' { target = 'a@d.example' }", "",
		"namespace.conf:5: error: contact a@d.example stands for "
		"itself: list it in a directory of the system that has the "
		"mailbox instead\n" },
	{ "contact over a mailbox",
		CONFIG "contact 'c@d.example' { target = 'x@far.example' }",
		"staff c@d.example",
		"namespace.conf:5: advice: contact c@d.example takes the mail "
		"of a mailbox that directory \"staff\" lists\n" },
	{ "catch-all of nobody",
		CONFIG "accepted-domain '#e.example' { catch-all = "
		       "'no@d.example' }",
		"",
		"namespace.conf:5: error: the catch-all leads to no@d.example, "
		"which is in an accepted domain and nobody lists it: list it, "
		"or name another target\n" },
	{ "postmaster of nobody", CONFIG "postmaster = 'no@d.example'", "",
		"namespace.conf:5: error: postmaster leads to no@d.example, "
		"which is in an accepted domain and nobody lists it: list it, "
		"or name another target\n" },
	{ "postmaster that leads to himself",
		CONFIG "accepted-domain '#e.example' { secondary-of = "
		       "'d.example' }\npostmaster = 'postmaster@e.example'",
		"",
		"namespace.conf:6: error: postmaster leads to "
		"postmaster@e.example, " RING_SENTENCE },
	{ "postmaster that leads to himself below there",
		"accepted-domain 'd.example' { }\n"
		"accepted-domain '*.e.example' { secondary-of = 'd.example' }\n"
		"connector ex { smart-hosts = h address-spaces = '*' }\n"
		"directory ad { path = '/l/ad' }\n"
		"postmaster = 'postmaster@b.e.example'",
		"ad bob@b.d.example\nad bob@b.e.example",
		"namespace.conf:5: error: postmaster leads to "
		"postmaster@b.e.example, " RING_SENTENCE },
	{ "but not below there where nobody is",
		"accepted-domain 'd.example' { }\n"
		"accepted-domain '*.e.example' { secondary-of = 'd.example' }\n"
		"connector ex { smart-hosts = h address-spaces = '*' }\n"
		"directory ad { path = '/l/ad' }\n"
		"postmaster = 'postmaster@b.e.example'",
		"ad bob@b.d.example", "" },
	{ "listed twice", CONFIG, "ad bob@d.example\nstaff bob@d.example",
		"/l/staff: advice: bob@d.example (line 2) is listed by "
		"directory \"ad\" too (/l/ad line 1), which stands first and "
		"wins\n" },
	{ "of another script", CONFIG,
		"ad ann@d.example\nstaff \xd0\xb0nn@d.example",
		"/l/staff: advice: \xd0\xb0nn@d.example (line 2) looks like "
		"ann@d.example (/l/ad line 1), and is another recipient\n" },
	{ "another system's by a dot",
		CONFIG "connector unix { smart-hosts = u }\n"
		       "directory unix { path = '/l/unix' connector = unix }",
		"ad j.smith@d.example\nunix jsmith@d.example",
		"/l/unix: advice: jsmith@d.example (line 2) is nearly "
		"j.smith@d.example (/l/ad line 1), which is another system's: "
		"a slip sends mail to the wrong one\n" },
	{ "a domain like an accepted one", CONFIG, "staff ann@\xd4\x81.example",
		"/l/staff: advice: ann@xn--76a.example (line 1) is in no "
		"accepted domain and left out\n"
		"/l/staff: advice: the domain of ann@xn--76a.example (line 1) "
		"is not accepted domain \"d.example\", and "
		"\"\xd4\x81.example\" looks like it\n" },
	{ "below a domain like an accepted one",
		CONFIG "accepted-domain 'company.example' { }",
		"staff ann@mail.cornpany.example",
		"/l/staff: advice: ann@mail.cornpany.example (line 1) is in "
		"no accepted domain and left out\n"
		"/l/staff: advice: the domain of ann@mail.cornpany.example "
		"(line 1) is not accepted domain \"company.example\", and "
		"\"cornpany.example\" looks like it\n" },
	{ "accepted domains that look alike",
		CONFIG "accepted-domain 'company.example' { }\n"
		       "accepted-domain 'cornpany.example' { }",
		"",
		"namespace.conf:6: advice: accepted domain "
		"\"cornpany.example\" looks like \"company.example\" "
		"(namespace.conf:5), and is another one\n" },
	{ "which are the same one's",
		CONFIG "accepted-domain '#company.example' { }\n"
		       "accepted-domain 'cornpany.example' { secondary-of = "
		       "'company.example' }\n"
		       "accepted-domain '*.company.example' { }",
		"", "" },
	{ "listed twice, as an error", CONFIG "on-conflict = error",
		"ad bob@d.example\nstaff bob@d.example",
		"/l/staff: error: bob@d.example (line 2) is listed by "
		"directory \"ad\" too (/l/ad line 1), and on-conflict = "
		"error\n" },
	{ "listed twice, of another organisation", CONFIG "on-conflict = error",
		"ad bob@e.example\nstaff bob@e.example",
		"/l/ad: advice: bob@e.example (line 1) is in no accepted "
		"domain and left out\n"
		"/l/staff: advice: bob@e.example (line 2) is in no accepted "
		"domain and left out\n" },
	{ "a mailbox and a contact are no conflict", CONFIG,
		"ad bob@d.example\nstaff bob@d.example > x@far.example", "" },
	{ "directory's contact of nobody", CONFIG,
		"staff ann@d.example > no@d.example",
		"/l/staff: advice: contact ann@d.example (line 1) is left out: "
		"nobody takes mail for its target no@d.example\n" },
	{ "of itself, and a mailbox elsewhere", CONFIG,
		"ad bob@d.example > bob@d.example\nstaff bob@d.example", "" },
	{ "of itself, and nowhere a mailbox", CONFIG,
		"ad bob@d.example > bob@d.example",
		"/l/ad: advice: contact bob@d.example (line 1) stands for "
		"itself, and no directory lists a mailbox of that name: it "
		"counts as not listed\n" },
	{ "of itself, as the configuration has it",
		CONFIG "contact 'c@d.example' { target = 'x@far.example' }",
		"ad c@d.example > c@d.example", "" },
	{ "of itself, and of another organisation", CONFIG,
		"ad x@far.example > x@far.example", "" },
	{ "three list it", CONFIG "directory more { path = '/l/more' }",
		"ad bob@d.example\nstaff bob@d.example\nmore bob@d.example",
		"/l/staff: advice: bob@d.example (line 2) is listed by "
		"directory \"ad\" too (/l/ad line 1), which stands first and "
		"wins\n"
		"/l/more: advice: bob@d.example (line 3) is listed by "
		"directory \"ad\" too (/l/ad line 1), which stands first and "
		"wins\n" },
	{ "directory's ring", CONFIG,
		"staff a@d.example > b@d.example\n"
		"staff b@d.example > a@d.example",
		"/l/staff: advice: contact a@d.example (line 1) is left out: "
		"nobody takes mail for its target b@d.example\n"
		"/l/staff: advice: contact b@d.example (line 2) is left out: "
		"nobody takes mail for its target a@d.example\n" },
	{ "strays", CONFIG, "staff bob@o.example",
		"/l/staff: advice: bob@o.example (line 1) is in no accepted "
		"domain and left out\n" },
	{ "outside the directory's domains",
		CONFIG "accepted-domain '#f.example' { }", "ad bob@f.example",
		"/l/ad: advice: bob@f.example (line 1) is outside the domains "
		"that directory \"ad\" may list, and left out\n" },
	{ "source routes", CONFIG, "ad \"a@b\"@d.example\nad a%b@d.example",
		"/l/ad: advice: \"a@b\"@d.example (line 1) can not be reached "
		"from outside: Postfix takes %, ! and @ in a local part for a "
		"source route\n"
		"/l/ad: advice: a%b@d.example (line 2) can not be reached "
		"from outside: Postfix takes %, ! and @ in a local part for a "
		"source route\n" },
	{ "more than are shown", CONFIG,
		"staff 1@o.example\nstaff 2@o.example\nstaff 3@o.example\n"
		"staff 4@o.example\nstaff 5@o.example\nstaff 6@o.example",
		"/l/staff: advice: 1@o.example (line 1) is in no accepted "
		"domain and left out\n"
		"/l/staff: advice: 2@o.example (line 2) is in no accepted "
		"domain and left out\n"
		"/l/staff: advice: 3@o.example (line 3) is in no accepted "
		"domain and left out\n"
		"/l/staff: advice: 4@o.example (line 4) is in no accepted "
		"domain and left out\n"
		"/l/staff: advice: 5@o.example (line 5) is in no accepted "
		"domain and left out\n"
		"namespace.conf:4: advice: directory \"staff\": 6 entries "
		"outside all accepted domains in all\n" },
};

/* The text without the folder that a place in it may have. */
static const char *without(
	const char *text, const char *folder, struct arena *arena)
{
	const char *at = strstr(text, folder);

	if (at == NULL)
		return text;
	return arena_printf(arena, "%.*s%s", (int)(at - text), text,
		at + strlen(folder) + 1);
}

static const char *faults_text(const struct model_case *c)
{
	const size_t len = strlen(c->folder);
	struct text out;

	text_init(&out);
	text_adds(&out, "");
	for (size_t i = 0; i < faults_count(c->faults); i++) {
		const struct fault *fault = faults_get(c->faults, i);
		const char *file = fault->place.file;

		if (strncmp(file, c->folder, len) == 0)
			file += len + 1;
		text_adds(&out, file);
		if (fault->place.line != 0)
			text_addf(&out, ":%u", fault->place.line);
		text_addf(&out, ": %s: %s\n",
			fault->kind == FAULT_ERROR ? "error" : "advice",
			without(fault->text, c->folder, c->arena));
	}
	const char *result = arena_strdup(c->arena, out.data);

	text_fini(&out);
	return result;
}

START_TEST(proves)
{
	struct model_case c;

	model_case_sound(&c, cases[_i].config, cases[_i].entries);
	prove_recipients(c.ns, c.recipients, c.model, MODEL_NOW, c.faults);
	const char *said = faults_text(&c);

	ck_assert_msg(strcmp(said, cases[_i].expect) == 0,
		"%s:\n%sbut expected:\n%s", cases[_i].name, said,
		cases[_i].expect);
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("prove_recipients");

	tcase_add_loop_test(tcase, proves, 0, COUNT(cases));
	return unit_run(suite_create("prove_recipients"), tcase);
}
