/*
 * What Prometheus reads: its text exposition format, version 0.0.4.
 *
 *   # HELP name What it is.
 *   # TYPE name counter
 *   name{label="value"} 17
 *
 * All samples of a family follow its exposition_family() at once.
 */
#ifndef BASE_EXPOSITION_H
#define BASE_EXPOSITION_H

#include <stddef.h>
#include <stdint.h>

struct text;

/* What an answer over HTTP says that it is. */
#define EXPOSITION_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum exposition_type {
	EXPOSITION_COUNTER, /* its name ends in _total */
	EXPOSITION_GAUGE,
	EXPOSITION_HISTOGRAM, /* _bucket with le, _sum, _count */
};

/* value: any bytes but NUL; each that is not UTF-8 is shown as U+FFFD. */
struct exposition_label {
	const char *name;
	const char *value;
};

struct exposition_series {
	const char *name;
	const struct exposition_label *labels;
	size_t n_labels;
};

/* All append to out, whole lines. */
void exposition_family(struct text *out, const char *name,
	enum exposition_type type, const char *help);
void exposition_integer(struct text *out,
	const struct exposition_series *series, uint64_t value);
/* In seconds, with six decimals, whatever the locale. */
void exposition_micros(
	struct text *out, const struct exposition_series *series, int64_t us);

#endif
