/*
 * What a directory server answers, written down as lines:
 *
 *	entry cn=a | mail: a@d.example & b@d.example | objectClass: user
 *	reference ldap://other.example/dc=d	a part that another has
 *	info 3003...				intermediate (RFC 4533)
 *	op 6400					any other, as it is
 *	with OID 3003...			a control of the next one
 *	done 53 text				the end; "done" = success
 *	page cookie				the end of a page
 *	close					and no more
 */
#ifndef TESTS_UNIT_LDAP_SCRIPT_H
#define TESTS_UNIT_LDAP_SCRIPT_H

#include <ldap.h>
#include <stdbool.h>

struct arena;

/* One that answers one operation. */
struct ldap_speaker {
	struct arena *arena;
	Sockbuf *socket;
	ber_int_t msgid;
	ber_tag_t end; /* what ends this kind of operation */
	BerElement *controls; /* of the next message; NULL = none */
};

/* What comes before the separator; NULL at the end.  *rest is written to. */
char *ldap_script_next(char **rest, const char *separator);

/* The line is written to.  False: no more. */
bool ldap_script_line(struct ldap_speaker *speaker, char *line);

#endif
