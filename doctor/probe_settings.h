/* How smtp(8) or lmtp(8) of this Postfix would meet a smart host. */
#ifndef DOCTOR_PROBE_SETTINGS_H
#define DOCTOR_PROBE_SETTINGS_H

#include <stdbool.h>

struct arena;
struct connector;
struct hop;
struct instance;
struct probe;

/* False: what is there speaks neither, so that it can not be asked. */
bool probe_settings(struct probe *out, const struct connector *connector,
	const struct hop *hop, const struct instance *instance,
	struct arena *arena);

#endif
