/*
 * What became of each address of one message: the last attempt of each pair
 * of the address delivered to and the one that smtpd took.
 */
#ifndef VERDICTS_ATTEMPTS_H
#define VERDICTS_ATTEMPTS_H

#include "verdicts/postfix_line.h"
#include "verdicts/record.h"

/* A fate of its own, in one piece of memory; free(3) it. */
struct fate *fate_of_line(
	int64_t time_us, struct slice status, const struct postfix_line *line);
struct fate *fate_copy(const struct fate *fate);

struct attempt {
	char *to; /* keys, by log_address_key() */
	char *taken; /* orig_to, else to */
	uint64_t taken_hash;
	uint64_t hash; /* of both */
	struct fate *fate;
	bool goes_on; /* in another message, behind a filter */
};

struct attempts {
	struct attempt *all;
	size_t n, room;
	unsigned *slots; /* 1 + index; 0 = free */
	size_t n_slots; /* a power of two, at least twice n */
};

void attempts_init(struct attempts *attempts);
void attempts_fini(struct attempts *attempts);
/* Replaces the attempt before; until the next call. */
struct attempt *attempts_put(struct attempts *attempts, int64_t time_us,
	const struct postfix_line *line);

#endif
