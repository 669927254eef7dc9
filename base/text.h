/* A growing text, always ended by a NUL; and what is done with plain ones. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *data; /* NULL until something was added */
	size_t len, room;
};

void text_init(struct text *text);
void text_fini(struct text *text);
/* Empties it and keeps the memory. */
void text_clear(struct text *text);
void text_add(struct text *text, const char *bytes, size_t len);
void text_adds(struct text *text, const char *string);
void text_addf(struct text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Decimal digits alone, nothing before or after, no overflow. */
bool text_to_ulong(unsigned long *out, const char *text);
/* "90s", "15m", "12h", "2d", "1w", or seconds: to seconds. */
bool text_to_duration(unsigned long *out_s, const char *text);
bool text_starts(const char *text, const char *prefix);
enum { TEXT_NUMBER_SIZE = 32 };

/* "119,950", written to out. */
const char *text_number(char out[TEXT_NUMBER_SIZE], unsigned long number);
/* Equal, or both NULL. */
bool text_same(const char *a, const char *b);

#endif
