/* The line is copied once; all pieces of it move along. */
#include "verdicts/record.h"

#include "base/arena.h"

static struct slice move(struct slice piece, const char *from, const char *to)
{
	return (struct slice){ to + (piece.bytes - from), piece.len };
}

void record_move(
	struct record *out, const struct record *record, const char *line)
{
	const char *from = record->line.bytes;

	*out = *record;
	out->line.bytes = line;
	out->log.stamp = move(record->log.stamp, from, line);
	out->log.host = move(record->log.host, from, line);
	out->log.program = move(record->log.program, from, line);
	out->log.message = move(record->log.message, from, line);
	for (unsigned i = 0; i < VERDICT_FIELDS; i++) {
		const struct slice piece = record->verdict.written[i];

		if (i != FIELD_SHADOW || verdict_has(&record->verdict, i))
			out->verdict.written[i] = move(piece, from, line);
	}
}

struct record *record_copy(const struct record *record, struct arena *arena)
{
	struct record *copy = arena_alloc(arena, sizeof *copy);

	record_move(copy, record,
		arena_strndup(arena, record->line.bytes, record->line.len));
	return copy;
}
