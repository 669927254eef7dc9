/* What the files that write one kind of map each share. */
#ifndef SNAPSHOT_MAPS_PRIVATE_H
#define SNAPSHOT_MAPS_PRIVATE_H

#include "snapshot/map_set.h"
#include "snapshot/maps.h"
#include "snapshot/names.h"

struct maps {
	const struct maps_input *input;
	const struct maps_options *options;
	const struct view *view;
	const struct names *names;
	struct map_set *set;
	struct arena *arena; /* of this run */
	struct err *err;
};

/* relay_recipients, virtual_alias; transport and access of one address. */
void maps_write_recipients(struct maps *maps);
/* Domains, connectors, directories, contacts: what the resolver asks. */
void maps_write_policy(struct maps *maps);
/* relay_recipients.regexp: what a CDB can not say. */
bool maps_write_regexp(struct maps *maps, const char *folder);

#endif
