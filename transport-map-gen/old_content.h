/* The maps of a generation that is kept, to be published again. */
#ifndef TRANSPORT_MAP_GEN_OLD_CONTENT_H
#define TRANSPORT_MAP_GEN_OLD_CONTENT_H

#include "base/err.h"

struct manifest;

enum old_content {
	OLD_CONTENT_SOUND,
	OLD_CONTENT_DAMAGED, /* not what the manifest says; err names it */
	OLD_CONTENT_NOT_WRITTEN, /* the copy could not be */
};

/*
 * Copies every file that the manifest names into the empty folder to, but
 * for the last routes, which are to be made anew there.
 */
enum old_content old_content_copy(const struct manifest *manifest,
	const char *from, const char *to, struct err *err);
/* Whether every file of the folder is what its manifest says. */
bool old_content_is_sound(const struct manifest *manifest, const char *folder);

#endif
