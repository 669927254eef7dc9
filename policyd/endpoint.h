/* Where to listen: "unix:PATH" or "inet:HOST:PORT". */
#ifndef POLICYD_ENDPOINT_H
#define POLICYD_ENDPOINT_H

#include "base/err.h"

enum { ENDPOINT_HOST_SIZE = 256 };

struct endpoint {
	const char *text; /* borrowed from what was parsed */
	const char *path; /* within text; NULL: inet */
	char host[ENDPOINT_HOST_SIZE]; /* without brackets */
	const char *port; /* within text; decimal, 1 to 65535 */
};

/* "unix:/run/policyd", "inet:127.0.0.1:10040", "inet:[::1]:10040". */
bool endpoint_parse(struct endpoint *out, const char *text, struct err *err);

#endif
