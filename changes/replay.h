/*
 * The recipients of mail logs, asked of a generation: which answers would
 * have been others.
 */
#ifndef CHANGES_REPLAY_H
#define CHANGES_REPLAY_H

#include "changes/replay_compare.h"
#include "changes/replay_result.h"

#include <stdint.h>

struct log_reader;
struct replay;

struct replay_asked {
	struct replay_views views;
	/* since <= time < until; INT64_MIN and INT64_MAX: no limit. */
	int64_t since_us, until_us;
};

/* What happens meanwhile. */
struct replay_hooks {
	void (*say)(void *context, const char *text); /* of the log's files */
	void (*progress)(void *context, unsigned long lines);
	void *context;
};

struct replay *replay_open(const struct replay_asked *asked);
void replay_close(struct replay **replay);

/* To its end.  False: a file ended too early, and the rest was read. */
bool replay_read(struct replay *replay, struct log_reader *reader,
	const struct replay_hooks *hooks);
/* No more is read; it lives as long as the replay. */
const struct replay_result *replay_finish(struct replay *replay);

#endif
