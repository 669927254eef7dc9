/* Times as people say them on a command line. */
#ifndef VERDICTS_WHEN_H
#define VERDICTS_WHEN_H

#include "base/err.h"

#include <stdint.h>
#include <time.h>

/*
 * In local time: "2026-11-21", "2026-11-21 09:05", with seconds, with T for
 * the blank; "today", "yesterday" (midnight, or a time of day behind a
 * blank); "09:05" (today).  With an offset or Z behind: RFC 3339.  "now";
 * "90s", "15m", "12h", "2d", "1w": so long before now.  *us: since 1970, UTC.
 */
bool when_parse(int64_t *us, const char *text, time_t now, struct err *err);
/* What --year says, from 1970 to 9999; *err names the option. */
bool when_parse_year(int *year, const char *text, struct err *err);

#endif
