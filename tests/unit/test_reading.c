#include "directory/reading.h"

#include "directory/load.h"
#include "namespace/sql_settings.h"

#include "listing_case.h"
#include "unit_main.h"

#include <sys/mman.h>
#include <sys/stat.h>

/* A state folder and a list beside it; all in this process. */
struct fixture {
	struct arena *arena;
	struct directory directory;
	struct load_options options;
	struct report report;
	struct faults *faults;
	struct text list; /* what the last reading handed over */
	struct class_counts classes;
};

static const char *COLUMNS[] = { "mail" };

static void fixture_init(struct fixture *f)
{
	*f = (struct fixture){ .arena = arena_open() };
	f->options.state = test_folder(f->arena);
	f->options.delimiters = "+";
	f->directory = (struct directory){
		.name = "ad",
		.place = { "namespace.conf", 7 },
		.source = "list",
		.path = arena_printf(f->arena, "%s/list", f->options.state),
		.fields = COLUMNS,
		.n_fields = 1,
		.max_shrink = { 50, true },
		.max_bad = { 2, false },
	};
	f->faults = faults_open();
}

static void fixture_fini(struct fixture *f)
{
	test_folder_remove(f->options.state);
	faults_close(&f->faults);
	text_fini(&f->list);
	arena_close(&f->arena);
}

static void take_whole(struct fixture *f, int fd, bool is_kept)
{
	const char *path = last_good_path(f->options.state, "ad", f->arena);
	struct last_good_new new = { .fd = fd };
	struct err err = { 0 };

	if (!f->options.is_dry)
		ck_assert(last_good_adopt(&new, path, f->arena, &err));
	ck_assert(listing_show(
		&f->list, listing_of_fd(new.fd, f->arena), &f->classes));
	if (is_kept)
		ck_assert(last_good_commit(&new, &err));
	else if (!f->options.is_dry)
		last_good_abandon(&new);
}

/* Reads what text says; where is_kept, it is the last-good copy after it. */
static enum report_end read_text(
	struct fixture *f, const char *text, bool is_kept)
{
	const int fd = memfd_create("list", MFD_CLOEXEC);

	test_write(f->directory.path, text, strlen(text));
	text_clear(&f->list);
	class_counts_init(&f->classes, f->arena);
	reading_run(&f->report, &f->directory, &f->options, fd, f->faults);
	if (f->report.end == REPORT_WHOLE)
		take_whole(f, fd, is_kept);
	close(fd);
	return f->report.end;
}

START_TEST(whole_list_is_handed_over)
{
	struct fixture f;

	fixture_init(&f);
	ck_assert_int_eq(
		read_text(&f, "Ann@d.example\nbob\n", false), REPORT_WHOLE);
	ck_assert_str_eq(text_of(&f.list), "1 ann@d.example\n");
	ck_assert_uint_eq(f.report.n_bad, 1);
	ck_assert_uint_eq(faults_count(f.faults), 1);
	ck_assert_str_eq(f.report.err.text, "");
	fixture_fini(&f);
}
END_TEST

/* What is said of it again, or differs in a line number, is handed over. */
START_TEST(same_list_is_handed_over_as_such)
{
	struct fixture f;

	fixture_init(&f);
	read_text(&f, "Ann@d.example\nbob@d.example\n", true);
	ck_assert_int_eq(
		read_text(&f, "ann@d.example\nBob@d.example #\n", true),
		REPORT_SAME);
	ck_assert_uint_eq(f.report.n_bad, 0);
	ck_assert_int_eq(
		read_text(&f, "ann@d.example\n\nbob@d.example\n", false),
		REPORT_WHOLE);
	ck_assert_int_eq(
		read_text(&f, "ann@d.example\nbob@d.example\ncarl\n", false),
		REPORT_WHOLE);
	f.directory.max_bad.count = 0;
	ck_assert_int_eq(
		read_text(&f, "ann@d.example\nbob@d.example\ncarl\n", false),
		REPORT_FAILED);
	fixture_fini(&f);
}
END_TEST

START_TEST(failed_read_hands_nothing_over)
{
	struct fixture f;

	fixture_init(&f);
	f.directory.type = DIRECTORY_CSV;
	ck_assert_int_eq(read_text(&f, "\"mail", false), REPORT_FAILED);
	ck_assert_str_eq(f.report.err.text,
		"list:1: the quote opened here is never closed");
	fixture_fini(&f);
}
END_TEST

