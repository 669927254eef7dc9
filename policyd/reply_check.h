/* What may be said to Postfix: nothing that it could take for "permit". */
#ifndef POLICYD_REPLY_CHECK_H
#define POLICYD_REPLY_CHECK_H

#include <stdbool.h>

enum { REPLY_SIZE_MAX = 400 };

/*
 * True for "DUNNO", "reject_unverified_recipient", and for "NNN X.Y.Z text":
 * a 4xx or 5xx code but 421 and 521 (smtpd hangs up after them), an enhanced
 * code of the same class (RFC 3463), one line of printable ASCII, at most
 * REPLY_SIZE_MAX bytes.  Postfix takes a bare number or nothing at all as
 * leave to go on, and an unknown word as 451 for everybody.
 */
bool reply_is_valid(const char *reply);

#endif
