#include "directory/ldif.h"

#include "tests/unit/ldif_case.h"
#include "tests/unit/unit_main.h"

static const struct directory OPENLDAP = { .source = "x.ldif",
	.preset = PRESET_OPENLDAP };

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
	const bool is_read = ldif_case_read(
		&OPENLDAP, c->text, strlen(c->text), &found, &err);

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

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, texts_are_read, 0, COUNT(TEXTS));
	return unit_run(suite_create("ldif"), tcase);
}
