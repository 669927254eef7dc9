/*
 * One table is the language: libConfuse gets its options from it, the
 * outline knows from it what is a mistake, and the advice on a mistyped
 * word looks for the nearest entry.
 */
#include "config/conf_words.h"

#include "base/arena.h"
#include "base/text.h"

#include <string.h>

enum {
	WORD_MAX = 32,
	KEYS_MAX = 64,
	KEYS_SHOWN = 16, /* more make no sentence */
	PART_DISTANCE = 3,
};

static const struct conf_word top_words[] = {
	{ "contacts", true, 0 },
	{ "postmaster", false, 0 },
	{ "extension", false, 0 },
	{ "on-conflict", false, 0 },
	{ "keep", false, 0 },
	{ "linger", false, 0 },
	{ "deadline", false, 0 },
	{ NULL, false, 0 },
};

static const struct conf_word domain_words[] = {
	{ "type", false, 0 },
	{ "recipient-filter", false, 0 },
	{ "accept-from", false, 0 },
	{ "catch-all", false, 0 },
	{ "secondary-of", false, 0 },
	{ "enabled", false, 0 },
	{ NULL, false, 0 },
};

static const struct conf_word connector_words[] = {
	{ "address-spaces", true, 0 },
	{ "smart-hosts", true, 0 },
	{ "transport", false, 0 },
	{ "clients", true, 0 },
	{ "tls", false, 0 },
	{ "unknowns", false, 0 },
	{ "backup", false, 0 },
	{ "loop", false, 0 },
	{ "enabled", false, 0 },
	{ NULL, false, 0 },
};

static const char *const types[] = {
	[DIRECTORY_FILE] = "file",
	[DIRECTORY_POSTFIX] = "postfix",
	[DIRECTORY_CSV] = "csv",
	[DIRECTORY_LDIF] = "ldif",
	[DIRECTORY_PASSWD] = "passwd",
	[DIRECTORY_ALIASES] = "aliases",
	[DIRECTORY_LDAP] = "ldap",
	[DIRECTORY_SQL] = "sql",
	[DIRECTORY_COMMAND] = "command",
	NULL,
};

enum {
	CSV = CONF_TYPE(DIRECTORY_CSV),
	LDIF = CONF_TYPE(DIRECTORY_LDIF),
	PASSWD = CONF_TYPE(DIRECTORY_PASSWD),
	ALIASES = CONF_TYPE(DIRECTORY_ALIASES),
	LDAP = CONF_TYPE(DIRECTORY_LDAP),
	SQL = CONF_TYPE(DIRECTORY_SQL),
	COMMAND = CONF_TYPE(DIRECTORY_COMMAND),
	FILES = CONF_TYPE(DIRECTORY_FILE) | CONF_TYPE(DIRECTORY_POSTFIX) | CSV |
		LDIF | PASSWD | ALIASES,
	OBJECTS = LDIF | LDAP,
	SERVERS = LDAP | SQL,
};

static const struct conf_word directory_words[] = {
	{ "type", false, 0 },
	{ "connector", false, 0 },
	{ "domains", true, 0 },
	{ "max-age", false, 0 },
	{ "max-shrink", false, 0 },
	{ "max-bad", false, 0 },
	{ "enabled", false, 0 },
	{ "path", false, FILES },
	{ "preset", false, CSV | OBJECTS },
	{ "columns", true, CSV },
	{ "target-column", false, CSV },
	{ "separator", false, CSV },
	{ "attributes", true, OBJECTS },
	{ "target-attribute", false, OBJECTS },
	{ "disabled-accounts", false, OBJECTS },
	{ "local-domain", false, PASSWD | ALIASES },
	{ "min-uid", false, PASSWD },
	{ "max-uid", false, PASSWD },
	{ "command", true, COMMAND },
	{ "output", false, COMMAND },
	{ "timeout", false, SERVERS | COMMAND },
	{ "connect-timeout", false, SERVERS },
	{ "password-file", false, SERVERS },
	{ "tls-ca-file", false, SERVERS },
	{ "uri", true, LDAP },
	{ "start-tls", false, LDAP },
	{ "tls-verify", false, LDAP },
	{ "tls-cert-file", false, LDAP },
	{ "tls-key-file", false, LDAP },
	{ "bind", false, LDAP },
	{ "bind-dn", false, LDAP },
	{ "base", false, LDAP },
	{ "scope", false, LDAP },
	{ "filter", false, LDAP },
	{ "page-size", false, LDAP },
	{ "deltas", false, LDAP },
	{ "full-refresh", false, LDAP },
	{ "driver", false, SQL },
	{ "hosts", true, SQL },
	{ "port", false, SQL },
	{ "database", false, SQL },
	{ "user", false, SQL },
	{ "query", false, SQL },
	{ "tls", false, SQL },
	{ NULL, false, 0 },
};

static const struct conf_word contact_words[] = {
	{ "target", false, 0 },
	{ "enabled", false, 0 },
	{ NULL, false, 0 },
};

