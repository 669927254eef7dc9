/*
 * The texts of the results that have a cure.  Of the others libldap's short
 * name is told, with what the server said.
 */
#include "directory/ldap_fault.h"

#include "base/arena.h"
#include "directory/key.h"

#include <ldap.h>
#include <string.h>

/* What a server says can be as long as it likes. */
enum { SAID_MAX = 300 };

static const struct fault {
	int code;
	const char *why;
	const char *cure; /* may be NULL */
} FAULTS[] = {
	{ LDAP_SERVER_DOWN, "the connection was lost", NULL },
	{ LDAP_DECODING_ERROR, "an answer that is not LDAP",
		"is this the port of a directory server, without TLS?" },
	{ LDAP_FILTER_ERROR, "the filter is not as RFC 4515 has it",
		"each test stands in parentheses, and ( ) * \\ in a value "
		"are \\28 \\29 \\2a \\5c" },
	{ LDAP_SIZELIMIT_EXCEEDED,
		"the server ended the list at its limit of entries",
		"it must let this account read all: in OpenLDAP \"limits "
		"dn.exact=BIND-DN size=unlimited size.prtotal=unlimited\", "
		"in cn=config as olcLimits" },
	{ LDAP_TIMELIMIT_EXCEEDED,
		"the server ended the list at its limit of time",
		"it must give this account longer (in OpenLDAP \"limits "
		"dn.exact=BIND-DN time=unlimited\"), or indexes for the "
		"filter" },
	{ LDAP_ADMINLIMIT_EXCEEDED,
		"the server ended the list at a limit of its administrator",
		"it must let this account read all: in OpenLDAP \"limits "
		"dn.exact=BIND-DN size.unchecked=unlimited "
		"size.pr=unlimited\", or a smaller page-size" },
	{ LDAP_REFERRAL, "the server sends us to another",
		"uri must name a server that has the base" },
	{ LDAP_UNAVAILABLE_CRITICAL_EXTENSION,
		"the server has no paged results (RFC 2696)",
		"without them it may shorten the list" },
	{ LDAP_CONFIDENTIALITY_REQUIRED, "the server wants TLS",
		"start-tls = yes, or an ldaps:// uri" },
	{ LDAP_STRONG_AUTH_REQUIRED,
		"the server wants TLS or signing before such a bind",
		"start-tls = yes, or an ldaps:// uri" },
	{ LDAP_AUTH_METHOD_NOT_SUPPORTED,
		"the server has no such way to bind here",
		"bind = external needs an ldapi:// uri, or tls-cert-file and "
		"TLS" },
	{ LDAP_INAPPROPRIATE_AUTH, "the server takes no such bind",
		"bind-dn and password-file say who we are" },
	{ LDAP_INVALID_CREDENTIALS, "wrong name or password",
		"bind-dn and password-file must be right; no other server is "
		"asked, because that would lock the account sooner" },
	{ LDAP_INSUFFICIENT_ACCESS, "this account may not read it", NULL },
	{ LDAP_NO_SUCH_OBJECT,
		"the server has no such entry or does not show it",
		"base must be there, and bind-dn may have to be one who may "
		"see it" },
	{ LDAP_INVALID_DN_SYNTAX, "no distinguished name", NULL },
	{ LDAP_OPERATIONS_ERROR, "the server could not do it",
		"Active Directory says so of reads without a bind" },
	{ LDAP_BUSY, "the server is busy", NULL },
	{ LDAP_UNAVAILABLE, "the server is shutting down or off line", NULL },
};

static const struct fault *find(int code)
{
	for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
		if (FAULTS[i].code == code)
			return &FAULTS[i];
	}
	return NULL;
}

/* NULL: nothing. */
static const char *shown(const char *said, struct arena *arena)
{
	if (said == NULL || *said == '\0')
		return NULL;
	const size_t len = strnlen(said, SAID_MAX);
	size_t end = len;

	/* No half of a character. */
	while (said[len] != '\0' && end > 0 && (said[end] & 0xc0) == 0x80)
		end--;
	return key_printable(arena_strndup(arena, said, end), arena);
}

bool ldap_fault(const char *uri, const char *what, int code, const char *said,
	struct err *err)
{
	struct arena *arena = arena_open();
	const struct fault *fault = find(code);
	const char *quoted = shown(said, arena);
	const char *cure = fault == NULL ? NULL : fault->cure;

	err_set(err, "%s: %s: %s%s%s%s%s%s", uri, what,
		fault == NULL ? ldap_err2string(code) : fault->why,
		quoted == NULL ? "" : " (", quoted == NULL ? "" : quoted,
		quoted == NULL ? "" : ")", cure == NULL ? "" : "; ",
		cure == NULL ? "" : cure);
	arena_close(&arena);
	return false;
}
