/*
 * An alias where the address is rewritten, a route of its own where its
 * domain's is another one, the third verdict where it can not be judged.
 * Making it and writing it are two steps, since for most addresses the
 * first is known already (maps_known.h).
 */
#include "snapshot/maps_answer.h"

#include <string.h>

/* A wildcard alias of the name would take it, were it not for itself. */
static bool is_swallowed(const struct name *name)
{
	return name->wildcard.target != NULL &&
		verdict_takes(name->wildcard.verdict);
}

/* What Postfix finds for the address without it is not meant for this. */
static bool has_extension(const struct resolution *resolution)
{
	return resolution->address.base != resolution->address.key;
}

static void make_unrewritten(struct maps_answer *out, const struct name *name,
	const struct resolution *resolution, struct arena *request)
{
	const char *route = route_format(&resolution->route, request);
	const bool is_extended = has_extension(resolution);

	out->is_self = is_swallowed(name) || is_extended;
	out->is_lost = route[0] == '\0';
	if (is_extended || strcmp(route, name->transport) != 0)
		out->route = route;
}

/* What recipient_access has to say of the address; NULL = nothing. */
static const char *access_value(
	const struct name *name, const struct resolution *resolution)
{
	/* Not DEFER_IF_REJECT: a wildcard may be there to accept it. */
	if (resolution->verdict == VERDICT_DEFER)
		return reply_format(resolution);
	if (resolution->reason == REASON_VERIFY)
		return name->access == ACCESS_VERIFY
			? NULL
			: access_format(ACCESS_VERIFY);
	if (name->access == ACCESS_VERIFY || has_extension(resolution))
		return access_format(ACCESS_NONE);
	return NULL;
}

void maps_answer_make(struct maps_answer *out, const struct maps *maps,
	const struct maps_subject *subject, struct arena *request)
{
	struct resolution resolution;

	*out = (struct maps_answer){ .access = NULL };
	resolve_key(&resolution, maps->view, subject->key.bytes,
		maps->input->now, request);
	/* A contact that was left out is what anybody is. */
	if (resolution.verdict == VERDICT_REJECT ||
		resolution.reason == REASON_CATCH_ALL ||
		(resolution.is_caught && verdict_takes(resolution.verdict)))
		return;
	out->access = access_value(subject->name, &resolution);
	if (!verdict_takes(resolution.verdict))
		return;
	if (resolution.rewritten == NULL)
		make_unrewritten(out, subject->name, &resolution, request);
	out->alias = resolution.rewritten;
}

void maps_subject_put(const struct maps *maps, enum map map,
	const struct maps_subject *subject, const char *value)
{
	const struct name *name = subject->name;
	const char *key = subject->key.bytes;

	if (name->unicode != name->ascii)
		map_set_put_address(maps->set, map, "", key, value);
	else
		map_set_put_slices(maps->set, map, subject->key,
			value == key ? subject->key : slice_of(value));
}

void maps_answer_put(const struct maps *maps,
	const struct maps_subject *subject, const struct maps_answer *answer)
{
	const char *key = subject->key.bytes;
	const char *alias = answer->is_self ? key : answer->alias;

	if (answer->access != NULL)
		maps_subject_put(
			maps, MAP_RECIPIENT_ACCESS, subject, answer->access);
	if (alias != NULL)
		maps_subject_put(maps, MAP_VIRTUAL_ALIAS, subject, alias);
	if (answer->is_lost)
		map_set_fail(maps->set, key,
			"is accepted, but no connector takes it");
	else if (answer->route != NULL)
		maps_subject_put(maps, MAP_TRANSPORT, subject, answer->route);
}
