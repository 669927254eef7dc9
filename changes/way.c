/*
 * What is claimed to be the same, or another, must be so whatever the DNS says:
 * Postfix logs the name that it was given for a host, or the address where it
 * was given that, and always the address that it reached.
 */
#include "changes/way.h"

#include "base/arena.h"
#include "base/text.h"
#include "namespace/hop.h"

#include <string.h>
#include <strings.h>

enum { LMTP_PORT = 24 };

struct relay {
	const char *host; /* or the agent */
	const char *inside; /* address or path; NULL: it is an agent */
	bool is_address;
	struct network network;
	unsigned long port;
};

static void relay_parse(
	struct relay *out, const char *text, struct arena *arena)
{
	const char *open = strrchr(text, '[');
	const char *end = open == NULL ? NULL : strchr(open, ']');

	*out = (struct relay){ .host = text };
	if (end == NULL)
		return;
	out->host = arena_strndup(arena, text, (size_t)(open - text));
	out->inside = arena_strndup(arena, open + 1, (size_t)(end - open - 1));
	out->is_address = network_of_client(&out->network, out->inside);
	if (end[1] == ':' && !text_to_ulong(&out->port, end + 2))
		out->port = 0;
}

static bool is_same_address(const struct network *a, const struct network *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static enum way compare_hop(const struct relay *relay, const struct hop *hop)
{
	const bool is_literal = strcasecmp(relay->host, relay->inside) == 0;
	const bool is_its_name = strcasecmp(relay->host, hop->host) == 0;
	const bool is_its_address = hop->is_literal &&
		is_same_address(&hop->network, &relay->network);

	if (is_its_name || is_its_address)
		return relay->port == hop->port ? WAY_SAME : WAY_OTHER;
	return is_literal && hop->is_literal ? WAY_OTHER : WAY_UNKNOWN;
}

/* "[a]:25, [b]:25" */
static enum way compare_hops(const struct relay *relay, const char *kind,
	const char *hops, struct arena *arena)
{
	char *rest = arena_strdup(arena, hops);
	enum way way = WAY_OTHER;

	while (rest != NULL) {
		char *comma = strstr(rest, ", ");
		struct hop hop = { 0 };

		if (comma != NULL)
			*comma = '\0';
		if (!hop_parse(&hop, rest, arena, NULL) || hop.host == NULL)
			return WAY_UNKNOWN;
		if (strcmp(kind, "lmtp") == 0 && strstr(rest, "]:") == NULL)
			hop.port = LMTP_PORT;
		const enum way one = compare_hop(relay, &hop);

		if (one == WAY_SAME)
			return one;
		if (one == WAY_UNKNOWN)
			way = one;
		rest = comma == NULL ? NULL : comma + 2;
	}
	return way;
}

/* An agent of this Postfix; pipe(8) may have been a filter's. */
static enum way compare_agent(const struct relay *relay, const char *kind)
{
	if (strcmp(relay->host, kind) == 0)
		return WAY_SAME;
	return strcmp(relay->host, "local") == 0 ||
			strcmp(relay->host, "virtual") == 0
		? WAY_OTHER
		: WAY_UNKNOWN;
}

enum way way_compare(
	const char *relay, const char *nexthop, struct arena *arena)
{
	static const char socket[] = "unix:";
	const char *colon = strchr(nexthop, ':');
	struct relay parsed;

	if (relay == NULL || colon == NULL)
		return WAY_UNKNOWN;
	const char *kind =
		arena_strndup(arena, nexthop, (size_t)(colon - nexthop));
	const char *rest = colon + 1;

	relay_parse(&parsed, relay, arena);
	if (parsed.inside == NULL)
		return compare_agent(&parsed, kind);
	if (text_starts(rest, socket))
		return !parsed.is_address &&
				strcmp(parsed.inside, rest + strlen(socket)) ==
					0
			? WAY_SAME
			: WAY_OTHER;
	if (*rest == '\0' && strcmp(kind, "virtual") != 0)
		return WAY_UNKNOWN; /* a service of its own kind */
	if (!parsed.is_address || *rest == '\0')
		return WAY_OTHER;
	if (text_starts(rest, "inet:"))
		rest += strlen("inet:");
	return compare_hops(&parsed, kind, rest, arena);
}
