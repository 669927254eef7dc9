/* Whole exports as tools write them; cut off at each byte, and damaged. */
#include "directory/ldif.h"

#include "base/file.h"
#include "tests/unit/ldif_case.h"
#include "tests/unit/unit_main.h"

#define DATA "tests/data/directory/"

static const struct directory OPENLDAP = { .source = "x.ldif",
	.preset = PRESET_OPENLDAP };
static const struct directory EXCHANGE = { .source = "x.ldif",
	.preset = PRESET_ACTIVE_DIRECTORY };
static const struct directory ENABLED = { .source = "x.ldif",
	.preset = PRESET_ACTIVE_DIRECTORY,
	.skips_disabled = true };

/* A sample is read where it is at hand. */
static const struct file_case {
	const char *path;
	const struct directory *directory;
	const char *found;
	bool is_sample;
} FILES[] = {
	{ DATA "ldifde.ldf", .directory = &ENABLED,
		"class UserMailbox\n"
		"line 1: CN=Ann One,OU=Staff,DC=company,DC=example "
		"ann@company.example\n"
		"line 1: CN=Ann One,OU=Staff,DC=company,DC=example "
		"ann.one@company.example\n"
		"line 1: CN=Ann One,OU=Staff,DC=company,DC=example "
		"ann.the.first.of.her.name.and.of.her.house@department."
		"company.example\n"
		"class SharedMailbox\n"
		"line 32: CN=Front Desk,OU=Rooms,DC=company,DC=example "
		"desk@company.example\n"
		"class contact\n"
		"line 40: CN=Crm,OU=Contacts,DC=company,DC=example "
		"crm@company.example -> crm@saas.example\n"
		"class msExchDynamicDistributionList\n"
		"line 48: CN=All,OU=Groups,DC=company,DC=example "
		"all@company.example\n" },
	{ DATA "ldapsearch.ldif", .directory = &OPENLDAP,
		"class inetOrgPerson\n"
		"line 17: cn=Ann\\2C the \\22first\\22\\2B\\3Cx\\3E\\3B\\5C,"
		"ou=people,dc=company,dc=example ann@company.example\n"
		"line 17: cn=Ann\\2C the \\22first\\22\\2B\\3Cx\\3E\\3B\\5C,"
		"ou=people,dc=company,dc=example ann.de@company.example\n"
		"line 17: cn=Ann\\2C the \\22first\\22\\2B\\3Cx\\3E\\3B\\5C,"
		"ou=people,dc=company,dc=example ann.one@company.example\n"
		"class inetOrgPerson\n"
		"line 41: cn=J\xC3\xBCrgen,ou=people,dc=company,dc=example "
		"someone-whose-local-part-goes-on-and-on-and-on-and-on"
		"@department.company.example\n"
		"class groupOfNames\n"
		"line 50: cn=list,ou=groups,dc=company,dc=example "
		"list@company.example\n"
		"line 50: cn=list,ou=groups,dc=company,dc=example "
		"all@company.example\n" },
	{ DATA "slapcat.ldif", .directory = &OPENLDAP,
		"class inetOrgPerson\n"
		"line 14: uid=ann,dc=company,dc=example ann@company.example\n"
		"line 14: uid=ann,dc=company,dc=example "
		"ann.one.whose.other.address.is.too.long.for.one@department"
		".company.example\n" },
	{ "getadsmtp_enabled-exchange-user.ldif", &ENABLED,
		"class UserMailbox\n"
		"line 1: CN=Enabled Exchange User,CN=Users,DC=cust,DC=local "
		"enabledexchange@cust.tld\n"
		"line 1: CN=Enabled Exchange User,CN=Users,DC=cust,DC=local "
		"enabledexchange@cust.local\n",
		true },
	{ "technet_directory_pri.ldf", &EXCHANGE,
		/* somebody elsewhere, by his own address */
		"class contact\n"
		"line 1: CN=Ted Bremer,OU=Remote SMTP Recipients,DC=fabrikam,"
		"DC=com Ted@legacy.fabrikam.com -> Ted@legacy.fabrikam.com\n"
		"class contact\n"
		"line 12: CN=Hao Chen,OU=Remote SMTP Recipients,DC=fabrikam,"
		"DC=com Hao@legacy.fabrikam.com -> Hao@legacy.fabrikam.com\n"
		"class contact\n"
		"line 23: CN=Pilar Ackerman,OU=Remote SMTP Recipients,"
		"DC=fabrikam,DC=com Pilar@legacy.fabrikam.com -> "
		"Pilar@legacy.fabrikam.com\n",
		true },
};

/* NULL: a sample that is not at hand. */
static const char *read_whole(
	const struct file_case *c, size_t *len, struct arena *arena)
{
	const char *path = c->is_sample ? test_sample(c->path, arena) : c->path;
	const char *bytes = path == NULL ? NULL
					 : file_read(path, len, arena, NULL);

	ck_assert_msg(path == NULL || bytes != NULL, "%s", path);
	return bytes;
}

