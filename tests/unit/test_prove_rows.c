/* Names of names and contacts of contacts count together, to the step. */
#include "namespace/prove.h"

#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#define ENDS "connector ex { smart-hosts = h address-spaces = '*' }\n"

/* What has a row of contacts behind it, and is asked for by the names. */
static const struct row_case {
	const char *name, *config, *domain; /* where the contacts are */
	bool is_below; /* the names are those below */
	const char *local; /* who is asked for */
	size_t longest; /* row of names and contacts */
	const char *what;
} cases[] = {
	{ "a contact", "accepted-domain '#d.example' { }\n", "d.example", false,
		"c1", 16, "contact c1@d.example" },
	{ "one of a name below", "accepted-domain 'd.example' { }\n",
		"x.d.example", true, "c1", 16, "contact c1@x.d.example" },
	{ "one of a domain of its own below",
		"accepted-domain 'd.example' { }\n"
		"accepted-domain '#x.d.example' { }\n",
		"x.d.example", true, "c1", 16, "contact c1@x.d.example" },
	{ "the catch-all",
		"accepted-domain '#d.example' { catch-all = 'c1@d.example' }\n",
		"d.example", false, "anybody", 15, "the catch-all" },
	{ "the postmaster",
		"accepted-domain '#d.example' { }\n"
		"postmaster = 'c1@d.example'\n",
		"d.example", false, "postmaster", 15, "postmaster@d.example" },
};

static const size_t NAMES[] = { 1, 2, 8, 14 };

/* Each a name of the one before; the first of the domain. */
static void add_names(struct text *out, const struct row_case *row, size_t n)
{
	for (unsigned i = 1; i <= n; i++) {
		text_adds(out, "accepted-domain '");
		text_addf(out, row->is_below ? "s%u" : "#s%u", i);
		text_adds(out, ".example' { secondary-of = '");
		if (i == 1)
			text_adds(out, "d");
		else
			text_addf(out, "s%u", i - 1);
		text_adds(out, ".example' }\n");
	}
}

static void add_contacts(struct text *out, const struct row_case *row, size_t n)
{
	for (unsigned i = 1; i <= n; i++) {
		text_addf(out, "contact 'c%u@%s' { target = ", i, row->domain);
		if (i == n)
			text_adds(out, "'end@far.example' }\n");
		else
			text_addf(out, "'c%u@%s' }\n", i + 1, row->domain);
	}
}

static void open_case(struct model_case *c, const struct row_case *row,
	size_t n_names, size_t n_contacts)
{
	struct text config;

	text_init(&config);
	text_adds(&config, row->config);
	text_adds(&config, ENDS);
	add_contacts(&config, row, n_contacts);
	add_names(&config, row, n_names);
	model_case_sound(c, config.data, "");
	text_fini(&config);
}

/* Whether the last of the names gets to the end. */
static bool ends(
	const struct model_case *c, const struct row_case *row, size_t n_names)
{
	struct resolution resolution;

	resolve_key(&resolution, model_view(c->model),
		arena_printf(c->arena, "%s@%ss%zu.example", row->local,
			row->is_below ? "x." : "", n_names),
		MODEL_NOW, c->arena);
	return resolution.reason != REASON_LOOKUP_FAILED;
}

START_TEST(rows_count_together)
{
	const struct row_case *row = &cases[_i / (int)COUNT(NAMES)];
	const size_t n_names = NAMES[_i % (int)COUNT(NAMES)];
	struct model_case c;

	open_case(&c, row, n_names, row->longest - n_names);
	ck_assert_msg(ends(&c, row, n_names), "%s", row->name);
	prove_rows(c.ns, c.model, MODEL_NOW, c.faults);
	ck_assert_msg(faults_errors(c.faults) == 0, "%s, %zu names: %s",
		row->name, n_names, faults_get(c.faults, 0)->text);
	model_case_close(&c);
}
END_TEST

/* The first contact alone is too far, and both ways are named. */
START_TEST(a_step_more_is_an_error)
{
	const struct row_case *row = &cases[_i / (int)COUNT(NAMES)];
	const size_t n_names = NAMES[_i % (int)COUNT(NAMES)];
	struct model_case c;

	open_case(&c, row, n_names, row->longest - n_names + 1);
	ck_assert_msg(!ends(&c, row, n_names), "%s", row->name);
	prove_rows(c.ns, c.model, MODEL_NOW, c.faults);
	ck_assert_msg(
		faults_errors(c.faults) == 1, "%s, %zu", row->name, n_names);
	const struct fault *fault = faults_get(c.faults, 0);
	const char *sentence = arena_printf(c.arena,
		"%s is %zu name%s away from secondary domain \"s%zu.example\" "
		"(%s/namespace.conf:",
		row->what, n_names, n_names == 1 ? "" : "s", n_names, c.folder);

	ck_assert_msg(text_starts(fault->text, sentence), "%s", fault->text);
	ck_assert_ptr_nonnull(strstr(fault->text,
		"), and what it stands for is too far for that: through more "
		"than 16 names and contacts in all nobody is reached; shorten "
		"one of the two ways"));
	model_case_close(&c);
}
END_TEST

/* Who has a mailbox on the way is not led on. */
START_TEST(mailbox_on_the_way_is_an_end)
{
	struct model_case c;
	struct text config;

	text_init(&config);
	text_adds(&config, cases[0].config);
	text_adds(&config, ENDS "directory staff { path = '/l/staff' }\n");
	add_contacts(&config, &cases[0], 14);
	add_names(&config, &cases[0], 3);
	model_case_sound(&c, config.data, "staff c1@s2.example");
	prove_recipients(c.ns, c.recipients, c.model, MODEL_NOW, c.faults);
	ck_assert_uint_eq(faults_errors(c.faults), 0);
	model_case_close(&c);
	model_case_sound(&c, config.data, "staff c2@s2.example");
	prove_recipients(c.ns, c.recipients, c.model, MODEL_NOW, c.faults);
	ck_assert_uint_eq(faults_errors(c.faults), 1);
	model_case_close(&c);
	text_fini(&config);
}
END_TEST

/* What has no end by itself is told as that alone. */
START_TEST(ring_is_no_row)
{
	struct model_case c;

	model_case_sound(&c,
		"accepted-domain '#d.example' { catch-all = 'a@d.example' }\n"
		"accepted-domain '#s.example' { secondary-of = 'd.example' }\n"
		"contact 'a@d.example' { target = 'b@d.example' }\n"
		"contact 'b@d.example' { target = 'a@d.example' }\n" ENDS,
		"");
	prove_rows(c.ns, c.model, MODEL_NOW, c.faults);
	ck_assert_uint_eq(faults_errors(c.faults), 0);
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("prove_rows");

	tcase_add_loop_test(tcase, rows_count_together, 0,
		(int)(COUNT(cases) * COUNT(NAMES)));
	tcase_add_loop_test(tcase, a_step_more_is_an_error, 0,
		(int)(COUNT(cases) * COUNT(NAMES)));
	tcase_add_test(tcase, mailbox_on_the_way_is_an_end);
	tcase_add_test(tcase, ring_is_no_row);
	return unit_run(suite_create("prove_rows"), tcase);
}
