/*
 * What a directory listed stands in relay_recipients, value "connector
 * directory".  A recipient that another directory lists now is not lost, so
 * that renaming a directory, or moving its people, needs no leave.
 */
#include "transport-map-gen/guard.h"

#include "base/arena.h"
#include "base/table.h"
#include "snapshot/cdb_file.h"
#include "snapshot/files.h"
#include "snapshot/manifest.h"

#include <string.h>

enum { SHRINK_FREE = 10 };

struct loss {
	const char *directory;
	size_t count;
};

struct walk {
	const struct recipients *recipients;
	struct table *losses; /* directory -> struct loss */
	struct arena *request;
};

static bool is_listing(const struct namespace *ns, const char *name)
{
	for (size_t i = 0; i < ns->n_directories; i++)
		if (ns->directories[i].is_enabled &&
			strcmp(ns->directories[i].name, name) == 0)
			return true;
	return false;
}

static bool is_ascii(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)bytes[i] >= 0x80)
			return false;
	return true;
}

/* By a mailbox, or by a contact for somebody else. */
static bool is_listed(const struct recipients *recipients, const char *key)
{
	const struct recipient *at = recipients_find(recipients, key);

	while (at != NULL && recipient_is_elsewhere(at))
		at = at->next;
	return at != NULL;
}

/* The other label form of a domain is the same recipient again. */
static bool count_record(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	struct walk *walk = context;
	const char *at = memrchr(key, '@', key_len);
	const char *blank = memchr(value, ' ', value_len);

	if (at == NULL || blank == NULL ||
		!is_ascii(at, key_len - (size_t)(at - key)))
		return true;
	arena_reset(walk->request);
	blank++;
	struct loss *loss = table_find(walk->losses,
		arena_strndup(walk->request, blank,
			value_len - (size_t)(blank - value)));

	if (loss != NULL &&
		!is_listed(walk->recipients,
			arena_strndup(walk->request, key, key_len)))
		loss->count++;
	return true;
}

/* A damaged map is published anew; it must not keep that from happening. */
static void count_losses(
	const struct gathered *g, struct table *losses, const char *folder)
{
	struct walk walk = { .recipients = g->recipients,
		.losses = losses,
		.request = arena_open() };
	struct cdb_reader *reader = cdb_reader_open(
		arena_printf(g->arena, "%s/%s", folder, FILES_RELAY_RECIPIENTS),
		NULL);

	if (reader != NULL)
		cdb_reader_walk(reader, count_record, &walk);
	cdb_reader_close(&reader);
	arena_close(&walk.request);
}

static bool check_losses(const struct table *losses,
	const struct options *options, struct err *err)
{
	for (size_t i = 0; i < table_count(losses); i++) {
		const struct loss *loss = table_value(losses, i);

		if (loss->count > SHRINK_FREE &&
			!options_accept_shrink(options, loss->directory))
			return err_set(err,
				"directory %s is taken out, and %zu recipients "
				"with it that nobody else lists: if that is "
				"meant, say --accept-shrink %s",
				loss->directory, loss->count, loss->directory);
	}
	return true;
}

static bool check_names(const struct namespace *ns, const struct table *losses,
	const struct options *options, struct err *err)
{
	for (size_t i = 0; i < options->n_accept_shrink; i++) {
		const char *name = options->accept_shrink[i];

		if (!is_listing(ns, name) && table_find(losses, name) == NULL)
			return err_set(err,
				"--accept-shrink %s: there is no directory of "
				"that name, and none was published",
				name);
	}
	return true;
}

bool guard_check(const struct gathered *g, const struct options *options,
	const char *folder, struct err *err)
{
	struct manifest published;
	struct table *losses = table_open();

	if (folder == NULL ||
		!manifest_read(&published, folder, g->arena, NULL))
		published = (struct manifest){ .n_directories = 0 };
	for (size_t i = 0; i < published.n_directories; i++) {
		const char *name = published.directories[i].name;
		struct loss *loss = arena_alloc(g->arena, sizeof *loss);

		loss->directory = name;
		if (!is_listing(g->ns, name))
			table_put(losses, name, loss);
	}
	if (table_count(losses) != 0)
		count_losses(g, losses, folder);
	const bool passes = check_names(g->ns, losses, options, err) &&
		check_losses(losses, options, err);

	table_close(&losses);
	return passes;
}
