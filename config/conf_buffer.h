/* The text that libConfuse reads, and where each line of it came from. */
#ifndef CONFIG_CONF_BUFFER_H
#define CONFIG_CONF_BUFFER_H

#include "base/err.h"
#include "base/text.h"

/* A token a line; text.data is NULL until something was added. */
struct conf_buffer {
	struct text text;
	struct place *places;
	size_t n_places, room;
};

void conf_buffer_init(struct conf_buffer *buffer);
void conf_buffer_fini(struct conf_buffer *buffer);
/* The place's file is borrowed. */
void conf_buffer_add(struct conf_buffer *buffer, const char *token, size_t len,
	struct place place);
/* Of a line, from 1; past the end that of the last one. */
struct place conf_buffer_place(const struct conf_buffer *buffer, unsigned line);

#endif
