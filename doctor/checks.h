/*
 * Each check looks at one thing that can be wrong with Postfix's set-up for
 * a namespace, and says so in findings.  Its identifier is what --skip
 * takes and the manual explains.
 */
#ifndef DOCTOR_CHECKS_H
#define DOCTOR_CHECKS_H

#include "doctor/findings.h"
#include "doctor/instance.h"
#include "namespace/namespace.h"

#include <stddef.h>
#include <time.h>

struct arena;
struct check;
struct generation;
struct lookups;
struct probes;

struct examination {
	const struct instance *instance;
	const struct namespace *ns; /* sound; not asked of directories */
	const char *config; /* namespace.conf's path */
	const char *state; /* folder, as an absolute path */
	struct generation *published; /* NULL = none that could be opened */
	const char *resolver; /* "HOST[:PORT]"; NULL = the system's */
	time_t now;
	struct findings *findings;
	struct arena *arena; /* of this run */
	const struct check *check; /* at work */

	/* Asked by the first check that wants them; in the arena. */
	const struct lookups *lookups; /* of check_dns */
	const struct probes *probes; /* of check_probe */
};

/* What a check looks at beyond this machine's files. */
enum check_kind { CHECK_LOCAL, CHECK_DNS, CHECK_PROBE };

struct check {
	const char *id; /* "parent-domains" */
	const char *title; /* "relay_domains matches no subdomains" */
	void (*run)(struct examination *examination);
};

/* Parts of the list, each by its own file; NULL past the last. */
const struct check *check_maps(size_t index); /* what main.cf reads */
const struct check *check_service(size_t index); /* who asks policyd, how */
const struct check *check_files(size_t index); /* modes, holds, age */
const struct check *check_dns(size_t index);
const struct check *check_probe(size_t index);

/* All of a kind, one after the other; NULL past the last. */
const struct check *checks_get(enum check_kind kind, size_t index);
/* NULL: there is none of that identifier. */
const struct check *checks_find(const char *id);

enum { CHECKS_MAX = 256 };

struct check_list {
	const struct check *list[CHECKS_MAX];
	size_t count;
};

/* Adds those of a kind that skip does not name. */
void checks_select(struct check_list *out, enum check_kind kind,
	const char *const *skip, size_t n_skip);
/* One after the other. */
void checks_run(
	struct examination *examination, const struct check_list *checks);
/*
 * For a check that is at work.  Subject and fix are copied; format with what
 * follows is the finding's text.
 */
void check_found(struct examination *examination, enum severity severity,
	const char *subject, const char *fix, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

#endif
