/* What smtpd(8) said of a recipient when it refused it. */
#ifndef CHANGES_REJECTION_H
#define CHANGES_REJECTION_H

#include <stdbool.h>

struct postfix_line;

enum rejection {
	REJECTION_OTHER, /* of its client, sender, content...: nothing of it */
	REJECTION_UNKNOWN, /* nobody has the address */
	REJECTION_UNDELIVERABLE, /* so says the system behind, when asked */
	REJECTION_NOT_OURS, /* Relay access denied */
};

/*
 * Of a POSTFIX_REJECT for a recipient.  *is_lasting: by a reply of 5xx.
 * Unknown is "User unknown ..." and every other "Recipient address rejected"
 * with the status 5.1.1 or 4.1.1 (RFC 3463: bad destination mailbox), as
 * policyd's; so greylisting, quotas, and access tables are none.
 */
enum rejection rejection_of(const struct postfix_line *line, bool *is_lasting);

#endif
