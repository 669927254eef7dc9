/* What is being done, for whoever watches a terminal; nothing elsewhere. */
#ifndef TRANSPORT_MAP_GEN_PROGRESS_H
#define TRANSPORT_MAP_GEN_PROGRESS_H

struct options;

/* One line on stderr, replaced by the next; "" ends it. */
void progress(const struct options *options, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
