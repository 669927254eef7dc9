/* Which directories have an entry for a key, and where in their source. */
#ifndef TRANSPORT_MAP_GEN_LISTED_H
#define TRANSPORT_MAP_GEN_LISTED_H

#include "namespace/recipients.h"

#include <stddef.h>

struct arena;
struct namespace;

/* Where entries are looked up; each directory's last-good copy where there
   are no recipients in memory.  Nothing is written. */
struct listed_in {
	const struct namespace *ns;
	const struct recipients *recipients; /* NULL = the copies */
	const char *state; /* folder */
};

/*
 * The entries in the order of the configuration, at most one for each enabled
 * directory, chained by next; NULL where nobody has one.  A copy that can not
 * be read has none.
 */
const struct recipient *listed_find(
	const struct listed_in *in, const char *key, struct arena *arena);

/* What an entry is good for. */
enum listed_kind {
	LISTED_MAILBOX,
	LISTED_CONTACT,
	LISTED_ELSEWHERE, /* a contact that stands for itself */
	LISTED_OUTSIDE, /* of the domains that its directory may list */
};

enum listed_kind listed_kind(const struct recipient *entry);
/* "mailbox", "contact", "elsewhere", "outside" */
const char *listed_kind_format(enum listed_kind kind);
/* "staff.txt:17", "ad.csv row 12", "ldaps://dc1 CN=Ann,...", in the arena. */
const char *listed_place(const struct recipient *entry, struct arena *arena);

#endif
