/*
 * What the reader of one directory found out, and how it gets from the
 * process that read to the one that waits.
 */
#ifndef DIRECTORY_REPORT_H
#define DIRECTORY_REPORT_H

#include "base/faults.h"

struct arena;
struct text;
struct worker;

enum report_end {
	REPORT_WHOLE, /* read and let pass */
	REPORT_FAILED,
	REPORT_REFUSED, /* read, but a guard stands against it */
	REPORT_SAME, /* let pass; the copy byte for byte, and no advice */
};

struct report {
	enum report_end end;
	size_t n_bad;
	struct err err; /* why not REPORT_WHOLE */
};

/* Appends the report and the advices to text. */
void report_format(struct text *text, const struct report *report,
	const struct faults *faults);
/*
 * The reverse; advices are added to faults.  False where it is not a whole
 * one: then nothing is added.
 */
bool report_parse(struct report *out, const char *bytes, size_t len,
	struct faults *faults);
/*
 * Of a worker that has ended, with its report in fd.  One that crashed, was
 * ended at the deadline or left no whole report is REPORT_FAILED, with a
 * sentence about source that says so.
 */
void report_collect(struct report *out, const struct worker *worker, int fd,
	const char *source, struct faults *faults);

#endif
