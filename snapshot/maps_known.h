/*
 * What the maps say of the recipients of a domain that one directory lists:
 * asked of the resolver for the first of them, and known for the others.
 */
#ifndef SNAPSHOT_MAPS_KNOWN_H
#define SNAPSHOT_MAPS_KNOWN_H

#include "snapshot/maps_answer.h"

struct maps_known;

/* Borrows maps, whose names are complete. */
struct maps_known *maps_known_open(const struct maps *maps);
void maps_known_close(struct maps_known **known);

/* Of the same local part in a secondary domain: an alias to the recipient. */
struct known_other {
	struct maps_answer answer; /* its alias is to be filled in */
	bool has_entries; /* so that it may be somebody of its own */
};

/* Of one name and one directory. */
struct known {
	const struct directory *directory;
	const char *listed; /* the value of relay_recipients */
	bool is_asked; /* the rest is filled in */
	bool is_one_by_one; /* each must be asked for itself */
	struct maps_answer answer;
	struct known_other *others; /* for each of the name's secondaries */
	struct known *next; /* of another directory */
};

/* Never NULL; lives as long as known. */
struct known *maps_known_get(struct maps_known *known, const struct name *name,
	const struct directory *directory);
/*
 * Whether nobody could ask more about a local part than whose it is: no
 * extension, no quotes, not the postmaster's.
 */
bool maps_known_is_plain(const struct maps_known *known, struct slice local);
/*
 * Fills in the answers by those to a plain mailbox of the name that this
 * directory lists, and that no contact of the configuration speaks of; nor
 * does anybody of the same local part in the name's secondaries.
 */
void maps_known_ask(struct maps_known *known, struct known *of,
	const struct maps_subject *subject);

#endif
