/*
 * What a generation names.  Each file is opened for the walk and read in its
 * own order; what was read stays in the mapped file.
 */
#include "snapshot/generation.h"

#include "base/arena.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/files.h"

#include <stdio.h>
#include <string.h>

/* NULL: *err names the file. */
static struct cdb_reader *open_map(
	const struct generation *generation, const char *name, struct err *err)
{
	struct arena *arena = arena_open();
	struct cdb_reader *reader =
		cdb_reader_open(arena_printf(arena, "%s/%s",
					generation_folder(generation), name),
			err);

	arena_close(&arena);
	return reader;
}

bool generation_address(
	char out[GENERATION_KEY_SIZE], const char *key, size_t len)
{
	const char *at = memrchr(key, '@', len);

	if (at == NULL || at == key || len >= GENERATION_KEY_SIZE)
		return false;
	for (const char *byte = at; byte < key + len; byte++)
		if ((unsigned char)*byte >= 0x80)
			return false;
	memcpy(out, key, len);
	out[len] = '\0';
	return true;
}

/* A walk of one map after the other. */
struct address_walk {
	const struct cdb_reader *known; /* addresses of it came already */
	bool (*each)(void *context, const char *address);
	void *context;
	bool is_enough;
};

static bool walk_address(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	struct address_walk *walk = context;
	char address[GENERATION_KEY_SIZE];

	(void)value, (void)value_len;
	if (!generation_address(address, key, key_len))
		return true;
	if (walk->known != NULL &&
		cdb_reader_find(walk->known, address, &value, &value_len) ==
			LOOKUP_FOUND)
		return true;
	walk->is_enough = !walk->each(walk->context, address);
	return !walk->is_enough;
}

/* The first, then the second but for what is in the first. */
static bool walk_both(const struct cdb_reader *recipients,
	const struct cdb_reader *aliases, struct address_walk *walk)
{
	if (!cdb_reader_walk(recipients, walk_address, walk))
		return walk->is_enough;
	walk->known = recipients;
	return cdb_reader_walk(aliases, walk_address, walk) || walk->is_enough;
}

bool generation_walk_addresses(const struct generation *generation,
	bool (*each)(void *context, const char *address), void *context,
	struct err *err)
{
	struct address_walk walk = { NULL, each, context, false };
	struct cdb_reader *recipients =
		open_map(generation, FILES_RELAY_RECIPIENTS, err);
	struct cdb_reader *aliases = recipients == NULL
		? NULL
		: open_map(generation, FILES_VIRTUAL_ALIAS, err);
	bool is_walked = aliases != NULL;

	if (is_walked)
		is_walked = walk_both(recipients, aliases, &walk) ||
			err_set(err, "%s: its maps are corrupt",
				generation_folder(generation));
	cdb_reader_close(&aliases);
	cdb_reader_close(&recipients);
	return is_walked;
}

/* A walk of the records KIND:KEY of policy.cdb. */
struct policy_walk {
	const char *kind; /* with its colon */
	bool (*each)(void *context, const char *key);
	void *context;
	bool is_enough;
};

static bool walk_record(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	struct policy_walk *walk = context;
	const size_t kind_len = strlen(walk->kind);
	char name[GENERATION_KEY_SIZE];

	(void)value, (void)value_len;
	if (key_len <= kind_len || key_len >= GENERATION_KEY_SIZE ||
		memcmp(key, walk->kind, kind_len) != 0)
		return true;
	memcpy(name, key + kind_len, key_len - kind_len);
	name[key_len - kind_len] = '\0';
	walk->is_enough = !walk->each(walk->context, name);
	return !walk->is_enough;
}

static bool walk_policy(const struct generation *generation,
	struct policy_walk *walk, struct err *err)
{
	struct cdb_reader *policy = open_map(generation, FILES_POLICY, err);

	if (policy == NULL)
		return false;
	const bool is_walked = cdb_reader_walk(policy, walk_record, walk) ||
		walk->is_enough ||
		err_set(err, "%s/" FILES_POLICY ": damaged",
			generation_folder(generation));

	cdb_reader_close(&policy);
	return is_walked;
}

struct domain_walk {
	const struct view *view;
	bool (*each)(void *context, const struct domain *domain);
	void *context;
	bool is_damaged;
};

/*
 * Each domain has several keys, and one of them counts: its own name, or the
 * names below where another domain has that, as "#d" beside "d".
 */
static bool is_own_key(
	const struct view *view, const struct domain *domain, const char *key)
{
	const char *name = domain->pattern.name.ascii;
	const struct domain *owner = NULL;

	if (*key != '.')
		return strcmp(key, name) == 0;
	if (strcmp(key + 1, name) != 0)
		return false;
	return view->ops->domain(view, name, &owner) != LOOKUP_FOUND ||
		owner->pattern.scope != domain->pattern.scope;
}

static bool walk_domain(void *context, const char *key)
{
	struct domain_walk *walk = context;
	const struct domain *domain;

	walk->is_damaged = walk->view->ops->domain(walk->view, key, &domain) !=
		LOOKUP_FOUND;
	if (walk->is_damaged)
		return false;
	return !is_own_key(walk->view, domain, key) ||
		walk->each(walk->context, domain);
}

bool generation_walk_domains(const struct generation *generation,
	bool (*each)(void *context, const struct domain *domain), void *context,
	struct err *err)
{
	struct domain_walk domains = { generation_view(generation), each,
		context, false };
	struct policy_walk walk = { "domain:", walk_domain, &domains, false };

	return walk_policy(generation, &walk, err) &&
		(!domains.is_damaged ||
			err_set(err, "%s/" FILES_POLICY ": damaged",
				generation_folder(generation)));
}

bool generation_walk_entries(const struct generation *generation,
	bool (*each)(void *context, const char *name), void *context,
	struct err *err)
{
	struct policy_walk walk = { "entries:", each, context, false };

	return walk_policy(generation, &walk, err);
}

bool generation_walk_spaces(const struct generation *generation,
	bool (*each)(void *context, const char *key), void *context,
	struct err *err)
{
	struct policy_walk walk = { "space:", each, context, false };

	return walk_policy(generation, &walk, err);
}
