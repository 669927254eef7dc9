/*
 * No difference is claimed that the log does not bear out.  A delivery names
 * a host, and a host may have several names; an address may have been made
 * another by aliases that are no part of the namespace.  So where the log can
 * not be compared with the generation, it is compared with what is published:
 * if that is what the log shows, and the generation does otherwise, it is a
 * difference, else it is none.
 */
#include "changes/replay_compare.h"

#include "base/arena.h"
#include "base/text.h"
#include "changes/way.h"
#include "verdicts/log_address.h"

#include <stdlib.h>
#include <string.h>

struct comparison {
	const struct observed *observed;
	const struct replay_views *views;
	struct arena *arena;
	struct answer before, after;
	struct answer published; /* what is in force says */
	bool has_published;
};

static void ask(
	struct answer *out, const struct view *view, const struct comparison *c)
{
	const struct observed *observed = c->observed;
	const struct question question = { .recipient = observed->recipient,
		.len = observed->len,
		.client = observed->client.is_known ? &observed->client.network
						    : NULL,
		.now = c->views->now };
	struct resolution resolution;

	resolve(&resolution, view, &question, NULL, c->arena);
	answer_of(out, &resolution, c->arena);
}

/* Asked once it is needed; NULL: nothing is published. */
static const struct answer *published_of(struct comparison *c)
{
	if (c->views->published == NULL)
		return NULL;
	if (!c->has_published)
		ask(&c->published, c->views->published, c);
	c->has_published = true;
	return &c->published;
}

/* Whether the address delivered to is the one asked for. */
static bool is_asked(const struct observed *observed, const char *to)
{
	char *asked = log_address_key(
		(struct slice){ observed->recipient, observed->len });
	const bool is_same = strcmp(asked, to) == 0;

	free(asked);
	return is_same;
}

/* Whether an answer delivers to the address, as the log has it. */
static bool delivers_to(const struct answer *answer,
	const struct observed *observed, const char *to)
{
	if (answer->to == NULL)
		return is_asked(observed, to);
	char *form = log_address_key_external(slice_of(answer->to));
	const bool is_same = strcmp(form, to) == 0;

	free(form);
	return is_same;
}

/* What is published says of it what the verdict said. */
static bool is_as_judged(
	const struct answer *published, const struct comparison *c)
{
	return published != NULL && published->verdict == c->before.verdict &&
		published->reason == c->before.reason &&
		text_same(published->nexthop, c->before.nexthop);
}

/* No delivery tells; a verdict for the address itself does. */
static void find_judged_to(struct comparison *c)
{
	const struct answer *published;

	if (c->observed->source != OBSERVED_VERDICT)
		return;
	if (c->before.reason == REASON_LISTED ||
		c->before.reason == REASON_UNLISTED) {
		c->before.to = NULL;
		return;
	}
	published = published_of(c);
	if (is_as_judged(published, c))
		c->before.to = published->to;
}

/* The address that it was delivered to, where that can be told. */
static void find_to(struct comparison *c)
{
	const struct observed *observed = c->observed;
	const char *to = observed->is_several ? NULL : observed->to;

	c->before.to = c->after.to;
	if (to == NULL) {
		find_judged_to(c);
		return;
	}
	if (delivers_to(&c->after, observed, to))
		return;
	const struct answer *published = published_of(c);
	const bool is_known = published != NULL && answer_is_let_in(published);

	/* By aliases of others, which the generation does not touch. */
	if (is_known ? text_same(published->to, c->after.to)
		     : c->after.to == NULL)
		return;
	c->before.to = is_asked(observed, to) ? NULL
					      : arena_strdup(c->arena, to);
}

/* Of this machine, as smtp(8) writes it: "127.0.0.1[127.0.0.1]:10024". */
static bool is_here(const char *relay)
{
	const char *address = strrchr(relay, '[');

	return address != NULL &&
		(text_starts(address, "[127.") ||
			text_starts(address, "[::1]"));
}

/*
 * A filter of this machine is no way out of it, and the log need not tell
 * where the mail went from there; a hop of ours is known by what is published.
 */
static bool may_be_filter(const char *relay, const struct answer *published)
{
	return published != NULL && is_here(relay);
}

