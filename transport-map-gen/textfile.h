/*
 * What node_exporter(1) tells Prometheus of a build, by its textfile
 * collector: a file NAME.prom, replaced at the end of every run.
 */
#ifndef TRANSPORT_MAP_GEN_TEXTFILE_H
#define TRANSPORT_MAP_GEN_TEXTFILE_H

#include "base/err.h"

#include <stdint.h>
#include <time.h>

struct gathered;
struct text;

struct textfile_run {
	time_t now; /* when the run ended */
	time_t last_success; /* of an earlier run; 0 = never */
	int64_t duration_us;
	int status; /* of the process, after sysexits(3) */
	bool has_state; /* else the next three are not known */
	bool is_held; /* by a rollback: nothing is published */
	unsigned long generation; /* in force; 0 = none */
	time_t generation_time;
	const struct gathered *gathered; /* as far as it came: directories,
					    conflicts and warnings are
					    told where it has a model */
};

/* Before the work: whether a file can be made where it is to stand. */
bool textfile_check(const char *path, struct err *err);
/*
 * What the file says of the last run that succeeded; 0 where there is none,
 * or it says nothing.
 */
time_t textfile_last_success(const char *path);
/* Appends the metrics.  A run succeeded where its status is 0. */
void textfile_format(struct text *out, const struct textfile_run *run);
/* Mode 0644, for node_exporter is another user. */
bool textfile_write(
	const char *path, const struct textfile_run *run, struct err *err);

#endif
