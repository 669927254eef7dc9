#include "directory/ldap_source.h"

#include "namespace/ldap_settings.h"

#include "sink_text.h"
#include "unit_main.h"

#define BAD \
	" BAD a part of the tree on another server is not followed; if it " \
	"has recipients, give it a directory block of its own\n"

static const struct reference_case {
	const char *url, *found;
} REFERENCES[] = {
	{ "ldap://DomainDnsZones.a.example/DC=DomainDnsZones,DC=a,DC=example",
		"" },
	{ "ldap://ForestDnsZones.a.example/DC=ForestDnsZones,DC=a,DC=example",
		"" },
	{ "ldap://a.example/CN=Configuration,DC=a,DC=example", "" },
	{ "ldap://a.example/cn=configuration,dc=a,dc=example", "" },
	{ "ldap://b.a.example/DC=b,DC=a,DC=example",
		"ldap://b.a.example/DC=b,DC=a,DC=example" BAD },
	{ "ldap://b.a.example", "ldap://b.a.example" BAD },
	{ "nonsense", "nonsense" BAD },
};

START_TEST(references_are_told_but_for_own_partitions)
{
	const struct reference_case *c = &REFERENCES[_i];
	struct text found;

	text_init(&found);
	const struct sink sink = sink_text(&found);

	ldap_source_reference(&sink, c->url);
	ck_assert_str_eq(text_of(&found), c->found);
	text_fini(&found);
}
END_TEST

START_TEST(query_is_what_was_configured)
{
	static const struct {
		enum ldap_depth depth;
		int scope;
	} scopes[] = { { LDAP_DEPTH_SUB, LDAP_SCOPE_SUBTREE },
		{ LDAP_DEPTH_ONE, LDAP_SCOPE_ONELEVEL },
		{ LDAP_DEPTH_BASE, LDAP_SCOPE_BASE } };
	const char *fields[] = { "mail" };
	const char *const more[] = { "entryUUID", NULL };
	struct arena *arena = arena_open();

	for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++) {
		const struct ldap_settings settings = { .base = "dc=a",
			.depth = scopes[i].depth,
			.filter = "(uid=*)",
			.page_size = 7 };
		const struct directory directory = { .type = DIRECTORY_LDAP,
			.fields = fields,
			.n_fields = 1,
			.ldap = &settings };
		const struct ldap_query query =
			ldap_source_query(&directory, more, arena);
		size_t n = 0;

		ck_assert_int_eq(query.scope, scopes[i].scope);
		ck_assert_str_eq(query.base, "dc=a");
		ck_assert_str_eq(query.filter, "(uid=*)");
		ck_assert_uint_eq(query.page_size, 7);
		while (query.attributes[n] != NULL)
			n++;
		ck_assert_uint_ge(n, 2);
		ck_assert_str_eq(query.attributes[n - 1], "entryUUID");
	}
	arena_close(&arena);
}
END_TEST

static const struct refused_case {
	const char *name;
	const char *uri, *password_file, *err;
} REFUSED[] = {
	{ "no socket", "ldapi://%2Fno%2Fsuch", NULL,
		"ldapi://%2Fno%2Fsuch: connect to /no/such: No such file or "
		"directory" },
	{ "no password", "ldapi://%2Fno%2Fsuch", "/no/such",
		"SOURCE: password-file: open /no/such: No such file or "
		"directory" },
	{ "no URI", "http://a.example/", NULL,
		"http://a.example/: no URI of a directory server" },
};

START_TEST(what_can_not_be_opened_is_told)
{
	const struct refused_case *c = &REFUSED[_i];
	const char *const uris[] = { c->uri, NULL };
	const struct ldap_settings settings = { .uris = uris,
		.bind = c->password_file == NULL ? LDAP_BIND_ANONYMOUS
						 : LDAP_BIND_SIMPLE,
		.bind_dn = "cn=reader",
		.password_file = c->password_file,
		.base = "dc=a",
		.connect_timeout_s = 5 };
	const struct directory directory = { .type = DIRECTORY_LDAP,
		.source = "SOURCE",
		.timeout_s = 5,
		.ldap = &settings };
	const struct source_options options = { .is_dry = true };
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	const struct sink sink = sink_text(&found);

	ck_assert(!ldap_source_read(&directory, &options, &sink, &err));
	ck_assert_str_eq(err.text, c->err);
	ck_assert_str_eq(text_of(&found), "");
	text_fini(&found);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, references_are_told_but_for_own_partitions,
		0, COUNT(REFERENCES));
	tcase_add_test(tcase, query_is_what_was_configured);
	tcase_add_loop_test(
		tcase, what_can_not_be_opened_is_told, 0, COUNT(REFUSED));
	return unit_run(suite_create("ldap_source"), tcase);
}