START_TEST(list_that_can_not_be_handed_over_is_a_failed_read)
{
	struct fixture f;

	fixture_init(&f);
	test_write(f.directory.path, "ann@d.example\n", 14);
	f.options.is_dry = true;
	reading_run(&f.report, &f.directory, &f.options, -1, f.faults);
	ck_assert_int_eq(f.report.end, REPORT_FAILED);
	ck_assert_str_eq(
		f.report.err.text, "write a list: Bad file descriptor");
	fixture_fini(&f);
}
END_TEST

START_TEST(list_that_can_not_be_written_is_a_failed_read)
{
	struct fixture f;

	fixture_init(&f);
	read_text(&f, "ann@d.example\n", true);
	const char *temporary = arena_printf(
		f.arena, "%s/directories/.ad.tmp", f.options.state);

	ck_assert_int_eq(mkdir(temporary, 0700), 0);
	ck_assert_int_eq(read_text(&f, "bob@d.example\nann@d.example\n", true),
		REPORT_FAILED);
	ck_assert_str_eq(f.report.err.text,
		arena_printf(f.arena, "create %s: Is a directory", temporary));
	fixture_fini(&f);
}
END_TEST

START_TEST(too_many_bad_lines_fail_the_read)
{
	struct fixture f;

	fixture_init(&f);
	ck_assert_int_eq(read_text(&f, "a\nb\nc\nann@d.example\n", false),
		REPORT_FAILED);
	ck_assert_str_eq(
		f.report.err.text, "list: 3 of 4 entries are bad, max-bad = 2");
	ck_assert_uint_eq(f.report.n_bad, 3);
	fixture_fini(&f);
}
END_TEST

START_TEST(damaged_copy_is_told)
{
	struct fixture f;

	fixture_init(&f);
	read_text(&f, "a@d.example\nb@d.example\n", true);
	const char *copy = last_good_path(f.options.state, "ad", f.arena);

	ck_assert_int_eq(truncate(copy, 30), 0);
	ck_assert_int_eq(read_text(&f, "c@d.example\n", false), REPORT_WHOLE);
	ck_assert_uint_eq(faults_count(f.faults), 1);
	ck_assert_str_eq(faults_get(f.faults, 0)->text,
		arena_printf(f.arena,
			"directory \"ad\": %s: the last-good copy is damaged; "
			"the shrink guard has nothing to compare with",
			copy));
	fixture_fini(&f);
}
END_TEST

START_TEST(copy_that_can_not_be_read_refuses_what_comes)
{
	static const char *const names[] = { "ad" };
	struct fixture f;

	fixture_init(&f);
	read_text(&f, "a@d.example\nb@d.example\n", true);
	const char *copy = last_good_path(f.options.state, "ad", f.arena);

	ck_assert_int_eq(unlink(copy), 0);
	ck_assert_int_eq(mkdir(copy, 0700), 0);
	ck_assert_int_eq(read_text(&f, "c@d.example\n", false), REPORT_REFUSED);
	ck_assert_str_eq(f.report.err.text,
		arena_printf(f.arena,
			"list: nobody can tell what it would lose, for its "
			"last-good copy can not be read (read %s: not a "
			"regular file); mend that, or: --accept-shrink ad",
			copy));
	f.options.accept_shrink = names;
	f.options.n_accept_shrink = 1;
	ck_assert_int_eq(read_text(&f, "c@d.example\n", false), REPORT_WHOLE);
	f.options.n_accept_shrink = 0;
	f.options.is_dry = true;
	ck_assert_int_eq(read_text(&f, "c@d.example\n", false), REPORT_WHOLE);
	rmdir(copy);
	fixture_fini(&f);
}
END_TEST

/* What free entries are to the guard, all of them are not. */
START_TEST(empty_answer_is_a_shrink)
{
	static const char *const names[] = { "ad" };
	struct fixture f;

	fixture_init(&f);
	read_text(&f, "a@d.example\nb@d.example\nc@d.example\n", true);
	ck_assert_int_eq(read_text(&f, "a@d.example\n", false), REPORT_WHOLE);
	ck_assert_int_eq(read_text(&f, "# none\n", false), REPORT_REFUSED);
	ck_assert_str_eq(f.report.err.text,
		"list: it lists nobody now and listed 3 before; if they are "
		"meant to go: --accept-shrink ad");
	f.options.accept_shrink = names;
	f.options.n_accept_shrink = 1;
	ck_assert_int_eq(read_text(&f, "# none\n", true), REPORT_WHOLE);
	f.options.n_accept_shrink = 0;
	ck_assert_int_eq(read_text(&f, "", false), REPORT_SAME);
	fixture_fini(&f);
}
END_TEST

