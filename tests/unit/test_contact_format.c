/* What is printed, byte by byte; and that it can be read back. */
#include "transport-map-gen/contact_format.h"

#include "directory/csv_source.h"
#include "directory/list_file.h"
#include "directory/text_decode.h"
#include "tests/unit/sink_text.h"
#include "tests/unit/unit_main.h"

#define BOM "\xef\xbb\xbf"
#define HEAD \
	BOM "\"Name\",\"DisplayName\",\"Alias\",\"ExternalEmailAddress\"\r\n"
#define CLASSES \
	"changetype: add\n" \
	"objectClass: top\n" \
	"objectClass: person\n" \
	"objectClass: organizationalPerson\n" \
	"objectClass: contact\n"
#define BASE "ou=Contacts,dc=d,dc=example"

static const char *nora[] = { "nora@d.example" };
static const char *odd[] = { "\"a,b\"@d.example", "#1@d.example",
	"=1+1@d.example", "j\xc3\xbcrgen@d.example", "nora@d.example",
	"nora@e.example", "o'neil@d.example" };

static const struct {
	const char *name;
	enum contact_format format;
	const char **addresses;
	size_t count;
	const char *expect;
} cases[] = {
	{ "no text", CONTACT_FORMAT_TEXT, NULL, 0, "" },
	{ "text", CONTACT_FORMAT_TEXT, nora, 1, "nora@d.example\n" },
	{ "no comments", CONTACT_FORMAT_TEXT, odd, 2,
		"\"a,b\"@d.example\n\"#1\"@d.example\n" },
	{ "no rows", CONTACT_FORMAT_CSV, NULL, 0, HEAD },
	{ "a row", CONTACT_FORMAT_CSV, nora, 1,
		HEAD "\"nora@d.example\",\"nora@d.example\",\"nora\","
		     "\"SMTP:nora@d.example\"\r\n" },
	{ "quotes", CONTACT_FORMAT_CSV, odd, 1,
		HEAD "\"\"\"a,b\"\"@d.example\",\"\"\"a,b\"\"@d.example\","
		     "\"_a_b_-379a11444ebd\",\"SMTP:\"\"a,b\"\"@d.example\""
		     "\r\n" },
	{ "no objects", CONTACT_FORMAT_LDIF, NULL, 0, "version: 1\n" },
	{ "an object", CONTACT_FORMAT_LDIF, nora, 1,
		"version: 1\n\ndn: CN=nora@d.example," BASE "\n" CLASSES
		"cn: nora@d.example\n"
		"sn: nora@d.example\n"
		"displayName: nora@d.example\n"
		"mailNickname: nora\n"
		"mail: nora@d.example\n"
		"targetAddress: SMTP:nora@d.example\n"
		"proxyAddresses: SMTP:nora@d.example\n" },
	{ "an escaped DN", CONTACT_FORMAT_LDIF, odd, 1,
		"version: 1\n\ndn: CN=\\\"a\\,b\\\"@d.example," BASE
		"\n" CLASSES "cn: \"a,b\"@d.example\n"
		"sn: \"a,b\"@d.example\n"
		"displayName: \"a,b\"@d.example\n"
		"mailNickname: _a_b_-379a11444ebd\n"
		"mail: \"a,b\"@d.example\n"
		"targetAddress: SMTP:\"a,b\"@d.example\n"
		"proxyAddresses: SMTP:\"a,b\"@d.example\n" },
};

/* The bytes printed, in the arena. */
static char *print(enum contact_format format, const char **addresses,
	size_t count, const char *base, struct arena *arena)
{
	const struct contact_list list = { addresses, count };
	char *bytes = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&bytes, &len);

	contact_format_print(format, &list, base, file);
	ck_assert(!ferror(file));
	ck_assert_int_eq(fclose(file), 0);
	char *copy = arena_strndup(arena, bytes, len);

	free(bytes);
	return copy;
}

START_TEST(prints)
{
	struct arena *arena = arena_open();
	const char *said = print(cases[_i].format, cases[_i].addresses,
		cases[_i].count, BASE, arena);

	ck_assert_msg(strcmp(said, cases[_i].expect) == 0,
		"%s:\n%s\nbut expected:\n%s", cases[_i].name, said,
		cases[_i].expect);
	arena_close(&arena);
}
END_TEST

START_TEST(others_than_ascii_are_base64)
{
	struct arena *arena = arena_open();
	const char *said = print(
		CONTACT_FORMAT_LDIF, odd + 3, 1, "ou=K\xc3\xb6ln,dc=d", arena);

	/* CN=j__rgen@d.example 5b2d...,ou=Köln,dc=d and the like */
	ck_assert_ptr_nonnull(strstr(said, "\ndn:: Q049al9fcmdlbkBkLmV4"));
	ck_assert_ptr_nonnull(
		strstr(said, "\nmail:: asO8cmdlbkBkLmV4YW1wbGU=\n"));
	ck_assert_ptr_nonnull(strstr(said, "\ncn: j__rgen@d.example "));
	arena_close(&arena);
}
END_TEST

