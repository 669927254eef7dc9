/* Which verdicts were asked for. */
#ifndef VERDICTS_FILTER_H
#define VERDICTS_FILTER_H

#include "base/err.h"
#include "verdicts/record.h"

struct filter;

struct filter *filter_open(void);
void filter_close(struct filter **filter);

/*
 * One more condition on a field: `values` is a list with commas between, and
 * one of them must fit.  Several conditions on one field add to its list;
 * different fields must all fit.
 *
 * recipient, sender and domain are compared without regard to case; a value
 * with * or ? is a pattern for the whole (fnmatch(3) without classes), a
 * backslash takes a character (a comma too) for itself.  <> is the null
 * sender.  client: an address or a network, 192.0.2.0/24.  generation: a
 * number, or a range 40-42.  verdict, reason and type: one of policyd's words,
 * anything else is an error that lists them.
 */
bool filter_add(struct filter *filter, enum verdict_field field,
	const char *values, struct err *err);
/* since <= time < until; INT64_MIN and INT64_MAX: no limit. */
void filter_set_times(
	struct filter *filter, int64_t since_us, int64_t until_us);

bool filter_takes(struct filter *filter, const struct record *record);

#endif
