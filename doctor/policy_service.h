/*
 * The argument of check_policy_service (SMTPD_POLICY_README): an endpoint,
 * or in braces an endpoint and options for it.
 */
#ifndef DOCTOR_POLICY_SERVICE_H
#define DOCTOR_POLICY_SERVICE_H

#include <stddef.h>

struct arena;

enum { POLICY_OPTIONS_MAX = 16 };

struct policy_option {
	const char *name, *value;
};

struct policy_service {
	const char *endpoint; /* "unix:private/policyd" */
	struct policy_option options[POLICY_OPTIONS_MAX];
	size_t n_options;
	/* The word for which smtpd would not start; NULL = none.  Options
	   are then read as they were meant. */
	const char *fault;
};

void policy_service_parse(
	struct policy_service *out, const char *argument, struct arena *arena);
/* NULL where it is not set. */
const char *policy_service_option(
	const struct policy_service *service, const char *name);
/* Replaces or adds it; what is set too much is left out. */
void policy_service_set(
	struct policy_service *service, const char *name, const char *value);
/* An argument that smtpd takes, without options that it does not know. */
const char *policy_service_format(
	const struct policy_service *service, struct arena *arena);

#endif