/* Three lengths of padding, as base64(1) has them. */
START_TEST(pads)
{
	static const char *const pairs[][2] = { { "\xc3\xa4@d", "w6RAZA==" },
		{ "\xc3\xa4@dd", "w6RAZGQ=" }, { "\xc3\xa4@ddd", "w6RAZGRk" } };
	struct arena *arena = arena_open();

	for (int i = 0; i < COUNT(pairs); i++) {
		const char *address = pairs[i][0];
		const char *said =
			print(CONTACT_FORMAT_LDIF, &address, 1, BASE, arena);

		ck_assert_ptr_nonnull(strstr(said,
			arena_printf(arena, "\nmail:: %s\n", pairs[i][1])));
	}
	arena_close(&arena);
}
END_TEST

/* No cell of any row begins as a formula does. */
START_TEST(a_spreadsheet_runs_nothing)
{
	struct arena *arena = arena_open();
	const char *said = print(CONTACT_FORMAT_CSV, odd,
		sizeof odd / sizeof odd[0], BASE, arena);

	for (const char *at = said; (at = strstr(at, ",\"")) != NULL; at++)
		ck_assert_ptr_null(strchr("=+-@", at[2]));
	for (const char *at = said; (at = strstr(at, "\r\n\"")) != NULL; at++)
		ck_assert_ptr_null(strchr("=+-@", at[3]));
	arena_close(&arena);
}
END_TEST

/* The addresses, in order, one a line. */
static const char *all_odd(struct arena *arena)
{
	struct text text;

	text_init(&text);
	for (int i = 0; i < COUNT(odd); i++)
		text_addf(&text, "%s\n", odd[i]);
	const char *result = arena_strndup(arena, text.data, text.len);

	text_fini(&text);
	return result;
}

static void note_address(void *context, const struct entry *entry)
{
	text_addf(context, "%s\n", entry->address);
}

static const char *read_back(enum contact_format format,
	const struct directory *directory, struct arena *arena)
{
	char *bytes =
		print(format, odd, sizeof odd / sizeof odd[0], BASE, arena);
	struct decoded decoded;
	struct err err = { 0 };
	struct text text;
	const struct sink sink = { note_address, sink_text_bad,
		sink_text_no_object, &text };

	text_init(&text);
	ck_assert(text_decode(&decoded, bytes, strlen(bytes), arena, &err));
	ck_assert_msg(source_read_text(directory->type, directory, &decoded,
			      &sink, &err),
		"%s", err.text);
	const char *result = arena_strdup(arena, text_of(&text));

	text_fini(&text);
	return result;
}

START_TEST(csv_is_read_back)
{
	static const char *fields[] = { "ExternalEmailAddress" };
	const struct directory directory = { .name = "contacts",
		.type = DIRECTORY_CSV,
		.source = "contacts.csv",
		.fields = fields,
		.n_fields = 1 };
	struct arena *arena = arena_open();

	ck_assert_str_eq(read_back(CONTACT_FORMAT_CSV, &directory, arena),
		all_odd(arena));
	arena_close(&arena);
}
END_TEST

START_TEST(text_is_read_back)
{
	const struct directory directory = { .name = "contacts",
		.type = DIRECTORY_FILE,
		.source = "contacts.txt" };
	struct arena *arena = arena_open();
	struct text expected;

	text_init(&expected);
	for (int i = 0; i < COUNT(odd); i++)
		text_addf(&expected, "%s\n",
			i == 1 ? "\"#1\"@d.example" : odd[i]);
	ck_assert_str_eq(read_back(CONTACT_FORMAT_TEXT, &directory, arena),
		expected.data);
	text_fini(&expected);
	arena_close(&arena);
}
END_TEST

START_TEST(formats_have_names)
{
	enum contact_format format = CONTACT_FORMAT_TEXT;
	struct err err = { 0 };

	ck_assert(contact_format_parse(&format, "ldif", &err));
	ck_assert_int_eq(format, CONTACT_FORMAT_LDIF);
	ck_assert(contact_format_parse(&format, "csv", &err));
	ck_assert_int_eq(format, CONTACT_FORMAT_CSV);
	ck_assert(contact_format_parse(&format, "text", &err));
	ck_assert_int_eq(format, CONTACT_FORMAT_TEXT);
	ck_assert(!contact_format_parse(&format, "xml", &err));
	ck_assert_str_eq(err.text, "--format is text, csv or ldif, not xml");
}
END_TEST

#define NO_BASE(text) \
	"--base is a DN, such as ou=Contacts,dc=company,dc=example, not " text

static const struct {
	const char *base, *err; /* "" = sound */
} bases[] = {
	{ BASE, "" },
	{ "", NO_BASE("") },
	{ "contacts", NO_BASE("contacts") },
	{ "=x", NO_BASE("=x") },
	{ "ou=", NO_BASE("ou=") },
	{ "ou=a\nb", "--base has a control character in it" },
};

START_TEST(bases_are_checked)
{
	struct err err = { 0 };

	ck_assert_int_eq(contact_base_check(bases[_i].base, &err),
		bases[_i].err[0] == '\0');
	ck_assert_str_eq(err.text, bases[_i].err);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("contact_format");

	tcase_add_loop_test(tcase, prints, 0, COUNT(cases));
	tcase_add_test(tcase, others_than_ascii_are_base64);
	tcase_add_test(tcase, pads);
	tcase_add_test(tcase, a_spreadsheet_runs_nothing);
	tcase_add_test(tcase, csv_is_read_back);
	tcase_add_test(tcase, text_is_read_back);
	tcase_add_test(tcase, formats_have_names);
	tcase_add_loop_test(tcase, bases_are_checked, 0, COUNT(bases));
	return unit_run(suite_create("contact_format"), tcase);
}
