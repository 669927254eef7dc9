/*
 * What a generation makes of an observed recipient, against what the log says
 * happened to it.
 */
#ifndef CHANGES_REPLAY_COMPARE_H
#define CHANGES_REPLAY_COMPARE_H

#include "changes/answer.h"
#include "changes/observed.h"

struct replay_views {
	const struct view *against;
	/*
	 * What is in force; NULL = nothing is.  It tells whether a delivery
	 * was of ours, and by what name the log calls the hop that it has;
	 * what it would answer is compared with nothing.
	 */
	const struct view *published;
	time_t now;
};

struct replay_difference {
	bool is_ours; /* false: outbound, then and in the generation */
	enum change change;
	/* As answer_format(); "" where the change is CHANGE_NONE. */
	const char *from, *to;
};

/* The texts live in the arena. */
void replay_compare(struct replay_difference *out,
	const struct observed *observed, const struct replay_views *views,
	struct arena *arena);

#endif
