/*
 * An address in the two forms that matter: as it came, and the key under
 * which Postfix looks it up (RFC 5321 4.1.2, RFC 6531; Postfix
 * ADDRESS_REWRITING_README, "address extension").
 */
#ifndef NAMESPACE_ADDRESS_H
#define NAMESPACE_ADDRESS_H

#include "base/err.h"

struct arena;

/*
 * All texts live in the arena.  For "Bob+Tag@Company.Example." with "+":
 *   key "bob+tag@company.example", base "bob@company.example",
 *   local "bob+tag", base_local "bob", extension "+tag",
 *   domain "company.example".
 * Without an extension base is the same pointer as key, base_local as
 * local, and extension is "".  local and base_local are unquoted; key and
 * base have a quoted local part where RFC 5321 wants one
 * ("two words"@d).  All are folded.
 */
struct address {
	const char *key;
	const char *base;
	const char *local;
	const char *base_local;
	const char *extension;
	const char *domain;
};

/*
 * The internal form, as policyd gets it: unquoted, unfolded, split at the
 * last @, one trailing dot of the domain dropped.  delimiters is Postfix's
 * recipient_delimiter, "" for none.  False where it is no address: no @,
 * nothing after it, not UTF-8.  An empty local part is an address (""@d).
 */
bool address_from_internal(struct address *out, const char *bytes, size_t len,
	const char *delimiters, struct arena *arena);

/*
 * The external form, as people and lists write it: local part quoted where
 * SMTP would quote it.  Checks all that RFC 5321 and 6531 ask of a
 * mailbox (lengths: local part 64 octets, domain 253, label 63; no control
 * characters), normalises to NFC, and puts the domain into its
 * ascii form.  *err says what is wrong, without place.
 */
bool address_parse(struct address *out, const char *text,
	const char *delimiters, struct arena *arena, struct err *err);

/*
 * A key again, as address_key() or address_extend() made it, whatever its
 * length.  False where it is none.
 */
bool address_from_key(struct address *out, const char *key,
	const char *delimiters, struct arena *arena);

/*
 * Whether the key is found by this address, itself a key, be it without its
 * extension: that of "a+b" by "a+b+x" is not, which leads to "a".
 */
bool address_leads_to(const char *address, const char *key,
	const char *delimiters, struct arena *arena);

/* The key of local@domain; local folded and unquoted, domain folded. */
const char *address_key(
	const char *local, const char *domain, struct arena *arena);

/*
 * What Postfix makes of an alias whose key matched without the extension:
 * "crm@saas" and "+tag" to "crm+tag@saas" (propagate_unmatched_extensions).
 * target is a key; "" leaves it as it is.
 */
const char *address_extend(
	const char *target, const char *extension, struct arena *arena);

/*
 * %, ! or @ within the local part: Postfix takes it for a source route and
 * refuses it to strangers in every class (allow_untrusted_routing = no).
 */
bool address_is_routed(const struct address *address);

#endif
