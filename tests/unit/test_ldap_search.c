/* Pages as servers may send them: a list is whole, or the read has failed. */
#include "directory/ldap_search.h"

#include "ldap_case.h"

#define QUESTION "dc=company,dc=example mail\n"
#define NOT_LDAP \
	"an answer that is not LDAP; is this the port of a directory " \
	"server, without TLS?"
#define BASE ": base \"dc=company,dc=example\": "

static const struct search_case {
	const char *name;
	const char *answers[5];
	const char *found;
	const char *err; /* NULL = all was read */
	const char *filter; /* NULL = one that is right */
} CASES[] = {
	{ .name = "a page",
		.answers = { "entry cn=a\npage" },
		.found = "cn=a\n" },
	{ .name = "pages, one of them empty",
		.answers = { "entry cn=a\npage 1", "page 2", "page 3",
			"entry cn=b\npage" },
		.found = "cn=a\ncn=b\n" },
	{ .name = "the same cookie, but not in vain",
		.answers = { "entry cn=a\npage 1", "entry cn=b\npage 1",
			"entry cn=c\npage" },
		.found = "cn=a\ncn=b\ncn=c\n" },
	{ .name = "what another server has",
		.answers = { "reference ldap://b.example/\nentry cn=a\npage" },
		.found = "-> ldap://b.example/\ncn=a\n" },
	{ .name = "no control",
		.answers = { "entry cn=a\ndone" },
		.found = "cn=a\n",
		.err = BASE "a page without the answer of RFC 2696; the list "
			    "may have been shortened" },
	{ .name = "a control that is none",
		.answers = { "with 1.2.840.113556.1.4.319 0400\ndone" },
		.found = "",
		.err = BASE "a page without the answer of RFC 2696; the list "
			    "may have been shortened" },
	{ .name = "empty pages for ever",
		.answers = { "page 1", "page 1", "page 1" },
		.found = "",
		.err = BASE "the server sends empty pages for ever" },
	{ .name = "lost between two pages",
		.answers = { "entry cn=a\npage 1", "close" },
		.found = "cn=a\n",
		.err = BASE "the connection was lost" },
	{ .name = "an error behind a page",
		.answers = { "entry cn=a\npage 1", "done 51 later" },
		.found = "cn=a\n",
		.err = BASE "the server is busy (later)" },
	{ .name = "an end that is none",
		.answers = { "op 6503010100" },
		.found = "",
		.err = BASE NOT_LDAP },
	{ .name = "an entry that is none",
		.answers = { "op 6403010100" },
		.found = "",
		.err = ": an entry: " NOT_LDAP },
	{ .name = "a reference that is none",
		.answers = { "op 73020405" },
		.found = "",
		.err = BASE NOT_LDAP },
	{ .name = "an entry that ends it",
		.answers = { "entry cn=stop\nentry cn=a\npage" },
		.found = "cn=stop\n",
		.err = "it was enough" },
	{ .name = "a filter that is none",
		.answers = { "page" },
		.found = "",
		.err = BASE "the filter is not as RFC 4515 has it (((mail=*)); "
			    "each test stands in parentheses, and ( ) * \\ in "
			    "a value are \\28 \\29 \\2a \\5c",
		.filter = "((mail=*)" },
};

static bool take_entry(
	void *context, const struct object *object, struct err *err)
{
	struct text *found = context;

	text_addf(found, "%s\n", object->dn);
	return strcmp(object->dn, "cn=stop") != 0 ||
		err_set(err, "it was enough");
}

static void take_reference(void *context, const char *url)
{
	text_addf(context, "-> %s\n", url);
}

START_TEST(list_comes_whole_or_has_failed)
{
	static const char *const attributes[] = { "mail", NULL };
	const struct search_case *s = &CASES[_i];
	struct ldap_case c;
	struct text found;

	text_init(&found);
	ldap_case_init(&c, s->answers);
	const struct ldap_query query = { .base = c.settings.base,
		.scope = LDAP_SCOPE_SUBTREE,
		.filter = s->filter == NULL ? "(mail=*)" : s->filter,
		.attributes = attributes,
		.page_size = 2,
		.entry = take_entry,
		.reference = take_reference,
		.context = &found };

	ck_assert_msg(ldap_query_run(c.connection, &query, &c.err) ==
			(s->err == NULL),
		"%s: %s", s->name, c.err.text);
	ck_assert_str_eq(text_of(&found), s->found);
	ck_assert_str_eq(ldap_case_why(&c), s->err == NULL ? "" : s->err);
	ldap_case_fini(&c);
	text_fini(&found);
}
END_TEST

static const struct single_case {
	const char *name, *base, *answers[2];
	enum lookup end;
	const char *err;
} SINGLES[] = {
	{ "there", "cn=a", { "entry cn=a\ndone" }, LOOKUP_FOUND, "" },
	{ "not there", "cn=a", { "done 32" }, LOOKUP_NONE, "" },
	{ "not shown", "cn=a", { "done" }, LOOKUP_NONE, "" },
	{ "the root DSE", "", { "entry \ndone" }, LOOKUP_FOUND, "" },
	{ "refused", "", { "done 53 no" }, LOOKUP_FAILED,
		": root DSE: Server is unwilling to perform (no)" },
	{ "shown and then refused", "cn=a", { "entry cn=a\ndone 1" },
		LOOKUP_FAILED,
		": base \"cn=a\": the server could not do it; Active Directory "
		"says so of reads without a bind" },
	{ "no end", "cn=a", { "op 6503010100" }, LOOKUP_FAILED,
		": base \"cn=a\": " NOT_LDAP },
	{ "no entry", "cn=a", { "op 6403010100\ndone" }, LOOKUP_FAILED,
		": an entry: " NOT_LDAP },
	{ "lost", "cn=a", { "close" }, LOOKUP_FAILED,
		": base \"cn=a\": the connection was lost" },
};

START_TEST(object_is_there_or_not_or_unknown)
{
	const struct single_case *s = &SINGLES[_i];
	struct object object = { 0 };
	struct ldap_case c;

	ldap_case_init(&c, s->answers);
	const enum lookup end = ldap_query_object(&object, c.connection,
		&(const struct ldap_query){ .base = s->base }, c.arena, &c.err);

	ck_assert_msg(end == s->end, "%s: %s", s->name, c.err.text);
	ck_assert_str_eq(ldap_case_why(&c), s->err);
	if (end == LOOKUP_FOUND)
		ck_assert_str_eq(object.dn, s->base);
	ldap_case_fini(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("ldap_search");

	tcase_add_loop_test(
		tcase, list_comes_whole_or_has_failed, 0, COUNT(CASES));
	tcase_add_loop_test(
		tcase, object_is_there_or_not_or_unknown, 0, COUNT(SINGLES));
	return unit_run(suite_create("ldap_search"), tcase);
}
