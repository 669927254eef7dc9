/*
 * What the maps say of one address, besides that a directory lists it: the
 * resolver's answer in the words of Postfix's tables.
 */
#ifndef SNAPSHOT_MAPS_ANSWER_H
#define SNAPSHOT_MAPS_ANSWER_H

#include "base/slice.h"
#include "snapshot/maps_private.h"

/* An address; its domain is the name's ascii form. */
struct maps_subject {
	struct slice key; /* ended by a NUL */
	const struct name *name;
};

/* NULL: nothing in that map. */
struct maps_answer {
	const char *access; /* recipient_access */
	const char *alias; /* virtual_alias */
	bool is_self; /* the alias is the address itself */
	const char *route; /* transport, its own */
	bool is_lost; /* accepted, and no connector takes it */
};

/* Texts live in the arena, or as long as the maps; of the address alone. */
void maps_answer_make(struct maps_answer *out, const struct maps *maps,
	const struct maps_subject *subject, struct arena *request);
void maps_answer_put(const struct maps *maps,
	const struct maps_subject *subject, const struct maps_answer *answer);
/* One record, in both label forms of the name. */
void maps_subject_put(const struct maps *maps, enum map map,
	const struct maps_subject *subject, const char *value);

#endif
