#include "directory/ldif.h"

#include "base/file.h"
#include "directory/text_decode.h"

#include "sink_text.h"
#include "unit_main.h"

#define DATA "tests/data/directory/"

static const struct directory OPENLDAP = { .source = "x.ldif",
	.preset = PRESET_OPENLDAP };
static const struct directory EXCHANGE = { .source = "x.ldif",
	.preset = PRESET_ACTIVE_DIRECTORY };
static const struct directory ENABLED = { .source = "x.ldif",
	.preset = PRESET_ACTIVE_DIRECTORY,
	.skips_disabled = true };

/* The text is copied to a block of its own, so that an overrun is seen. */
static bool read_text(const struct directory *directory, const char *text,
	size_t len, struct text *found, struct err *err)
{
	struct arena *arena = arena_open();
	char *copy = malloc(len + 1);
	struct decoded decoded;
	struct sink sink = sink_text(found);

	sink.object = sink_text_object;
	memcpy(copy, text, len);
	copy[len] = '\0';
	const bool is_read = text_decode(&decoded, copy, len, arena, err) &&
		ldif_read(directory, &decoded, &sink, err);

	free(copy);
	arena_close(&arena);
	return is_read;
}

#define ANN "dn: cn=ann\nmail: ann@b\n"
#define ANN_FOUND(line) "class object\nline " line ": cn=ann ann@b\n"
#define FOLDED_IN_ADDRESS \
	"mail: 0123456789012345678901234567890123456789012345678901234567@b" \
	".example"

