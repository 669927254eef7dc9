/* The line is copied once; all pieces of it move along. */
#include "verdicts/record.h"

#include "base/arena.h"

static struct slice move(struct slice piece, const char *from, const char *to)
{
	return (struct slice){ to + (piece.bytes - from), piece.len };
}

struct record *record_copy(const struct record *record, struct arena *arena)
{
	const char *from = record->line.bytes;
	const char *to = arena_strndup(arena, from, record->line.len);
	struct record *copy = arena_alloc(arena, sizeof *copy);

	*copy = *record;
	copy->line.bytes = to;
	copy->log.stamp = move(record->log.stamp, from, to);
	copy->log.host = move(record->log.host, from, to);
	copy->log.program = move(record->log.program, from, to);
	copy->log.message = move(record->log.message, from, to);
	for (size_t i = 0; i < VERDICT_FIELDS; i++) {
		const struct slice piece = record->verdict.written[i];

		if (i != FIELD_SHADOW || verdict_has(&record->verdict, i))
			copy->verdict.written[i] = move(piece, from, to);
	}
	return copy;
}
