/* Where and how a directory of type ldap is asked.  Plain values. */
#ifndef NAMESPACE_LDAP_SETTINGS_H
#define NAMESPACE_LDAP_SETTINGS_H

#include <stdbool.h>

enum ldap_bind { LDAP_BIND_ANONYMOUS, LDAP_BIND_SIMPLE, LDAP_BIND_EXTERNAL };
enum ldap_depth { LDAP_DEPTH_SUB, LDAP_DEPTH_ONE, LDAP_DEPTH_BASE };

struct ldap_settings {
	const char *const *uris; /* tried in order, then NULL */
	bool starts_tls; /* StartTLS, and nothing before it */
	bool verifies_tls; /* the certificate and its name; the default */
	const char *tls_ca_file; /* NULL = the system's */
	const char *tls_cert_file, *tls_key_file; /* our own; NULL = none */

	enum ldap_bind bind;
	const char *bind_dn; /* simple */
	const char *password_file; /* simple */

	const char *base;
	enum ldap_depth depth; /* the key "scope" */
	const char *filter; /* RFC 4515; NULL = the preset's */
	unsigned page_size; /* RFC 2696 */
	unsigned long connect_timeout_s;

	bool uses_deltas; /* where the server offers them */
	unsigned long full_refresh_s; /* a full read at least so often */
};

#endif
