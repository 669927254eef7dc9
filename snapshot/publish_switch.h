/* What one step of a publish does to links, retired files and Postfix. */
#ifndef SNAPSHOT_PUBLISH_SWITCH_H
#define SNAPSHOT_PUBLISH_SWITCH_H

#include "base/err.h"

struct state;

/* name is FILES_ROUTES or FILES_CURRENT; replaced by rename. */
bool switch_link(const struct state *state, const char *name,
	unsigned long number, struct err *err);

/* Which files of a generation are retired. */
enum retired { RETIRED_ROUTES, RETIRED_RECIPIENTS };

/*
 * Gives the files a later mtime, in whole seconds, so that whoever holds
 * them open sees a change.  number 0, or a folder that is gone: nothing.
 */
bool switch_touch(const struct state *state, unsigned long number,
	enum retired which, long long now_ms, struct err *err);

/* "postfix reload", waited for. */
bool switch_reload(struct err *err);

#endif
