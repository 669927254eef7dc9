/*
 * Between two looks nothing changes, and nothing that a generation hands
 * out outlives the answer that it was asked for; so the old one can be
 * closed as soon as the new one is open.
 */
#include "policyd/keeper.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "namespace/network.h"
#include "namespace/resolve_soon.h"
#include "namespace/resolver.h"
#include "policyd/journal.h"
#include "policyd/metrics.h"
#include "snapshot/files.h"
#include "snapshot/generation.h"
#include "snapshot/manifest.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

/*
 * The text of a route, so that it is not put together for each verdict; at
 * a place by its first connector.
 */
enum { KNOWN_HOPS = 64 };
struct known_hop {
	struct route route;
	struct text text;
};

struct keeper {
	const char *state;
	struct journal *journal;
	struct generation *generation; /* NULL: none could be opened yet */
	struct err open_problem; /* as last logged; empty = none */
	struct err damage; /* of the generation in force, as last logged */
	bool is_blind; /* no generation, and the maps are not to be trusted */
	struct err freshness_problem;
	struct metrics *metrics; /* NULL: nobody watches */
	struct arena *told; /* what the manifest of the generation says */
	time_t made;
	unsigned long *entries;
	struct known_hop hops[KNOWN_HOPS]; /* of this generation */
	bool is_silent;
};

/* The same problem a second later is no news. */
static bool is_news(struct err *known, const struct err *now)
{
	if (strcmp(known->text, now->text) == 0)
		return false;
	*known = *now;
	return true;
}

static void complain(struct keeper *keeper, const struct err *err)
{
	if (!is_news(&keeper->open_problem, err))
		return;
	if (keeper->is_blind)
		journal_printf(keeper->journal, LOG_CRIT,
			"no generation to judge by, and its maps are damaged: "
			"every answer is 450 4.3.0: %s",
			err->text);
	else if (keeper->generation == NULL)
		journal_printf(keeper->journal, LOG_CRIT,
			"no generation to judge by, every answer is DUNNO and "
			"the maps alone decide: %s",
			err->text);
	else
		journal_printf(keeper->journal, LOG_CRIT,
			"generation %lu stays in force, the new one can not "
			"be opened: %s",
			generation_number(keeper->generation), err->text);
}

static unsigned long entries_of(
	const struct manifest *manifest, const char *directory)
{
	for (size_t i = 0; i < manifest->n_directories; i++) {
		if (strcmp(manifest->directories[i].name, directory) == 0)
			return manifest->directories[i].entries;
	}
	return 0;
}

/* Once for a generation, so that who asks for numbers waits for no disk. */
static void take_manifest(struct keeper *keeper)
{
	const struct view *view = generation_view(keeper->generation);
	const unsigned long number = generation_number(keeper->generation);
	struct manifest manifest;
	struct err err = { 0 };

	arena_reset(keeper->told);
	keeper->entries = NULL;
	keeper->made = 0;
	const char *folder = arena_printf(keeper->told,
		"%s/" FILES_GENERATIONS "/%lu", keeper->state, number);

	if (!manifest_read(&manifest, folder, keeper->told, &err)) {
		journal_printf(keeper->journal, LOG_WARNING,
			"the age and the counts of generation %lu are not "
			"known to the metrics: %s",
			number, err.text);
		return;
	}
	keeper->made = manifest.time;
	keeper->entries = arena_array(
		keeper->told, view->n_directories + 1, sizeof *keeper->entries);
	for (size_t i = 0; i < view->n_directories; i++)
		keeper->entries[i] =
			entries_of(&manifest, view->directories[i].name);
}

static void forget_hops(struct keeper *keeper)
{
	for (size_t i = 0; i < KNOWN_HOPS; i++)
		keeper->hops[i].route.count = 0;
}

