/* What a replay found: counts, kinds of differences, and whose they are. */
#ifndef CHANGES_REPLAY_RESULT_H
#define CHANGES_REPLAY_RESULT_H

#include "changes/answer.h"

#include <stddef.h>
#include <stdint.h>

struct replay_count {
	unsigned long rcpts;
	unsigned long messages; /* one that was refused is one for each */
	unsigned long recipients; /* different ones */
};

/* All that changes from one answer to another. */
struct replay_group {
	enum change change;
	const char *from, *to;
	struct replay_count count;
	unsigned long message; /* the last counted */
};

/* A recipient, and one change of it. */
struct replay_whose {
	const char *recipient; /* any byte but NUL may be in it */
	const struct replay_group *group; /* of the last time */
	struct replay_count count; /* recipients is 1 */
	int64_t first_us, last_us;
	unsigned long message;
};

struct replay_result {
	unsigned long lines; /* of all kinds */
	unsigned long damaged; /* verdict lines that are none */
	unsigned long headless; /* no line of a mail log */
	unsigned long too_long;
	unsigned long other_refusals; /* for no reason of the recipient */
	unsigned long cut; /* verdicts of which the recipient is not whole */
	unsigned long bounced; /* accepted, and unknown to the system behind */
	unsigned long bounced_refused; /* of those: now refused at once */
	struct replay_count all; /* resolved */
	struct replay_count not_ours; /* outbound */
	struct replay_count changes[CHANGES]; /* CHANGE_NONE: unchanged */
	int64_t first_us, last_us; /* of what was resolved; 0 = nothing was */
	/* By changes, then by messages, the most first. */
	struct replay_group **groups;
	size_t n_groups;
	struct replay_whose **whose;
	size_t n_whose;
};

#endif
