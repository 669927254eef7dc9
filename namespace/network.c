/*
 * IPv4 and IPv6 held alike, IPv4 in the mapped form of RFC 4291 2.5.5.2, so
 * that one comparison serves both and a client that Postfix gives in either
 * form is the same client.  A network with host bits set is refused: it is
 * as often a wrong prefix as a wrong address.
 */
#include "namespace/network.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { BITS = 128, MAPPED_BITS = 96, ADDRESS_SIZE = INET6_ADDRSTRLEN };

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool is_mapped(const struct network *network)
{
	return memcmp(network->bytes, mapped, sizeof mapped) == 0;
}

/* One to three digits up to 255, no zero before others; NULL: it is none. */
static const char *octet_parse(uint8_t *out, const char *text)
{
	unsigned value = 0;
	size_t len = 0;

	for (; len < 3 && text[len] >= '0' && text[len] <= '9'; len++)
		value = value * 10 + (unsigned)(text[len] - '0');
	if (len == 0 || value > UINT8_MAX || (len > 1 && text[0] == '0'))
		return NULL;
	*out = (uint8_t)value;
	return text + len;
}

/* As inet_pton(3) has it, which takes its time: each client is one. */
static bool four_parse(uint8_t out[4], const char *text)
{
	for (int i = 0; i < 4; i++) {
		text = octet_parse(&out[i], text);
		if (text == NULL || *text != (i < 3 ? '.' : '\0'))
			return false;
		text++;
	}
	return true;
}

static bool address_parse(struct network *out, const char *text)
{
	*out = (struct network){ .prefix = BITS };
	if (four_parse(out->bytes + sizeof mapped, text)) {
		memcpy(out->bytes, mapped, sizeof mapped);
		return true;
	}
	return inet_pton(AF_INET6, text, out->bytes) == 1;
}

/* Without the bits behind the prefix. */
static struct network masked(const struct network *network)
{
	struct network result = *network;

	for (unsigned i = 0; i < sizeof result.bytes; i++) {
		const unsigned first = i * 8;

		if (first >= result.prefix)
			result.bytes[i] = 0;
		else if (result.prefix - first < 8)
			result.bytes[i] &=
				(uint8_t)(0xff00 >> (result.prefix - first));
	}
	return result;
}

static void address_format(
	char out[ADDRESS_SIZE], const struct network *network, bool is_four)
{
	if (is_four)
		inet_ntop(AF_INET, network->bytes + sizeof mapped, out,
			ADDRESS_SIZE);
	else
		inet_ntop(AF_INET6, network->bytes, out, ADDRESS_SIZE);
}

/* digits: what stands after the slash. */
static bool prefix_parse(struct network *network, const char *digits,
	bool is_four, struct err *err)
{
	const unsigned most = is_four ? BITS - MAPPED_BITS : BITS;
	unsigned long length;
	char address[ADDRESS_SIZE];

	if (!text_to_ulong(&length, digits) || length > most)
		return err_set(err,
			"the prefix length must be 0 to %u, not \"%.64s\"",
			most, digits);
	network->prefix = (unsigned)length + (BITS - most);
	const struct network whole = masked(network);

	if (memcmp(whole.bytes, network->bytes, sizeof whole.bytes) == 0)
		return true;
	address_format(address, &whole, is_four);
	return err_set(err,
		"bits are set behind the prefix: the network is %s/%lu",
		address, length);
}

bool network_parse(struct network *out, const char *text, struct err *err)
{
	char address[ADDRESS_SIZE];
	const size_t len = strcspn(text, "/");

	if (text[0] == '[')
		return err_set(err,
			"an IP address stands without brackets here, "
			"not \"%.200s\"",
			text);
	snprintf(address, sizeof address, "%.*s",
		(int)(len < sizeof address ? len : sizeof address), text);
	if (len >= sizeof address || !address_parse(out, address))
		return err_set(err,
			"an IP address or a network such as 10.8.0.0/24 is "
			"wanted, not \"%.200s\"",
			text);
	if (text[len] == '\0')
		return true;
	return prefix_parse(out, text + len + 1,
		is_mapped(out) && strchr(address, ':') == NULL, err);
}

bool network_of_client(struct network *out, const char *text)
{
	return address_parse(out, text);
}

bool network_contains(
	const struct network *network, const struct network *client)
{
	const size_t whole = network->prefix / 8;
	const unsigned rest = network->prefix % 8;

	if (client->prefix < network->prefix ||
		memcmp(client->bytes, network->bytes, whole) != 0)
		return false;
	return rest == 0 ||
		((client->bytes[whole] ^ network->bytes[whole]) >>
			(8 - rest)) == 0;
}

bool network_is_loopback(const struct network *network)
{
	static const struct network four = {
		{ [10] = 0xff, [11] = 0xff, [12] = 127 }, MAPPED_BITS + 8
	};
	static const struct network six = { { [15] = 1 }, BITS };

	return network_contains(&four, network) ||
		network_contains(&six, network);
}