static void put_in_force(struct keeper *keeper, struct generation *next)
{
	generation_close(&keeper->generation);
	forget_hops(keeper);
	keeper->generation = next;
	keeper->open_problem = (struct err){ 0 };
	keeper->damage = (struct err){ 0 };
	keeper->is_blind = false;
	keeper->freshness_problem = (struct err){ 0 };
	journal_printf(keeper->journal, LOG_INFO, "generation %lu is in force",
		generation_number(next));
	if (keeper->metrics == NULL)
		return;
	metrics_take_view(keeper->metrics, generation_view(next));
	take_manifest(keeper);
}

/*
 * Better a part of it than nothing: DUNNO would leave the word to Postfix,
 * which looks its recipients up in the same damaged map.
 */
static void take_what_is_left(struct keeper *keeper)
{
	struct generation *rest = generation_open_damaged(keeper->state, NULL);

	if (rest != NULL)
		put_in_force(keeper, rest);
	else
		keeper->is_blind = generation_has_damaged_maps(keeper->state);
}

static void take_generation(struct keeper *keeper)
{
	struct err err = { 0 };
	struct generation *next = generation_open(keeper->state, &err);

	if (next != NULL) {
		put_in_force(keeper, next);
		return;
	}
	if (keeper->generation != NULL) {
		complain(keeper, &err);
		return;
	}
	take_what_is_left(keeper);
	if (keeper->generation == NULL)
		complain(keeper, &err);
}

/* Told once; and taken anew as soon as what was damaged is sound again. */
static void look_for_damage(struct keeper *keeper)
{
	struct err err = { 0 };

	if (!generation_is_damaged(keeper->generation, &err))
		return;
	if (is_news(&keeper->damage, &err))
		journal_printf(keeper->journal, LOG_CRIT,
			"generation %lu is damaged, and what can not be known "
			"is answered 450 4.3.0 until it is whole again or "
			"another is published: %s",
			generation_number(keeper->generation), err.text);
	struct generation *next = generation_open(keeper->state, NULL);

	if (next != NULL && generation_is_mended(next, keeper->generation))
		put_in_force(keeper, next);
	else
		generation_close(&next);
}

static void take_freshness(struct keeper *keeper)
{
	struct err err = { 0 };

	if (generation_refresh(keeper->generation, &err))
		keeper->freshness_problem = (struct err){ 0 };
	else if (is_news(&keeper->freshness_problem, &err))
		journal_printf(keeper->journal, LOG_ERR,
			"when the directories last loaded can not be read; "
			"the times that this generation knew hold, and one "
			"without any refuses nobody: %s",
			err.text);
}

void keeper_look(struct keeper *keeper)
{
	if (keeper->generation == NULL ||
		!generation_is_current(keeper->generation))
		take_generation(keeper);
	else
		keeper->open_problem = (struct err){ 0 };
	if (keeper->generation == NULL)
		return;
	look_for_damage(keeper);
	take_freshness(keeper);
}

struct keeper *keeper_open(
	const char *state, struct journal *journal, struct metrics *metrics)
{
	struct keeper *keeper = memory_must(calloc(1, sizeof *keeper));

	keeper->state = state;
	keeper->journal = journal;
	keeper->metrics = metrics;
	keeper->told = arena_open();
	keeper_look(keeper);
	return keeper;
}

void keeper_close(struct keeper **keeper)
{
	if (*keeper == NULL)
		return;
	generation_close(&(*keeper)->generation);
	for (size_t i = 0; i < KNOWN_HOPS; i++)
		text_fini(&(*keeper)->hops[i].text);
	arena_close(&(*keeper)->told);
	free(*keeper);
	*keeper = NULL;
}

void keeper_find_facts(const struct keeper *keeper, struct keeper_facts *out)
{
	*out = (struct keeper_facts){ .problem = keeper->open_problem.text };
	if (*out->problem == '\0')
		out->problem = keeper->damage.text;
	if (keeper->generation == NULL)
		return;
	out->generation = generation_number(keeper->generation);
	out->view = generation_view(keeper->generation);
	out->made = keeper->made;
	out->entries = keeper->entries;
}

static uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Until the next route at the same place. */
static const char *hop_text(
	struct keeper *keeper, const struct route *route, struct arena *request)
{
	struct known_hop *hop =
		&keeper->hops[route->connectors[0]->index % KNOWN_HOPS];

	if (!route_equal(&hop->route, route)) {
		hop->route = *route;
		text_clear(&hop->text);
		text_adds(&hop->text, route_format(route, request));
	}
	return hop->text.data;
}

static void tell(struct keeper *keeper, struct judgement *out,
	const struct resolution *found, struct arena *request)
{
	const struct route *route = &found->route;

	out->reply = reply_format(found);
	if (keeper->is_silent)
		return;
	out->verdict = verdict_format(found->verdict);
	out->reason = reason_format(found->reason);
	if (found->domain != NULL) {
		out->domain = found->domain->pattern.name.ascii;
		out->type = domain_type_format(found->domain->type);
	}
	out->nexthop = "";
	if (route->count > 0) {
		out->connector = route->connectors[0]->name;
		out->nexthop = hop_text(keeper, route, request);
	}
	if (found->directory != NULL)
		out->directory = found->directory->name;
}

/* One as long as the room for it is none. */
static bool is_network(struct network *out, struct slice client)
{
	char address[INET6_ADDRSTRLEN];

	if (client.len >= sizeof address)
		return false;
	memcpy(address, client.bytes, client.len);
	address[client.len] = '\0';
	return network_of_client(out, address);
}

static bool decide(void *context, struct judgement *out,
	const struct request *asked, time_t now, struct arena *request)
{
	struct keeper *keeper = context;
	const bool is_timed = !keeper->is_silent || keeper->metrics != NULL;

	if (keeper->generation == NULL && !keeper->is_blind)
		return false;
	const uint64_t start_ns = is_timed ? clock_ns() : 0;
	struct network client;
	const struct question question = {
		.recipient = asked->recipient.bytes,
		.len = asked->recipient.len,
		.client = is_network(&client, asked->client) ? &client : NULL,
		.now = now,
	};
	struct resolution resolution;

	if (keeper->generation == NULL) {
		resolution = (struct resolution){ .verdict = VERDICT_DEFER,
			.reason = REASON_LOOKUP_FAILED };
	} else {
		resolve(&resolution, generation_view(keeper->generation),
			&question, NULL, request);
		out->generation = generation_number(keeper->generation);
	}
	tell(keeper, out, &resolution, request);
	const uint64_t took_ns = is_timed ? clock_ns() - start_ns : 0;

	out->us = (unsigned long)(took_ns / 1000);
	metrics_add_verdict(keeper->metrics, &resolution, took_ns);
	return true;
}

static_assert((int)JUDGE_EXPECTED_MAX <= (int)VIEW_EXPECTED_MAX,
	"no more than a view may be told of");

static void expect(void *context, const struct slice *recipients, size_t count)
{
	const struct keeper *keeper = context;

	if (keeper->generation != NULL)
		resolve_soon(
			generation_view(keeper->generation), recipients, count);
}

static void record(void *context, const char *line)
{
	const struct keeper *keeper = context;

	journal_write(keeper->journal, LOG_INFO, line);
}

static void answered(void *context, bool is_judged)
{
	const struct keeper *keeper = context;

	metrics_add(
		keeper->metrics, is_judged ? METRICS_JUDGED : METRICS_UNJUDGED);
}

static void alarm_bug(void *context, const char *text)
{
	const struct keeper *keeper = context;

	journal_write(keeper->journal, LOG_CRIT, text);
}

void keeper_judge(
	struct judge *out, struct keeper *keeper, struct keeper_manner manner)
{
	keeper->is_silent = manner.is_silent;
	*out = (struct judge){
		.expect = expect,
		.decide = decide,
		.record = manner.is_silent ? NULL : record,
		.answered = answered,
		.alarm = alarm_bug,
		.context = keeper,
		.is_shadow = manner.is_shadow,
	};
}
