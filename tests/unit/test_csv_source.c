#include "directory/csv_source.h"

#include "base/file.h"

#include "sink_text.h"
#include "unit_main.h"

#define DATA "tests/data/directory/"
#define SHORT_ROW \
	"4 cells expected, 2 found: a spreadsheet may have cut it short\n"

enum { COLUMNS_MAX = 3 };

/* What is asked of a file; columns end with NULL. */
struct wanted {
	const char *columns[COLUMNS_MAX];
	const char *target;
};

static const struct wanted PROXIES = { { "EmailAddresses" },
	"ExternalEmailAddress" };
static const struct wanted CSVDE = { { "proxyAddresses" }, "targetAddress" };
static const struct wanted EXCHANGE_5_5 = {
	{ "e-mail address", "Secondary-Proxy-Addresses" }, NULL
};
static const struct wanted MAIL = { { "mail" }, NULL };
static const struct wanted TYPE_NAME = { { "EmailAddresses" }, NULL };
static const struct wanted BOTH = { { "mail" }, "target" };
static const struct wanted MAILBOX_5_5 = { { "E-mail addresses" }, NULL };

static bool read_file(const char *path, const struct wanted *wanted,
	struct text *found, struct err *err)
{
	const char *columns[COLUMNS_MAX];
	struct directory directory = {
		.type = DIRECTORY_CSV,
		.source = path,
		.path = path,
		.fields = columns,
		.target_field = wanted->target,
	};
	const struct source_options options = { .is_dry = true };
	const struct sink sink = sink_text(found);

	for (size_t i = 0; i < COLUMNS_MAX && wanted->columns[i] != NULL; i++)
		columns[directory.n_fields++] = wanted->columns[i];
	return source_read(&directory, &options, &sink, err);
}

static const struct file_case {
	const char *path;
	const struct wanted *wanted;
	const char *found, *err;
} FILES[] = {
	{ DATA "get-recipient.csv", &PROXIES,
		"row 2 ann@company.example\nrow 2 a.one@company.example\n"
		"row 3 m.u@company.example\n"
		"row 3 mu@company.example -> mu@company.example\n"
		"row 4 crm@company.example -> crm@saas.example\n",
		NULL },
	{ DATA "type_name.csv", &TYPE_NAME, "",
		DATA "type_name.csv:2: "
		     "\"Microsoft.Exchange.Data.ProxyAddressCollection\" is "
		     "the name of a type, not its values: export the property "
		     "joined, as in @{n='EmailAddresses';e={$_.EmailAddresses "
		     "-join ';'}}" },
	{ DATA "exchange_5_5.csv", &EXCHANGE_5_5,
		"row 2 User1@org.example\nrow 2 User1@org2.example\n"
		"row 2 User2@org2.example\nrow 3 Someone@site.example\n"
		"row 4 BAD " SHORT_ROW,
		NULL },
	{ DATA "csvde.csv", &CSVDE,
		"row 2 ann@company.example\nrow 2 ann@company.local\n"
		"row 3 bob@company.local\n"
		"row 3 bob@company.example -> "
		"bob@company.example\n",
		NULL },
	{ DATA "unicode_text.txt", &MAIL,
		"row 2 j\xC3\xBCrgen@company.example\n"
		"row 3 ann@company.example\n",
		NULL },
	{ DATA "csvde.csv", &MAIL, "",
		DATA "csvde.csv:1: no column \"mail\"; the columns are "
		     "\"DN\", \"proxyAddresses\", \"targetAddress\"" },
	{ "/no/such.csv", &MAIL, "",
		"open /no/such.csv: No such file or directory" },
};

START_TEST(files_are_read)
{
	const struct file_case *c = &FILES[_i];
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	const bool good = read_file(c->path, c->wanted, &found, &err);

	ck_assert_msg(good == (c->err == NULL), "%s: %s", c->path, err.text);
	ck_assert_msg(strcmp(text_of(&found), c->found) == 0, "%s: %s", c->path,
		text_of(&found));
	if (c->err != NULL)
		ck_assert_str_eq(err.text, c->err);
	text_fini(&found);
}
END_TEST

static const struct text_case {
	const char *name, *text, *found, *err;
} TEXTS[] = {
	{ "empty cells are no entries", "mail,target\n,\nx,\n", "row 3 x\n",
		NULL },
	{ "header alone", "mail,target\n", "", NULL },
	{ "contact", "mail,target\na@b,SMTP:c@d\n", "row 2 a@b -> c@d\n",
		NULL },
	{ "target is its own address", "mail,target\na@b;c@d,smtp:C@D\n",
		"row 2 a@b\nrow 2 c@d -> C@D\n", NULL },
	{ "target is not SMTP", "mail,target\na@b,X400:c=US;a= ;\n",
		"row 2 a@b\n", NULL },
	{ "two targets", "mail,target\na@b,c@d;e@f\n",
		"row 2 BAD more than one target: a contact has one\n", NULL },
	{ "type name as a target", "mail,target\na@b,x@y\nc@d,System.Object\n",
		"row 2 a@b -> x@y\n",
		":3: \"System.Object\" is the name of a type, not its values: "
		"export the property joined, as in "
		"@{n='EmailAddresses';e={$_.EmailAddresses -join ';'}}" },
	{ "no target column", "mail\na@b\n", "",
		":1: no column \"target\"; the columns are \"mail\"" },
	{ "empty", "", "",
		":1: no header row: the first line must name the columns" },
	{ "broken at a line", "mail,target\n\"a@b\n\",\nc@d,\"e\n",
		"row 2 a@b\n", ":4: the quote opened here is never closed" },
	{ "stray quote in the header", "mail,tar\"get\n", "",
		":1: a quote in the middle of a cell: a cell with quotes is "
		"quoted as a whole" },
	{ "not utf-8", "mail,target\n\xE9,\n", "",
		":2: byte 0xE9 is not UTF-8: save the file as UTF-8" },
};

