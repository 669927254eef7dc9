/*
 * Connectors and directories are few and read at once; all the rest stays
 * in the mapped files until it is asked for.  What was decoded of domains
 * and address spaces is remembered: there are no more of them than entries
 * in the file, whatever clients ask for.
 */
#include "snapshot/generation.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/files.h"
#include "snapshot/freshness.h"
#include "snapshot/policy.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct generation {
	struct view view; /* first, so that a view leads back here */
	struct arena *arena;
	char *state; /* NULL: a folder that is in none */
	char *folder;
	char *target; /* what <state>/current read; NULL: not asked */
	unsigned long number;
	struct cdb_reader *policy;
	struct cdb_reader *recipients;
	struct table *domains; /* key -> struct known_domain */
	struct table *spaces; /* key -> struct known_claims */
	time_t *loaded;
	bool is_refreshed;
	struct stat freshness; /* of the file read last; zero = none */
};

static struct generation *generation_of(const struct view *view)
{
	return (struct generation *)view;
}

/* The record KIND:KEY of policy.cdb, copied into the arena. */
static enum lookup record_find(char **out, const struct generation *generation,
	const char *kind, const char *key, struct arena *arena)
{
	char full[GENERATION_KEY_SIZE];
	const char *value;
	size_t len;
	const int n = snprintf(full, sizeof full, "%s:%s", kind, key);

	if (n < 0 || (size_t)n >= sizeof full)
		return LOOKUP_NONE; /* longer than any address or name */
	const enum lookup found =
		cdb_reader_find(generation->policy, full, &value, &len);

	if (found == LOOKUP_FOUND)
		*out = arena_strndup(arena, value, len);
	return found;
}

/*
 * A record that does not parse is remembered too, or the arena would grow
 * with each question.
 */
struct known_domain {
	bool is_damaged;
	struct domain domain;
};

struct known_claims {
	bool is_damaged;
	struct claims claims;
};

static enum lookup view_domain(
	const struct view *view, const char *key, const struct domain **out)
{
	struct generation *generation = generation_of(view);
	struct known_domain *known = table_find(generation->domains, key);
	char *record;

	if (known == NULL) {
		const enum lookup found = record_find(
			&record, generation, "domain", key, generation->arena);

		if (found != LOOKUP_FOUND)
			return found;
		known = arena_alloc(generation->arena, sizeof *known);
		known->is_damaged = !policy_domain_parse(
			&known->domain, record, generation->arena);
		table_put(generation->domains,
			arena_strdup(generation->arena, key), known);
	}
	*out = &known->domain;
	return known->is_damaged ? LOOKUP_FAILED : LOOKUP_FOUND;
}

static enum lookup view_claims(
	const struct view *view, const char *key, struct claims *out)
{
	struct generation *generation = generation_of(view);
	struct known_claims *known = table_find(generation->spaces, key);
	char *record;

	if (known == NULL) {
		const enum lookup found = record_find(
			&record, generation, "space", key, generation->arena);

		if (found != LOOKUP_FOUND)
			return found;
		known = arena_alloc(generation->arena, sizeof *known);
		known->is_damaged = !policy_claims_parse(
			&known->claims, record, view, generation->arena);
		table_put(generation->spaces,
			arena_strdup(generation->arena, key), known);
	}
	*out = known->claims;
	return known->is_damaged ? LOOKUP_FAILED : LOOKUP_FOUND;
}

static enum lookup find_contact(struct contact *out, const struct view *view,
	const char *kind, const char *address, struct arena *request)
{
	char *record;
	const enum lookup found = record_find(
		&record, generation_of(view), kind, address, request);

	if (found == LOOKUP_FOUND)
		*out = (struct contact){ .address = address, .target = record };
	return found;
}

static enum lookup view_contact(const struct view *view, const char *address,
	struct arena *request, struct contact *out)
{
	return find_contact(out, view, "contact", address, request);
}

static enum lookup view_directory_contact(const struct view *view,
	const char *address, struct arena *request, struct contact *out)
{
	return find_contact(out, view, "brought", address, request);
}

/* The value is "connector directory". */
static enum lookup view_listing(const struct view *view, const char *address,
	struct arena *request, struct listing *out)
{
	const char *value;
	size_t len;
	const enum lookup found = cdb_reader_find(
		generation_of(view)->recipients, address, &value, &len);

	(void)request;
	if (found != LOOKUP_FOUND)
		return found;
	const char *blank = memchr(value, ' ', len);

	if (blank == NULL)
		return LOOKUP_FAILED;
	const char *name = blank + 1;
	const size_t name_len = len - (size_t)(name - value);

