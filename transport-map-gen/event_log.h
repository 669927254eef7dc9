/*
 * What was done to builds by hand, and that it holds, for whoever asks later:
 * a line to syslog, facility mail, as "postfix/transport-map-gen", so that it
 * stands among Postfix's and policyd's.
 */
#ifndef TRANSPORT_MAP_GEN_EVENT_LOG_H
#define TRANSPORT_MAP_GEN_EVENT_LOG_H

#include "base/err.h"

/* How long a syslog that lives but does not read is waited for. */
enum { EVENT_LOG_WAIT_S = 1 };

/*
 * path: syslog's socket, /dev/log; severity: LOG_NOTICE and the like.
 * Control characters become "?".  False: nobody took the line.
 */
bool event_log(
	const char *path, int severity, const char *text, struct err *err);

#endif
