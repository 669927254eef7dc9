/* A list held against the copy before it: losses are told, or refused. */
#include "directory/reading.h"

#include "base/arena.h"
#include "base/faults.h"
#include "base/text.h"
#include "directory/last_good.h"

#include "tests/unit/reading_case.h"
#include "tests/unit/sink_text.h"
#include "tests/unit/unit_main.h"

#include <sys/stat.h>
#include <unistd.h>

START_TEST(damaged_copy_is_told)
{
	struct reading_case c;

	reading_case_init(&c);
	reading_case_run(&c, "a@d.example\nb@d.example\n", true);
	const char *copy = last_good_path(c.options.state, "ad", c.arena);

	ck_assert_int_eq(truncate(copy, 30), 0);
	ck_assert_int_eq(
		reading_case_run(&c, "c@d.example\n", false), REPORT_WHOLE);
	ck_assert_uint_eq(faults_count(c.faults), 1);
	ck_assert_str_eq(faults_get(c.faults, 0)->text,
		arena_printf(c.arena,
			"directory \"ad\": %s: the last-good copy is damaged; "
			"the shrink guard has nothing to compare with",
			copy));
	reading_case_fini(&c);
}
END_TEST

START_TEST(copy_that_can_not_be_read_refuses_what_comes)
{
	static const char *const names[] = { "ad" };
	struct reading_case c;

	reading_case_init(&c);
	reading_case_run(&c, "a@d.example\nb@d.example\n", true);
	const char *copy = last_good_path(c.options.state, "ad", c.arena);

	ck_assert_int_eq(unlink(copy), 0);
	ck_assert_int_eq(mkdir(copy, 0700), 0);
	ck_assert_int_eq(
		reading_case_run(&c, "c@d.example\n", false), REPORT_REFUSED);
	ck_assert_str_eq(c.report.err.text,
		arena_printf(c.arena,
			"list: nobody can tell what it would lose, for its "
			"last-good copy can not be read (read %s: not a "
			"regular file); mend that, or: --accept-shrink ad",
			copy));
	c.options.accept_shrink = names;
	c.options.n_accept_shrink = 1;
	ck_assert_int_eq(
		reading_case_run(&c, "c@d.example\n", false), REPORT_WHOLE);
	c.options.n_accept_shrink = 0;
	c.options.is_dry = true;
	ck_assert_int_eq(
		reading_case_run(&c, "c@d.example\n", false), REPORT_WHOLE);
	rmdir(copy);
	reading_case_fini(&c);
}
END_TEST

/* What free entries are to the guard, all of them are not. */
START_TEST(empty_answer_is_a_shrink)
{
	static const char *const names[] = { "ad" };
	struct reading_case c;

	reading_case_init(&c);
	reading_case_run(&c, "a@d.example\nb@d.example\nc@d.example\n", true);
	ck_assert_int_eq(
		reading_case_run(&c, "a@d.example\n", false), REPORT_WHOLE);
	ck_assert_int_eq(
		reading_case_run(&c, "# none\n", false), REPORT_REFUSED);
	ck_assert_str_eq(c.report.err.text,
		"list: it lists nobody now and listed 3 before; if they are "
		"meant to go: --accept-shrink ad");
	c.options.accept_shrink = names;
	c.options.n_accept_shrink = 1;
	ck_assert_int_eq(reading_case_run(&c, "# none\n", true), REPORT_WHOLE);
	c.options.n_accept_shrink = 0;
	ck_assert_int_eq(reading_case_run(&c, "", false), REPORT_SAME);
	reading_case_fini(&c);
}
END_TEST

/*
 * What Exchange shows of mailboxes that another system has: such a contact
 * vouches for nobody, so who becomes one is lost.
 */
static const char MAILBOXES[] =
	"PrimarySmtpAddress,ExternalEmailAddress\n"
	"a@d.example,\nb@d.example,\nc@d.example,\n"
	"x@d.example,x@d.example\ny@d.example,y@d.example\n";
static const char CONTACTS[] =
	"PrimarySmtpAddress,ExternalEmailAddress\n"
	"a@d.example,a@d.example\nb@d.example,b@d.example\nc@d.example,\n";
