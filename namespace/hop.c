/*
 * What gets past here goes into transport maps, where smtp(8) and lmtp(8)
 * end with a fatal error, again and again, on a host or port that they can
 * not read (host_port(3), valid_hostname(3)).  So each next hop is taken
 * apart here and written anew: one spelling, which is also its key in the
 * TLS policy map.
 */
#include "namespace/hop.h"

#include "base/arena.h"
#include "base/text.h"
#include "namespace/domain_name.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

enum {
	LMTP_PORT = 24,
	PORT_MAX = 65535,
	SPELLING_MAX = 800, /* short enough to echo */
	MAPPED = 12, /* octets before an IPv4 address */
};

#define SOCKET_PREFIX "unix:"
#define INET_PREFIX "inet:"
#define IPV6_TAG "IPv6:"

static bool spelling_check(const char *text, struct err *err)
{
	const size_t len = strlen(text);

	if (len > SPELLING_MAX)
		return err_set(err, "the next hop is too long");
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == '\x7f')
			return err_set(err,
				"the next hop has a control character in it "
				"(octet %zu)",
				i + 1);
	return true;
}

/* What is no next hop of any spelling. */
static bool kind_check(const char *text, struct err *err)
{
	if (text[0] == '\0')
		return err_set(err,
			"the next hop is empty: a host such as "
			"[mail.company.example] is wanted");
	if (strpbrk(text, ", ") != NULL)
		return err_set(err,
			"\"%s\" has a comma or a blank in it: write each "
			"smart host by itself",
			text);
	if (strchr(text, '@') != NULL)
		return err_set(err,
			"\"%s\" is an address: write the host that takes its "
			"mail",
			text);
	return true;
}

static bool is_literal_of(struct network *network, const char *host)
{
	const size_t tag_len = sizeof IPV6_TAG - 1;

	if (strncasecmp(host, IPV6_TAG, tag_len) == 0)
		return strchr(host + tag_len, ':') != NULL &&
			network_of_client(network, host + tag_len);
	return network_of_client(network, host);
}

static bool is_mapped(const struct network *network)
{
	return memcmp(network->bytes, "\0\0\0\0\0\0\0\0\0\0\xff\xff", MAPPED) ==
		0;
}

/*
 * 0.x.x.x, "::", and the IPv4-compatible addresses that RFC 4291 abolished:
 * nobody's address, and in part more than Postfix can read.
 */
static bool is_nobody(const struct network *network)
{
	static const struct network loopback = { { [15] = 1 }, 128 };
	static const uint8_t zeros[MAPPED];

	if (is_mapped(network))
		return network->bytes[MAPPED] == 0;
	return memcmp(network->bytes, zeros, MAPPED) == 0 &&
		!network_contains(&loopback, network);
}

static bool literal_format(
	struct hop *hop, struct arena *arena, struct err *err)
{
	char text[INET6_ADDRSTRLEN];
	const struct network *network = &hop->network;

	if (is_mapped(network))
		inet_ntop(AF_INET, network->bytes + MAPPED, text, sizeof text);
	else
		inet_ntop(AF_INET6, network->bytes, text, sizeof text);
	if (is_nobody(network))
		return err_set(err, "%s is the address of no host", text);
	hop->host = arena_strdup(arena, text);
	return true;
}

static bool host_parse(
	struct hop *hop, const char *host, struct arena *arena, struct err *err)
{
	struct domain_name name;

	hop->is_literal = is_literal_of(&hop->network, host);
	if (hop->is_literal)
		return literal_format(hop, arena, err);
	if (strchr(host, ':') != NULL)
		return err_set(err,
			"\"%s\" has too many colons: an IPv6 address with a "
			"port is written [2001:db8::1]:25",
			host);
	if (!domain_name_parse(&name, host, arena, err))
		return false;
	hop->host = name.ascii;
	return true;
}

/* *port is NULL where there is none. */
static bool split_brackets(const char **host, const char **port,
	const char *text, struct arena *arena, struct err *err)
{
	const char *end = strchr(text, ']');

	if (end == NULL)
		return err_set(err, "\"%s\" lacks its closing bracket", text);
	if (end[1] != '\0' && end[1] != ':')
		return err_set(err,
			"\"%s\" has more than a port behind the bracket: "
			"write [host] or [host]:port",
			text);
	*host = arena_strndup(arena, text + 1, (size_t)(end - text - 1));
	*port = end[1] == '\0' ? NULL : end + 2;
	return true;
}

static bool split(const char **host, const char **port, const char *text,
	struct arena *arena, struct err *err)
{
	struct network ignored;
	const char *colon = strrchr(text, ':');

	if (text[0] == '[')
		return split_brackets(host, port, text, arena, err);
	if (strpbrk(text, "[]") != NULL)
		return err_set(err,
			"\"%s\" has a bracket in the wrong place: write "
			"[host] or [host]:port",
			text);
	*host = text;
	*port = NULL;
	if (colon == NULL || is_literal_of(&ignored, text))
		return true;
	*host = arena_strndup(arena, text, (size_t)(colon - text));
	*port = colon + 1;
	return true;
}

