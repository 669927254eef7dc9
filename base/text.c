/* Growth doubles, so that adding a byte at a time stays linear. */
#include "base/text.h"

#include "base/memory.h"

#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_init(struct text *text)
{
	*text = (struct text){ 0 };
}

void text_fini(struct text *text)
{
	free(text->data);
	*text = (struct text){ 0 };
}

void text_clear(struct text *text)
{
	text->len = 0;
	if (text->data != NULL)
		text->data[0] = '\0';
}

static void reserve(struct text *text, size_t more)
{
	size_t room = text->room == 0 ? 64 : text->room;

	if (more >= SIZE_MAX / 2 - text->len)
		memory_must(NULL);
	while (room < text->len + more + 1)
		room *= 2;
	if (room == text->room)
		return;
	text->data = memory_must(realloc(text->data, room));
	text->room = room;
}

void text_add(struct text *text, const char *bytes, size_t len)
{
	reserve(text, len);
	if (len != 0)
		memcpy(text->data + text->len, bytes, len);
	text->len += len;
	text->data[text->len] = '\0';
}

void text_adds(struct text *text, const char *string)
{
	text_add(text, string, strlen(string));
}

void text_addf(struct text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		abort();
	reserve(text, (size_t)len);
	va_start(args, format);
	vsnprintf(text->data + text->len, (size_t)len + 1, format, args);
	va_end(args);
	text->len += (size_t)len;
}

static bool digits_to_ulong(unsigned long *out, const char *digits, size_t len)
{
	unsigned long value = 0;

	if (len == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return false;
		const unsigned long digit = (unsigned long)(digits[i] - '0');

		if (value > (ULONG_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return true;
}

bool text_to_ulong(unsigned long *out, const char *text)
{
	return digits_to_ulong(out, text, strlen(text));
}

static unsigned long seconds_of_unit(char unit)
{
	switch (unit) {
	case 's': return 1;
	case 'm': return 60;
	case 'h': return 3600;
	case 'd': return 86400;
	case 'w': return 604800;
	default: return 0;
	}
}

bool text_to_duration(unsigned long *out_s, const char *text)
{
	const size_t digits = strspn(text, "0123456789");
	unsigned long unit_s = 1;
	unsigned long count;

	if (text[digits] != '\0') {
		unit_s = seconds_of_unit(text[digits]);
		if (unit_s == 0 || text[digits + 1] != '\0')
			return false;
	}
	if (!digits_to_ulong(&count, text, digits) || count > UINT_MAX / unit_s)
		return false;
	*out_s = count * unit_s;
	return true;
}

bool text_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

const char *text_number(char out[TEXT_NUMBER_SIZE], unsigned long number)
{
	char digits[TEXT_NUMBER_SIZE];
	const int len = snprintf(digits, sizeof digits, "%lu", number);
	char *at = out;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
	return out;
}

bool text_same(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}
