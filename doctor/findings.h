/* What is wrong with a set-up, each with what mends it. */
#ifndef DOCTOR_FINDINGS_H
#define DOCTOR_FINDINGS_H

#include <stddef.h>

enum severity {
	SEVERITY_ERROR, /* mail is lost, relayed, refused or let in wrongly */
	SEVERITY_WARNING, /* works, and costs or lacks something */
	SEVERITY_UNKNOWN, /* could not be found out */
};

struct finding {
	const char *check; /* identifier, "parent-domains" */
	enum severity severity;
	const char *subject; /* a parameter, service, domain, file or host */
	const char *text; /* what is, and what comes of it; a sentence */
	const char *fix; /* lines for a shell that mend it; "" = by hand,
			    as the text says */
};

struct findings;

struct findings *findings_open(void);
void findings_close(struct findings **findings);
/*
 * Copies all texts.  What a terminal should not be given becomes "?" in
 * subject and text; a fix with such bytes is left out.
 */
void findings_add(struct findings *findings, const struct finding *finding);
size_t findings_count(const struct findings *findings);
const struct finding *findings_get(
	const struct findings *findings, size_t index);

/* "error", "warning", "unknown" */
const char *severity_format(enum severity severity);

#endif
