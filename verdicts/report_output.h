/*
 * The verdicts as a page: HTML with charts, one file that asks for nothing
 * from anywhere.
 *
 * Memory is bounded whatever the log: see report_data.h for what is counted
 * exactly and what from some number on is not.
 */
#ifndef VERDICTS_REPORT_OUTPUT_H
#define VERDICTS_REPORT_OUTPUT_H

#include "verdicts/output.h"

#include <time.h>

struct report_options {
	const char *path; /* replaced at finish, by rename */
	const char *state; /* whose generation lists the recipients to
			      compare with; NULL = compared with none.
			      What can not be read there is told in the
			      page, and is no error. */
	time_t now; /* 0 = when it is finished */
	const char *question; /* see question.h; NULL = it is not told */
};

/*
 * Borrows the texts until output->close().  False: nothing was made, the path
 * can not be written, and *err says why.  flush() does nothing: a page is
 * written once, at the end.
 */
bool report_output_open(struct output *out,
	const struct report_options *options, struct err *err);

#endif