static const struct kind_case {
	enum directory_type type;
	const char *text;
	const char *kind;
} KINDS[] = {
	{ DIRECTORY_FILE, "ann\n", "another kind of file" },
	{ DIRECTORY_POSTFIX, "ann OK\n", "another kind of file" },
	{ DIRECTORY_CSV, "mail\nann\n", "another kind of file" },
	{ DIRECTORY_SQL, "", "a query whose first column is another" },
	{ DIRECTORY_COMMAND, "", "output of another kind" },
};

START_TEST(source_without_an_address_is_another_kind)
{
	static const char *const command[] = { "echo", "ann", NULL };
	static const char *const no_hosts[] = { NULL };
	const struct kind_case *c = &KINDS[_i];
	struct fixture f;

	fixture_init(&f);
	/* what is empty is a sound database */
	const struct sql_settings sql = { .driver = SQL_SQLITE,
		.hosts = no_hosts,
		.database = f.directory.path,
		.query = "select 'ann'" };

	f.directory.type = c->type;
	f.directory.command = command;
	f.directory.sql = &sql;
	ck_assert_int_eq(read_text(&f, c->text, false), REPORT_FAILED);
	ck_assert_str_eq(f.report.err.text,
		arena_printf(f.arena,
			"list: none of its 1 entries is an address, which is "
			"no empty list but %s",
			c->kind));
	fixture_fini(&f);
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

static void use_exchange(struct fixture *f)
{
	f->directory.type = DIRECTORY_CSV;
	f->directory.preset = PRESET_EXCHANGE;
	f->directory.n_fields = 0;
}

START_TEST(who_becomes_a_contact_for_itself_is_lost)
{
	struct fixture f;

	fixture_init(&f);
	use_exchange(&f);
	ck_assert_int_eq(read_text(&f, MAILBOXES, true), REPORT_WHOLE);
	f.directory.max_shrink = (struct limit){ 1, false };
	ck_assert_int_eq(read_text(&f, CONTACTS, false), REPORT_REFUSED);
	ck_assert_str_eq(f.report.err.text,
		"list: 2 of 3 entries would be lost, max-shrink = 1; if they "
		"are meant to go: --accept-shrink ad");
	fixture_fini(&f);
}
END_TEST

START_TEST(contacts_for_themselves_are_nobody)
{
	struct fixture f;

	fixture_init(&f);
	use_exchange(&f);
	read_text(&f, MAILBOXES, true);
	ck_assert_int_eq(read_text(&f, CONTACTS_ALONE, false), REPORT_REFUSED);
	ck_assert_str_eq(f.report.err.text,
		"list: it lists nobody now and listed 3 before; if they are "
		"meant to go: --accept-shrink ad");
	fixture_fini(&f);
}
END_TEST

START_TEST(contacts_for_themselves_may_go)
{
	struct fixture f;

	fixture_init(&f);
	use_exchange(&f);
	read_text(&f, CONTACTS_ALONE, true);
	f.directory.max_shrink = (struct limit){ 0, false };
	ck_assert_int_eq(read_text(&f, MAILBOXES, true), REPORT_WHOLE);
	ck_assert_int_eq(read_text(&f,
				 "PrimarySmtpAddress\na@d.example\n"
				 "b@d.example\nc@d.example\n",
				 false),
		REPORT_WHOLE);
	fixture_fini(&f);
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

static const char *two_domains(struct fixture *f, unsigned long n_small)
{
	struct text text;

	text_init(&text);
	for (unsigned n = 0; n < 200; n++)
		text_addf(&text, "user%u@d.example\n", n);
	for (unsigned n = 0; n < n_small; n++)
		text_addf(&text, "user%u@small.example\n", n);
	const char *list = arena_strndup(f->arena, text.data, text.len);

	text_fini(&text);
	return list;
}

START_TEST(domain_that_shrinks_is_refused)
{
	const struct domain_case *c = &DOMAINS[_i];
	struct fixture f;

	fixture_init(&f);
	f.directory.max_shrink = (struct limit){ 20, true };
	read_text(&f, two_domains(&f, 15), true);
	ck_assert_msg(read_text(&f, two_domains(&f, c->small_left), false) ==
			(c->error[0] == '\0' ? REPORT_WHOLE : REPORT_REFUSED),
		"%s", c->name);
	ck_assert_str_eq(f.report.err.text, c->error);
	fixture_fini(&f);
}
END_TEST

static const char WITH_GROUPS[] =
	"dn: uid=a\nobjectClass: inetOrgPerson\nmail: a@d.example\n\n"
	"dn: uid=b\nobjectClass: inetOrgPerson\nmail: b@d.example\n\n"
	"dn: cn=g\nobjectClass: groupOfNames\nmail: g@d.example\n\n";
static const char WITHOUT_GROUPS[] =
	"dn: uid=a\nobjectClass: inetOrgPerson\nmail: a@d.example\n\n"
	"dn: uid=b\nobjectClass: inetOrgPerson\nmail: b@d.example\n\n";

static void use_ldif(struct fixture *f)
{
	f->directory.type = DIRECTORY_LDIF;
	f->directory.preset = PRESET_OPENLDAP;
	f->directory.n_fields = 0;
}

static void check_class_warning(const struct fixture *f, size_t count)
{
	ck_assert_uint_eq(faults_count(f->faults), count);
	const struct fault *fault = faults_get(f->faults, count - 1);

	ck_assert_int_eq(fault->kind, FAULT_WARNING);
	ck_assert_str_eq(fault->place.file, "namespace.conf");
	ck_assert_uint_eq(fault->place.line, 7);
	ck_assert_str_eq(fault->text,
		"directory \"ad\": 1 object of class groupOfNames before, "
		"none now");
}

START_TEST(classes_are_counted)
{
	struct fixture f;

	fixture_init(&f);
	use_ldif(&f);
	ck_assert_int_eq(read_text(&f, WITH_GROUPS, true), REPORT_WHOLE);
	ck_assert_uint_eq(f.classes.n_classes, 2);
	ck_assert_uint_eq(class_counts_find(&f.classes, "inetOrgPerson"), 2);
	ck_assert_uint_eq(class_counts_find(&f.classes, "groupOfNames"), 1);
	ck_assert_uint_eq(faults_count(f.faults), 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(class_that_has_gone_is_told)
{
	struct fixture f;

	fixture_init(&f);
	use_ldif(&f);
	read_text(&f, WITH_GROUPS, true);
	ck_assert_int_eq(read_text(&f, WITHOUT_GROUPS, false), REPORT_WHOLE);
	check_class_warning(&f, 1);
	fixture_fini(&f);
}
END_TEST

/* A guard that refuses the list does not hide what is missing in it. */
START_TEST(class_that_has_gone_is_told_of_a_refused_list)
{
	struct fixture f;

	fixture_init(&f);
	use_ldif(&f);
	read_text(&f, WITH_GROUPS, true);
	f.directory.max_shrink = (struct limit){ 0, false };
	ck_assert_int_eq(read_text(&f, WITHOUT_GROUPS, false), REPORT_REFUSED);
	check_class_warning(&f, 1);
	fixture_fini(&f);
}
END_TEST

/* Who does not know what came behind says nothing of it. */
START_TEST(half_a_read_tells_no_class)
{
	struct fixture f;

	fixture_init(&f);
	use_ldif(&f);
	read_text(&f, WITH_GROUPS, true);
	const char *half =
		arena_printf(f.arena, "%sno line of LDIF\n", WITHOUT_GROUPS);

	ck_assert_int_eq(read_text(&f, half, false), REPORT_FAILED);
	ck_assert_uint_eq(faults_count(f.faults), 0);
	fixture_fini(&f);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60); /* files, on a busy machine */
	tcase_add_test(tcase, whole_list_is_handed_over);
	tcase_add_test(tcase, same_list_is_handed_over_as_such);
	tcase_add_test(tcase, failed_read_hands_nothing_over);
	tcase_add_test(
		tcase, list_that_can_not_be_handed_over_is_a_failed_read);
	tcase_add_test(tcase, list_that_can_not_be_written_is_a_failed_read);
	tcase_add_test(tcase, too_many_bad_lines_fail_the_read);
	tcase_add_test(tcase, damaged_copy_is_told);
	tcase_add_test(tcase, copy_that_can_not_be_read_refuses_what_comes);
	tcase_add_test(tcase, empty_answer_is_a_shrink);
	tcase_add_loop_test(tcase, source_without_an_address_is_another_kind, 0,
		COUNT(KINDS));
	tcase_add_test(tcase, who_becomes_a_contact_for_itself_is_lost);
	tcase_add_test(tcase, contacts_for_themselves_are_nobody);
	tcase_add_test(tcase, contacts_for_themselves_may_go);
	tcase_add_loop_test(tcase, domain_that_shrinks_is_refused, 0,
		sizeof DOMAINS / sizeof *DOMAINS);
	tcase_add_test(tcase, classes_are_counted);
	tcase_add_test(tcase, class_that_has_gone_is_told);
	tcase_add_test(tcase, class_that_has_gone_is_told_of_a_refused_list);
	tcase_add_test(tcase, half_a_read_tells_no_class);
	return unit_run(suite_create("reading"), tcase);
}
