/* The lists of a report, as the page and its plain tables both show them. */
#ifndef VERDICTS_REPORT_LISTS_H
#define VERDICTS_REPORT_LISTS_H

#include "verdicts/report_data.h"

/*
 * Appends why somebody should look for a missing contact behind an unknown
 * recipient: a system of ours handed it to us, or several strangers wrote to
 * it and it resembles nobody, as far as could be compared.  index is its
 * place in data->unknown.  False: nothing says so.
 */
bool report_missing_why(
	struct text *out, const struct report_data *data, size_t index);
/* "ann.smith@company.example": the best likeness by number; NULL. */
struct likeness_match;
const struct likeness_match *report_likeness(
	const struct report_data *data, size_t index, size_t number);
/* "12", "more than 16" */
void report_distinct_format(struct text *out, const struct distinct *distinct);
/* The upper end of the class of latency that holds the percentile. */
unsigned long report_percentile(const struct report_cube *cube, double part);

#endif
