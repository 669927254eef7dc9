/* TLS of a connection to a directory server. */
#ifndef DIRECTORY_LDAP_TLS_H
#define DIRECTORY_LDAP_TLS_H

#include "base/err.h"

#include <ldap.h>

struct ldap_settings;

/*
 * What settings ask of it, for this handle alone, whatever the environment
 * and files of libldap ask: TLS 1.2 or newer, a certificate of a CA that is
 * trusted and with the server's name, unless !verifies.  *err comes without
 * place.
 */
bool ldap_tls_init(LDAP *ld, const struct ldap_settings *settings,
	bool verifies, struct err *err);

/*
 * Why that server's certificate was refused, from a handle that has accepted
 * it without asking: *err comes without place; always false.  host: of the
 * URI, NULL = none.
 */
bool ldap_tls_fail(LDAP *ld, const struct ldap_settings *settings,
	const char *host, struct err *err);

#endif
