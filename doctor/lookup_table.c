/*
 * Types and the files that they open: DATABASE_README, postmap(1).  Files of
 * names: match_list, as postconf(5) tells of mydestination.
 */
#include "doctor/lookup_table.h"

#include "base/arena.h"
#include "base/child.h"
#include "base/file.h"
#include "base/table.h"
#include "base/text.h"

#include <assert.h>
#include <string.h>

static const struct {
	const char *type;
	const char *suffix; /* of its file; NULL = in none */
} local_types[] = {
	{ "btree:", ".db" },
	{ "cdb:", ".cdb" },
	{ "dbm:", ".pag" },
	{ "hash:", ".db" },
	{ "inline:", NULL },
	{ "lmdb:", ".lmdb" },
	{ "pcre:", "" },
	{ "regexp:", "" },
	{ "sdbm:", ".pag" },
	{ "static:", NULL },
	{ "texthash:", "" },
};

enum { N_TYPES = sizeof local_types / sizeof local_types[0] };

static const char *behind_proxy(const char *word)
{
	return text_starts(word, "proxy:") ? word + strlen("proxy:") : word;
}

/* N_TYPES: none of these. */
static size_t type_of(const char *word)
{
	size_t i = 0;

	while (i < N_TYPES && !text_starts(word, local_types[i].type))
		i++;
	return i;
}

static bool is_list(const char *word)
{
	return word[0] == '/';
}

bool lookup_table_is_local(const char *word)
{
	return is_list(word) || type_of(behind_proxy(word)) != N_TYPES;
}

bool lookup_table_is_table(const char *word)
{
	return is_list(word) || strchr(word, ':') != NULL;
}

bool lookup_table_has_patterns(const char *word)
{
	word = behind_proxy(word);
	return text_starts(word, "regexp:") || text_starts(word, "pcre:");
}

static void ask_line(char *line, const struct table *keys, struct text *found)
{
	while (line != NULL && line[0] != '#') {
		const char *word = strsep(&line, ", \t\r");

		if (word[0] != '\0' && table_find(keys, word) != NULL)
			text_addf(found, "%s\t%s\n", word, word);
	}
}

static void ask_list(const char *path, const char *keys, struct text *found)
{
	struct arena *arena = arena_open();
	struct table *table = table_open();
	size_t len;
	char *lines = file_read(path, &len, arena, NULL);
	char *rest = arena_strdup(arena, keys);

	while (rest != NULL) {
		char *key = strsep(&rest, "\n");

		table_put(table, key, key);
	}
	while (lines != NULL)
		ask_line(strsep(&lines, "\n"), table, found);
	table_close(&table);
	arena_close(&arena);
}

void lookup_table_ask(const char *word, const char *keys, struct text *found)
{
	const char *const argv[] = { "postmap", "-q", "-", behind_proxy(word),
		NULL };

	if (is_list(word))
		ask_list(word, keys, found);
	else
		child_run(argv, keys, found, NULL);
}

void lookup_table_list(const char *word, struct text *found)
{
	const char *const argv[] = { "postmap", "-s", behind_proxy(word),
		NULL };
	struct arena *arena = arena_open();
	size_t len;

	if (is_list(word)) {
		const char *names = file_read(word, &len, arena, NULL);

		text_adds(found, names == NULL ? "" : names);
	} else if (type_of(behind_proxy(word)) != N_TYPES) {
		child_run(argv, NULL, found, NULL);
	}
	arena_close(&arena);
}

const char *lookup_table_file(const char *word, struct arena *arena)
{
	const char *table = behind_proxy(word);
	const size_t type = type_of(table);

	if (is_list(word))
		return word;
	if (type == N_TYPES || local_types[type].suffix == NULL)
		return NULL;
	const char *colon = strchr(table, ':');

	assert(colon != NULL);
	if (colon[1] == '{') /* patterns in place of a file */
		return NULL;
	return arena_printf(arena, "%s%s", colon + 1, local_types[type].suffix);
}
