/*
 * An address, by the three ways in: what a client says, what a list has, what
 * a map has; and the names of domains.  A key is a fixed point of all that
 * makes keys, or policyd would look up another than the maps have.
 */
#include "tests/fuzz/target.h"

#include "base/arena.h"
#include "directory/key.h"
#include "directory/plain_key.h"
#include "namespace/address.h"
#include "namespace/domain_name.h"
#include "namespace/fold.h"
#include "verdicts/log_address.h"

#include <assert.h>
#include <stdlib.h>

enum goal {
	PLAIN,
	INTERNAL,
	EXTERNAL,
	QUOTED,
	EXTENDED,
	IDN,
	PATTERN,
	NO_ADDRESS
};

enum { LOCAL_MAX = 64 }; /* octets, RFC 5321 4.5.3.1.1 */

const char *target_goal(size_t goal)
{
	static const char *const goals[] = {
		[PLAIN] = "an address whose key is made the fast way",
		[INTERNAL] = "an address as a client says it",
		[EXTERNAL] = "an address of a list",
		[QUOTED] = "a key with quotes",
		[EXTENDED] = "an address with an extension",
		[IDN] = "a domain of two label forms",
		[PATTERN] = "a pattern of domains",
		[NO_ADDRESS] = "no address",
		NULL,
	};

	return goals[goal];
}

static void check_fold(struct slice text, struct arena *arena)
{
	const char *folded = fold(text.bytes, text.len, arena);
	const char *nfc = normalize(text.bytes, text.len, arena);

	assert((folded == NULL) == (nfc == NULL));
	if (folded == NULL)
		return;
	const char *twice = fold(folded, strlen(folded), arena);
	const char *nfc_twice = normalize(nfc, strlen(nfc), arena);

	assert(twice != NULL && strcmp(twice, folded) == 0);
	assert(nfc_twice != NULL && strcmp(nfc_twice, nfc) == 0);
}

static bool is_same(const struct address *a, const struct address *b)
{
	return strcmp(a->key, b->key) == 0 && strcmp(a->base, b->base) == 0 &&
		strcmp(a->local, b->local) == 0 &&
		strcmp(a->base_local, b->base_local) == 0 &&
		strcmp(a->extension, b->extension) == 0 &&
		strcmp(a->domain, b->domain) == 0;
}

/* What is promised of each address, whatever way it came. */
static void check_address(const struct address *address, const char *delimiters,
	struct arena *arena)
{
	struct address again;
	const char *key = address_key(address->local, address->domain, arena);
	const char *folded = fold(address->key, strlen(address->key), arena);

	assert(strcmp(key, address->key) == 0);
	assert(folded != NULL && strcmp(folded, address->key) == 0);
	assert(strncmp(address->local, address->base_local,
		       strlen(address->base_local)) == 0);
	assert(strcmp(address->local + strlen(address->base_local),
		       address->extension) == 0);
	assert((address->extension[0] == '\0') ==
		(address->base == address->key));
	assert(address_from_key(&again, address->key, delimiters, arena));
	assert(is_same(&again, address));
	if (address->key[0] == '"')
		goals_reach(QUOTED);
	if (address->extension[0] != '\0')
		goals_reach(EXTENDED);
}

/* local@domain as a client would say it, and as policyd gets it. */
static void check_as_client(const struct address *listed,
	const char *delimiters, struct arena *arena)
{
	const char *said =
		arena_printf(arena, "%s@%s", listed->local, listed->domain);
	struct address heard;

	assert(address_from_internal(
		&heard, said, strlen(said), delimiters, arena));
	assert(is_same(&heard, listed));
}

/* The fast way takes it or leaves it. */
static void check_plain(const char *text, const char *key)
{
	struct plain_domains *domains = plain_domains_open();
	char fast[PLAIN_KEY_MAX];

	plain_domains_learn(domains, text, key);
	const size_t len = plain_key(fast, domains, text);

	assert(len == 0 || (len == strlen(key) && memcmp(fast, key, len) == 0));
	if (len > 0)
		goals_reach(PLAIN);
	plain_domains_close(&domains);
}

static void check_external(
	const char *text, const char *delimiters, struct arena *arena)
{
	struct address address, again;
	struct err err = { 0 };
	const char *key = key_parse(text, delimiters, arena, &err);
	struct err other = { 0 };
	const bool is_address =
		address_parse(&address, text, delimiters, arena, &other);

	assert(is_address == (key != NULL));
	assert(is_address == (err.text[0] == '\0'));
	assert(is_address == (other.text[0] == '\0'));
	if (!is_address) {
		goals_reach(NO_ADDRESS);
		return;
	}
	goals_reach(EXTERNAL);
	assert(strcmp(key, address.key) == 0);
	check_plain(text, key);
	check_address(&address, delimiters, arena);
	check_as_client(&address, delimiters, arena);
	/*
	 * But for a source route, which Postfix asks for without quotes, and
	 * what folding has made too long, or left in pieces that NFC would
	 * join (Postfix does not).
	 */
	if (address.key[0] == '@' ||
		strrchr(address.key, '@') - address.key > LOCAL_MAX ||
		strcmp(normalize(address.key, strlen(address.key), arena),
			address.key) != 0)
		return;
	assert(address_parse(&again, address.key, delimiters, arena, NULL));
	assert(is_same(&again, &address));
}

/* Both forms of a name are that name. */
static void check_name(const struct domain_name *name, struct arena *arena)
{
	struct domain_name again;

	assert(domain_name_parse(&again, name->ascii, arena, NULL));
	assert(strcmp(again.ascii, name->ascii) == 0);
	if (name->unicode == name->ascii)
		return;
	goals_reach(IDN);
	assert(domain_name_parse(&again, name->unicode, arena, NULL));
	assert(strcmp(again.ascii, name->ascii) == 0);
	assert(strcmp(again.unicode, name->unicode) == 0);
}

static void check_domain(const char *text, struct arena *arena)
{
	struct domain_name name;
	struct domain_pattern pattern, again;
	struct err err = { 0 };

	if (domain_name_parse(&name, text, arena, &err))
		check_name(&name, arena);
	else
		assert(err.text[0] != '\0');
	if (!domain_pattern_parse(&pattern, text, arena, NULL))
		return;
	goals_reach(PATTERN);
	check_name(&pattern.name, arena);
	assert(domain_pattern_parse(
		&again, domain_pattern_format(&pattern, arena), arena, NULL));
	assert(again.scope == pattern.scope);
	assert(strcmp(again.name.ascii, pattern.name.ascii) == 0);
	assert(domain_pattern_covers(&pattern, pattern.name.ascii) ==
		(pattern.scope != SCOPE_SUBDOMAINS));
}

/* A log's two forms of an address never fail, whatever it is. */
static void check_logged(struct slice text)
{
	char *internal = log_address_key(text);
	char *external = log_address_key_external(text);

	assert(internal != NULL && external != NULL);
	assert(log_address_len(text) <= text.len);
	free(internal);
	free(external);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const delimiters[] = { "+", "", "+-", "-" };
	struct slice input = { (const char *)data, size };
	const char *chosen = delimiters[input_choose(&input, 4)];
	struct arena *arena = arena_open();
	char *text = input_copy(input);
	struct address address;

	check_fold(input, arena);
	if (address_from_internal(
		    &address, input.bytes, input.len, chosen, arena)) {
		goals_reach(INTERNAL);
		check_address(&address, chosen, arena);
	}
	check_external(text, chosen, arena);
	check_domain(text, arena);
	check_logged(input);
	free(text);
	arena_close(&arena);
	return 0;
}