	for (size_t i = 0; i < view->n_directories; i++) {
		out->directory = &view->directories[i];
		if (strlen(out->directory->name) == name_len &&
			memcmp(out->directory->name, name, name_len) == 0)
			return LOOKUP_FOUND;
	}
	return LOOKUP_FAILED;
}

static enum lookup view_has_entries(const struct view *view, const char *domain)
{
	char full[GENERATION_KEY_SIZE];
	const char *value;
	size_t len;
	const int n = snprintf(full, sizeof full, "entries:%s", domain);

	if (n < 0 || (size_t)n >= sizeof full)
		return LOOKUP_NONE;
	return cdb_reader_find(generation_of(view)->policy, full, &value, &len);
}

static const struct view_ops ops = {
	.domain = view_domain,
	.claims = view_claims,
	.contact = view_contact,
	.directory_contact = view_directory_contact,
	.listing = view_listing,
	.has_entries = view_has_entries,
};

/* How many records KIND:0, KIND:1, ... there are. */
static bool count_records(
	size_t *out, const struct generation *generation, const char *kind)
{
	char index[24];
	enum lookup found;
	char *record;

	for (*out = 0;; (*out)++) {
		snprintf(index, sizeof index, "%zu", *out);
		found = record_find(
			&record, generation, kind, index, generation->arena);
		if (found != LOOKUP_FOUND)
			return found == LOOKUP_NONE;
	}
}

static char *record_at(
	const struct generation *generation, const char *kind, size_t at)
{
	char index[24];
	char *record = NULL;

	snprintf(index, sizeof index, "%zu", at);
	record_find(&record, generation, kind, index, generation->arena);
	return record;
}

static bool read_connectors(struct generation *generation)
{
	struct connector *list;
	size_t count;

	if (!count_records(&count, generation, "connector"))
		return false;
	list = arena_array(generation->arena, count, sizeof *list);
	for (size_t i = 0; i < count; i++) {
		char *record = record_at(generation, "connector", i);

		if (record == NULL ||
			!policy_connector_parse(
				&list[i], record, generation->arena))
			return false;
		list[i].index = (unsigned)i;
	}
	generation->view.connectors = list;
	generation->view.n_connectors = count;
	return true;
}

static bool read_directories(struct generation *generation)
{
	struct directory *list;
	size_t count;

	if (!count_records(&count, generation, "directory"))
		return false;
	list = arena_array(generation->arena, count, sizeof *list);
	for (size_t i = 0; i < count; i++) {
		char *record = record_at(generation, "directory", i);

		if (record == NULL ||
			!policy_directory_parse(
				&list[i], record, generation->arena))
			return false;
		list[i].index = (unsigned)i;
	}
	generation->loaded = arena_array(
		generation->arena, count, sizeof *generation->loaded);
	generation->view.directories = list;
	generation->view.n_directories = count;
	generation->view.loaded = generation->loaded;
	return true;
}

static bool read_settings(struct generation *generation)
{
	const char *value;
	size_t len;
	struct policy_settings settings;

	if (cdb_reader_find(generation->policy, "settings", &value, &len) !=
			LOOKUP_FOUND ||
		!policy_settings_parse(&settings,
			arena_strndup(generation->arena, value, len),
			generation->arena))
		return false;
	generation->view.extension = settings.extension;
	generation->view.postmaster = settings.postmaster;
	return true;
}

static char *read_link(const char *state, struct arena *arena)
{
	char target[PATH_MAX];
	const char *path = arena_printf(arena, "%s/current", state);
	const ssize_t len = readlink(path, target, sizeof target);

	if (len < 0 || (size_t)len >= sizeof target)
		return NULL;
	return arena_strndup(arena, target, (size_t)len);
}

/* All are opened by the folder, never through a link: they are of one. */
static bool read_files(struct generation *generation, struct err *err)
{
	struct arena *arena = generation->arena;
	const char *folder = generation->folder;

	generation->policy = cdb_reader_open(
		arena_printf(arena, "%s/" FILES_POLICY, folder), err);
	if (generation->policy == NULL)
		return false;
	generation->recipients = cdb_reader_open(
		arena_printf(arena, "%s/" FILES_RELAY_RECIPIENTS, folder), err);
	if (generation->recipients == NULL)
		return false;
	if (!read_settings(generation) || !read_connectors(generation) ||
		!read_directories(generation))
		return err_set(err,
			"%s/policy.cdb: damaged, or of another version",
			folder);
	return true;
}

