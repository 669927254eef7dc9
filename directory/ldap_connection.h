/*
 * A bound connection to the first server of a directory that answers.  What
 * the environment or ldap.conf(5) says counts for nothing.  Of the names
 * ldap_..., libldap has all but ldap_connection_, ldap_entry_, ldap_query_,
 * ldap_source_ and ldap_end.
 */
#ifndef DIRECTORY_LDAP_CONNECTION_H
#define DIRECTORY_LDAP_CONNECTION_H

#include "base/err.h"

#include <ldap.h>

struct directory;
struct ldap_connection;

/*
 * A server that can not be reached, does not answer within
 * connect_timeout_s or can not be trusted is passed over for the next; one
 * that refuses our name or password ends it, for asking the others would
 * only count as more wrong passwords.  NULL: *err says what happened at
 * each.  The directory outlives the connection.
 */
struct ldap_connection *ldap_connection_open(
	const struct directory *directory, struct err *err);
void ldap_connection_close(struct ldap_connection **connection);

/* Of the server that answered, as configured. */
const char *ldap_connection_uri(const struct ldap_connection *connection);
/* LDAPv3, referrals are not followed, aliases not resolved. */
LDAP *ldap_connection_handle(const struct ldap_connection *connection);

/*
 * The next message of an operation, for ldap_msgfree(); NULL where none came
 * within the directory's timeout_s or the connection is lost.  what ("read
 * dc=company,dc=example") goes into the sentence.
 */
LDAPMessage *ldap_connection_next(const struct ldap_connection *connection,
	int msgid, const char *what, struct err *err);
/*
 * Forgets an operation that is given up before its end.  Nothing waits for
 * it.
 */
void ldap_connection_abandon(
	const struct ldap_connection *connection, int msgid);

/* How an operation ended (LDAPResult, RFC 4511 section 4.1.9). */
struct ldap_end {
	int code; /* LDAP_SUCCESS, ... */
	char *said; /* diagnosticMessage, may be NULL */
	char *matched; /* matchedDN, may be NULL */
	LDAPControl **controls; /* may be NULL */
};

/* False: the message is not to be understood.  Then there is nothing to
   fini. */
bool ldap_end_init(struct ldap_end *end,
	const struct ldap_connection *connection, LDAPMessage *message,
	const char *what, struct err *err);
void ldap_end_fini(struct ldap_end *end);

/*
 * Fills *err with "URI: what: why" and what would be right where that is
 * known; always false.  code is a result of a server or of libldap (negative);
 * said is the server's own message, or NULL.
 */
bool ldap_connection_fail(const struct ldap_connection *connection,
	const char *what, int code, const char *said, struct err *err);

#endif
