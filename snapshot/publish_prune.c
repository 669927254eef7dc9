/* What is half removed has no number any more, and goes in the next run. */
#include "snapshot/publish_prune.h"

#include "base/arena.h"
#include "snapshot/files.h"
#include "snapshot/folder.h"
#include "snapshot/state.h"

#include <stdio.h>

/* Renamed first, and for good: what has a number is whole. */
static bool remove_generation(const struct state *state, unsigned long number,
	struct arena *arena, struct err *err)
{
	const char *path = state_generation(state, number, arena);
	const char *hidden = arena_printf(arena,
		"%s/" FILES_GENERATIONS "/.old.%lu", state_path(state), number);

	if (rename(path, hidden) != 0)
		return err_sys(err, "rename %s to %s", path, hidden);
	return state_sync_generations(state, err) && folder_remove(hidden, err);
}

static bool is_led_to(const struct state *state, unsigned long number)
{
	return number == state_routes(state) || number == state_current(state);
}

/* The newest stays always, or its number would come again. */
static bool prune(const struct state *state, size_t keep, unsigned long open,
	struct arena *arena, struct err *err)
{
	struct state_numbers all;

	if (!state_numbers(state, &all, arena, err))
		return false;
	for (size_t i = 0; i + keep < all.count; i++) {
		const unsigned long number = all.list[i];

		if (number != open && !is_led_to(state, number) &&
			!remove_generation(state, number, arena, err))
			return false;
	}
	return true;
}

bool publish_prune(const struct state *state, unsigned keep, unsigned long open,
	struct err *err)
{
	struct arena *arena = arena_open();
	const bool is_pruned =
		prune(state, keep > 1 ? keep : 1, open, arena, err);

	arena_close(&arena);
	return is_pruned;
}
