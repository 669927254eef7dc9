/*
 * With a token a line, whatever line libConfuse has reached is the place of
 * one token.  A token holds a line end where a backslash stood before it;
 * libConfuse counts that one too.
 */
#include "config/conf_buffer.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void conf_buffer_init(struct conf_buffer *buffer)
{
	*buffer = (struct conf_buffer){ .places = NULL };
	text_init(&buffer->text);
}

void conf_buffer_fini(struct conf_buffer *buffer)
{
	text_fini(&buffer->text);
	free(buffer->places);
	buffer->places = NULL;
}

static void add_line(struct conf_buffer *buffer, struct place place)
{
	if (buffer->n_places == buffer->room) {
		const size_t room = buffer->room == 0 ? 64 : buffer->room * 2;

		buffer->places = memory_must(reallocarray(
			buffer->places, room, sizeof *buffer->places));
		buffer->room = room;
	}
	buffer->places[buffer->n_places++] = place;
}

void conf_buffer_add(struct conf_buffer *buffer, const char *token, size_t len,
	struct place place)
{
	text_add(&buffer->text, token, len);
	text_adds(&buffer->text, "\n");
	add_line(buffer, place);
	for (size_t i = 0; i < len; i++) {
		if (token[i] == '\n')
			add_line(buffer, place);
	}
}

struct place conf_buffer_place(const struct conf_buffer *buffer, unsigned line)
{
	const size_t n = buffer->n_places;

	if (n == 0)
		return (struct place){ "", 0 };
	return buffer->places[line == 0 || line > n ? n - 1 : line - 1];
}