static bool port_parse(uint16_t *out, const char *text, struct err *err)
{
	unsigned long port;

	if (!text_to_ulong(&port, text) || port == 0 || port > PORT_MAX)
		return err_set(err,
			"the port must be a number from 1 to %d, not \"%s\"",
			PORT_MAX, text);
	*out = (uint16_t)port;
	return true;
}

static bool hop_parse_with(struct hop *out, const char *text,
	uint16_t default_port, struct arena *arena, struct err *err)
{
	const char *host = NULL;
	const char *port = NULL;

	*out = (struct hop){ .port = default_port };
	if (!spelling_check(text, err) || !kind_check(text, err) ||
		!split(&host, &port, text, arena, err) ||
		!host_parse(out, host, arena, err))
		return false;
	if (port == NULL) {
		out->text = arena_printf(arena, "[%s]", out->host);
		return true;
	}
	if (!port_parse(&out->port, port, err))
		return false;
	out->text = arena_printf(arena, "[%s]:%u", out->host, out->port);
	return true;
}

bool hop_parse(
	struct hop *out, const char *text, struct arena *arena, struct err *err)
{
	return hop_parse_with(out, text, HOP_DEFAULT_PORT, arena, err);
}

/* Services that are no way to a mail system. */
static const struct {
	const char *kind;
	const char *why;
} refused[] = {
	{ "error", "refuses all mail" },
	{ "retry", "defers all mail" },
	{ "discard", "throws all mail away" },
	{ "local", "delivers by the local part alone, whatever the domain" },
};

static bool service_check(const char *kind, struct err *err)
{
	static const char characters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-_.";

	if (kind[0] == '\0')
		return err_set(err,
			"the transport has no service in front of its colon: "
			"write lmtp:, smtp: or another of master.cf");
	if (kind[0] == '-' || kind[0] == '.' ||
		kind[strspn(kind, characters)] != '\0')
		return err_set(err,
			"\"%s\" is no name of a service in master.cf", kind);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (strcasecmp(kind, refused[i].kind) == 0)
			return err_set(err,
				"the transport \"%s:\" %s: it serves no mail "
				"system",
				kind, refused[i].why);
	return true;
}

static bool socket_parse(struct transport *out, const char *destination,
	struct arena *arena, struct err *err)
{
	const char *path = destination + sizeof SOCKET_PREFIX - 1;
	const struct sockaddr_un *address = NULL;

	if (path[0] == '\0')
		return err_set(err,
			"\"" SOCKET_PREFIX "\" wants the path of a socket "
			"behind it");
	if (strpbrk(path, ", ") != NULL)
		return err_set(err,
			"\"%s\" has a comma or a blank in it: a socket has "
			"one path and no failover",
			path);
	if (strlen(path) >= sizeof address->sun_path)
		return err_set(err,
			"the path of a socket has %zu octets: %zu at most",
			strlen(path), sizeof address->sun_path - 1);
	out->is_socket = true;
	out->hop.text = arena_strdup(arena, destination);
	return true;
}

static bool is_smtp(const char *kind)
{
	return strcmp(kind, "smtp") == 0 || strcmp(kind, "relay") == 0;
}

/*
 * A service that is not known here may be another smtp(8) or lmtp(8), so
 * what it is given must be what they can read.
 */
static bool other_parse(struct transport *out, const char *destination,
	struct arena *arena, struct err *err)
{
	struct hop hop;

	if (destination[0] == '\0') {
		out->hop.text = arena_strdup(arena, "");
		return true;
	}
	if (!hop_parse(&hop, destination, arena, err))
		return false;
	const bool is_bare = strpbrk(destination, "[:") == NULL;

	out->hop.text = is_bare ? hop.host : hop.text;
	return true;
}

static bool destination_parse(struct transport *out, const char *destination,
	struct arena *arena, struct err *err)
{
	const bool is_lmtp = strcmp(out->kind, "lmtp") == 0;

	if (is_smtp(out->kind))
		return hop_parse(&out->hop, destination, arena, err);
	if (text_starts(destination, SOCKET_PREFIX))
		return socket_parse(out, destination, arena, err);
	if (text_starts(destination, INET_PREFIX))
		destination += sizeof INET_PREFIX - 1;
	if (is_lmtp)
		return hop_parse_with(
			&out->hop, destination, LMTP_PORT, arena, err);
	return other_parse(out, destination, arena, err);
}

bool transport_parse(struct transport *out, const char *text,
	struct arena *arena, struct err *err)
{
	const char *colon = strchr(text, ':');

	*out = (struct transport){ 0 };
	if (!spelling_check(text, err))
		return false;
	if (colon == NULL)
		return err_set(err,
			"\"%s\" has no colon: write a transport as "
			"lmtp:unix:PATH, smtp:[host]:25 or virtual:",
			text);
	out->kind = arena_strndup(arena, text, (size_t)(colon - text));
	return service_check(out->kind, err) &&
		destination_parse(out, colon + 1, arena, err);
}
