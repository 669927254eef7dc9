/* A state folder and a list beside it; all in this process. */
#ifndef TESTS_UNIT_READING_CASE_H
#define TESTS_UNIT_READING_CASE_H

#include "base/text.h"
#include "directory/class_counts.h"
#include "directory/load.h"
#include "directory/report.h"
#include "namespace/directory.h"

struct reading_case {
	struct arena *arena;
	const char *fields[1];
	struct directory directory; /* "ad", whose path is the list */
	struct load_options options;
	struct report report;
	struct faults *faults;
	/* What the last reading handed over. */
	struct text list; /* as listing_show() writes it */
	struct class_counts classes;
};

/* Stays where it was initialized: its parts point to one another. */
void reading_case_init(struct reading_case *c);
void reading_case_fini(struct reading_case *c);

/* Reads what text says; where is_kept, it is the last-good copy after it. */
enum report_end reading_case_run(
	struct reading_case *c, const char *text, bool is_kept);

#endif
