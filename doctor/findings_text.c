/*
 * A finding's first line is "error parent-domains relay_domains: sentence",
 * as wide as it comes: it is searched and mailed more than it is looked at.
 */
#include "doctor/findings_text.h"

#include <string.h>

static void print_fix(const char *fix, FILE *out)
{
	while (*fix != '\0') {
		const size_t len = strcspn(fix, "\n");

		fprintf(out, "    %.*s\n", (int)len, fix);
		fix += len + (fix[len] == '\n');
	}
}

static size_t print_all(
	const struct findings *findings, enum severity severity, FILE *out)
{
	size_t count = 0;

	for (size_t i = 0; i < findings_count(findings); i++) {
		const struct finding *finding = findings_get(findings, i);

		if (finding->severity != severity)
			continue;
		fprintf(out, "%s %s %s: %s\n", severity_format(severity),
			finding->check, finding->subject, finding->text);
		print_fix(finding->fix, out);
		count++;
	}
	return count;
}

static void print_count(size_t count, const char *word, FILE *out)
{
	fprintf(out, "%zu %s%s", count, word, count == 1 ? "" : "s");
}

void findings_text(const struct findings *findings, size_t n_checks,
	bool errors_alone, FILE *out)
{
	const size_t n_errors = print_all(findings, SEVERITY_ERROR, out);

	if (errors_alone)
		return;
	const size_t n_warnings = print_all(findings, SEVERITY_WARNING, out);
	const size_t n_unknown = print_all(findings, SEVERITY_UNKNOWN, out);

	if (findings_count(findings) == 0) {
		fputs("nothing is wrong: ", out);
		print_count(n_checks, "check", out);
		putc('\n', out);
		return;
	}
	print_count(n_errors, "error", out);
	fputs(", ", out);
	print_count(n_warnings, "warning", out);
	if (n_unknown != 0)
		fprintf(out, ", %zu could not be found out", n_unknown);
	putc('\n', out);
}
