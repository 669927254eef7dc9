/* By what verdicts are counted: fields of the line, the host, time. */
#ifndef VERDICTS_COUNT_KEY_H
#define VERDICTS_COUNT_KEY_H

#include "base/err.h"
#include "verdicts/record.h"

struct local_time;
struct text;

enum { COUNT_KEY_MAX = 8 };

/* A field of the verdict, or one of those behind it. */
enum count_field {
	COUNT_HOST = VERDICT_FIELDS,
	COUNT_DAY, /* 2026-11-21, local time */
	COUNT_HOUR, /* 2026-11-21 09 */
	COUNT_FIELDS
};

struct count_key {
	unsigned fields[COUNT_KEY_MAX];
	size_t n;
};

/* "domain,reason" */
bool count_key_parse(struct count_key *out, const char *names, struct err *err);
const char *count_field_name(unsigned field);
/*
 * Appends the record's values as written, line feeds between: equal where
 * the values are, and no line feed is in one.
 */
void count_key_write(struct text *out, const struct count_key *key,
	const struct record *record, struct local_time *local);
/* Cuts the first of what count_key_write() wrote off the rest. */
struct slice count_key_take(struct slice *rest);

#endif
