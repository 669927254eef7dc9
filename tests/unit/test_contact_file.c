#include "directory/contact_file.h"

#include "sink_text.h"
#include "unit_main.h"

enum { FILES_MAX = 2 };

/* FILE1 and FILE2 in a sentence stand for the paths. */
static const struct contact_case {
	const char *name;
	const char *files[FILES_MAX]; /* NULL: there is none of that name */
	const char *contacts; /* "line address target" of the files */
	const char *faults; /* "FILE:line: sentence" lines */
} CASES[] = {
	{ "two files",
		{ "address,target\r\nSales@d.example,CRM@e.example\r\n",
			"Target;Address\nx@e.example; y@d.example \n" },
		"2 sales@d.example crm@e.example\n"
		"2 y@d.example x@e.example\n",
		"" },
	{ "header alone", { "address,target\n", "address,target" }, "", "" },
	{ "other columns are borne",
		{ "note,address,target\nx,a@d.example,b@e.example\n",
			"address,target" },
		"2 a@d.example b@e.example\n", "" },
	{ "absent file", { NULL, "address,target" }, "",
		"namespace.conf:20: open FILE1: No such file or directory\n" },
	{ "empty file", { "", "address,target" }, "",
		"FILE1:1: no header row: the first line must name the "
		"columns\n" },
	{ "no target column", { "address,to\n", "address,target" }, "",
		"FILE1:1: no column \"target\"; the columns are \"address\", "
		"\"to\"\n" },
	{ "no address column", { "mail,target\n", "address,target" }, "",
		"FILE1:1: no column \"address\"; the columns are \"mail\", "
		"\"target\"\n" },
	{ "not utf-8", { "address,target\n\xE9", "address,target" }, "",
		"FILE1:2: byte 0xE9 is not UTF-8: save the file as UTF-8\n" },
	{ "every fault is told",
		{ "address,target\nbob,a@e.example\na@d.example,\n"
		  "short@d.example\nb@d.example,x@e.example\n",
			"address,target\nx,y\n" },
		"5 b@d.example x@e.example\n",
		"FILE1:2: address: \"bob\" has no domain: write it as "
		"\"bob@DOMAIN\"\n"
		"FILE1:3: target: the address is empty\n"
		"FILE1:4: 2 cells expected, 1 found: a spreadsheet may have "
		"cut it short\n"
		"FILE2:2: address: \"x\" has no domain: write it as "
		"\"x@DOMAIN\"\n"
		"FILE2:2: target: \"y\" has no domain: write it as "
		"\"y@DOMAIN\"\n" },
	{ "broken text",
		{ "address,target\na@d.example,x@e.example\n\"b@d.example\n",
			"address,target\nc@d.example,x@e.example\n" },
		"2 a@d.example x@e.example\n2 c@d.example x@e.example\n",
		"FILE1:3: the quote opened here is never closed\n" },
	{ "lines, not rows, are told",
		{ "address,target,note\na@d.example,x@e.example,\"1\n2\"\n"
		  "b@d.example,y,\n",
			"address,target" },
		"2 a@d.example x@e.example\n",
		"FILE1:4: target: \"y\" has no domain: write it as "
		"\"y@DOMAIN\"\n" },
	{ "twice in a file",
		{ "address,target\na@d.example,x@e.example\n"
		  "A@d.example,y@e.example\n",
			"address,target" },
		"2 a@d.example x@e.example\n",
		"FILE1:3: contact \"a@d.example\" stands at FILE1:2 "
		"already\n" },
	{ "twice in two files",
		{ "address,target\na@d.example,x@e.example\n",
			"address,target\na@d.example,x@e.example\n" },
		"2 a@d.example x@e.example\n",
		"FILE2:2: contact \"a@d.example\" stands at FILE1:2 "
		"already\n" },
	{ "in the configuration as well",
		{ "address,target\nhere@d.example,x@e.example\n",
			"address,target" },
		"",
		"FILE1:2: contact \"here@d.example\" stands at "
		"namespace.conf:9 already\n" },
};

