/*
 * smtpd(8) makes the instance, but whoever may ask policyd can send another:
 * nothing is taken from what is not whole.
 */
#include "verdicts/transaction.h"

#include "base/text.h"
#include "verdicts/verdict.h"

#include <stdlib.h>
#include <string.h>

/* The part of a hexadecimal number before the next dot. */
static bool take_hex(unsigned long *out, const char **at)
{
	char *end;

	*out = strtoul(*at, &end, 16);
	if (end == *at || (*end != '.' && *end != '\0'))
		return false;
	*at = *end == '.' ? end + 1 : end;
	return true;
}

bool transaction_of(struct transaction *out, const struct verdict_line *verdict)
{
	struct text value;

	text_init(&value);
	text_adds(&value, "");
	verdict_value(&value, verdict, FIELD_INSTANCE);
	const bool fits = value.len > 0 && value.len <= INSTANCE_MAX;
	const char *at = out->instance;

	if (fits)
		memcpy(out->instance, value.data, value.len + 1);
	text_fini(&value);
	return fits && take_hex(&out->pid, &at) &&
		take_hex(&out->began.s, &at) && take_hex(&out->began.us, &at);
}
