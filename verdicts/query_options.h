/* The command line of "policyd verdicts". */
#ifndef VERDICTS_QUERY_OPTIONS_H
#define VERDICTS_QUERY_OPTIONS_H

#include "verdicts/count_key.h"
#include "verdicts/filter.h"
#include "verdicts/log_reader.h"
#include "verdicts/shape.h"

enum query_colour {
	QUERY_COLOUR_AUTO,
	QUERY_COLOUR_ALWAYS,
	QUERY_COLOUR_NEVER
};

struct query_options {
	struct log_sources sources; /* FILE..., --journal[=DIR], --year, -f */
	struct filter *filter; /* --recipient and the like, --since, --until */
	unsigned long last; /* --last N; 0 = all */
	enum query_format format; /* --tsv, --json */
	enum query_colour colour; /* --color WHEN */
	struct count_key count_by; /* --count-by FIELD,FIELD; none: n = 0 */
	unsigned long top; /* --top N; 0 = all */
	bool with_delivery; /* --with-delivery */
	const char *html; /* --html FILE; NULL = none */
	const char *state; /* -s DIR: whom the report compares with */
	bool is_quiet; /* -q: no summary of what was skipped */
	bool wants_help;
	bool wants_version;
};

/* Texts are borrowed from argv; query_options_fini() in any case. */
bool query_options_parse(
	struct query_options *out, int argc, char **argv, struct err *err);
void query_options_fini(struct query_options *options);
const char *query_help(void);

#endif
