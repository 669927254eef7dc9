/* Servers of directories, as the configuration names them. */
#ifndef CONFIG_CONF_HOST_H
#define CONFIG_CONF_HOST_H

#include "base/err.h"

struct arena;

struct conf_host {
	const char *name; /* in A-labels, an address without brackets, or the
			     absolute path of a socket */
	bool is_socket;
	bool is_loopback; /* as an address, or as "localhost" */
	bool is_ipv6;
};

/* A host alone, without port; or, with a "/" in front, a local socket. */
bool conf_host_parse(struct conf_host *out, const char *text,
	struct arena *arena, struct err *err);

enum conf_scheme { CONF_LDAP, CONF_LDAPS, CONF_LDAPI };

struct conf_uri {
	const char *text; /* as libldap takes it */
	enum conf_scheme scheme;
	struct conf_host host;
};

/*
 * "ldaps://HOST", "ldap://HOST:PORT", "ldapi://%2FPATH", nothing behind.
 * *err says what is wrong and what would be right.
 */
bool conf_uri_parse(struct conf_uri *out, const char *text, struct arena *arena,
	struct err *err);

#endif
