/*
 * One table is the language: libConfuse gets its options from it, the
 * outline knows from it what is a mistake, and the advice on a mistyped
 * word looks for the nearest entry.
 */
#include "config/conf_words.h"

#include "base/arena.h"
#include "base/text.h"

#include <string.h>

enum { WORD_MAX = 32, KEYS_MAX = 16 };

static const struct conf_word top_words[] = {
	{ "contacts", true },
	{ "postmaster", false },
	{ "extension", false },
	{ "on-conflict", false },
	{ "keep", false },
	{ "linger", false },
	{ "deadline", false },
	{ NULL, false },
};

static const struct conf_word domain_words[] = {
	{ "type", false },
	{ "recipient-filter", false },
	{ "accept-from", false },
	{ "catch-all", false },
	{ "secondary-of", false },
	{ "enabled", false },
	{ NULL, false },
};

static const struct conf_word connector_words[] = {
	{ "address-spaces", true },
	{ "smart-hosts", true },
	{ "transport", false },
	{ "clients", true },
	{ "tls", false },
	{ "unknowns", false },
	{ "backup", false },
	{ "loop", false },
	{ "enabled", false },
	{ NULL, false },
};

static const struct conf_word directory_words[] = {
	{ "type", false },
	{ "path", false },
	{ "connector", false },
	{ "domains", true },
	{ "max-age", false },
	{ "max-shrink", false },
	{ "max-bad", false },
	{ "columns", true },
	{ "target-column", false },
	{ "separator", false },
	{ "enabled", false },
	{ NULL, false },
};

static const struct conf_word contact_words[] = {
	{ "target", false },
	{ "enabled", false },
	{ NULL, false },
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

const char *conf_nearest(const char *word, const char *const *list)
{
	const char *nearest = NULL;
	unsigned shortest = 4; /* further off is another word */

	for (; *list != NULL; list++) {
		const unsigned found = distance(word, *list);

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

static void list_names(const char *names[KEYS_MAX], enum conf_kind kind)
{
	size_t n = 0;

	for (const struct conf_word *w = kinds[kind].words; w->name; w++)
		names[n++] = w->name;
	names[n] = NULL;
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

	list_names(names, kind);
	const char *nearest = conf_nearest(name, names);

	if (owner != NULL)
		return arena_printf(arena, "; it belongs to %s", owner);
	if (nearest != NULL)
		return arena_printf(arena, "; did you mean \"%s\"?", nearest);
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
