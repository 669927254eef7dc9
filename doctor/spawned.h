/* A line of master.cf that runs policyd under spawn(8). */
#ifndef DOCTOR_SPAWNED_H
#define DOCTOR_SPAWNED_H

#include "doctor/restrictions.h"

struct arena;
struct instance;
struct service;

struct spawned {
	const char *user; /* "" = not said */
	const char *group; /* NULL = the user's own */
	const char *program; /* "" = not said */
	const char *state; /* -s; NULL = policyd's default */
	struct restrictions arguments; /* all, as they stand */
};

/* The first that does; NULL: none. */
const struct service *spawned_find(const struct instance *instance);
/* Where its socket is, as check_policy_service has it. */
const char *spawned_endpoint(
	const struct service *service, struct arena *arena);
void spawned_parse(struct spawned *out, const struct service *service,
	struct arena *arena);
/* A line for a shell that puts new in the place of an argument, word. */
const char *spawned_fix(const struct service *service, const char *word,
	const char *new, struct arena *arena);

#endif
