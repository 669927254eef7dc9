/*
 * Asked of the maps.  What was decoded of domains and address spaces is
 * remembered: there are no more of them than entries in the file, whatever
 * clients ask for.
 */
#include "snapshot/generation.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/files.h"
#include "snapshot/freshness.h"
#include "snapshot/generation_private.h"
#include "snapshot/policy.h"
#include "snapshot/sums.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct generation *generation_of(const struct view *view)
{
	return (struct generation *)view;
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
		const enum lookup found = generation_record(
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
		const enum lookup found = generation_record(
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
	const enum lookup found = generation_record(
		&record, generation_of(view), kind, address, request);

	if (found == LOOKUP_FOUND)
		*out = (struct contact){ .address = address, .target = record };
	return found;
}

static enum lookup view_contact(const struct view *view, const char *address,
	struct arena *request, struct contact *out)
{
	return generation_of(view)->may_have_contacts
		? find_contact(out, view, "contact", address, request)
		: LOOKUP_NONE;
}

static enum lookup view_directory_contact(const struct view *view,
	const char *address, struct arena *request, struct contact *out)
{
	return generation_of(view)->may_have_brought
		? find_contact(out, view, "brought", address, request)
		: LOOKUP_NONE;
}

/* The value is "connector directory". */
static enum lookup listing_parse(
	struct listing *out, const struct view *view, struct slice value)
{
	const char *blank = memchr(value.bytes, ' ', value.len);

	if (blank == NULL)
		return LOOKUP_FAILED;
	const struct slice name =
		slice_after(value, (size_t)(blank + 1 - value.bytes));

	for (size_t i = 0; i < view->n_directories; i++) {
		out->directory = &view->directories[i];
		if (slice_is(name, out->directory->name))
			return LOOKUP_FOUND;
	}
	return LOOKUP_FAILED;
}

static_assert((int)VIEW_EXPECTED_MAX <= (int)CDB_READER_EXPECTED_MAX,
	"no more than a reader may be told of");

static void view_expect_listings(
	const struct view *view, const struct slice *addresses, size_t count)
{
	const struct cdb_reader *recipients = generation_of(view)->recipients;

	if (recipients != NULL)
		cdb_reader_expect(recipients, addresses, count);
}

static enum lookup view_listing(const struct view *view, const char *address,
	struct arena *request, struct listing *out)
{
	const struct cdb_reader *recipients = generation_of(view)->recipients;
	struct slice value;

	if (recipients == NULL)
		return LOOKUP_FAILED;
	const enum lookup found =
		cdb_reader_copy(recipients, slice_of(address), request, &value);

	return found == LOOKUP_FOUND ? listing_parse(out, view, value) : found;
}

static enum lookup view_has_entries(const struct view *view, const char *domain)
{
	char *record;

	return generation_record(
		&record, generation_of(view), "entries", domain, NULL);
}

static const struct view_ops ops = {
	.domain = view_domain,
	.claims = view_claims,
	.contact = view_contact,
	.directory_contact = view_directory_contact,
	.expect_listings = view_expect_listings,
	.listing = view_listing,
	.has_entries = view_has_entries,
};

static char *read_link(const char *state, struct arena *arena)
{
	char target[PATH_MAX];
	const char *path = arena_printf(arena, "%s/" FILES_CURRENT, state);
	const ssize_t len = readlink(path, target, sizeof target);

	if (len < 0 || (size_t)len >= sizeof target)
		return NULL;
	return arena_strndup(arena, target, (size_t)len);
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

static struct generation *open_current(
	const char *state, bool may_lack, struct err *err)
{
	struct generation *generation = generation_new(state);

	if (!find_current(generation, err) ||
		!generation_read(generation, may_lack, err))
		generation_close(&generation);
	return generation;
}

struct generation *generation_open(const char *state, struct err *err)
{
	return open_current(state, false, err);
}

struct generation *generation_open_damaged(const char *state, struct err *err)
{
	return open_current(state, true, err);
}

struct generation *generation_open_number(
	const char *state, unsigned long number, struct err *err)
{
	struct generation *generation = generation_new(state);

	generation->number = number;
	generation->folder = arena_printf(generation->arena,
		"%s/" FILES_GENERATIONS "/%lu", state, number);
	if (!generation_read(generation, false, err))
		generation_close(&generation);
	return generation;
}

struct generation *generation_open_folder(const char *folder, struct err *err)
{
	struct generation *generation = generation_new(NULL);

	generation->folder = arena_strdup(generation->arena, folder);
	if (!generation_read(generation, false, err))
		generation_close(&generation);
	return generation;
}

void generation_close(struct generation **generation)
{
	if (*generation == NULL)
		return;
	cdb_reader_close(&(*generation)->policy);
	cdb_reader_close(&(*generation)->recipients);
	sums_close(&(*generation)->sums);
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

bool generation_is_damaged(const struct generation *generation, struct err *err)
{
	if (generation->recipients == NULL) {
		err_set(err,
			"%s/" FILES_RELAY_RECIPIENTS ": missing or damaged",
			generation->folder);
		return true;
	}
	return cdb_reader_is_damaged(generation->policy, err) ||
		cdb_reader_is_damaged(generation->recipients, err);
}

/* Without its sums where these can not be read. */
bool generation_has_damaged_maps(const char *state)
{
	struct generation *generation = generation_new(state);
	bool is_damaged = false;

	if (find_current(generation, NULL)) {
		const char *path = arena_printf(generation->arena,
			"%s/" FILES_RELAY_RECIPIENTS, generation->folder);

		sums_open(&generation->sums, generation->folder, NULL);
		generation->recipients = generation_open_map(
			generation, FILES_RELAY_RECIPIENTS, NULL);
		is_damaged = generation->recipients == NULL &&
			access(path, R_OK) == 0;
	}
	generation_close(&generation);
	return is_damaged;
}

bool generation_is_mended(
	const struct generation *generation, const struct generation *damaged)
{
	return cdb_reader_is_mended(generation->policy, damaged->policy) &&
		(damaged->recipients == NULL ||
			cdb_reader_is_mended(
				generation->recipients, damaged->recipients));
}
