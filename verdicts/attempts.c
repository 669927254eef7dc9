/*
 * A message may have thousands of recipients and a line for each of them at
 * every attempt, so they are found by a hash.
 */
#include "verdicts/attempts.h"

#include "base/memory.h"
#include "verdicts/id_map.h"
#include "verdicts/log_address.h"

#include <stdlib.h>
#include <string.h>

static const char *place(char **room, struct slice bytes)
{
	char *at = *room;

	memcpy(at, bytes.bytes, bytes.len);
	at[bytes.len] = '\0';
	*room += bytes.len + 1;
	return at;
}

struct words {
	struct slice to, status, dsn, system, said;
};

static struct fate *fate_open(int64_t time_us, const struct words *words)
{
	const size_t size = words->to.len + words->status.len + words->dsn.len +
		words->system.len + words->said.len + 5;
	struct fate *fate = memory_must(malloc(sizeof *fate + size));
	char *room = (char *)(fate + 1);

	fate->time_us = time_us;
	fate->to = place(&room, words->to);
	fate->status = place(&room, words->status);
	fate->dsn = place(&room, words->dsn);
	fate->system = place(&room, words->system);
	fate->said = place(&room, words->said);
	return fate;
}

struct fate *fate_of_line(
	int64_t time_us, struct slice status, const struct postfix_line *line)
{
	return fate_open(time_us,
		&(struct words){
			line->to, status, line->dsn, line->relay, line->said });
}

struct fate *fate_copy(const struct fate *fate)
{
	return fate_open(fate->time_us,
		&(struct words){ slice_of(fate->to), slice_of(fate->status),
			slice_of(fate->dsn), slice_of(fate->system),
			slice_of(fate->said) });
}

void attempts_init(struct attempts *attempts)
{
	memset(attempts, 0, sizeof *attempts);
}

void attempts_fini(struct attempts *attempts)
{
	for (size_t i = 0; i < attempts->n; i++) {
		free(attempts->all[i].to);
		free(attempts->all[i].taken);
		free(attempts->all[i].fate);
	}
	free(attempts->all);
	free(attempts->slots);
	attempts_init(attempts);
}

static unsigned *slot_of(struct attempts *attempts, const struct attempt *like)
{
	size_t at = like->hash & (attempts->n_slots - 1);

	while (attempts->slots[at] != 0) {
		const struct attempt *a =
			&attempts->all[attempts->slots[at] - 1];

		if (a->hash == like->hash && strcmp(a->to, like->to) == 0 &&
			strcmp(a->taken, like->taken) == 0)
			break;
		at = (at + 1) & (attempts->n_slots - 1);
	}
	return &attempts->slots[at];
}

static void grow(struct attempts *attempts)
{
	attempts->room = attempts->room == 0 ? 2 : attempts->room * 2;
	attempts->all = memory_must(reallocarray(
		attempts->all, attempts->room, sizeof *attempts->all));
	free(attempts->slots);
	attempts->n_slots = attempts->room * 2;
	attempts->slots =
		memory_must(calloc(attempts->n_slots, sizeof *attempts->slots));
	for (size_t i = 0; i < attempts->n; i++)
		*slot_of(attempts, &attempts->all[i]) = (unsigned)i + 1;
}

struct attempt *attempts_put(struct attempts *attempts, int64_t time_us,
	const struct postfix_line *line)
{
	const bool is_aliased = line->orig_to.len > 0;
	struct attempt new = {
		.to = log_address_key_external(line->to),
		.taken = log_address_key_external(
			is_aliased ? line->orig_to : line->to),
	};
	const struct slice to = slice_of(new.to), taken = slice_of(new.taken);

	new.taken_hash = id_map_hash(taken, slice_of(""));
	new.hash = id_map_hash(to, taken);
	if (attempts->n == attempts->room)
		grow(attempts);
	unsigned *slot = slot_of(attempts, &new);

	if (*slot == 0) {
		attempts->all[attempts->n++] = new;
		*slot = (unsigned)attempts->n;
	} else {
		free(new.to);
		free(new.taken);
	}
	struct attempt *attempt = &attempts->all[*slot - 1];

	free(attempt->fate);
	attempt->fate = fate_of_line(time_us, line->status, line);
	attempt->goes_on = false;
	return attempt;
}
