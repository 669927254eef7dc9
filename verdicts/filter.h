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
 * A value with * or ? is a pattern for the whole (glob.h), a backslash takes a
 * character (a comma too) for itself; - is where there is no value.
 * recipient, sender and domain are compared without regard to case, domains
 * in either label form; the two addresses may stand in angles, and <> is the
 * null sender.  A queue ID may have its colon behind it.  client: an address,
 * a network (192.0.2.0/24) or a pattern.  generation: a number, or a range
 * 40-42.  verdict and reason: one of policyd's words or a pattern, anything
 * else is an error that lists them.
 */
bool filter_add(struct filter *filter, enum verdict_field field,
	const char *values, struct err *err);
/* since <= time < until; INT64_MIN and INT64_MAX: no limit. */
void filter_set_times(
	struct filter *filter, int64_t since_us, int64_t until_us);

bool filter_takes(struct filter *filter, const struct record *record);

/* Whether there is a condition on the field. */
bool filter_asks(const struct filter *filter, enum verdict_field field);
/*
 * Whether it may be taken once its queue ID is known, which most lines do not
 * have and those of Postfix tell.
 */
bool filter_may_take(struct filter *filter, const struct record *record);

#endif