static const struct text_case {
	const char *name, *text, *found, *err;
} TEXTS[] = {
	/* forms of lines */
	{ "empty", "", "", NULL },
	{ "an entry", ANN, ANN_FOUND("1"), NULL },
	{ "two entries", ANN "\n" ANN, ANN_FOUND("1") ANN_FOUND("4"), NULL },
	{ "empty lines around", "\n\n" ANN "\n\n\n" ANN "\n",
		ANN_FOUND("3") ANN_FOUND("8"), NULL },
	{ "CR LF", "dn: cn=ann\r\nmail: ann@\r\n b\r\n\r\n", ANN_FOUND("1"),
		NULL },
	{ "version", "version: 1\n" ANN, ANN_FOUND("2"), NULL },
	{ "version and an empty line", "version: 1\n\n" ANN, ANN_FOUND("3"),
		NULL },
	{ "folded", "# a\n : x\nd\n n: c\n n=ann\nma\n il:\n  ann@\n b\n\n",
		ANN_FOUND("3"), NULL },
	{ "comments within", "#x\ndn: cn=ann\n#\n#y\n  z\nmail: ann@b\n#z\n",
		ANN_FOUND("2"), NULL },
	{ "no blank behind the colon", "dn:cn=ann\nmail:ann@b\n",
		ANN_FOUND("1"), NULL },
	{ "blanks around", "dn:   cn=ann\nmail:   ann@b  \n", ANN_FOUND("1"),
		NULL },
	{ "base64", "dn:: Y249YW5u\nmail:: YW5uQGI=\n", ANN_FOUND("1"), NULL },
	{ "base64, folded and with blanks",
		"dn::  Y249\n YW5u \nmail:: YW5u\n QGI= \n\n", ANN_FOUND("1"),
		NULL },
	{ "options", "dn: cn=ann\nmail;lang-de;x: ann@b\n", ANN_FOUND("1"),
		NULL },
	{ "any case", "DN: cn=ann\nMAIL: ann@b\n", ANN_FOUND("1"), NULL },
	{ "changetype add", "dn: cn=ann\nchangetype: add\nmail: ann@b\n",
		ANN_FOUND("1"), NULL },
	{ "changetype add, blanks",
		"dn: cn=ann\nchangetype: Add \nmail: ann@b\n", ANN_FOUND("1"),
		NULL },
	{ "no address", "dn: cn=ann\ncn: ann\n", "", NULL },
	{ "attributes of no use are not looked at",
		"dn: cn=ann\nphoto:: *\nphoto:< file:///x\nmail: ann@b\n",
		ANN_FOUND("1"), NULL },

	/* DNs */
	{ "empty dn", "dn:\nmail: ann@b\n", "class object\nline 1 ann@b\n",
		NULL },
	{ "special characters",
		"dn: cn=\\2C\\\"\\+<>;\\5C*)(objectClass=*\\00 \xC3\xBC\n"
		"mail: ann@b\n",
		"class object\nline 1: cn=\\2C\\\"\\+<>;\\5C*)(objectClass=*"
		"\\00 \xC3\xBC ann@b\n",
		NULL },
	/* "cn=a\0b\nc\xC2\x85\xFF" */
	{ "control characters", "dn:: Y249YQBiCmPChf8=\nmail: ann@b\n",
		"class object\nline 1: cn=a\\00b\\0Ac\\C2\\85\\FF ann@b\n",
		NULL },

	/* values */
	{ "what a filter would read",
		"dn: cn=ann\nmail: *)(objectClass=*\nmail: a*(b)\\2a\\00@c\n",
		"class object\nline 1: cn=ann *)(objectClass=*\n"
		"line 1: cn=ann a*(b)\\2a\\00@c\n",
		NULL },
	/* "ann@b\0.x" */
	{ "NUL", "dn: cn=ann\nmail:: YW5uQGIALng=\n",
		"line 1: cn=ann BAD mail has a NUL byte in \"ann@b?.x\"\n"
		"class object\n",
		NULL },
	/* "ann@b\n" */
	{ "newline", "dn: cn=ann\nmail:: YW5uQGIK\n",
		"line 1: cn=ann BAD mail has a control character in "
		"\"ann@b?\"\nclass object\n",
		NULL },
	{ "damaged base64",
		"dn: cn=ann\nmail:: YW5uQG\nmail:: YW5=QGI=\nmail:: Y===\n"
		"mail:: YW5uQGI*\nmail: ann@b\n",
		"line 1: cn=ann BAD mail has damaged base64\n"
		"line 1: cn=ann BAD mail has damaged base64\n"
		"line 1: cn=ann BAD mail has damaged base64\n"
		"line 1: cn=ann BAD mail has damaged base64\n" ANN_FOUND("1"),
		NULL },
	{ "URL", "dn: cn=ann\nmail:< file:///etc/passwd\nmail: ann@b\n",
		"line 1: cn=ann BAD mail stands in another file (\":<\"), "
		"which is not read\n" ANN_FOUND("1"),
		NULL },
	{ "a range",
		"dn: cn=ann\nmail;range=0-1: ann@b\n\n"
		"dn: cn=ann\nmail;range=2-*: ann@b\n",
		"line 1: cn=ann BAD mail is only a part of its values: export "
		"with a tool that follows ranges\n" ANN_FOUND("1")
			ANN_FOUND("4"),
		NULL },
	{ "empty value", "dn: cn=ann\nmail:\n",
		"line 1: cn=ann BAD mail has no address in \"\"\n"
		"class object\n",
		NULL },

	/* damaged texts */
	{ "other version", "version: 2\n", "",
		"x.ldif:1: LDIF of version 2; only version 1 is known" },
	{ "no dn", "version: 1\n\ncn: ann\n", "",
		"x.ldif:3: \"cn\" before any dn: an entry begins with its dn" },
	{ "two dns", "dn: cn=a\nmail: a@b\ndn: cn=c\n", "",
		"x.ldif:3: a second dn in the entry of line 1: cn=a: an empty "
		"line stands between entries" },
	{ "dn from a file", "dn:< file:///x\n", "",
		"x.ldif:1: a dn is not read from another file" },
	{ "dn damaged", "dn:: Y2\n", "",
		"x.ldif:1: the base64 of this dn is damaged" },
	{ "another kind of file", "mail,target\na@b,\n", "",
		"x.ldif:1: no \"attribute: value\": a long line goes on in the "
		"next one behind a blank" },
	{ "no name", ANN ": x\n", "",
		"x.ldif:3: no \"attribute: value\": a long line goes on in the "
		"next one behind a blank" },
	{ "blank in a name", ANN "x y: z\n", "",
		"x.ldif:3: no \"attribute: value\": a long line goes on in the "
		"next one behind a blank" },
	{ "continuation of nothing", "\n x\n", "",
		"x.ldif:2: a line that goes on (it begins with a blank) has "
		"none before it to go on from" },
	{ "changetype delete", ANN "\ndn: cn=ann\nchangetype: delete\n",
		ANN_FOUND("1"),
		"x.ldif:5: \"changetype: delete\": this is a list of changes, "
		"which does not tell who exists; export the whole directory" },
	{ "changetype modify", "dn: cn=a\nchangetype: modify\nadd: mail\n-\n",
		"",
		"x.ldif:2: \"changetype: modify\": this is a list of changes, "
		"which does not tell who exists; export the whole directory" },
	{ "changetype modrdn", "dn: cn=a\nchangetype: modrdn\n", "",
		"x.ldif:2: \"changetype: modrdn\": this is a list of changes, "
		"which does not tell who exists; export the whole directory" },
	{ "changetype added", "dn: cn=a\nchangetype: added\n", "",
		"x.ldif:2: \"changetype: added\": this is a list of changes, "
		"which does not tell who exists; export the whole directory" },
	{ "not UTF-8", ANN "cn: \xE9\n", "",
		"byte 0xE9 is not UTF-8: save the file as UTF-8" },

	/* cut off */
	{ "within a line", ANN "\ndn: cn=x\nmail: x@y", ANN_FOUND("1"),
		"x.ldif:5: the text ends within a line, so it was cut off; a "
		"whole one ends with a newline" },
	{ "within a folded line", "dn: cn=x\nmail: x@y\n .exam", "",
		"x.ldif:3: the text ends within a line, so it was cut off; a "
		"whole one ends with a newline" },
	{ "within a comment", ANN "# x", "",
		"x.ldif:3: the text ends within a line, so it was cut off; a "
		"whole one ends with a newline" },
	{ "behind a long line", "dn: cn=x\n" FOLDED_IN_ADDRESS "\n", "",
		"x.ldif:3: the text ends behind a line as long as those that "
		"go on in the next, so it may have been cut off; a whole one "
		"ends with an empty line" },
	{ "behind a long line and an empty one",
		"dn: cn=x\n" FOLDED_IN_ADDRESS "\n\n",
		"class object\nline 1: cn=x "
		"0123456789012345678901234567890123456789012345678901234567@b"
		".example\n",
		NULL },
	{ "behind a line as long as one that went on",
		"dn: cn=x\ncn: long\n er\nmail: x@\n", "",
		"x.ldif:5: the text ends behind a line as long as those that "
		"go on in the next, so it may have been cut off; a whole one "
		"ends with an empty line" },

	{ "behind a long line and its CR LF",
		"dn: cn=ann\nmail: ann@b\ncn: 012345678901234567890123456789"
		"0123456789012345678901234567890123456\r\n",
		ANN_FOUND("1"), NULL },
	{ "behind a line as long as the shortest that went on",
		"dn: cn=x\ncn: very long\n er\ncn: x\n y\nmail: x@\n", "",
		"x.ldif:7: the text ends behind a line as long as those that "
		"go on in the next, so it may have been cut off; a whole one "
		"ends with an empty line" },
	{ "behind a long comment",
		ANN "#12345678901234567890123456789012345678901234567890123456"
		    "7890123456789012345678901234567890\n",
		ANN_FOUND("1"), NULL },
	{ "behind a line longer than a comment that went on", "#x\n y\n" ANN,
		ANN_FOUND("3"), NULL },

	/* what ldapsearch says */
	{ "success", ANN "\nsearch: 2\nresult: 0 Success\n", ANN_FOUND("1"),
		NULL },
	{ "success without a word", "result: 0\n", "", NULL },
	{ "size limit", ANN "\nsearch: 2\nresult: 4 Size limit exceeded\n",
		ANN_FOUND("1"),
		"x.ldif:5: the search that wrote this ended with \"4 Size "
		"limit exceeded\", so the list is not whole" },
	{ "referral", "search: 2\nresult: 10 Referral\n", "",
		"x.ldif:2: the search that wrote this ended with \"10 "
		"Referral\", so the list is not whole" },
	{ "result alone", "result: 3 Time limit exceeded\n", "",
		"x.ldif:1: the search that wrote this ended with \"3 Time "
		"limit exceeded\", so the list is not whole" },
	{ "references", "ref: ldap://x/\nref: ldap://y/\n\n" ANN,
		ANN_FOUND("4"), NULL },
	{ "an entry's own ref", "dn: cn=ann\nref: ldap://x/\nmail: ann@b\n",
		ANN_FOUND("1"), NULL },
	{ "as many as were found", ANN "\n# numEntries: 1\n", ANN_FOUND("1"),
		NULL },
	{ "two searches", ANN "\n# numEntries: 1\n" ANN "\n# numEntries: 1\n",
		ANN_FOUND("1") ANN_FOUND("5"), NULL },
	{ "fewer than were found", ANN "\n# numEntries: 2\n", ANN_FOUND("1"),
		"x.ldif:4: 2 entries were found by the search, 1 are here" },
	{ "no result", "# extended LDIF\n#\n# LDAPv3\n\n" ANN "\n",
		ANN_FOUND("5"),
		"x.ldif:8: ldapsearch did not come to the end of its search, "
		"so the list is not whole" },
	{ "no result behind its heading",
		"# extended LDIF\n# LDAPv3\n\n# search result\n", "",
		"x.ldif:5: ldapsearch did not come to the end of its search, "
		"so the list is not whole" },
	{ "-L, whole", "version: 1\n\n# LDAPv3\n\n" ANN "\n# search result\n",
		ANN_FOUND("5"), NULL },
	{ "-L, no end", "version: 1\n\n# LDAPv3\n\n" ANN "\n", ANN_FOUND("5"),
		"x.ldif:8: ldapsearch did not come to the end of its search, "
		"so the list is not whole" },
	{ "-LLL, last page",
		"# pagedresults: cookie=Ag=\n" ANN
		"\n# pagedresults: cookie=\n",
		ANN_FOUND("2"), NULL },
	{ "-LLL, no last page", ANN "\n# pagedresults: estimate=3 cookie=Ag=\n",
		ANN_FOUND("1"),
		"x.ldif:5: the server has another page, so the list is not "
		"whole; let ldapsearch read on by itself: -E "
		"pr=1000/noprompt" },
	{ "no last page",
		"search: 2\nresult: 0 Success\npagedresults: cookie=Ag\n", "",
		"x.ldif:4: the server has another page, so the list is not "
		"whole; let ldapsearch read on by itself: -E "
		"pr=1000/noprompt" },
};