static const char CONTACTS_ALONE[] = "PrimarySmtpAddress,ExternalEmailAddress\n"
				     "a@d.example,a@d.example\n";

static void use_exchange(struct reading_case *c)
{
	c->directory.type = DIRECTORY_CSV;
	c->directory.preset = PRESET_EXCHANGE;
	c->directory.n_fields = 0;
}

START_TEST(who_becomes_a_contact_for_itself_is_lost)
{
	struct reading_case c;

	reading_case_init(&c);
	use_exchange(&c);
	ck_assert_int_eq(reading_case_run(&c, MAILBOXES, true), REPORT_WHOLE);
	c.directory.max_shrink = (struct limit){ 1, false };
	ck_assert_int_eq(reading_case_run(&c, CONTACTS, false), REPORT_REFUSED);
	ck_assert_str_eq(c.report.err.text,
		"list: 2 of 3 entries would be lost, max-shrink = 1; if they "
		"are meant to go: --accept-shrink ad");
	reading_case_fini(&c);
}
END_TEST

START_TEST(contacts_for_themselves_are_nobody)
{
	struct reading_case c;

	reading_case_init(&c);
	use_exchange(&c);
	reading_case_run(&c, MAILBOXES, true);
	ck_assert_int_eq(
		reading_case_run(&c, CONTACTS_ALONE, false), REPORT_REFUSED);
	ck_assert_str_eq(c.report.err.text,
		"list: it lists nobody now and listed 3 before; if they are "
		"meant to go: --accept-shrink ad");
	reading_case_fini(&c);
}
END_TEST

START_TEST(contacts_for_themselves_may_go)
{
	struct reading_case c;

	reading_case_init(&c);
	use_exchange(&c);
	reading_case_run(&c, CONTACTS_ALONE, true);
	c.directory.max_shrink = (struct limit){ 0, false };
	ck_assert_int_eq(reading_case_run(&c, MAILBOXES, true), REPORT_WHOLE);
	ck_assert_int_eq(reading_case_run(&c,
				 "PrimarySmtpAddress\na@d.example\n"
				 "b@d.example\nc@d.example\n",
				 false),
		REPORT_WHOLE);
	reading_case_fini(&c);
}
END_TEST

/* With max-shrink = 20%. */
static const struct domain_case {
	const char *name;
	unsigned long small_left; /* of 15, beside 200 others */
	const char *error;
} DOMAINS[] = {
	{ "none left", 0,
		"list: 15 of 15 entries in small.example would be "
		"lost, max-shrink = 20%; if they are meant to go: "
		"--accept-shrink ad" },
	{ "few left", 4,
		"list: 11 of 15 entries in small.example would be "
		"lost, max-shrink = 20%; if they are meant to go: "
		"--accept-shrink ad" },
	{ "ten may go", 5, "" },
};

static const char *two_domains(struct reading_case *c, unsigned long n_small)
{
	struct text text;

	text_init(&text);
	for (unsigned n = 0; n < 200; n++)
		text_addf(&text, "user%u@d.example\n", n);
	for (unsigned n = 0; n < n_small; n++)
		text_addf(&text, "user%u@small.example\n", n);
	const char *list = arena_strndup(c->arena, text.data, text.len);

	text_fini(&text);
	return list;
}

START_TEST(domain_that_shrinks_is_refused)
{
	const struct domain_case *domain = &DOMAINS[_i];
	struct reading_case c;

	reading_case_init(&c);
	c.directory.max_shrink = (struct limit){ 20, true };
	reading_case_run(&c, two_domains(&c, 15), true);
	ck_assert_msg(reading_case_run(
			      &c, two_domains(&c, domain->small_left), false) ==
			(domain->error[0] == '\0' ? REPORT_WHOLE
						  : REPORT_REFUSED),
		"%s", domain->name);
	ck_assert_str_eq(c.report.err.text, domain->error);
	reading_case_fini(&c);
}
END_TEST

static const char WITH_GROUPS[] =
	"dn: uid=a\nobjectClass: inetOrgPerson\nmail: a@d.example\n\n"
	"dn: uid=b\nobjectClass: inetOrgPerson\nmail: b@d.example\n\n"
	"dn: cn=g\nobjectClass: groupOfNames\nmail: g@d.example\n\n";
