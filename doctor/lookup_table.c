/* Types and the files that they open: DATABASE_README, postmap(1). */
#include "doctor/lookup_table.h"

#include "base/arena.h"
#include "base/child.h"
#include "base/text.h"

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

bool lookup_table_is_local(const char *word)
{
	return type_of(behind_proxy(word)) != N_TYPES;
}

bool lookup_table_is_table(const char *word)
{
	return strchr(word, ':') != NULL;
}

bool lookup_table_has_patterns(const char *word)
{
	word = behind_proxy(word);
	return text_starts(word, "regexp:") || text_starts(word, "pcre:");
}

void lookup_table_ask(const char *word, const char *keys, struct text *found)
{
	const char *const argv[] = { "postmap", "-q", "-", behind_proxy(word),
		NULL };

	child_run(argv, keys, found, NULL);
}

const char *lookup_table_file(const char *word, struct arena *arena)
{
	const char *table = behind_proxy(word);
	const size_t type = type_of(table);

	if (type == N_TYPES || local_types[type].suffix == NULL)
		return NULL;
	return arena_printf(arena, "%s%s", strchr(table, ':') + 1,
		local_types[type].suffix);
}
