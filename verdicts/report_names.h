/* Names by number: the first that came, up to a bound, and "(other)". */
#ifndef VERDICTS_REPORT_NAMES_H
#define VERDICTS_REPORT_NAMES_H

#include <stddef.h>

struct arena;
struct table;

#define REPORT_NAME_OTHER "(other)"

struct report_names {
	struct arena *arena; /* where names are copied to */
	struct table *table;
	size_t max; /* with "-" and "(other)" */
};

/* 0 is "-", 1 is "(other)". */
enum { REPORT_NONE, REPORT_OTHER, REPORT_NAMED };

void report_names_init(
	struct report_names *names, size_t max, struct arena *arena);
void report_names_fini(struct report_names *names);
unsigned report_names_take(struct report_names *names, const char *name);
size_t report_names_count(const struct report_names *names);
const char *report_names_get(const struct report_names *names, size_t index);

#endif
