/*
 * A connection to a mail system, over TCP or a UNIX socket, in plain text or
 * under TLS (RFC 3207); each call with a time limit of its own.
 */
#ifndef DOCTOR_SMTP_WIRE_H
#define DOCTOR_SMTP_WIRE_H

#include "doctor/smtp_reply.h"

#include <stdint.h>

struct smtp_wire;

struct smtp_place {
	const char *path; /* of a socket; NULL: host and port */
	const char *host; /* a name, or an IP address without brackets */
	uint16_t port;
	bool is_ipv4_alone, is_ipv6_alone; /* inet_protocols */
};

/* NULL on failure. */
struct smtp_wire *smtp_wire_open(
	const struct smtp_place *place, struct err *err);
void smtp_wire_close(struct smtp_wire **wire);

/* Waits for one whole reply. */
bool smtp_wire_read(
	struct smtp_wire *wire, struct smtp_reply *reply, struct err *err);
/* The line without its end. */
bool smtp_wire_write(struct smtp_wire *wire, const char *line, struct err *err);

/* Whose certificate is taken. */
struct smtp_trust {
	bool is_verified; /* else anybody's */
	bool has_default_cas; /* the system's, too */
	const char *ca_file, *ca_path; /* PEM; "" = none */
	const char *name; /* that it must be for */
	bool takes_subdomains; /* of the name, too */
};

/* The server has said 220 to STARTTLS.  Afterwards EHLO is due again. */
bool smtp_wire_start_tls(struct smtp_wire *wire, const struct smtp_trust *trust,
	struct err *err);

#endif
