/*
 * The lists of restrictions that smtpd(8) runs: those of main.cf, and those
 * of a service of master.cf that overrides them.
 */
#ifndef DOCTOR_SMTPD_LISTS_H
#define DOCTOR_SMTPD_LISTS_H

#include "doctor/instance.h"
#include "doctor/restrictions.h"

#include <stdbool.h>

struct arena;

struct smtpd_list {
	const char *name; /* "smtpd_recipient_restrictions" */
	const struct service *service; /* whose own it is; NULL: main.cf's */
	const char *subject; /* the name, or "submission/inet/NAME" */
	struct restrictions run; /* with restriction classes written out */
	struct restrictions written; /* with "$name" and all */
};

/* Of one name: main.cf's first, then each service's own. */
struct smtpd_lists {
	const struct instance *instance;
	const char *name;
	struct arena *arena;
	size_t next; /* begins with 0 */
};

bool smtpd_lists_next(struct smtpd_lists *walk, struct smtpd_list *out);
/* What this service runs: its own or main.cf's; NULL: main.cf's. */
void smtpd_list_of(struct smtpd_list *out, const struct instance *instance,
	const struct service *service, const char *name, struct arena *arena);
/* Every list that could ask a policy service; NULL past the last. */
const char *smtpd_lists_name(size_t index);

/*
 * Where strangers are kept from relaying; count: nowhere.  Behind
 * warn_if_reject nobody is kept from anything.
 */
size_t smtpd_guard_place(const struct restrictions *list);
/* Where everybody is let through, "permit" or the table of a check_*. */
size_t smtpd_permit_place(const struct restrictions *list);

/* Whether it refuses all but some, by "reject" in a list of its own. */
bool smtpd_is_for_some(const struct instance *instance,
	const struct service *service, struct arena *arena);
/*
 * Whether mail comes back to that smtpd(8) from a content filter, having been
 * judged before: on loopback, or elsewhere where it alone has no filter and
 * refuses all but some.
 */
bool smtpd_is_behind_filter(const struct instance *instance,
	const struct service *service, struct arena *arena);

#define SMTPD_RELAY_LIST "smtpd_relay_restrictions"
#define SMTPD_RECIPIENT_LIST "smtpd_recipient_restrictions"

#endif