struct fixture {
	struct arena *arena;
	const char *folder;
	struct contact_file files[FILES_MAX];
	struct contact in_place[1];
	struct namespace ns;
	struct faults *faults;
};

static void fixture_init(struct fixture *f, const struct contact_case *c)
{
	*f = (struct fixture){ .arena = arena_open(), .faults = faults_open() };
	f->folder = test_folder(f->arena);
	f->in_place[0] = (struct contact){ "here@d.example", "h@e.example",
		{ "namespace.conf", 9 } };
	for (unsigned i = 0; i < FILES_MAX; i++) {
		f->files[i].path =
			arena_printf(f->arena, "%s/c%u.csv", f->folder, i + 1);
		f->files[i].place = (struct place){ "namespace.conf", 20 + i };
		if (c->files[i] != NULL)
			test_write(f->files[i].path, c->files[i],
				strlen(c->files[i]));
	}
	f->ns.extension = "+";
	f->ns.contacts = f->in_place;
	f->ns.n_contacts = 1;
	f->ns.contact_files = f->files;
	f->ns.n_contact_files = FILES_MAX;
}

static void fixture_fini(struct fixture *f)
{
	test_folder_remove(f->folder);
	faults_close(&f->faults);
	arena_close(&f->arena);
}

/* With FILE1 and FILE2 for the paths. */
static void add_with_names(
	const struct fixture *f, struct text *out, const char *text)
{
	while (*text != '\0') {
		size_t i = 0;

		while (i < FILES_MAX && !text_starts(text, f->files[i].path))
			i++;
		if (i < FILES_MAX) {
			text_addf(out, "FILE%zu", i + 1);
			text += strlen(f->files[i].path);
		} else {
			text_add(out, text++, 1);
		}
	}
}

static const char *faults_of(const struct fixture *f)
{
	struct text text;

	text_init(&text);
	for (size_t i = 0; i < faults_count(f->faults); i++) {
		const struct fault *fault = faults_get(f->faults, i);

		add_with_names(f, &text, fault->place.file);
		text_addf(&text, ":%u: ", fault->place.line);
		add_with_names(f, &text, fault->text);
		text_adds(&text, "\n");
	}
	const char *result = arena_strdup(f->arena, text_of(&text));

	text_fini(&text);
	return result;
}

static const char *contacts_of(const struct fixture *f)
{
	struct text text;

	text_init(&text);
	for (size_t i = 1; i < f->ns.n_contacts; i++)
		text_addf(&text, "%u %s %s\n", f->ns.contacts[i].place.line,
			f->ns.contacts[i].address, f->ns.contacts[i].target);
	const char *result = arena_strdup(f->arena, text_of(&text));

	text_fini(&text);
	return result;
}

START_TEST(files_are_read)
{
	const struct contact_case *c = &CASES[_i];
	struct fixture f;

	fixture_init(&f, c);
	contact_files_read(&f.ns, f.arena, f.faults);
	ck_assert_str_eq(f.ns.contacts[0].address, "here@d.example");
	ck_assert_msg(strcmp(contacts_of(&f), c->contacts) == 0, "%s: %s",
		c->name, contacts_of(&f));
	ck_assert_msg(strcmp(faults_of(&f), c->faults) == 0, "%s: %s", c->name,
		faults_of(&f));
	ck_assert_uint_eq(faults_errors(f.faults), faults_count(f.faults));
	fixture_fini(&f);
}
END_TEST

START_TEST(without_files_nothing_changes)
{
	struct namespace ns = { .extension = "" };
	struct arena *arena = arena_open();
	struct faults *faults = faults_open();

	contact_files_read(&ns, arena, faults);
	ck_assert_uint_eq(ns.n_contacts, 0);
	ck_assert_uint_eq(faults_count(faults), 0);
	faults_close(&faults);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, files_are_read, 0, COUNT(CASES));
	tcase_add_test(tcase, without_files_nothing_changes);
	return unit_run(suite_create("contact_file"), tcase);
}