/* Where <state>/current leads. */
static bool find_current(struct generation *generation, struct err *err)
{
	struct arena *arena = generation->arena;
	const char *number;

	generation->target = read_link(generation->state, arena);
	if (generation->target == NULL)
		return err_sys(err,
			errno == ENOENT
				? "read %s/current: no generation is published"
				: "read %s/current",
			generation->state);
	number = strrchr(generation->target, '/');
	number = number == NULL ? generation->target : number + 1;
	if (!text_to_ulong(&generation->number, number))
		return err_set(err, "%s/current leads to %s, no generation",
			generation->state, generation->target);
	generation->folder = arena_printf(
		arena, "%s/%s", generation->state, generation->target);
	return true;
}

/* Its fields, and nothing read yet. */
static struct generation *generation_new(const char *state)
{
	struct generation *generation =
		memory_must(calloc(1, sizeof *generation));

	generation->arena = arena_open();
	generation->domains = table_open();
	generation->spaces = table_open();
	if (state != NULL)
		generation->state = arena_strdup(generation->arena, state);
	generation->view.ops = &ops;
	return generation;
}

struct generation *generation_open(const char *state, struct err *err)
{
	struct generation *generation = generation_new(state);

	if (!find_current(generation, err) || !read_files(generation, err))
		generation_close(&generation);
	return generation;
}

struct generation *generation_open_number(
	const char *state, unsigned long number, struct err *err)
{
	struct generation *generation = generation_new(state);

	generation->number = number;
	generation->folder = arena_printf(generation->arena,
		"%s/" FILES_GENERATIONS "/%lu", state, number);
	if (!read_files(generation, err))
		generation_close(&generation);
	return generation;
}

struct generation *generation_open_folder(const char *folder, struct err *err)
{
	struct generation *generation = generation_new(NULL);

	generation->folder = arena_strdup(generation->arena, folder);
	if (!read_files(generation, err))
		generation_close(&generation);
	return generation;
}

void generation_close(struct generation **generation)
{
	if (*generation == NULL)
		return;
	cdb_reader_close(&(*generation)->policy);
	cdb_reader_close(&(*generation)->recipients);
	table_close(&(*generation)->domains);
	table_close(&(*generation)->spaces);
	arena_close(&(*generation)->arena);
	free(*generation);
	*generation = NULL;
}

unsigned long generation_number(const struct generation *generation)
{
	return generation->number;
}

const struct view *generation_view(const struct generation *generation)
{
	return &generation->view;
}

const char *generation_folder(const struct generation *generation)
{
	return generation->folder;
}

bool generation_is_current(const struct generation *generation)
{
	if (generation->target == NULL)
		return false;
	struct arena *arena = arena_open();
	const char *target = read_link(generation->state, arena);
	const bool is_current =
		target != NULL && strcmp(target, generation->target) == 0;

	arena_close(&arena);
	return is_current;
}

/* Times into generation->loaded, all of them or none. */
static bool read_times(struct generation *generation, struct err *err)
{
	const size_t count = generation->view.n_directories;
	struct arena *arena = arena_open();
	struct freshness *list = arena_array(arena, count, sizeof *list);

	for (size_t i = 0; i < count; i++)
		list[i].directory = generation->view.directories[i].name;
	const bool is_read =
		freshness_read(generation->state, list, count, err);

	for (size_t i = 0; is_read && i < count; i++)
		generation->loaded[i] = list[i].loaded;
	arena_close(&arena);
	return is_read;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
		a->st_size == b->st_size &&
		a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
		a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* All zero: there is no such file. */
static struct stat look_at_freshness(const struct generation *generation)
{
	char path[PATH_MAX];
	struct stat status;
	const int len = snprintf(
		path, sizeof path, "%s/" FILES_FRESHNESS, generation->state);

	if (len < 0 || (size_t)len >= sizeof path || stat(path, &status) != 0)
		return (struct stat){ 0 };
	return status;
}

/* Looked at before it is read: what comes between is read the next time. */
bool generation_refresh(struct generation *generation, struct err *err)
{
	const struct stat now = look_at_freshness(generation);

	if (generation->is_refreshed &&
		is_same_file(&generation->freshness, &now))
		return true;
	generation->is_refreshed = read_times(generation, err);
	generation->freshness = now;
	return generation->is_refreshed;
}

void generation_set_loaded(struct generation *generation,
	const struct freshness *list, size_t count)
{
	for (size_t i = 0; i < generation->view.n_directories; i++) {
		const char *name = generation->view.directories[i].name;

		for (size_t j = 0; j < count; j++)
			if (strcmp(list[j].directory, name) == 0)
				generation->loaded[i] = list[j].loaded;
	}
}
