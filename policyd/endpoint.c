/* The spelling that Postfix has in check_policy_service, host never left out:
 * who may ask learns who has a mailbox here. */
#include "policyd/endpoint.h"

#include "base/text.h"

#include <string.h>
#include <sys/un.h>

static bool parse_unix(struct endpoint *out, struct err *err)
{
	const struct sockaddr_un address;

	out->path = out->text + strlen("unix:");
	if (out->path[0] == '\0')
		return err_set(err, "%s: unix: wants a path, unix:/run/policyd",
			out->text);
	if (strlen(out->path) >= sizeof address.sun_path)
		return err_set(err,
			"%s: the path of a socket has at most %zu bytes",
			out->text, sizeof address.sun_path - 1);
	return true;
}

static bool parse_inet(struct endpoint *out, struct err *err)
{
	const char *host = out->text + strlen("inet:");
	const char *colon = strrchr(host, ':');
	unsigned long port;

	if (colon == NULL)
		return err_set(err,
			"%s: inet: wants a host and a port, "
			"inet:127.0.0.1:10040",
			out->text);
	size_t len = (size_t)(colon - host);

	out->port = colon + 1;
	if (!text_to_ulong(&port, out->port) || port == 0 || port > 65535)
		return err_set(err, "%s: a port is 1 to 65535", out->text);
	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	} else if (memchr(host, ':', len) != NULL) {
		return err_set(err,
			"%s: an IPv6 address stands in brackets, "
			"inet:[::1]:10040",
			out->text);
	}
	if (len == 0 || len >= sizeof out->host)
		return err_set(err,
			"%s: inet: wants the name or address of a host, "
			"inet:127.0.0.1:10040",
			out->text);
	memcpy(out->host, host, len);
	out->host[len] = '\0';
	return true;
}

bool endpoint_parse(struct endpoint *out, const char *text, struct err *err)
{
	*out = (struct endpoint){ .text = text };
	if (text_starts(text, "unix:"))
		return parse_unix(out, err);
	if (text_starts(text, "inet:"))
		return parse_inet(out, err);
	return err_set(
		err, "%s: to listen on is unix:PATH or inet:HOST:PORT", text);
}
