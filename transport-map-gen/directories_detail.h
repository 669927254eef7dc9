/* All that is known of the directories, for check --directories. */
#ifndef TRANSPORT_MAP_GEN_DIRECTORIES_DETAIL_H
#define TRANSPORT_MAP_GEN_DIRECTORIES_DETAIL_H

#include "transport-map-gen/gather.h"

#include <stdio.h>

/*
 * For each enabled directory what it lists now, by class where it knows
 * classes; how old its last-good copy in the state folder is; and, all of
 * them, its conflicts with directories before it and its look-alikes.  g has
 * a model.
 */
void directories_detail(
	const struct gathered *g, const char *state, FILE *file);

#endif
