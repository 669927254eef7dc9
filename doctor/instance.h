/*
 * One Postfix as it is configured now, read once: what postconf(1) says of
 * the instance that MAIL_CONFIG names, else of the system's.
 */
#ifndef DOCTOR_INSTANCE_H
#define DOCTOR_INSTANCE_H

#include "base/err.h"

#include <stddef.h>

struct arena;
struct instance;

/* A service of master.cf (master(5)). */
struct service {
	const char *name; /* "smtp", "127.0.0.1:10025", "policyd" */
	const char *type; /* "inet", "unix", ... */
	bool is_private;
	bool is_chrooted;
	const char *limit; /* of processes: "0", "-" = the default */
	const char *command; /* "smtpd" */
	const char *arguments; /* behind it; "" = none */
};

/* What is asked for; each costs a process. */
enum instance_part {
	INSTANCE_VALUES = 1 << 0,
	INSTANCE_WRITTEN = 1 << 1, /* instance_written() */
	INSTANCE_OVERRIDES = 1 << 2, /* of services */
	INSTANCE_SERVICES = 1 << 3, /* with INSTANCE_VALUES */
	INSTANCE_MAP_TYPES = 1 << 4,
	INSTANCE_ALL = (1 << 5) - 1,
};

/*
 * parts: of enum instance_part; of the others it is as if nothing were
 * there.  NULL where there is no Postfix that could be asked.
 */
struct instance *instance_read(unsigned parts, struct err *err);
void instance_close(struct instance **instance);

/*
 * A parameter of main.cf or its default, all "$name" expanded, white space
 * folded to single blanks; NULL: this Postfix does not know it.
 */
const char *instance_value(const struct instance *instance, const char *name);
/* As main.cf writes it, "$name" and all; NULL: it does not set it. */
const char *instance_written(const struct instance *instance, const char *name);
/* What a service runs with: its own "-o name=value", else as above. */
const char *instance_service_value(const struct instance *instance,
	const struct service *service, const char *name);
bool instance_service_overrides(const struct instance *instance,
	const struct service *service, const char *name);

size_t instance_n_services(const struct instance *instance);
const struct service *instance_service(
	const struct instance *instance, size_t index);
/* As postconf -M names it, "smtp/inet". */
const char *service_format(const struct service *service, struct arena *arena);
/* "cdb": whether postconf -m names it. */
bool instance_has_map_type(const struct instance *instance, const char *type);

#endif
