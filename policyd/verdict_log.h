/*
 * The one line that says what was decided and why:
 *
 *   verdict=reject reason=unknown recipient=<bob@company.example>
 *   domain=company.example type=internal-relay connector=- nexthop=-
 *   directory=- client=192.0.2.7 sender=<a@b.example> queue_id=-
 *   instance=1a2b.3c generation=42 reply="550 5.1.1 ..." us=14
 *
 * (in one line, fields in this order, one blank between them; at the end
 * shadow=yes where the reply was not sent).  The writing of a value, so that
 * whoever reads the line gets back exactly what was put in:
 *
 *   -            there is none
 *   plain        one or more safe bytes: printable ASCII but " ' < = > \ and
 *                blank, and printable UTF-8; never "-" alone
 *   "..."        anything else.  Within: \" and \\ are those bytes, \xNN (two
 *                lower case hexadecimal digits) is any other byte, the rest
 *                is itself.  No control character stands in the line: C0,
 *                DEL, C1, line separators and marks that turn the direction
 *                of writing are \xNN, as are bytes that are not UTF-8.
 *   word         of verdict, reason and type: lower case letters and hyphens
 *   number       of generation and us: digits without a zero in front
 *   <...>        an address, empty for the null sender: plain within, else
 *                "<...>" where the quotes enclose the angles and the same
 *                escapes hold
 *   "...\x20"... a value too long was cut, at a whole character: three dots
 *                follow the closing quote
 *
 * So a field begins after a blank outside quotes, and no value can forge
 * one.  The line is shorter than VERDICT_LINE_MAX, and ASCII where all
 * values are.
 */
#ifndef POLICYD_VERDICT_LOG_H
#define POLICYD_VERDICT_LOG_H

#include "policyd/request.h"

struct text;

enum { VERDICT_LINE_MAX = 2048 };

/* What was decided about one recipient.  NULL or "" = there is none. */
struct judgement {
	const char *verdict;
	const char *reason;
	const char *domain; /* the accepted domain, without mark */
	const char *type;
	const char *connector; /* the first of the route */
	const char *nexthop;
	const char *directory;
	const char *reply; /* what Postfix is told */
	unsigned long generation;
	unsigned long us; /* taken by the decision */
};

/* Appends the line, without an end of line. */
void verdict_log_format(struct text *out, const struct request *request,
	const struct judgement *judgement, bool is_shadow);

#endif
