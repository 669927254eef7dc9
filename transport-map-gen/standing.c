/*
 * A hold tells what was asked for; what came of it the links and manifests
 * tell, for a rollback can be killed at any point.
 */
#include "transport-map-gen/standing.h"

#include "base/arena.h"
#include "snapshot/freshness.h"
#include "snapshot/hold.h"
#include "snapshot/manifest.h"
#include "snapshot/publish.h"
#include "snapshot/state.h"

#include <ctype.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#define UNTIL "nothing is published until \"transport-map-gen release\""

unsigned long standing_content(const struct state *state, unsigned long number)
{
	struct arena *arena = arena_open();
	struct manifest manifest;
	const bool is_read = manifest_read(
		&manifest, state_generation(state, number, arena), arena, NULL);

	arena_close(&arena);
	return is_read && manifest.content_of != 0 ? manifest.content_of
						   : number;
}

struct freshness *standing_loaded(
	const struct manifest *manifest, struct arena *arena)
{
	struct freshness *list =
		arena_array(arena, manifest->n_directories, sizeof *list);

	for (size_t i = 0; i < manifest->n_directories; i++)
		list[i] = (struct freshness){
			.directory = manifest->directories[i].name,
			.loaded = manifest->directories[i].loaded,
		};
	return list;
}

bool standing_note_loaded(struct state *state, struct err *err)
{
	struct arena *arena = state_arena(state);
	const char *folder =
		state_generation(state, state_current(state), arena);
	struct manifest manifest;

	return manifest_read(&manifest, folder, arena, err) &&
		freshness_write(state_path(state),
			standing_loaded(&manifest, arena),
			manifest.n_directories, err);
}

/* What can not be read says nothing later. */
bool standing_note_earlier(
	struct state *state, const struct manifest *manifest, struct err *err)
{
	struct arena *arena = state_arena(state);
	struct freshness *list = standing_loaded(manifest, arena);
	struct freshness *now = standing_loaded(manifest, arena);

	freshness_read(state_path(state), now, manifest->n_directories, NULL);
	for (size_t i = 0; i < manifest->n_directories; i++)
		if (now[i].loaded < list[i].loaded)
			list[i].loaded = now[i].loaded;
	return freshness_write(
		state_path(state), list, manifest->n_directories, err);
}

const char *standing_date(time_t when, struct arena *arena)
{
	char date[32] = "";
	struct tm tm;

	if (localtime_r(&when, &tm) != NULL)
		strftime(date, sizeof date, "%Y-%m-%d %H:%M", &tm);
	return arena_strdup(arena, date);
}

/* Whether the content that was asked for is neither in force nor due. */
static bool is_unfinished(const struct state *state, const struct hold *hold,
	unsigned long stands)
{
	unsigned long open = 0;

	return hold->generation != stands &&
		(!publish_open_number(state, &open, NULL) || open == 0 ||
			standing_content(state, open) != hold->generation);
}

enum lookup standing_held(const char **out, const struct state *state,
	struct arena *arena, struct err *err)
{
	const unsigned long current = state_current(state);
	const unsigned long content = standing_content(state, current);
	struct hold hold;
	const enum lookup found =
		hold_read(&hold, state_path(state), arena, err);

	if (found != LOOKUP_FOUND)
		return found;
	const char *stands = content == current
		? "stands"
		: arena_printf(arena, "has the content of %lu", content);
	const char *why = !is_unfinished(state, &hold, content)
		? ""
		: arena_printf(arena, ", the rollback to %lu is not finished",
			  hold.generation);

	*out = arena_printf(arena, "generation %lu %s since %s by %s%s; " UNTIL,
		current, stands, standing_date(hold.since, arena), hold.by,
		why);
	return LOOKUP_FOUND;
}

/* It comes from the environment, and goes into a line of a file. */
static bool is_plain(const char *name)
{
	const char *at = name;

	while (isgraph((unsigned char)*at))
		at++;
	return *at == '\0' && at != name;
}

const char *standing_user(struct arena *arena)
{
	const uid_t uid = getuid();
	const char *caller = uid == 0 ? getenv("SUDO_USER") : NULL;
	const struct passwd *user = getpwuid(uid);

	if (caller != NULL && is_plain(caller))
		return arena_strdup(arena, caller);
	return user != NULL
		? arena_strdup(arena, user->pw_name)
		: arena_printf(arena, "uid-%lu", (unsigned long)uid);
}
