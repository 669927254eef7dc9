/*
 * Last routes are judged by the new maps' own view, so that what a
 * generation leaves behind is the same whether it was compiled or rolled
 * back to.
 */
#include "transport-map-gen/compile.h"

#include "base/arena.h"
#include "namespace/resolver.h"
#include "snapshot/leaving.h"
#include "snapshot/leaving_access.h"
#include "snapshot/maps.h"

#include <string.h>

struct leaving {
	const struct view *view;
	time_t now;
};

/*
 * Whether an address or a domain's key is accepted by the new maps, and
 * under that name: what has another target now is in the queue without it,
 * and is accepted without it until the recipients are published.
 */
static bool is_accepted(void *context, const char *key)
{
	const struct leaving *leaving = context;
	struct arena *arena = arena_open();
	const struct domain *domain;
	struct resolution resolution;
	bool result = false;

	if (strchr(key, '@') == NULL) {
		result = domain_find(&domain, leaving->view,
				 key[0] == '.' ? arena_printf(arena, "?%s", key)
					       : key) == LOOKUP_FOUND;
	} else {
		resolve_key(
			&resolution, leaving->view, key, leaving->now, arena);
		result = resolution.rewritten == NULL &&
			verdict_takes(resolution.verdict);
	}
	arena_close(&arena);
	return result;
}

/* Only of trusted domains: about the others Postfix asks the recipients. */
static const char *refusal(void *context, const char *key)
{
	const struct leaving *leaving = context;
	struct arena *arena = arena_open();
	struct resolution resolution;

	resolve_key(&resolution, leaving->view, key, leaving->now, arena);
	const bool is_refused = resolution.domain != NULL &&
		resolution.domain->is_trusted_only &&
		(resolution.verdict == VERDICT_REJECT ||
			resolution.verdict == VERDICT_DEFER);

	arena_close(&arena);
	return is_refused ? reply_format(&resolution) : NULL;
}

bool compile_leaving(const struct view *view, time_t now,
	const struct compile_before *before, const char *folder,
	struct err *err)
{
	struct leaving leaving = { view, now };
	const struct leaving_options options = {
		.routes = before->routes,
		.current = before->current,
		.given_up = before->given_up,
		.linger_s = before->linger_s,
		.now = now,
		.is_accepted = is_accepted,
		.context = &leaving,
	};
	const struct leaving_access access = { refusal, &leaving };

	return leaving_write(&options, folder, err) &&
		leaving_access_write(&access, folder, err);
}

bool compile_maps(const struct gathered *g, const struct compile_before *before,
	const char *folder, struct err *err)
{
	const struct maps_input input = { g->ns, g->recipients, g->model,
		g->now };

	const struct maps_options options = { .measured = before->measured };

	return maps_write_with(&input, &options, folder, err) &&
		compile_leaving(
			model_view(g->model), g->now, before, folder, err);
}