START_TEST(an_end_before_the_flags_of_an_account_is_none)
{
	static const char CUT[] = "dn: cn=a\nproxyAddresses: smtp:a@b\n";
	static const char WHOLE[] = "dn: cn=a\nproxyAddresses: smtp:a@b\n\n";
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	ck_assert(!ldif_case_read(&ENABLED, CUT, sizeof CUT - 1, &found, &err));
	ck_assert_str_eq(err.text,
		"x.ldif:3: the text ends before the userAccountControl of this "
		"entry, so it may have been cut off; a whole one ends with an "
		"empty line");
	ck_assert_str_eq(text_of(&found), "");
	ck_assert(ldif_case_read(&EXCHANGE, CUT, sizeof CUT - 1, &found, NULL));
	ck_assert(ldif_case_read(
		&ENABLED, WHOLE, sizeof WHOLE - 1, &found, NULL));
	text_fini(&found);
}
END_TEST

START_TEST(exports_are_read)
{
	const struct file_case *c = &FILES[_i];
	struct arena *arena = arena_open();
	struct text found;
	struct err err = { 0 };
	size_t len;
	const char *bytes = read_whole(c, &len, arena);

	text_init(&found);
	if (bytes != NULL) {
		ck_assert_msg(
			ldif_case_read(c->directory, bytes, len, &found, &err),
			"%s: %s", c->path, err.text);
		ck_assert_msg(strcmp(text_of(&found), c->found) == 0, "%s: %s",
			c->path, text_of(&found));
	}
	text_fini(&found);
	arena_close(&arena);
}
END_TEST

/* Lines of found that are none of the whole's. */
static void check_lines(const struct file_case *c, char *found, size_t len)
{
	struct arena *arena = arena_open();

	while (found != NULL && *found != '\0') {
		const char *line = strsep(&found, "\n");

		/* the entry may have lost its class or its target */
		ck_assert_msg(text_starts(line, "class ") ||
				strstr(c->found,
					arena_printf(arena, "%s\n", line)) ||
				strstr(c->found,
					arena_printf(arena, "%s -> ", line)),
			"%zu bytes of %s: %s", len, c->path, line);
	}
	arena_close(&arena);
}

/* True where the beginning of a text passed for a whole one. */
static bool truncate_at(
	const struct file_case *c, const char *bytes, size_t len)
{
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	const bool is_read =
		ldif_case_read(c->directory, bytes, len, &found, &err);

	ck_assert_msg(is_read || err.text[0] != '\0', "%zu bytes of %s", len,
		c->path);
	if (is_read)
		check_lines(c, found.data, len);
	text_fini(&found);
	return is_read;
}

START_TEST(no_truncation_makes_an_address)
{
	const struct file_case *c = &FILES[_i];
	struct arena *arena = arena_open();
	size_t size, n_read = 0;
	const char *bytes = read_whole(c, &size, arena);

	for (size_t len = 0; bytes != NULL && len < size; len++)
		n_read += truncate_at(c, bytes, len);
	/* none but at the ends of lines */
	ck_assert_uint_lt(n_read, 120);
	arena_close(&arena);
}
END_TEST

START_TEST(no_truncation_of_a_search_is_whole)
{
	const struct file_case c = { DATA "ldapsearch.ldif", &OPENLDAP, "",
		false };
	struct arena *arena = arena_open();
	size_t size;
	const char *bytes = read_whole(&c, &size, arena);
	const char *page = strstr(bytes + 1, "# extended LDIF\n");
	const char *last = strstr(page, "\nresult: 0 Success");

	ck_assert_ptr_nonnull(last);
	for (const char *at = page + 1; at <= last; at++) {
		struct text found;
		struct err err = { 0 };

		text_init(&found);
		ck_assert_msg(!ldif_case_read(&OPENLDAP, bytes,
				      (size_t)(at - bytes), &found, &err),
			"%zu bytes", (size_t)(at - bytes));
		text_fini(&found);
	}
	arena_close(&arena);
}
END_TEST

/* With any byte of it another one it is read, or fails with a sentence. */
static void damage_at(
	const struct file_case *c, char *bytes, size_t len, size_t at)
{
	static const char OTHERS[] = { '\n', ' ', ':', '#', '=', 'x' };
	const char old = bytes[at];

	for (size_t i = 0; i < sizeof OTHERS; i++) {
		struct text found;
		struct err err = { 0 };

		text_init(&found);
		bytes[at] = OTHERS[i];
		ck_assert(ldif_case_read(c->directory, bytes, len, &found,
				  &err) != (err.text[0] != '\0'));
		text_fini(&found);
	}
	bytes[at] = old;
}

START_TEST(damage_is_borne)
{
	const struct file_case *c = &FILES[_i];
	struct arena *arena = arena_open();
	size_t len;
	const char *bytes = read_whole(c, &len, arena);
	char *copy = bytes == NULL ? NULL : arena_strndup(arena, bytes, len);

	for (size_t at = 0; copy != NULL && at < len; at++)
		damage_at(c, copy, len, at);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60); /* each byte of files */
	tcase_add_test(tcase, an_end_before_the_flags_of_an_account_is_none);
	tcase_add_loop_test(tcase, exports_are_read, 0, COUNT(FILES));
	tcase_add_loop_test(
		tcase, no_truncation_makes_an_address, 0, COUNT(FILES));
	tcase_add_loop_test(tcase, damage_is_borne, 0, COUNT(FILES));
	tcase_add_test(tcase, no_truncation_of_a_search_is_whole);
	return unit_run(suite_create("ldif exports"), tcase);
}
