/*
 * A published generation, opened for reading by mmap, as a view for the
 * resolver.  Immutable: a new one is opened beside it.
 */
#ifndef SNAPSHOT_GENERATION_H
#define SNAPSHOT_GENERATION_H

#include "base/err.h"
#include "namespace/view.h"

struct domain;
struct freshness;
struct generation;

/*
 * The one that <state>/current leads to; NULL on failure.  Until its first
 * generation_refresh() all directories count as never loaded, which refuses
 * nobody.
 */
struct generation *generation_open(const char *state, struct err *err);
/*
 * The same where relay_recipients.cdb is missing or damaged; *err then says
 * so.  Who is listed is not known in it: each look-up of that is FAILED.
 */
struct generation *generation_open_damaged(const char *state, struct err *err);
/* The one of that number, published or not; then as above. */
struct generation *generation_open_number(
	const char *state, unsigned long number, struct err *err);
/*
 * A folder of maps that is in no state folder, as number 0.  It may go once
 * nobody walks it any more.  Instead of generation_refresh() it is told when
 * its directories loaded.
 */
struct generation *generation_open_folder(const char *folder, struct err *err);
void generation_close(struct generation **generation);

/* Directories that the list does not name stay as they are. */
void generation_set_loaded(struct generation *generation,
	const struct freshness *list, size_t count);

unsigned long generation_number(const struct generation *generation);
const char *generation_folder(const struct generation *generation);
const struct view *generation_view(const struct generation *generation);
/* Whether <state>/current still leads to this one: a readlink, no more. */
bool generation_is_current(const struct generation *generation);
/*
 * Whether a look-up came upon damage in its files, or one was cut short.
 * What it can not know is FAILED then, all else holds.  *err names the file.
 */
bool generation_is_damaged(
	const struct generation *generation, struct err *err);
/*
 * Whether the current generation has recipients that can be read, and are
 * not what was written: Postfix looks up in them too.
 */
bool generation_has_damaged_maps(const char *state);
/* Whether the same generation, opened anew, is sound where that one is not. */
bool generation_is_mended(
	const struct generation *generation, const struct generation *damaged);
/*
 * Reads <state>/freshness again if it was replaced: when each directory
 * last loaded.  What can not be read leaves the times as they were.
 */
bool generation_refresh(struct generation *generation, struct err *err);

/* Any key of the maps fits in, and a NUL. */
enum { GENERATION_KEY_SIZE = 1024 };

/*
 * A key of the maps that is an address, as a text.  False: it is "@d", the
 * other label form of an address, or a domain.
 */
bool generation_address(
	char out[GENERATION_KEY_SIZE], const char *key, size_t len);
/*
 * Everybody whom the maps name: who is listed, stands for somebody else, or
 * has a secondary name; each once, as a key in ascii form, in the order of
 * the files.  Until each() returns false.  False: the maps are damaged.
 */
bool generation_walk_addresses(const struct generation *generation,
	bool (*each)(void *context, const char *address), void *context,
	struct err *err);
/* Each accepted domain once; they live as long as the generation. */
bool generation_walk_domains(const struct generation *generation,
	bool (*each)(void *context, const struct domain *domain), void *context,
	struct err *err);
/* Each name that has entries of its own, in each label form. */
bool generation_walk_entries(const struct generation *generation,
	bool (*each)(void *context, const char *name), void *context,
	struct err *err);
/* Each key of an address space, "d", ".d" or "*", in each label form. */
bool generation_walk_spaces(const struct generation *generation,
	bool (*each)(void *context, const char *key), void *context,
	struct err *err);

#endif