START_TEST(texts_are_read)
{
	const struct text_case *c = &TEXTS[_i];
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	const bool is_read =
		read_text(&OPENLDAP, c->text, strlen(c->text), &found, &err);

	ck_assert_msg(
		is_read == (c->err == NULL), "%s: \"%s\"", c->name, err.text);
	ck_assert_msg(strcmp(text_of(&found), c->found) == 0, "%s: %s", c->name,
		text_of(&found));
	if (c->err != NULL)
		ck_assert_msg(strcmp(err.text, c->err) == 0, "%s: \"%s\"",
			c->name, err.text);
	text_fini(&found);
}
END_TEST

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
	ck_assert(!read_text(&ENABLED, CUT, sizeof CUT - 1, &found, &err));
	ck_assert_str_eq(err.text,
		"x.ldif:3: the text ends before the userAccountControl of this "
		"entry, so it may have been cut off; a whole one ends with an "
		"empty line");
	ck_assert_str_eq(text_of(&found), "");
	ck_assert(read_text(&EXCHANGE, CUT, sizeof CUT - 1, &found, NULL));
	ck_assert(read_text(&ENABLED, WHOLE, sizeof WHOLE - 1, &found, NULL));
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
		ck_assert_msg(read_text(c->directory, bytes, len, &found, &err),
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
	const bool is_read = read_text(c->directory, bytes, len, &found, &err);

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
		ck_assert_msg(!read_text(&OPENLDAP, bytes, (size_t)(at - bytes),
				      &found, &err),
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
		ck_assert(read_text(c->directory, bytes, len, &found, &err) !=
			(err.text[0] != '\0'));
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
	tcase_add_loop_test(tcase, texts_are_read, 0, COUNT(TEXTS));
	tcase_add_test(tcase, an_end_before_the_flags_of_an_account_is_none);
	tcase_add_loop_test(tcase, exports_are_read, 0, COUNT(FILES));
	tcase_add_loop_test(
		tcase, no_truncation_makes_an_address, 0, COUNT(FILES));
	tcase_add_loop_test(tcase, damage_is_borne, 0, COUNT(FILES));
	tcase_add_test(tcase, no_truncation_of_a_search_is_whole);
	return unit_run(suite_create("ldif"), tcase);
}
