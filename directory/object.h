/*
 * An entry of a directory service, however it came (a search, LDIF), and the
 * recipients that it stands for: what the presets active-directory and
 * openldap, or the configured attributes, make of it.
 *
 * active-directory: all that has proxyAddresses, hidden or not; SMTP: and
 * smtp: are kept, sip:, x500: and the like dropped.  "mail" counts only
 * where there are no proxyAddresses and a mailNickname or targetAddress says
 * that Exchange knows the object: of any other account it is a note, and
 * Exchange does not deliver to it.  An SMTP targetAddress that is none of the
 * object's own addresses makes a contact; one that is makes a contact for
 * itself of that address alone.  A group, dynamic group or public folder is
 * none.  disabled-accounts = skip leaves out those whose
 * userAccountControl has ACCOUNTDISABLE, but no shared, room, equipment,
 * linked or system mailbox, whose account is always disabled.
 *
 * openldap: mail, mailAlternateAddress, mailLocalAddress.  No target:
 * mailRoutingAddress is for the system that delivers, and this directory's
 * connector leads there; target-attribute = "mailRoutingAddress" makes
 * contacts of it.
 *
 * Configured attributes replace the preset's, and then every object that has
 * one of them counts.  A value is one address, with or without "smtp:".
 */
#ifndef DIRECTORY_OBJECT_H
#define DIRECTORY_OBJECT_H

#include "directory/source.h"

struct arena;

/* Bytes, for a server may send anything. */
struct object_value {
	const char *bytes;
	size_t len;
};

/* The same name may come again, as it does with options. */
struct object_attribute {
	const char *name; /* without options (";lang-de"); any case */
	const struct object_value *values;
	size_t n_values;
};

struct object {
	const char *dn; /* the origin of its entries */
	const struct object_attribute *attributes;
	size_t n_attributes;
};

/*
 * The attributes that object_put() looks at, to ask a server for, ended by
 * NULL; in the arena.
 */
const char *const *object_attributes(
	const struct directory *directory, struct arena *arena);
/* The configured filter, else one for all objects that the preset or the
   configured attributes count; in the arena. */
const char *object_filter(
	const struct directory *directory, struct arena *arena);
/*
 * Puts the object's class and its recipients into the sink; nothing where
 * it has none.  A value that can be no address (a NUL, a control character,
 * not UTF-8, empty) is bad, never shortened.  scratch is reset.
 */
void object_put(const struct directory *directory, const struct object *object,
	const struct sink *sink, struct arena *scratch);

#endif
