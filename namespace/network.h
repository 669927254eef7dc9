/* An IP address or a network in CIDR form (RFC 4632, RFC 4291 2.3). */
#ifndef NAMESPACE_NETWORK_H
#define NAMESPACE_NETWORK_H

#include "base/err.h"

#include <stdint.h>

/* IPv4 is held as ::ffff:a.b.c.d; prefix counts in 128 bits. */
struct network {
	uint8_t bytes[16];
	unsigned prefix;
};

/* "10.8.0.25", "10.8.0.0/24", "2001:db8::/32"; host bits must be zero. */
bool network_parse(struct network *out, const char *text, struct err *err);
/* Postfix's client_address: no prefix, no brackets.  False: no IP address. */
bool network_of_client(struct network *out, const char *text);
bool network_contains(
	const struct network *network, const struct network *client);
bool network_is_loopback(const struct network *network);

#endif
