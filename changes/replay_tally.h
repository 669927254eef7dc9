/* Counts differences up to a replay_result. */
#ifndef CHANGES_REPLAY_TALLY_H
#define CHANGES_REPLAY_TALLY_H

#include "changes/observed.h"
#include "changes/replay_compare.h"
#include "changes/replay_result.h"

struct replay_tally;

struct replay_tally *replay_tally_open(void);
void replay_tally_close(struct replay_tally **tally);

/* Those of one message come in a row; memory for each different recipient. */
void replay_tally_add(struct replay_tally *tally,
	const struct observed *observed, unsigned long message,
	const struct replay_difference *difference);
/* To be filled where the tally does not: lines and the like. */
struct replay_result *replay_tally_result(struct replay_tally *tally);
/* Sorts the lists; they live as long as the tally. */
void replay_tally_finish(struct replay_tally *tally);

#endif
