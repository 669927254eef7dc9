/*
 * smtpd(8) writes "550 5.1.1 <RECIPIENT>: Recipient address rejected: TEXT".
 * The address before the words must be the recipient's: in that of a sender
 * or a HELO the same words may have been put by a stranger.
 */
#include "changes/rejection.h"

#include "base/text.h"
#include "verdicts/cut.h"
#include "verdicts/log_address.h"
#include "verdicts/postfix_line.h"

/* "550 5.1.1 " */
static bool cut_codes(struct slice *rest, const struct postfix_line *line)
{
	struct slice code;

	if (!cut_to(&code, rest, " ") || code.len != 3)
		return false;
	if (line->dsn.len == 0)
		return true;
	struct slice dsn;

	return cut_to(&dsn, rest, " ") && slice_same(dsn, line->dsn);
}

/* "<RECIPIENT>: ", which stands there unquoted. */
static bool cut_recipient(struct slice *rest, struct slice external)
{
	struct text plain;

	text_init(&plain);
	text_adds(&plain, "<");
	log_address_unquote(&plain, external);
	text_adds(&plain, ">: ");
	const bool is_its_own = cut_prefix(rest, plain.data);

	text_fini(&plain);
	return is_its_own;
}

static enum rejection rejection_of_address(struct slice text, struct slice dsn)
{
	if (slice_starts(text, "User unknown"))
		return REJECTION_UNKNOWN;
	if (slice_starts(text, "undeliverable address: "))
		return REJECTION_UNDELIVERABLE;
	if (slice_starts(text, "unverified address: "))
		return REJECTION_OTHER; /* not asked to the end */
	return slice_is(dsn, "5.1.1") || slice_is(dsn, "4.1.1")
		? REJECTION_UNKNOWN
		: REJECTION_OTHER;
}

enum rejection rejection_of(const struct postfix_line *line, bool *is_lasting)
{
	struct slice rest = line->said;

	*is_lasting = rest.len > 0 && rest.bytes[0] == '5';
	if (!cut_codes(&rest, line) || !cut_recipient(&rest, line->to))
		return REJECTION_OTHER;
	if (slice_starts(rest, "Relay access denied"))
		return REJECTION_NOT_OURS;
	return cut_prefix(&rest, "Recipient address rejected: ")
		? rejection_of_address(rest, line->dsn)
		: REJECTION_OTHER;
}
