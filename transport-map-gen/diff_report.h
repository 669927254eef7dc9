/* The report that diff and build --dry-run end with. */
#ifndef TRANSPORT_MAP_GEN_DIFF_REPORT_H
#define TRANSPORT_MAP_GEN_DIFF_REPORT_H

struct named_generation;
struct options;

/*
 * To stdout, unless quiet; before without a generation: nothing is
 * published.  EX_OK, or EX_IOERR, said to stderr.
 */
int diff_report(const struct named_generation *before,
	const struct named_generation *after, const struct options *options);

#endif