static const char WITHOUT_GROUPS[] =
	"dn: uid=a\nobjectClass: inetOrgPerson\nmail: a@d.example\n\n"
	"dn: uid=b\nobjectClass: inetOrgPerson\nmail: b@d.example\n\n";

static void use_ldif(struct reading_case *c)
{
	c->directory.type = DIRECTORY_LDIF;
	c->directory.preset = PRESET_OPENLDAP;
	c->directory.n_fields = 0;
}

static void check_class_warning(const struct reading_case *c, size_t count)
{
	ck_assert_uint_eq(faults_count(c->faults), count);
	const struct fault *fault = faults_get(c->faults, count - 1);

	ck_assert_int_eq(fault->kind, FAULT_WARNING);
	ck_assert_str_eq(fault->place.file, "namespace.conf");
	ck_assert_uint_eq(fault->place.line, 7);
	ck_assert_str_eq(fault->text,
		"directory \"ad\": 1 object of class groupOfNames before, "
		"none now");
}

START_TEST(classes_are_counted)
{
	struct reading_case c;

	reading_case_init(&c);
	use_ldif(&c);
	ck_assert_int_eq(reading_case_run(&c, WITH_GROUPS, true), REPORT_WHOLE);
	ck_assert_uint_eq(c.classes.n_classes, 2);
	ck_assert_uint_eq(class_counts_find(&c.classes, "inetOrgPerson"), 2);
	ck_assert_uint_eq(class_counts_find(&c.classes, "groupOfNames"), 1);
	ck_assert_uint_eq(faults_count(c.faults), 0);
	reading_case_fini(&c);
}
END_TEST

START_TEST(class_that_has_gone_is_told)
{
	struct reading_case c;

	reading_case_init(&c);
	use_ldif(&c);
	reading_case_run(&c, WITH_GROUPS, true);
	ck_assert_int_eq(
		reading_case_run(&c, WITHOUT_GROUPS, false), REPORT_WHOLE);
	check_class_warning(&c, 1);
	reading_case_fini(&c);
}
END_TEST

/* A guard that refuses the list does not hide what is missing in it. */
START_TEST(class_that_has_gone_is_told_of_a_refused_list)
{
	struct reading_case c;

	reading_case_init(&c);
	use_ldif(&c);
	reading_case_run(&c, WITH_GROUPS, true);
	c.directory.max_shrink = (struct limit){ 0, false };
	ck_assert_int_eq(
		reading_case_run(&c, WITHOUT_GROUPS, false), REPORT_REFUSED);
	check_class_warning(&c, 1);
	reading_case_fini(&c);
}
END_TEST

/* Who does not know what came behind says nothing of it. */
START_TEST(half_a_read_tells_no_class)
{
	struct reading_case c;

	reading_case_init(&c);
	use_ldif(&c);
	reading_case_run(&c, WITH_GROUPS, true);
	const char *half =
		arena_printf(c.arena, "%sno line of LDIF\n", WITHOUT_GROUPS);

	ck_assert_int_eq(reading_case_run(&c, half, false), REPORT_FAILED);
	ck_assert_uint_eq(faults_count(c.faults), 0);
	reading_case_fini(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("reading_loss");

	tcase_set_timeout(tcase, 60); /* files, on a busy machine */
	tcase_add_test(tcase, damaged_copy_is_told);
	tcase_add_test(tcase, copy_that_can_not_be_read_refuses_what_comes);
	tcase_add_test(tcase, empty_answer_is_a_shrink);
	tcase_add_test(tcase, who_becomes_a_contact_for_itself_is_lost);
	tcase_add_test(tcase, contacts_for_themselves_are_nobody);
	tcase_add_test(tcase, contacts_for_themselves_may_go);
	tcase_add_loop_test(
		tcase, domain_that_shrinks_is_refused, 0, COUNT(DOMAINS));
	tcase_add_test(tcase, classes_are_counted);
	tcase_add_test(tcase, class_that_has_gone_is_told);
	tcase_add_test(tcase, class_that_has_gone_is_told_of_a_refused_list);
	tcase_add_test(tcase, half_a_read_tells_no_class);
	return unit_run(suite_create("reading_loss"), tcase);
}
