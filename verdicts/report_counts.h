/* Numbers -> how often each came. */
#ifndef VERDICTS_REPORT_COUNTS_H
#define VERDICTS_REPORT_COUNTS_H

#include <stddef.h>
#include <stdint.h>

struct report_count {
	uint64_t key;
	unsigned long count; /* 0: an empty place */
};

/* Start with { 0 }. */
struct report_counts {
	struct report_count *places; /* a power of two of them, or none */
	size_t room;
	size_t n;
};

void report_counts_fini(struct report_counts *counts);
/* count > 0 */
void report_counts_add(
	struct report_counts *counts, uint64_t key, unsigned long count);
/* Puts all under new keys; those that become the same are added up. */
void report_counts_map(struct report_counts *counts,
	uint64_t (*map)(void *context, uint64_t key), void *context);
/* The taken places, by key; free() it. */
struct report_count *report_counts_sorted(const struct report_counts *counts);

#endif
