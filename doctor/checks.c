/* The one list of all checks, in the order in which they are run. */
#include "doctor/checks.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SENTENCE_SIZE = 2048 };

static const struct {
	enum check_kind kind;
	const struct check *(*get)(size_t index);
} parts[] = {
	{ CHECK_LOCAL, check_maps },
	{ CHECK_LOCAL, check_service },
	{ CHECK_LOCAL, check_files },
	{ CHECK_DNS, check_dns },
	{ CHECK_PROBE, check_probe },
};

enum { N_PARTS = sizeof parts / sizeof parts[0] };

const struct check *checks_get(enum check_kind kind, size_t index)
{
	for (size_t part = 0; part < N_PARTS; part++) {
		const struct check *check;

		if (parts[part].kind != kind)
			continue;
		for (size_t i = 0; (check = parts[part].get(i)) != NULL; i++)
			if (index-- == 0)
				return check;
	}
	return NULL;
}

const struct check *checks_find(const char *id)
{
	for (size_t part = 0; part < N_PARTS; part++) {
		const struct check *check;

		for (size_t i = 0; (check = parts[part].get(i)) != NULL; i++)
			if (strcmp(check->id, id) == 0)
				return check;
	}
	return NULL;
}

static bool is_skipped(
	const struct check *check, const char *const *skip, size_t n_skip)
{
	for (size_t i = 0; i < n_skip; i++)
		if (strcmp(skip[i], check->id) == 0)
			return true;
	return false;
}

void checks_select(struct check_list *out, enum check_kind kind,
	const char *const *skip, size_t n_skip)
{
	const struct check *check;

	for (size_t i = 0; (check = checks_get(kind, i)) != NULL; i++) {
		if (is_skipped(check, skip, n_skip))
			continue;
		assert(out->count < CHECKS_MAX);
		out->list[out->count++] = check;
	}
}

void checks_run(
	struct examination *examination, const struct check_list *checks)
{
	for (size_t i = 0; i < checks->count; i++) {
		examination->check = checks->list[i];
		examination->check->run(examination);
	}
}

void check_found(struct examination *examination, enum severity severity,
	const char *subject, const char *fix, const char *format, ...)
{
	char text[SENTENCE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	findings_add(examination->findings,
		&(struct finding){
			examination->check->id, severity, subject, text, fix });
}
