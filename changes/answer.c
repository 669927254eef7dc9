/*
 * Two ways are the same where hops and address are: a connector that got
 * another name changes nothing for anybody.
 */
#include "changes/answer.h"

#include "base/arena.h"
#include "base/text.h"

void answer_of(struct answer *out, const struct resolution *resolution,
	struct arena *arena)
{
	const struct route *route = &resolution->route;

	*out = (struct answer){ .verdict = resolution->verdict,
		.reason = resolution->reason,
		.nexthop = route_format(route, arena) };
	if (resolution->domain != NULL)
		out->domain = domain_pattern_format(
			&resolution->domain->pattern, arena);
	if (resolution->directory != NULL)
		out->directory = resolution->directory->name;
	if (route->count != 0)
		out->connector = route->connectors[0]->name;
	if (resolution->rewritten != NULL)
		out->to = resolution->final;
}

void answer_of_key(struct answer *out, const struct view *view, const char *key,
	time_t now, struct arena *arena)
{
	struct resolution resolution;

	resolve_key(&resolution, view, key, now, arena);
	answer_of(out, &resolution, arena);
}

bool answer_is_let_in(const struct answer *answer)
{
	return verdict_takes(answer->verdict);
}

enum change change_of(const struct answer *before, const struct answer *after)
{
	const bool was_let_in = answer_is_let_in(before);
	const bool was_deferred = before->verdict == VERDICT_DEFER;

	if (answer_is_let_in(after) && !was_let_in)
		return CHANGE_ACCEPTED;
	if (answer_is_let_in(after))
		return text_same(before->nexthop, after->nexthop) &&
				text_same(before->to, after->to)
			? CHANGE_NONE
			: CHANGE_REROUTED;
	if (after->verdict == VERDICT_DEFER)
		return was_deferred ? CHANGE_NONE : CHANGE_DEFERRED;
	return was_let_in || was_deferred ? CHANGE_REFUSED : CHANGE_NONE;
}

const char *change_format(enum change change)
{
	switch (change) {
	case CHANGE_NONE: return "unchanged";
	case CHANGE_ACCEPTED: return "accepted";
	case CHANGE_REFUSED: return "refused";
	case CHANGE_DEFERRED: return "deferred";
	case CHANGE_REROUTED: return "rerouted";
	case CHANGES: break;
	}
	return "";
}

const char *answer_format(const struct answer *answer, struct arena *arena)
{
	if (answer->verdict == VERDICT_PASS)
		return "not ours";
	if (!answer_is_let_in(answer))
		return arena_printf(arena, "%s %s",
			verdict_format(answer->verdict),
			reason_format(answer->reason));
	const char *way = answer->nexthop[0] == '\0'
		? "as DNS says"
		: arena_printf(
			  arena, "%s %s", answer->connector, answer->nexthop);

	return answer->to == NULL
		? way
		: arena_printf(arena, "%s as %s", way, answer->to);
}
