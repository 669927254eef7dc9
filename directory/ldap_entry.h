/* An entry that a search brought, as a struct object. */
#ifndef DIRECTORY_LDAP_ENTRY_H
#define DIRECTORY_LDAP_ENTRY_H

#include "directory/ldap_connection.h"
#include "directory/object.h"

/*
 * All its attributes, with all their values: those that Active Directory
 * holds back ("proxyAddresses;range=0-1499") are asked for.  Attributes
 * without a value are left out; one that came with several options stands
 * there several times.  The object borrows from the message and the arena.
 * False: a part of it can not be had.
 */
bool ldap_entry_read(struct object *out,
	const struct ldap_connection *connection, LDAPMessage *message,
	struct arena *arena, struct err *err);

/* The first value of that attribute, whatever its case; NULL = none. */
const struct object_value *ldap_entry_value(
	const struct object *object, const char *name);

/*
 * A DN as people read it: UTF-8 where RFC 4514 would have "\C3\BC", but what
 * could move a terminal's cursor or is no UTF-8 as "\0A".
 */
const char *ldap_entry_dn(const char *bytes, size_t len, struct arena *arena);

#endif
