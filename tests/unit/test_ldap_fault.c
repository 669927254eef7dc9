#include "directory/ldap_fault.h"

#include "tests/unit/unit_main.h"

#include <ldap.h>
#include <string.h>

#define HUNDRED \
	"0123456789012345678901234567890123456789012345678901234567890123" \
	"456789012345678901234567890123456789"

static const struct fault_case {
	int code;
	const char *said, *text;
} CASES[] = {
	{ LDAP_SERVER_DOWN, NULL, "U: W: the connection was lost" },
	{ LDAP_DECODING_ERROR, "",
		"U: W: an answer that is not LDAP; is this the port of a "
		"directory server, without TLS?" },
	{ LDAP_FILTER_ERROR, "(mail=*",
		"U: W: the filter is not as RFC 4515 has it ((mail=*); each "
		"test stands in parentheses, and ( ) * \\ in a value are \\28 "
		"\\29 \\2a \\5c" },
	{ LDAP_SIZELIMIT_EXCEEDED, NULL,
		"U: W: the server ended the list at its limit of entries; it "
		"must let this account read all: in OpenLDAP \"limits "
		"dn.exact=BIND-DN size=unlimited size.prtotal=unlimited\", "
		"in cn=config as olcLimits" },
	{ LDAP_TIMELIMIT_EXCEEDED, NULL,
		"U: W: the server ended the list at its limit of time; it "
		"must give this account longer (in OpenLDAP \"limits "
		"dn.exact=BIND-DN time=unlimited\"), or indexes for the "
		"filter" },
	{ LDAP_ADMINLIMIT_EXCEEDED, "illegal pagedResults page size",
		"U: W: the server ended the list at a limit of its "
		"administrator (illegal pagedResults page size); it must let "
		"this account read all: in OpenLDAP \"limits dn.exact=BIND-DN "
		"size.unchecked=unlimited size.pr=unlimited\", or a smaller "
		"page-size" },
	{ LDAP_REFERRAL, "ldap://other.example/",
		"U: W: the server sends us to another "
		"(ldap://other.example/); uri must name a server that has the "
		"base" },
	{ LDAP_UNAVAILABLE_CRITICAL_EXTENSION, NULL,
		"U: W: the server has no paged results (RFC 2696); without "
		"them it may shorten the list" },
	{ LDAP_CONFIDENTIALITY_REQUIRED, NULL,
		"U: W: the server wants TLS; start-tls = yes, or an ldaps:// "
		"uri" },
	{ LDAP_STRONG_AUTH_REQUIRED, NULL,
		"U: W: the server wants TLS or signing before such a bind; "
		"start-tls = yes, or an ldaps:// uri" },
	{ LDAP_AUTH_METHOD_NOT_SUPPORTED, NULL,
		"U: W: the server has no such way to bind here; bind = "
		"external needs an ldapi:// uri, or tls-cert-file and TLS" },
	{ LDAP_INAPPROPRIATE_AUTH, NULL,
		"U: W: the server takes no such bind; bind-dn and "
		"password-file say who we are" },
	{ LDAP_INVALID_CREDENTIALS, "80090308: LdapErr: data 52e\n",
		"U: W: wrong name or password (80090308: LdapErr: data 52e?); "
		"bind-dn and password-file must be right; no other server is "
		"asked, because that would lock the account sooner" },
	{ LDAP_INSUFFICIENT_ACCESS, NULL,
		"U: W: this account may not read it" },
	{ LDAP_NO_SUCH_OBJECT, NULL,
		"U: W: the server has no such entry or does not show it; base "
		"must be there, and bind-dn may have to be one who may see "
		"it" },
	{ LDAP_INVALID_DN_SYNTAX, NULL, "U: W: no distinguished name" },
	{ LDAP_OPERATIONS_ERROR, NULL,
		"U: W: the server could not do it; Active Directory says so "
		"of reads without a bind" },
	{ LDAP_BUSY, NULL, "U: W: the server is busy" },
	{ LDAP_UNAVAILABLE, NULL,
		"U: W: the server is shutting down or off line" },
	{ LDAP_UNWILLING_TO_PERFORM, "paged results cookie is invalid",
		"U: W: Server is unwilling to perform (paged results cookie "
		"is invalid)" },
	{ 4711, NULL, "U: W: Unknown (extension) error" },
	{ LDAP_BUSY, HUNDRED HUNDRED HUNDRED "more",
		"U: W: the server is busy (" HUNDRED HUNDRED HUNDRED ")" },
};

START_TEST(faults_are_sentences)
{
	const struct fault_case *c = &CASES[_i];
	struct err err = { 0 };

	ck_assert(!ldap_fault("U", "W", c->code, c->said, &err));
	ck_assert_msg(
		strcmp(err.text, c->text) == 0, "%d: %s", c->code, err.text);
}
END_TEST

START_TEST(no_half_of_a_character_is_shown)
{
	char said[302] = HUNDRED HUNDRED HUNDRED;
	struct err err = { 0 };

	said[299] = '\xC3';
	said[300] = '\xBC';
	ldap_fault("U", "W", LDAP_BUSY, said, &err);
	ck_assert_ptr_null(strstr(err.text, "\xC3"));
	ck_assert_str_eq(err.text + strlen(err.text) - 3, "78)");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, faults_are_sentences, 0, COUNT(CASES));
	tcase_add_test(tcase, no_half_of_a_character_is_shown);
	return unit_run(suite_create("ldap_fault"), tcase);
}
