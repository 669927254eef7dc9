/*
 * Sentences for the operator.  A text that does not fit is cut at the end:
 * the place stands in front and survives.
 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What the header tells the analyzer is not for the definitions. */
#undef err_set
#undef err_sys
#undef err_at

static void vappend(struct err *err, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
static void append(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void vappend(struct err *err, const char *format, va_list args)
{
	const size_t used = strlen(err->text);

	vsnprintf(err->text + used, sizeof err->text - used, format, args);
}

static void append(struct err *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vappend(err, format, args);
	va_end(args);
}

bool err_set(struct err *err, const char *format, ...)
{
	va_list args;

	if (err == NULL)
		return false;
	err->text[0] = '\0';
	va_start(args, format);
	vappend(err, format, args);
	va_end(args);
	return false;
}

bool err_sys(struct err *err, const char *format, ...)
{
	const int code = errno;
	va_list args;

	if (err == NULL)
		return false;
	err->text[0] = '\0';
	va_start(args, format);
	vappend(err, format, args);
	va_end(args);
	append(err, ": %s", strerror(code));
	return false;
}

bool err_at(struct err *err, struct place place, const char *format, ...)
{
	va_list args;

	if (err == NULL)
		return false;
	err->text[0] = '\0';
	if (place.line != 0)
		append(err, "%s:%u: ", place.file, place.line);
	else
		append(err, "%s: ", place.file);
	va_start(args, format);
	vappend(err, format, args);
	va_end(args);
	return false;
}
