/* Results of LDAP operations as sentences. */
#ifndef DIRECTORY_LDAP_FAULT_H
#define DIRECTORY_LDAP_FAULT_H

#include "base/err.h"

/*
 * "URI: what: why (what the server said); what would be right".  code: of
 * RFC 4511 appendix A, or libldap's (negative).  said may be NULL; what could
 * move a terminal's cursor is not repeated.  Always false.
 */
bool ldap_fault(const char *uri, const char *what, int code, const char *said,
	struct err *err);

#endif
