/* What comes with the result of an operation. */
#ifndef DIRECTORY_LDAP_ANSWER_H
#define DIRECTORY_LDAP_ANSWER_H

#include <ldap.h>

/*
 * The control of that kind, with a value that is not empty; NULL = there is
 * none.  liblber ends the process that asks it to read any other.
 */
LDAPControl *ldap_answer_control(LDAPControl **controls, const char *oid);
/* A copy of its value as BER, for ber_free(); NULL in the same cases. */
BerElement *ldap_answer_value(LDAPControl **controls, const char *oid);

#endif
