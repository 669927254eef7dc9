/* A wanted verdict that waits for its fate, and the recipient it is about. */
#ifndef VERDICTS_TARGET_H
#define VERDICTS_TARGET_H

#include "verdicts/attempts.h"
#include "verdicts/record.h"

struct target {
	size_t wanted; /* its number */
	/*
	 * Of the recipient, by log_address_key().  NULL: its fate is known,
	 * and it waits for nothing but the message's name.
	 */
	char *key;
	uint64_t hash;
	bool is_cut; /* the key is no more than the beginning */
	bool goes_on; /* in another message, behind a filter */
	/* Behind a filter: what to say where nothing is found there. */
	struct fate *before;
};

struct targets {
	struct target *all;
	size_t n, room;
};

void targets_fini(struct targets *targets);
/* Of a verdict's recipient. */
void targets_add_verdict(struct targets *targets, size_t wanted,
	const struct verdict_line *verdict);
/* What `attempt` did to the target goes on under the address it went to. */
void targets_add_behind(struct targets *targets, const struct target *target,
	const struct attempt *attempt);
/* All of `from` is `to`'s from now on. */
void targets_move(struct targets *to, struct targets *from);
/* For the name alone. */
void targets_add_refused(struct targets *targets, size_t wanted);
void target_close(struct target *target);

/* Of a verdict's recipient; free(3) it. */
char *target_key(const struct verdict_line *verdict);
/* Whether the address with that key was judged by the target's verdict. */
bool target_is(const struct target *target, const char *key, uint64_t hash);
/* The hash of a key, as target_is() wants it. */
uint64_t target_hash(const char *key);

#endif