static const struct {
	const char *word, *phrase;
	const struct conf_word *words;
} kinds[CONF_KINDS] = {
	[CONF_TOP] = { "", "the top level", top_words },
	[CONF_DOMAIN] = { "accepted-domain", "an accepted domain",
		domain_words },
	[CONF_CONNECTOR] = { "connector", "a connector", connector_words },
	[CONF_DIRECTORY] = { "directory", "a directory", directory_words },
	[CONF_CONTACT] = { "contact", "a contact", contact_words },
};

const char *conf_kind_word(enum conf_kind kind)
{
	return kinds[kind].word;
}

const char *conf_kind_phrase(enum conf_kind kind)
{
	return kinds[kind].phrase;
}

bool conf_kind_parse(enum conf_kind *out, const char *word)
{
	for (unsigned kind = CONF_TOP + 1; kind < CONF_KINDS; kind++) {
		if (strcmp(kinds[kind].word, word) == 0) {
			*out = (enum conf_kind)kind;
			return true;
		}
	}
	return false;
}

const struct conf_word *conf_words(enum conf_kind kind)
{
	return kinds[kind].words;
}

const struct conf_word *conf_word_find(enum conf_kind kind, const char *name)
{
	const struct conf_word *word = kinds[kind].words;

	while (word->name != NULL && strcmp(word->name, name) != 0)
		word++;
	return word->name == NULL ? NULL : word;
}

const char *const *conf_type_words(void)
{
	return types;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance; what is longer than any word of ours is far. */
static unsigned distance(const char *a, const char *b)
{
	const size_t len = strlen(b);
	unsigned row[WORD_MAX + 1];

	if (strlen(a) > WORD_MAX || len > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= len; j++)
		row[j] = (unsigned)j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i + 1;
		for (size_t j = 0; j < len; j++) {
			const unsigned swap = diagonal + (a[i] != b[j]);

			diagonal = row[j + 1];
			row[j + 1] = least(swap, least(row[j], row[j + 1]) + 1);
		}
	}
	return row[len];
}

/* "password" of "password-file" */
static bool is_first_part(const char *word, const char *whole)
{
	return text_starts(whole, word) && whole[strlen(word)] == '-';
}

const char *conf_nearest(const char *word, const char *const *list)
{
	const char *nearest = NULL;
	unsigned shortest = 4; /* further off is another word */

	for (; *list != NULL; list++) {
		const unsigned found = is_first_part(word, *list)
			? PART_DISTANCE
			: distance(word, *list);

		if (found < shortest && found * 2 <= strlen(*list)) {
			shortest = found;
			nearest = *list;
		}
	}
	return nearest;
}

/* The kind, other than this one, that alone or first takes such a key. */
static const char *owner_phrase(enum conf_kind kind, const char *name)
{
	for (unsigned i = 0; i < CONF_KINDS; i++) {
		if (i != kind && conf_word_find((enum conf_kind)i, name))
			return kinds[i].phrase;
	}
	return NULL;
}

static size_t list_names(const char *names[KEYS_MAX], enum conf_kind kind)
{
	size_t n = 0;

	for (const struct conf_word *w = kinds[kind].words; w->name; w++)
		names[n++] = w->name;
	names[n] = NULL;
	return n;
}

const char *conf_enumerate(
	const char *const *list, const char *last, struct arena *arena)
{
	struct text text;

	text_init(&text);
	for (size_t i = 0; list[i] != NULL; i++) {
		if (i > 0)
			text_adds(&text, list[i + 1] == NULL ? last : ", ");
		text_adds(&text, list[i]);
	}
	const char *result = arena_strndup(arena, text.data, text.len);

	text_fini(&text);
	return result;
}

const char *conf_key_advice(
	enum conf_kind kind, const char *name, struct arena *arena)
{
	const char *names[KEYS_MAX];
	const char *owner = owner_phrase(kind, name);
	const size_t n = list_names(names, kind);
	const char *nearest = conf_nearest(name, names);

	if (owner != NULL)
		return arena_printf(arena, "; it belongs to %s", owner);
	if (nearest != NULL)
		return arena_printf(arena, "; did you mean \"%s\"?", nearest);
	if (n > KEYS_SHOWN)
		return "; namespace.conf(5) says which it takes";
	return arena_printf(
		arena, "; it takes %s", conf_enumerate(names, " and ", arena));
}

const char *conf_kind_advice(const char *word, struct arena *arena)
{
	const char *words[CONF_KINDS];

	for (unsigned kind = CONF_TOP + 1; kind < CONF_KINDS; kind++)
		words[kind - 1] = kinds[kind].word;
	words[CONF_KINDS - 1] = NULL;
	const char *nearest = conf_nearest(word, words);

	if (nearest != NULL)
		return arena_printf(arena, "; did you mean \"%s\"?", nearest);
	return arena_printf(
		arena, "; there are %s", conf_enumerate(words, " and ", arena));
}
