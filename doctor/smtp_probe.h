/*
 * One conversation with a mail system (RFC 5321, or RFC 2033): what it would
 * say to mail from us.  Never DATA, so that nothing is sent.
 */
#ifndef DOCTOR_SMTP_PROBE_H
#define DOCTOR_SMTP_PROBE_H

#include "doctor/smtp_wire.h"

enum { SMTP_PROBE_UNKNOWN_MAX = 5, SMTP_SAID_SIZE = 512 };

enum smtp_tls { SMTP_TLS_NONE, SMTP_TLS_MAY, SMTP_TLS_MUST };

/* code 0: it was not asked, or did not answer. */
struct smtp_said {
	unsigned code;
	char text[SMTP_SAID_SIZE]; /* code and all, printable */
};

struct smtp_probe {
	struct smtp_place place;
	bool is_lmtp;
	const char *helo; /* our name for EHLO or LHLO */
	const char *myhostname; /* by which smtp(8) knows itself; NULL: it
				   does not look */
	enum smtp_tls tls;
	struct smtp_trust trust;
	const char *known; /* an address; NULL = none */
	const char *unknown[SMTP_PROBE_UNKNOWN_MAX];
	size_t n_unknown;

	/* What came of it.  trouble "": it was polite to the end, or one of
	   the three below ended it. */
	char trouble[SMTP_SAID_SIZE];
	bool is_ourselves; /* it calls itself by our name */
	char tls_trouble[SMTP_SAID_SIZE]; /* why there is no TLS; "" = there
					     is, or need not be */
	struct smtp_said sender; /* to MAIL FROM:<> */

	bool has_utf8; /* offers SMTPUTF8 (RFC 6531) */
	struct smtp_said to_known;
	struct smtp_said to_unknown[SMTP_PROBE_UNKNOWN_MAX];
};

/* Takes a minute or two at the worst. */
void smtp_probe_run(struct smtp_probe *probe);

#endif