START_TEST(texts_are_read)
{
	const struct text_case *c = &TEXTS[_i];
	struct arena *arena = arena_open();
	const char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/export.csv", folder);
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	test_write(path, c->text, strlen(c->text));
	const bool good = read_file(path, &BOTH, &found, &err);

	ck_assert_msg(good == (c->err == NULL), "%s: %s", c->name, err.text);
	ck_assert_msg(strcmp(text_of(&found), c->found) == 0, "%s: %s", c->name,
		text_of(&found));
	if (c->err != NULL)
		ck_assert_str_eq(
			err.text, arena_printf(arena, "%s%s", path, c->err));
	text_fini(&found);
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

/* Each beginning of a file is read, or fails with a sentence. */
static void truncate_everywhere(const char *path, const struct wanted *wanted)
{
	struct arena *arena = arena_open();
	const char *folder = test_folder(arena);
	const char *cut = arena_printf(arena, "%s/cut", folder);
	size_t size;
	const char *bytes = file_read(path, &size, arena, NULL);

	ck_assert_msg(bytes != NULL, "%s", path);
	for (size_t len = 0; len <= size; len++) {
		struct text found;
		struct err err = { 0 };

		text_init(&found);
		test_write(cut, bytes, len);
		if (!read_file(cut, wanted, &found, &err))
			ck_assert_msg(err.text[0] != '\0', "%zu bytes of %s",
				len, path);
		text_fini(&found);
	}
	test_folder_remove(folder);
	arena_close(&arena);
}

START_TEST(truncations_are_borne)
{
	if (access(FILES[_i].path, R_OK) == 0)
		truncate_everywhere(FILES[_i].path, FILES[_i].wanted);
}
END_TEST

static const struct sample_case {
	const char *file;
	const struct wanted *wanted;
	const char *found; /* NULL: fails */
} SAMPLES[] = {
	{ "get-recipient_join_semicolon.csv", &PROXIES,
		"row 2 enabledexchange@cust.tld\n"
		"row 2 enabledexchange@cust.local\n"
		"row 3 enablednonexchangeuser@cust.local\n"
		"row 3 enablednonexchangeuser@welovecust.com -> "
		"enablednonexchangeuser@welovecust.com\n"
		"row 4 disabledrc@cust.local\n"
		"row 4 disabledrc@welovecust.com -> "
		"disabledrc@welovecust.com\n" },
	{ "csvde_escaped.csv", &CSVDE,
		"row 2 enabledexchange@cust.tld\n"
		"row 2 enabledexchange@cust.local\n"
		"row 3 enablednonexchangeuser@cust.local\n"
		"row 3 enablednonexchangeuser@welovecust.com -> "
		"enablednonexchangeuser@welovecust.com\n"
		"row 4 disabledrc@cust.local\n"
		"row 4 disabledrc@welovecust.com -> "
		"disabledrc@welovecust.com\n" },
	{ "get-recipient_typename.csv", &TYPE_NAME, NULL },
	{ "q155594_custom_recipient.csv", &EXCHANGE_5_5,
		"row 2 User1@org.com\nrow 2 User1@org2.com\n"
		"row 2 User1@org3.com\nrow 2 User2@org2.com\n" },
	{ "q184536_mailbox.csv", &MAILBOX_5_5,
		"row 2 Someone@SITE.microsoft.com\n" },
};

START_TEST(real_exports_are_read)
{
	const struct sample_case *c = &SAMPLES[_i];
	struct arena *arena = arena_open();
	const char *path = test_sample(c->file, arena);
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	if (path != NULL) {
		const bool good = read_file(path, c->wanted, &found, &err);

		ck_assert_msg(good == (c->found != NULL), "%s", err.text);
		if (good)
			ck_assert_str_eq(text_of(&found), c->found);
		truncate_everywhere(path, c->wanted);
	}
	text_fini(&found);
	arena_close(&arena);
}
END_TEST

START_TEST(short_rows_of_a_spreadsheet_are_bad)
{
	static const struct wanted wanted = { { "Last name" }, NULL };
	struct arena *arena = arena_open();
	const char *path = test_sample("q188649_short_row.csv", arena);
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	if (path != NULL) {
		ck_assert(read_file(path, &wanted, &found, &err));
		ck_assert_str_eq(text_of(&found),
			"row 2 Barbariol\nrow 3 BAD 4 cells expected, 3 found: "
			"a spreadsheet may have cut it short\n");
	}
	text_fini(&found);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60); /* files, on a busy machine */

	tcase_add_loop_test(tcase, files_are_read, 0, COUNT(FILES));
	tcase_add_loop_test(tcase, texts_are_read, 0, COUNT(TEXTS));
	tcase_add_loop_test(tcase, truncations_are_borne, 0, COUNT(FILES));
	tcase_add_loop_test(tcase, real_exports_are_read, 0, COUNT(SAMPLES));
	tcase_add_test(tcase, short_rows_of_a_spreadsheet_are_bad);
	return unit_run(suite_create("csv_source"), tcase);
}
