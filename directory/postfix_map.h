/* The source of a Postfix map: its keys are recipients (postmap(1)). */
#ifndef DIRECTORY_POSTFIX_MAP_H
#define DIRECTORY_POSTFIX_MAP_H

#include "directory/source.h"

/*
 * "address value"; values are ignored.  The origin of an entry is the line
 * at which it begins.
 */
bool postfix_map_read(const struct directory *directory, struct decoded *text,
	const struct sink *sink, struct err *err);

#endif
