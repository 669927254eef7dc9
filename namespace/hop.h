/*
 * Where a connector sends: smart hosts, or a transport of this Postfix.
 * One malformed next hop makes smtp(8) or lmtp(8) die in a loop, so
 * nothing gets past here that they would not take (transport(5)).
 */
#ifndef NAMESPACE_HOP_H
#define NAMESPACE_HOP_H

#include "namespace/network.h"

struct arena;

enum { HOP_DEFAULT_PORT = 25 };

struct hop {
	const char *text; /* as a map has it: "[10.8.0.25]:587", "[mx.d]" */
	const char *host; /* without brackets; NULL for a socket or service */
	bool is_literal; /* host is an IP address, held in network too */
	struct network network;
	uint16_t port;
};

/*
 * "10.8.0.25", "[10.8.0.25]:587", "mail.d:25", "[::1]:25",
 * "2001:db8::1", "[IPv6:::1]": always written with brackets, the port kept.
 */
bool hop_parse(struct hop *out, const char *text, struct arena *arena,
	struct err *err);

/*
 * kind: "smtp", "lmtp", "relay", or another service of master.cf.
 * destination: what stands after "kind:" as one next hop.
 * hop is filled for smtp, relay and lmtp over TCP; else its host is NULL
 * and its text the destination.
 */
struct transport {
	const char *kind;
	bool is_socket; /* lmtp:unix:PATH: takes the whole rest, no failover */
	struct hop hop;
};

/*
 * "lmtp:unix:private/dovecot-lmtp", "lmtp:inet:[::1]:24", "lmtp:host:24",
 * "smtp:[host]:587", "relay:[host]", "virtual:", "dovecot:": a transport(5)
 * result.  Refused: "error", "retry", "discard" and "local" (which delivers
 * by the local part alone), an empty kind, next hops their client would
 * not take.
 */
bool transport_parse(struct transport *out, const char *text,
	struct arena *arena, struct err *err);

#endif
