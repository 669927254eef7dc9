/* An entry that a search brought, as a struct object. */
#ifndef DIRECTORY_LDAP_ENTRY_H
#define DIRECTORY_LDAP_ENTRY_H

#include "directory/ldap_connection.h"
#include "directory/object.h"

/*
 * Its name as dn_show() has it and all its attributes, with all their
 * values: those that Active Directory holds back
 * ("proxyAddresses;range=0-1499") are asked for.  Attributes without a value
 * are left out; one that came with several options stands there several
 * times.  The object lives in the arena; the message can be freed, but holds
 * nothing of use any more: take its controls first.  False: a part of the
 * entry can not be had.
 */
bool ldap_entry_read(struct object *out,
	const struct ldap_connection *connection, LDAPMessage *message,
	struct arena *arena, struct err *err);

/* The first attribute of that name, whatever its case; NULL = none. */
const struct object_attribute *ldap_entry_attribute(
	const struct object *object, const char *name);
/* The first value of that attribute, whatever its case; NULL = none. */
const struct object_value *ldap_entry_value(
	const struct object *object, const char *name);

#endif
