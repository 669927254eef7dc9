/*
 * Names of attributes with options (RFC 4512 section 2.5), and the option by
 * which Active Directory gives many values piece by piece:
 * "proxyAddresses;range=0-1499", the last piece "proxyAddresses;range=1500-*".
 */
#ifndef DIRECTORY_LDAP_RANGE_H
#define DIRECTORY_LDAP_RANGE_H

#include <stdbool.h>
#include <stddef.h>

struct ldap_range {
	size_t name_len; /* without options */
	bool is_piece;
	unsigned long first;
	unsigned long next; /* where the piece after it begins; 0 = it is the
			       last */
};

/* False: a range, but not as it should be. */
bool ldap_range_parse(struct ldap_range *out, const char *description);

#endif
