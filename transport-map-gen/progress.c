/* From cron, into a file or a pipe: silence. */
#include "transport-map-gen/progress.h"

#include "transport-map-gen/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void progress(const struct options *options, const char *format, ...)
{
	va_list args;

	if (options->is_quiet || isatty(STDERR_FILENO) != 1)
		return;
	fputs("\r\033[K", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fflush(stderr);
}
