/*
 * list: the generations that are kept, which of them is in force, and
 * whether a rollback holds it there.
 */
#include "transport-map-gen/commands.h"

#include "base/arena.h"
#include "snapshot/files.h"
#include "snapshot/manifest.h"
#include "snapshot/state.h"
#include "transport-map-gen/options.h"
#include "transport-map-gen/standing.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

static unsigned long aliases_in(const struct manifest *m)
{
	for (size_t i = 0; i < m->n_files; i++)
		if (strcmp(m->files[i].name, FILES_VIRTUAL_ALIAS) == 0)
			return m->files[i].records;
	return 0;
}

/* By all directories together; one that two of them list counts twice. */
static unsigned long listed_in(const struct manifest *m)
{
	unsigned long count = 0;

	for (size_t i = 0; i < m->n_directories; i++)
		count += m->directories[i].entries;
	return count;
}

static const char *link_of(const struct state *state, unsigned long number)
{
	const bool is_current = state_current(state) == number;
	const bool is_routes = state_routes(state) == number;

	if (is_current)
		return is_routes ? "current" : "current, not its routes";
	return is_routes ? "routes" : "";
}

/*
 * It is the generation in force that is held, or may be: as long as that can
 * not be told no build publishes.
 */
static bool is_held(const struct state *state, const struct manifest *m)
{
	struct arena *arena = arena_open();
	const char *why;
	const bool result = state_current(state) == m->generation &&
		standing_held(&why, state, arena, NULL) != LOOKUP_NONE;

	arena_close(&arena);
	return result;
}

static const char *standing_of(const struct state *state,
	const struct manifest *m, struct arena *arena)
{
	const char *link = link_of(state, m->generation);
	const char *content = m->content_of == 0
		? ""
		: arena_printf(arena, "content of %lu", m->content_of);

	return arena_printf(arena, "%s%s%s%s", link,
		*link != '\0' && *content != '\0' ? ", " : "", content,
		is_held(state, m) ? ", held" : "");
}

static json_t *as_json(const struct state *state, const struct manifest *m)
{
	json_t *content_of = m->content_of == 0
		? json_null()
		: json_integer((json_int_t)m->content_of);

	return json_pack("{s:I, s:I, s:I, s:I, s:b, s:b, s:o, s:b}",
		"generation", (json_int_t)m->generation, "time",
		(json_int_t)m->time, "listed", (json_int_t)listed_in(m),
		"aliases", (json_int_t)aliases_in(m), "current",
		state_current(state) == m->generation, "routes",
		state_routes(state) == m->generation, "content_of", content_of,
		"held", is_held(state, m));
}

static void print_line(const struct state *state, const struct manifest *m,
	struct arena *arena)
{
	char date[64] = "";
	struct tm tm;

	if (localtime_r(&m->time, &tm) != NULL)
		strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S %z", &tm);
	printf("%10lu  %s  %10lu listed  %8lu aliases  %s\n", m->generation,
		date, listed_in(m), aliases_in(m),
		standing_of(state, m, arena));
}

static void fail(const struct err *err)
{
	fprintf(stderr, "transport-map-gen: error: %s\n", err->text);
}

/* A run may have removed it since the folder was read. */
static bool is_gone(const char *folder)
{
	return access(folder, F_OK) != 0 && errno == ENOENT;
}

/* False: one could not be read, which is told; the others are listed. */
static bool list_all(const struct state *state,
	const struct state_numbers *numbers, json_t *array, struct arena *arena)
{
	bool is_whole = true;

	for (size_t i = 0; i < numbers->count; i++) {
		struct manifest manifest;
		struct err err = { 0 };
		const char *folder =
			state_generation(state, numbers->list[i], arena);

		if (!manifest_read(&manifest, folder, arena, &err)) {
			if (is_gone(folder))
				continue;
			fail(&err);
			is_whole = false;
		} else if (array != NULL) {
			json_array_append_new(array, as_json(state, &manifest));
		} else {
			print_line(state, &manifest, arena);
		}
	}
	return is_whole;
}

static bool list(const struct state *state, const struct options *options,
	struct arena *arena)
{
	struct state_numbers numbers;
	struct err err = { 0 };

	if (!state_numbers(state, &numbers, arena, &err)) {
		fail(&err);
		return false;
	}
	json_t *array = options->as_json ? json_array() : NULL;
	const bool is_whole = list_all(state, &numbers, array, arena);

	if (array != NULL) {
		json_dumpf(array, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(array);
	return is_whole;
}

int command_list(const struct options *options)
{
	struct err err = { 0 };
	struct arena *arena = arena_open();
	struct state *state = state_look(options->state, &err);

	if (state == NULL)
		fail(&err);
	const bool is_listed = state != NULL && list(state, options, arena);

	state_close(&state);
	arena_close(&arena);
	return is_listed ? EX_OK : EX_IOERR;
}
