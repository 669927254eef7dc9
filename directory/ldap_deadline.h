/*
 * A layer of a connection, between its socket and TLS, that waits for the
 * server until a deadline.
 */
#ifndef DIRECTORY_LDAP_DEADLINE_H
#define DIRECTORY_LDAP_DEADLINE_H

#include <ldap.h>
#include <stdbool.h>
#include <stdint.h>

/* Outlives the handle. */
struct ldap_deadline {
	int64_t at_ms; /* clock_now_ms(); 0 = do not wait at all */
	bool is_missed;
};

/* Of a handle with a non-blocking socket, before its TLS. */
bool ldap_deadline_init(struct ldap_deadline *deadline, LDAP *ld);

#endif
