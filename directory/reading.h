/* One read of one directory: what it lists now, and whether that may stand. */
#ifndef DIRECTORY_READING_H
#define DIRECTORY_READING_H

#include "directory/report.h"

struct directory;
struct load_options;

/*
 * Reads the source, and where the guards let it pass, writes its entries as a
 * listing (report->end is then REPORT_WHOLE): beside the old copy, as
 * last_good_write() does, or to fd where the options are dry.  Of REPORT_SAME
 * only its beginning and end, to fd, for the entries stand in the copy.
 * Bad lines, and classes that have no object any more, are advice in faults.
 * The old copy is only looked at.
 */
void reading_run(struct report *report, const struct directory *directory,
	const struct load_options *options, int fd, struct faults *faults);

#endif
