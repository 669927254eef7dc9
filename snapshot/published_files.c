/*
 * A generation's folder is complete before any link leads to it, and nothing
 * in it is touched as long as one does.
 */
#include "snapshot/published_files.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/file_mark.h"
#include "base/text.h"
#include "snapshot/cdb_writer.h"
#include "snapshot/files.h"
#include "snapshot/folder.h"
#include "snapshot/state.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

static bool describe_file(struct text *out, const char *folder,
	const char *name, struct arena *arena)
{
	text_addf(out, "%s ", name);
	return file_mark_add(out, arena_printf(arena, "%s/%s", folder, name));
}

static bool describe_generation(struct text *out, const struct state *state,
	unsigned long number, struct arena *arena)
{
	const char *folder = state_generation(state, number, arena);
	struct folder list;

	text_addf(out, "generation %lu\n", number);
	if (number == 0 || !folder_list(&list, folder, arena, NULL))
		return false;
	for (size_t i = 0; i < list.count; i++)
		if (!describe_file(out, folder, list.names[i], arena))
			return false;
	return true;
}

bool published_files_describe(struct text *out, const struct state *state)
{
	const unsigned long current = state_current(state);
	const unsigned long routes = state_routes(state);
	struct arena *arena = arena_open();
	const bool is_there = describe_generation(out, state, current, arena) &&
		(routes == current ||
			describe_generation(out, state, routes, arena));

	arena_close(&arena);
	return is_there;
}

/* The earliest of the dates; *oldest stays where there is none. */
static bool find_oldest(unsigned long *oldest, char *text, unsigned long now)
{
	unsigned long since;

	while (text != NULL && *text != '\0') {
		const char *line = strsep(&text, "\n");
		char *blank = strchr(line, ' ');

		if (blank == NULL)
			return false;
		*blank = '\0';
		if (!text_to_ulong(&since, line) || since > now)
			return false;
		if (since < *oldest)
			*oldest = since;
	}
	return true;
}

static bool find_oldest_of(unsigned long *oldest, const struct state *state,
	unsigned long number, time_t now)
{
	struct arena *arena = arena_open();
	size_t len;
	char *text = file_read_at_most(CDB_SIZE_MAX,
		arena_printf(arena, "%s/" FILES_LEAVING_DATES,
			state_generation(state, number, arena)),
		&len, arena, NULL);
	const bool is_read =
		text != NULL && find_oldest(oldest, text, (unsigned long)now);

	arena_close(&arena);
	return is_read;
}

bool published_files_due(time_t *due, const struct state *state,
	unsigned long linger_s, time_t now)
{
	const unsigned long current = state_current(state);
	const unsigned long routes = state_routes(state);
	unsigned long oldest = ULONG_MAX;

	if (!find_oldest_of(&oldest, state, current, now) ||
		(routes != current &&
			!find_oldest_of(&oldest, state, routes, now)))
		return false;
	*due = 0;
	if (oldest != ULONG_MAX)
		*due = linger_s > (unsigned long)INT64_MAX - oldest
			? (time_t)INT64_MAX
			: (time_t)(oldest + linger_s);
	return true;
}
