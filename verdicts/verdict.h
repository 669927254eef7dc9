/*
 * One verdict, as it stands in its line of the log: what policyd's
 * verdict_log.h writes, read again.  Its grammar is the contract; a line that
 * breaks it anywhere (cut in half, joined with another, not by policyd) is
 * none, so no value is ever taken for another field.  Two cuts can not be
 * seen: one within the digits of us, and one right before shadow.
 */
#ifndef VERDICTS_VERDICT_H
#define VERDICTS_VERDICT_H

#include "base/slice.h"

struct text;

/* In the order of the line. */
enum verdict_field {
	FIELD_VERDICT,
	FIELD_REASON,
	FIELD_RECIPIENT,
	FIELD_DOMAIN,
	FIELD_TYPE,
	FIELD_CONNECTOR,
	FIELD_NEXTHOP,
	FIELD_DIRECTORY,
	FIELD_CLIENT,
	FIELD_SENDER,
	FIELD_QUEUE_ID,
	FIELD_INSTANCE,
	FIELD_GENERATION,
	FIELD_REPLY,
	FIELD_US,
	FIELD_SHADOW, /* absent from most lines: then "-" */
	VERDICT_FIELDS
};

/* Each value as written: "-", plain, <...>, "..." or "..."...; UTF-8. */
struct verdict_line {
	struct slice written[VERDICT_FIELDS];
};

/* As in the line: "queue_id". */
const char *verdict_field_name(enum verdict_field field);

/*
 * message: what follows "program[pid]: ".  *out borrows from it.  False: no
 * verdict line, or not a whole one.
 */
bool verdict_parse(struct verdict_line *out, struct slice message);

/*
 * Whether the message at least begins as one.  So does rsyslog's "message
 * repeated 3 times: [ verdict=...]", which verdict_parse() refuses: rsyslog
 * cuts it at 800 bytes, and a line stands for one verdict.
 */
bool verdict_begins(struct slice message);

/* Whether there is a value; an address always has one, if an empty one. */
bool verdict_has(const struct verdict_line *verdict, enum verdict_field field);
/*
 * Appends the value itself: no quotes, no angles, escapes undone, so any
 * byte may be in it; nothing where there is none.  What was cut off is
 * missing, see verdict_is_cut().
 */
void verdict_value(struct text *out, const struct verdict_line *verdict,
	enum verdict_field field);
bool verdict_is_cut(
	const struct verdict_line *verdict, enum verdict_field field);
/* 0 where the field is no number: for generation and us. */
unsigned long verdict_number(
	const struct verdict_line *verdict, enum verdict_field field);

/*
 * Appends bytes so that a terminal and a table of tabs and lines can take
 * them: printable UTF-8 as it is, anything else, and the backslash, as \xNN.
 */
void verdict_show(struct text *out, struct slice bytes);

#endif
