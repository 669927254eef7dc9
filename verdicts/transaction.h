/*
 * The transaction of smtpd(8) that a verdict was given in, by the instance
 * that Postfix gives it: "PID.SECONDS.MICROSECONDS.NUMBER", hexadecimal.
 */
#ifndef VERDICTS_TRANSACTION_H
#define VERDICTS_TRANSACTION_H

#include <stdbool.h>

struct verdict_line;

/* Some 20 hexadecimal digits and dots; a longer one is not Postfix's. */
enum { INSTANCE_MAX = 64 };

/* Since 1970. */
struct began {
	unsigned long s, us; /* us: within the second */
};

struct transaction {
	char instance[INSTANCE_MAX + 1];
	unsigned long pid;
	struct began began;
};

/* False: VRFY outside of a transaction, or not from Postfix. */
bool transaction_of(
	struct transaction *out, const struct verdict_line *verdict);

#endif
