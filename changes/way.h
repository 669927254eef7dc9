/* Whether a delivery went where a generation would send it. */
#ifndef CHANGES_WAY_H
#define CHANGES_WAY_H

struct arena;

enum way {
	WAY_UNKNOWN, /* names that may or may not be the same system */
	WAY_SAME,
	WAY_OTHER,
};

/*
 * relay: relay= of Postfix's log, "HOST[ADDRESS]:PORT", "HOST[PATH]" for a
 * socket, or the name of an agent; NULL = none.  nexthop: a transport(5)
 * result, "" = as DNS says.  Equal addresses, or equal host names, and ports
 * are the same system; different ones are only told apart where neither is a
 * name: a relay that was configured as an address has that for its HOST too.
 */
enum way way_compare(
	const char *relay, const char *nexthop, struct arena *arena);

#endif
