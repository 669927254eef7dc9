/* One verdict that was found in a log, and what became of the recipient. */
#ifndef VERDICTS_RECORD_H
#define VERDICTS_RECORD_H

#include "verdicts/log_line.h"
#include "verdicts/verdict.h"

#include <stdint.h>

struct arena;

/* How one delivery attempt ended, the last one of an address. */
struct fate {
	int64_t time_us;
	const char *to; /* the address delivered to, after all aliases */
	const char *status; /* sent, deferred, bounced, expired; reject where
			       smtpd or cleanup refused after policyd's
			       DUNNO; hold, discard; lost: the message never
			       came whole; deleted by hand; "queued" where
			       nothing has happened yet */
	const char *dsn; /* "2.0.0"; "" = none */
	const char *system; /* relay=, who answered: "mx[10.8.0.25]:25" */
	const char *said; /* its answer, without the parentheses */
};

struct record {
	int64_t time_us; /* since 1970, UTC */
	struct slice line; /* all of it; the rest points into it */
	struct log_line log;
	/* The queue ID also where it was found by the lines of Postfix. */
	struct verdict_line verdict;
	const struct fate *fates; /* where deliveries were asked for */
	size_t n_fates;
};

/* The same record in a copy of its line: all but the fates points there. */
void record_move(
	struct record *out, const struct record *record, const char *line);
/* A copy that borrows from nothing but the arena (fates are shared). */
struct record *record_copy(const struct record *record, struct arena *arena);

#endif
