/*
 * The line is copied once; all pieces of it move along.  What stands
 * elsewhere stays there: a shadow that the line has not, a queue ID that
 * another line told.
 */
#include "verdicts/record.h"

#include "base/arena.h"

static struct slice move(struct slice piece, struct slice from, const char *to)
{
	const uintptr_t begin = (uintptr_t)from.bytes;
	const uintptr_t at = (uintptr_t)piece.bytes;

	if (at < begin || at > begin + from.len)
		return piece;
	return (struct slice){ to + (at - begin), piece.len };
}

void record_move(
	struct record *out, const struct record *record, const char *line)
{
	const struct slice from = record->line;

	*out = *record;
	out->line.bytes = line;
	out->log.stamp = move(record->log.stamp, from, line);
	out->log.host = move(record->log.host, from, line);
	out->log.program = move(record->log.program, from, line);
	out->log.message = move(record->log.message, from, line);
	for (unsigned i = 0; i < VERDICT_FIELDS; i++)
		out->verdict.written[i] =
			move(record->verdict.written[i], from, line);
}

struct record *record_copy(const struct record *record, struct arena *arena)
{
	struct record *copy = arena_alloc(arena, sizeof *copy);

	record_move(copy, record,
		arena_strndup(arena, record->line.bytes, record->line.len));
	return copy;
}
