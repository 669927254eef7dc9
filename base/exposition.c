/*
 * A label's value is the one place where foreign bytes stand, and Prometheus
 * drops a whole scrape for one that is not UTF-8 (RFC 3629); so each value
 * is checked and escaped here.  Numbers are written without printf's
 * floating point, whose decimal point is the locale's.
 */
#include "base/exposition.h"

#include "base/text.h"
#include "base/utf8.h"

#include <string.h>

static const char *const type_words[] = {
	[EXPOSITION_COUNTER] = "counter",
	[EXPOSITION_GAUGE] = "gauge",
	[EXPOSITION_HISTOGRAM] = "histogram",
};

static void add_escaped(struct text *out, const char *value)
{
	uint32_t c;

	while (*value != '\0') {
		const size_t len =
			utf8_parse(&c, value, strnlen(value, UTF8_LEN_MAX));

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
