/*
 * One walk over the bytes: each is checked and folded by a table that holds
 * only what needs no quotes, no normalisation and no extension to be known
 * (a key keeps its extension).  A domain depends on its own spelling alone,
 * where that is ASCII, so it is parsed once and then compared.
 */
#include "directory/plain_key.h"

#include "base/memory.h"
#include "base/slots.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	LOCAL_MAX = 64,
	DOMAIN_MAX = 253,
	SPELLING_MAX = DOMAIN_MAX + 1, /* with a dot at its end */
	N_DOMAINS = 1024, /* a power of two */
};

struct spelling {
	size_t len, domain_len; /* 0 = none */
	char *bytes; /* the spelling, then the domain */
};

/* A spelling has one place, which the last one takes that belongs there. */
struct plain_domains {
	struct spelling list[N_DOMAINS];
	struct slots slots; /* for its hash */
	/* what a character is in a key; 0: no ordinary one */
	char folded[UCHAR_MAX + 1];
};

/* RFC 5322 atext and the dot. */
static void fill_folded(char folded[UCHAR_MAX + 1])
{
	static const char ORDINARY[] = "abcdefghijklmnopqrstuvwxyz0123456789"
				       "!#$%&'*+-/=?^_`{|}~.";

	for (const char *c = ORDINARY; *c != '\0'; c++)
		folded[(unsigned char)*c] = *c;
	for (int c = 'a'; c <= 'z'; c++)
		folded[c - 'a' + 'A'] = (char)c;
}

struct plain_domains *plain_domains_open(void)
{
	struct plain_domains *domains = memory_must(calloc(1, sizeof *domains));

	slots_init(&domains->slots);
	fill_folded(domains->folded);
	return domains;
}

void plain_domains_close(struct plain_domains **domains)
{
	if (*domains == NULL)
		return;
	for (size_t i = 0; i < N_DOMAINS; i++)
		free((*domains)->list[i].bytes);
	free(*domains);
	*domains = NULL;
}

static size_t place_of(
	const struct plain_domains *domains, const char *bytes, size_t len)
{
	return slots_hash(&domains->slots, bytes, len) & (N_DOMAINS - 1);
}

/* Letters, digits, hyphens, underscores and dots. */
static bool is_spelling(const char *bytes, size_t len)
{
	if (len == 0 || len > SPELLING_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		const char c = bytes[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
			!(c >= '0' && c <= '9') && strchr("-_.", c) == NULL)
			return false;
	}
	return true;
}

void plain_domains_learn(
	struct plain_domains *domains, const char *text, const char *key)
{
	const char *spelled = strrchr(text, '@') + 1;
	const char *domain = strrchr(key, '@') + 1;
	const size_t len = strlen(spelled);
	const size_t domain_len = strlen(domain);

	if (!is_spelling(spelled, len) || domain_len > DOMAIN_MAX)
		return;
	struct spelling *known =
		&domains->list[place_of(domains, spelled, len)];

	free(known->bytes);
	known->bytes = memory_must(malloc(len + domain_len));
	memcpy(known->bytes, spelled, len);
	memcpy(known->bytes + len, domain, domain_len);
	known->len = len;
	known->domain_len = domain_len;
}

/* The folded local part; 0: it has none, or it is not plain. */
static size_t fold_local(char *out, const char *folded, const char *text)
{
	size_t len = 0;
	char c;

	while (len < LOCAL_MAX && (c = folded[(unsigned char)text[len]]) != 0) {
		if (c == '.' && (len == 0 || out[len - 1] == '.'))
			return 0;
		out[len++] = c;
	}
	return len == 0 || out[len - 1] == '.' || text[len] != '@' ? 0 : len;
}

size_t plain_key(char out[PLAIN_KEY_MAX], const struct plain_domains *domains,
	const char *text)
{
	const size_t local_len = fold_local(out, domains->folded, text);

	if (local_len == 0)
		return 0;
	const char *spelled = text + local_len + 1;
	const size_t len = strlen(spelled);
	const struct spelling *known =
		&domains->list[place_of(domains, spelled, len)];

	if (known->len != len || len == 0 ||
		memcmp(known->bytes, spelled, len) != 0)
		return 0;
	out[local_len] = '@';
	memcpy(out + local_len + 1, known->bytes + len, known->domain_len);
	return local_len + 1 + known->domain_len;
}
