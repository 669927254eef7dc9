/*
 * What a client library would read otherwise than it was meant is refused: a
 * library takes a port within a host for a part of a name, or a path behind
 * a URI (RFC 4516) for a base that nobody asks for.
 */
#include "config/conf_host.h"

#include "base/arena.h"
#include "base/text.h"
#include "namespace/domain_name.h"
#include "namespace/network.h"

#include <string.h>
#include <strings.h>

enum { PORT_MAX = 65535 };

static const struct {
	const char *text;
	enum conf_scheme scheme;
} schemes[] = {
	{ "ldap://", CONF_LDAP },
	{ "ldaps://", CONF_LDAPS },
	{ "ldapi://", CONF_LDAPI },
};

/* What stands before it may be a password, so nothing of it is shown. */
static bool at_check(const char *text, const char *what, struct err *err)
{
	return strchr(text, '@') == NULL ||
		err_set(err,
			"%s has an \"@\" in it: who asks, and the file with "
			"the password, have keys of their own",
			what);
}

static bool is_localhost(const char *name)
{
	return strcmp(name, "localhost") == 0;
}

/* A name or an address, whose port was taken off. */
static bool name_parse(struct conf_host *out, const char *text,
	struct arena *arena, struct err *err)
{
	struct network network;
	struct domain_name name;

	*out = (struct conf_host){ .name = text };
	if (network_of_client(&network, text)) {
		out->is_loopback = network_is_loopback(&network);
		out->is_ipv6 = strchr(text, ':') != NULL;
		return true;
	}
	if (!domain_name_parse(&name, text, arena, err))
		return false;
	out->name = name.ascii;
	out->is_loopback = is_localhost(name.ascii);
	return true;
}

bool conf_host_parse(struct conf_host *out, const char *text,
	struct arena *arena, struct err *err)
{
	struct network ignored;

	*out = (struct conf_host){ .name = text, .is_socket = true };
	if (text[0] == '/')
		return true;
	if (text[0] == '\0')
		return err_set(err, "the name of a host is empty");
	if (!at_check(text, "a host", err))
		return false;
	if (strchr(text, '/') != NULL)
		return err_set(err,
			"\"%s\" is neither a host nor a socket: the path of a "
			"socket begins with a slash",
			text);
	if (strchr(text, '[') != NULL)
		return err_set(err,
			"\"%s\" has a bracket in it: an address stands "
			"without brackets here",
			text);
	if (strchr(text, ':') != NULL && !network_of_client(&ignored, text))
		return err_set(err,
			"\"%s\" has a colon in it: a port stands in a key of "
			"its own, port = NUMBER",
			text);
	return name_parse(out, text, arena, err);
}

/* "HOST", "HOST:PORT", "[IPv6]:PORT"; *port "" where there is none. */
static bool split(const char **host, const char **port, const char *text,
	struct arena *arena, struct err *err)
{
	const bool has_brackets = text[0] == '[';
	const char *end = has_brackets ? strchr(text, ']') : strchr(text, ':');

	if (has_brackets && end == NULL)
		return err_set(err, "\"%s\" lacks its closing bracket", text);
	if (end == NULL)
		end = text + strlen(text);
	*host = arena_strndup(arena, text + has_brackets,
		(size_t)(end - text) - has_brackets);
	*port = end + has_brackets;
	if (!has_brackets && strchr(*port + (**port == ':'), ':') != NULL)
		return err_set(err,
			"\"%s\" has too many colons: an IPv6 address is "
			"written in brackets, as [2001:db8::1]",
			text);
	return true;
}

static bool port_check(const char *text, struct err *err)
{
	unsigned long port;

	if (text[0] == '\0')
		return true;
	if (text[0] == ':' && text_to_ulong(&port, text + 1) && port >= 1 &&
		port <= PORT_MAX)
		return true;
	return err_set(err,
		"the port must be a number from 1 to %d, not \"%s\"", PORT_MAX,
		text + (text[0] == ':'));
}

/* rest: what stands behind "ldap://" or "ldaps://". */
static bool network_parse_uri(struct conf_uri *out, const char *rest,
	struct arena *arena, struct err *err)
{
	const char *host = NULL;
	const char *port = NULL;
	const size_t len = strcspn(rest, "/?#");

	if (rest[len] != '\0' && strcmp(rest + len, "/") != 0)
		return err_set(err,
			"\"%s\" stands behind the host and its port: base, "
			"scope, attributes and filter have keys of their own",
			rest + len);
	if (!split(&host, &port, arena_strndup(arena, rest, len), arena, err))
		return false;
	if (host[0] == '\0')
		return err_set(err,
			"the URI has no host: write it as "
			"ldaps://dc1.company.example");
	if (!name_parse(&out->host, host, arena, err) || !port_check(port, err))
		return false;
	if (rest[0] == '[' && !out->host.is_ipv6)
		return err_set(err,
			"\"%s\" stands in brackets: only an IPv6 address does",
			host);
	out->text = arena_printf(arena, "%s%s%s%s%s", schemes[out->scheme].text,
		out->host.is_ipv6 ? "[" : "", out->host.name,
		out->host.is_ipv6 ? "]" : "", port);
	return true;
}

/* rest: "" and "/" mean the library's own socket. */
static bool socket_parse(struct conf_uri *out, const char *rest,
	struct arena *arena, struct err *err)
{
	const bool is_own = rest[0] == '\0' || strcmp(rest, "/") == 0;
	struct text right;

	out->host = (struct conf_host){ .name = rest, .is_socket = true };
	out->text = arena_printf(arena, "ldapi://%s", rest);
	if (is_own || (strncasecmp(rest, "%2f", 3) == 0 && !strchr(rest, '/')))
		return true;
	text_init(&right);
	text_adds(&right, rest[0] == '/' || rest[0] == '%' ? "" : "%2F");
	for (; *rest != '\0'; rest++) {
		if (*rest == '/')
			text_adds(&right, "%2F");
		else
			text_add(&right, rest, 1);
	}
	err_set(err,
		"the path of a socket is absolute and has %%2F for each "
		"slash: write ldapi://%s",
		right.data);
	text_fini(&right);
	return false;
}

bool conf_uri_parse(struct conf_uri *out, const char *text, struct arena *arena,
	struct err *err)
{
	*out = (struct conf_uri){ .text = text };
	if (!at_check(text, "a URI", err))
		return false;
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		const size_t len = strlen(schemes[i].text);

		if (strncasecmp(text, schemes[i].text, len) != 0)
			continue;
		out->scheme = schemes[i].scheme;
		if (out->scheme == CONF_LDAPI)
			return socket_parse(out, text + len, arena, err);
		return network_parse_uri(out, text + len, arena, err);
	}
	return err_set(err,
		"\"%s\" is no URI of a directory server: write ldaps://HOST, "
		"ldap://HOST or ldapi://SOCKET",
		text);
}