static void find_way(struct comparison *c)
{
	const struct observed *observed = c->observed;
	const char *relay = observed->is_several ? NULL : observed->relay;
	const enum way way = way_compare(relay, c->after.nexthop, c->arena);

	c->before.nexthop = c->after.nexthop;
	c->before.connector = c->after.connector;
	if (way == WAY_SAME || relay == NULL)
		return;
	const struct answer *published = published_of(c);

	if (published != NULL && answer_is_let_in(published) &&
		way_compare(relay, published->nexthop, c->arena) == WAY_SAME)
		c->before.nexthop = published->nexthop;
	else if (way == WAY_OTHER && !may_be_filter(relay, published))
		c->before.nexthop = arena_strdup(c->arena, relay);
}

static void find_before(struct comparison *c)
{
	const struct observed *observed = c->observed;

	c->before = (struct answer){ .verdict = observed->verdict,
		.reason = observed->reason,
		.connector = observed->connector,
		.nexthop = observed->nexthop == NULL ? "" : observed->nexthop };
	if (!answer_is_let_in(&c->before) || !answer_is_let_in(&c->after))
		return;
	if (observed->source == OBSERVED_DELIVERY)
		find_way(c);
	else if (observed->connector != NULL && observed->nexthop == NULL)
		c->before.nexthop = c->after.nexthop; /* it was cut off */
	find_to(c);
}

/*
 * "@primary" where the local part stays, as a diff has it: else what moves a
 * secondary domain would be as many differences as people.
 */
static void drop_local(struct answer *answer, const char *asked)
{
	const char *at = strrchr(asked, '@');
	const size_t len = at == NULL ? 0 : (size_t)(at - asked);

	if (answer->to != NULL && len > 0 &&
		strncmp(answer->to, asked, len) == 0 &&
		strrchr(answer->to, '@') == answer->to + len)
		answer->to += len;
}

/* In the words of the log where it knows no more. */
static const char *before_format(const struct comparison *c)
{
	const struct observed *observed = c->observed;

	if (observed->source != OBSERVED_DELIVERY)
		return answer_format(&c->before, c->arena);
	if (observed->is_bounced)
		return arena_printf(c->arena, "accepted, but unknown to %s",
			observed->relay == NULL ? "us" : observed->relay);
	const char *way = observed->relay == NULL || observed->is_several
		? "accepted"
		: arena_printf(c->arena, "by %s", observed->relay);

	return answer_is_let_in(&c->after) &&
			!text_same(c->before.to, c->after.to)
		? arena_printf(c->arena, "%s as %s", way,
			  c->before.to == NULL ? "asked" : c->before.to)
		: way;
}

/* Of what was delivered and the generation leaves to others. */
static bool is_outbound(struct comparison *c)
{
	if (c->after.verdict != VERDICT_PASS)
		return false;
	if (c->observed->source != OBSERVED_DELIVERY)
		return c->before.verdict == VERDICT_PASS;
	const struct answer *published = published_of(c);

	return published == NULL || published->verdict == VERDICT_PASS;
}

/* It was refused because the system behind was asked, and would be again. */
static bool is_asked_behind(const struct comparison *c)
{
	return c->before.reason == REASON_VERIFY &&
		!answer_is_let_in(&c->before) && answer_is_let_in(&c->after) &&
		c->after.reason == REASON_VERIFY;
}

void replay_compare(struct replay_difference *out,
	const struct observed *observed, const struct replay_views *views,
	struct arena *arena)
{
	struct comparison c = {
		.observed = observed, .views = views, .arena = arena
	};

	ask(&c.after, views->against, &c);
	find_before(&c);
	*out = (struct replay_difference){
		.is_ours = !is_outbound(&c), .from = "", .to = ""
	};
	if (!out->is_ours || is_asked_behind(&c))
		return;
	out->change = change_of(&c.before, &c.after);
	if (out->change == CHANGE_NONE)
		return;
	char *asked = log_address_key(
		(struct slice){ observed->recipient, observed->len });

	drop_local(&c.before, asked);
	drop_local(&c.after, asked);
	free(asked);
	out->from = before_format(&c);
	out->to = answer_format(&c.after, arena);
}
