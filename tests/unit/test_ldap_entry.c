/* Entries as servers may tell them, and as none should. */
#include "directory/ldap_entry.h"

#include "directory/ldap_search.h"

#include "ldap_case.h"

/* The first two of three values; the rest is asked for. */
#define FIRST_TWO "entry cn=a | proxyAddresses;range=0-1: a & b\ndone"
#define WHOLE "cn=a proxyAddresses mail\n"
#define ASKED "cn=a proxyAddresses mail\ncn=a proxyAddresses;range=2-*\n"

static const struct entry_case {
	const char *name;
	const char *answers[4];
	enum lookup end;
	const char *object; /* what was read, or the sentence */
	const char *heard;
} CASES[] = {
	{ "all at once",
		{ "entry cn=a | proxyAddresses: a & b | mail;lang-de: c\n"
		  "done" },
		LOOKUP_FOUND, "cn=a proxyAddresses=a,b mail=c", WHOLE },
	{ "more values than a list begins with",
		{ "entry cn=a | mail: 1 & 2 & 3 & 4 & 5 & 6 & 7 & 8 & 9\n"
		  "done" },
		LOOKUP_FOUND, "cn=a mail=1,2,3,4,5,6,7,8,9", WHOLE },
	{ "an attribute without a value",
		{ "entry cn=a | proxyAddresses | mail: c\ndone" }, LOOKUP_FOUND,
		"cn=a mail=c", WHOLE },
	{ "values in pieces",
		{ FIRST_TWO,
			"entry cn=a | mail: x | proxyAddresses | "
			"PROXYADDRESSES;range=2-*: c\ndone" },
		LOOKUP_FOUND, "cn=a proxyAddresses=a,b,c", ASKED },
	{ "a reference beside a piece",
		{ FIRST_TWO,
			"reference ldap://b.example/dc=b\n"
			"entry cn=a | proxyAddresses;range=2-*: c\ndone" },
		LOOKUP_FOUND, "cn=a proxyAddresses=a,b,c", ASKED },
	{ "no range", { "entry cn=a | proxyAddresses;range=0: a\ndone" },
		LOOKUP_FAILED,
		": cn=a: proxyAddresses;range=0: not a range of values",
		WHOLE },
	{ "begins late", { "entry cn=a | proxyAddresses;range=2-*: c\ndone" },
		LOOKUP_FAILED,
		": cn=a: proxyAddresses;range=2-*: the values before these "
		"are missing",
		WHOLE },
	{ "no range in a piece",
		{ FIRST_TWO, "entry cn=a | proxyAddresses;range=x: c\ndone" },
		LOOKUP_FAILED,
		": cn=a: proxyAddresses;range=x: not a range of values",
		ASKED },
	{ "another piece",
		{ FIRST_TWO, "entry cn=a | proxyAddresses;range=3-*: d\ndone" },
		LOOKUP_FAILED,
		": cn=a: proxyAddresses;range=3-*: other values than those "
		"that were asked for",
		ASKED },
	{ "an empty piece that is not the last",
		{ FIRST_TWO, "entry cn=a | proxyAddresses;range=2-3\ndone" },
		LOOKUP_FAILED, ": cn=a: proxyAddresses;range=2-3: no values",
		ASKED },
	{ "another attribute's piece alone",
		{ FIRST_TWO, "entry cn=a | mail;range=2-*: c\ndone" },
		LOOKUP_FAILED,
		": cn=a: proxyAddresses: the server keeps the rest of its "
		"values",
		ASKED },
	{ "gone before its piece", { FIRST_TWO, "done" }, LOOKUP_FAILED,
		": cn=a: proxyAddresses: the server keeps the rest of its "
		"values",
		ASKED },
	{ "a piece that is refused", { FIRST_TWO, "done 50 not for you" },
		LOOKUP_FAILED,
		": cn=a: this account may not read it (not for you)", ASKED },
	{ "lost before a piece", { FIRST_TWO, "close" }, LOOKUP_FAILED,
		": cn=a: the connection was lost", ASKED },
	{ "a piece with no end", { FIRST_TWO, "op 6500" }, LOOKUP_FAILED,
		": cn=a: an answer that is not LDAP; is this the port of a "
		"directory server, without TLS?",
		ASKED },
	{ "an entry without a name", { "op 6403010100\ndone" }, LOOKUP_FAILED,
		": an entry: an answer that is not LDAP; is this the port of "
		"a directory server, without TLS?",
		WHOLE },
	{ "attributes that are none", { "op 640b0404636e3d613003020101\ndone" },
		LOOKUP_FAILED,
		": cn=a: an answer that is not LDAP; is this the port of a "
		"directory server, without TLS?",
		WHOLE },
	{ "a piece of an entry without a name",
		{ FIRST_TWO, "op 6403010100\ndone" }, LOOKUP_FAILED,
		": an entry: an answer that is not LDAP; is this the port of "
		"a directory server, without TLS?",
		ASKED },
};

static const char *format(const struct object *object, struct arena *arena)
{
	const char *text = object->dn;

	for (size_t i = 0; i < object->n_attributes; i++) {
		const struct object_attribute *at = &object->attributes[i];

		for (size_t k = 0; k < at->n_values; k++)
			text = arena_printf(arena, "%s%s%s%.*s", text,
				k > 0 ? "," : " ",
				k > 0 ? ""
				      : arena_printf(arena, "%s=", at->name),
				(int)at->values[k].len, at->values[k].bytes);
	}
	return text;
}

START_TEST(entry_comes_whole_or_not)
{
	static const char *const attributes[] = { "proxyAddresses", "mail",
		NULL };
	const struct entry_case *e = &CASES[_i];
	struct ldap_case c;
	struct object object;

	ldap_case_init(&c, e->answers);
	const enum lookup end = ldap_query_object(&object, c.connection,
		&(const struct ldap_query){
			.base = "cn=a", .attributes = attributes },
		c.arena, &c.err);

	ck_assert_msg(end == e->end, "%s: %s", e->name, c.err.text);
	ck_assert_str_eq(end == LOOKUP_FOUND ? format(&object, c.arena)
					     : ldap_case_why(&c),
		e->object);
	ck_assert_str_eq(ldap_case_heard(&c), e->heard);
	ldap_case_fini(&c);
}
END_TEST

START_TEST(attributes_are_found_whatever_their_case)
{
	const struct object_value value = { "x", 1 };
	const struct object_attribute list[] = { { "mail", &value, 1 },
		{ "cn", NULL, 0 } };
	const struct object object = { "cn=a", list, 2 };

	ck_assert_ptr_eq(ldap_entry_attribute(&object, "MAIL"), &list[0]);
	ck_assert_ptr_null(ldap_entry_attribute(&object, "mai"));
	ck_assert_ptr_eq(ldap_entry_value(&object, "Mail"), &value);
	ck_assert_ptr_null(ldap_entry_value(&object, "cn"));
	ck_assert_ptr_null(ldap_entry_value(&object, "uid"));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("ldap_entry");

	tcase_add_loop_test(tcase, entry_comes_whole_or_not, 0, COUNT(CASES));
	tcase_add_test(tcase, attributes_are_found_whatever_their_case);
	return unit_run(suite_create("ldap_entry"), tcase);
}
