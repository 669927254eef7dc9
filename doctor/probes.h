/*
 * Every smart host of every connector, asked at the same time for somebody
 * whom a directory lists there and for nobody.
 */
#ifndef DOCTOR_PROBES_H
#define DOCTOR_PROBES_H

#include "doctor/smtp_probe.h"
#include "namespace/namespace.h"

#include <time.h>

struct arena;
struct generation;
struct instance;

struct probe {
	const struct connector *connector;
	const struct hop *hop;
	struct smtp_probe asked;
	/* Of asked.unknown[]: accepted, its unlisted mail goes here. */
	const struct domain *domains[SMTP_PROBE_UNKNOWN_MAX];
	/* Listed here, its local part not ASCII; NULL = none is. */
	const char *beyond_ascii;
};

struct probes {
	struct probe *list;
	size_t count;
};

struct probes_input {
	const struct instance *instance;
	const struct namespace *ns;
	const struct generation *published; /* NULL: no recipient is asked */
	time_t now;
};

const struct probes *probes_run(
	const struct probes_input *input, struct arena *arena);

#endif
