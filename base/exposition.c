/*
 * A label's value is the one place where foreign bytes stand, and Prometheus
 * drops a whole scrape for one that is not UTF-8 (RFC 3629); so each value
 * is checked and escaped here.  Numbers are written without printf's
 * floating point, whose decimal point is the locale's.
 */
#include "base/exposition.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>

static const char *const type_words[] = {
	[EXPOSITION_COUNTER] = "counter",
	[EXPOSITION_GAUGE] = "gauge",
	[EXPOSITION_HISTOGRAM] = "histogram",
};

static size_t expected_len(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* Not too short a form, no surrogate, not beyond U+10FFFF. */
static bool is_second_sound(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0: return second >= 0xa0;
	case 0xed: return second < 0xa0;
	case 0xf0: return second >= 0x90;
	case 0xf4: return second < 0x90;
	default: return true;
	}
}

/* The bytes of the character that begins here; 0 where none does. */
static size_t character_len(const char *text)
{
	const unsigned char *bytes = (const unsigned char *)text;
	const size_t len = expected_len(bytes[0]);

	for (size_t i = 1; i < len; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	}
	return len > 1 && !is_second_sound(bytes[0], bytes[1]) ? 0 : len;
}

static void add_escaped(struct text *out, const char *value)
{
	while (*value != '\0') {
		const size_t len = character_len(value);

		if (len == 0)
			text_adds(out, "\xef\xbf\xbd");
		else if (*value == '\n')
			text_adds(out, "\\n");
		else if (*value == '"' || *value == '\\')
			text_addf(out, "\\%c", *value);
		else
			text_add(out, value, len);
		value += len == 0 ? 1 : len;
	}
}

void exposition_family(struct text *out, const char *name,
	enum exposition_type type, const char *help)
{
	text_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
		type_words[type]);
}

static void add_series(struct text *out, const struct exposition_series *series)
{
	text_adds(out, series->name);
	for (size_t i = 0; i < series->n_labels; i++) {
		text_adds(out, i == 0 ? "{" : ",");
		text_adds(out, series->labels[i].name);
		text_adds(out, "=\"");
		add_escaped(out, series->labels[i].value);
		text_adds(out, "\"");
	}
	text_adds(out, series->n_labels > 0 ? "} " : " ");
}

void exposition_integer(struct text *out,
	const struct exposition_series *series, uint64_t value)
{
	add_series(out, series);
	text_addf(out, "%ju\n", (uintmax_t)value);
}

void exposition_micros(
	struct text *out, const struct exposition_series *series, int64_t us)
{
	const uint64_t size = us < 0 ? -(uint64_t)us : (uint64_t)us;

	add_series(out, series);
	text_addf(out, "%s%ju.%06ju\n", us < 0 ? "-" : "",
		(uintmax_t)(size / 1000000), (uintmax_t)(size % 1000000));
}
