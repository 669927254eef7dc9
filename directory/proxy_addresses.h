/*
 * A cell of addresses as Exchange exports them: EmailAddresses,
 * proxyAddresses, Secondary-Proxy-Addresses ("SMTP:a@b;smtp:c@d;x500:...").
 */
#ifndef DIRECTORY_PROXY_ADDRESSES_H
#define DIRECTORY_PROXY_ADDRESSES_H

#include "base/err.h"

struct arena;

struct proxy_addresses {
	const char **list; /* prefix dropped; not checked any further */
	size_t count;
	size_t n_ignored; /* x400:, x500:, sip: and the like */
};

/*
 * Values stand between ";", "%", "," or blanks, with "{" and "}" around them
 * or without, and may be wrapped over lines; what has no "type:" in front
 * counts as SMTP.  False where the export wrote the name of a type of .NET
 * instead of its values, or cut them off ("...").  The result lives in the
 * arena.
 */
bool proxy_addresses_parse(struct proxy_addresses *out, const char *cell,
	struct arena *arena, struct err *err);
/*
 * The same of the Generic Import Format of Exchange 5.5: "\" takes its
 * meaning from the character behind it, and "~DEL" at the start or end of a
 * value marks what is removed.
 */
bool proxy_addresses_parse_generic(struct proxy_addresses *out,
	const char *cell, struct arena *arena, struct err *err);

#endif
