/*
 * What a directory listed stands in relay_recipients, value "connector
 * directory".  A recipient that another directory lists now is not lost, so
 * that renaming a directory, or moving its people, needs no leave.  Nor are
 * those counted whom a directory that serves has dropped itself: its own
 * guard looked at them.
 */
#include "transport-map-gen/guard.h"

#include "base/arena.h"
#include "base/table.h"
#include "namespace/route.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/files.h"
#include "snapshot/manifest.h"

#include <string.h>

/* Why recipients of a published directory may be gone. */
enum cause {
	CAUSE_CONFIGURATION, /* it serves, but their domains do not */
	CAUSE_TAKEN_OUT,
	CAUSE_NEVER_LOADED, /* neither the source nor a copy can be read */
};

struct loss {
	const char *directory;
	enum cause cause;
	size_t count;
};

struct walk {
	const struct gathered *gathered;
	struct table *losses; /* directory -> struct loss */
	struct arena *request;
};

static enum cause cause_of(const struct gathered *g, const char *name)
{
	for (size_t i = 0; i < g->ns->n_directories; i++)
		if (g->ns->directories[i].is_enabled &&
			strcmp(g->ns->directories[i].name, name) == 0)
			return g->loads[i].end == LOAD_NEVER
				? CAUSE_NEVER_LOADED
				: CAUSE_CONFIGURATION;
	return CAUSE_TAKEN_OUT;
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

/* By a directory that may. */
static bool is_vouched(const struct recipient *recipient)
{
	return recipient_mailbox(recipient) != NULL ||
		recipient_contact(recipient) != NULL;
}

static bool is_lost(const struct walk *walk, enum cause cause, const char *key)
{
	const struct gathered *g = walk->gathered;
	const struct domain *domain;

	if (domain_find(&domain, model_view(g->model), strrchr(key, '@') + 1) !=
		LOOKUP_FOUND)
		return true;
	return !is_vouched(recipients_find(g->recipients, key)) &&
		(cause != CAUSE_CONFIGURATION || is_listed(g->recipients, key));
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
		is_lost(walk, loss->cause,
			arena_strndup(walk->request, key, key_len)))
		loss->count++;
	return true;
}

/* A damaged map is published anew; it must not keep that from happening. */
static void count_losses(
	const struct gathered *g, struct table *losses, const char *folder)
{
	struct walk walk = {
		.gathered = g, .losses = losses, .request = arena_open()
	};
	struct cdb_reader *reader = cdb_reader_open(
		arena_printf(g->arena, "%s/%s", folder, FILES_RELAY_RECIPIENTS),
		NULL);

	if (reader != NULL)
		cdb_reader_walk(reader, count_record, &walk);
	cdb_reader_close(&reader);
	arena_close(&walk.request);
}

static bool refuse(const struct loss *loss, struct err *err)
{
	const char *name = loss->directory;

	switch (loss->cause) {
	case CAUSE_CONFIGURATION:
		return err_set(err,
			"directory %s: %zu recipients that it lists would be "
			"lost, for their domains are accepted no more or none "
			"of those that it may list: if that is meant, say "
			"--accept-shrink %s",
			name, loss->count, name);
	case CAUSE_TAKEN_OUT:
		return err_set(err,
			"directory %s is taken out, and %zu recipients with it "
			"that nobody else lists: if that is meant, say "
			"--accept-shrink %s",
			name, loss->count, name);
	case CAUSE_NEVER_LOADED: break;
	}
	return err_set(err,
		"directory %s can not be read and has no last-good copy any "
		"more, and %zu recipients that it listed would be lost: "
		"nothing is published until it can be read; if they are meant "
		"to go: --accept-shrink %s",
		name, loss->count, name);
}

/* A copy that was lost is nobody's wish, however few it listed. */
static size_t free_of(enum cause cause)
{
	return cause == CAUSE_NEVER_LOADED ? 0 : LOAD_SHRINK_FREE;
}

static bool check_losses(const struct table *losses,
	const struct options *options, struct err *err)
{
	for (size_t i = 0; i < table_count(losses); i++) {
		const struct loss *loss = table_value(losses, i);

		if (loss->count > free_of(loss->cause) &&
			!options_accept_shrink(options, loss->directory))
			return refuse(loss, err);
	}
	return true;
}

static bool check_names(const struct gathered *g, const struct table *losses,
	const struct options *options, struct err *err)
{
	for (size_t i = 0; i < options->n_accept_shrink; i++) {
		const char *name = options->accept_shrink[i];

		if (cause_of(g, name) == CAUSE_TAKEN_OUT &&
			table_find(losses, name) == NULL)
			return err_set(err,
				"--accept-shrink %s: there is no directory of "
				"that name, and none was published",
				name);
	}
	return true;
}

/* Each published directory; true where one of them may have lost somebody. */
static bool prepare(struct table *losses, const struct gathered *g,
	const struct manifest *published)
{
	bool may_lose = published->configuration == NULL ||
		strcmp(published->configuration, g->ns->digest) != 0;

	for (size_t i = 0; i < published->n_directories; i++) {
		const char *name = published->directories[i].name;
		struct loss *loss = arena_alloc(g->arena, sizeof *loss);

		*loss = (struct loss){ name, cause_of(g, name), 0 };
		may_lose = may_lose || loss->cause != CAUSE_CONFIGURATION;
		table_put(losses, name, loss);
	}
	return may_lose;
}

bool guard_check(const struct gathered *g, const struct options *options,
	const char *folder, struct err *err)
{
	struct manifest published;
	struct table *losses = table_open();

	if (folder == NULL ||
		!manifest_read(&published, folder, g->arena, NULL))
		published = (struct manifest){ .n_directories = 0 };
	if (prepare(losses, g, &published) && folder != NULL)
		count_losses(g, losses, folder);
	const bool passes = check_names(g, losses, options, err) &&
		check_losses(losses, options, err);

	table_close(&losses);
	return passes;
}
