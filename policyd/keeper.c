/*
 * Between two looks nothing changes, and nothing that a generation hands
 * out outlives the answer that it was asked for; so the old one can be
 * closed as soon as the new one is open.
 */
#include "policyd/keeper.h"

#include "base/arena.h"
#include "base/memory.h"
#include "namespace/network.h"
#include "namespace/resolver.h"
#include "policyd/journal.h"
#include "snapshot/generation.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

struct keeper {
	const char *state;
	struct journal *journal;
	struct generation *generation; /* NULL: none could be opened yet */
	struct err open_problem; /* as last logged; empty = none */
	struct err freshness_problem;
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
	if (keeper->generation == NULL)
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

static void take_generation(struct keeper *keeper)
{
	struct err err = { 0 };
	struct generation *next = generation_open(keeper->state, &err);

	if (next == NULL) {
		complain(keeper, &err);
		return;
	}
	generation_close(&keeper->generation);
	keeper->generation = next;
	keeper->open_problem = (struct err){ 0 };
	keeper->freshness_problem = (struct err){ 0 };
	journal_printf(keeper->journal, LOG_INFO, "generation %lu is in force",
		generation_number(next));
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
	if (keeper->generation != NULL)
		take_freshness(keeper);
}

struct keeper *keeper_open(const char *state, struct journal *journal)
{
	struct keeper *keeper = memory_must(calloc(1, sizeof *keeper));

	keeper->state = state;
	keeper->journal = journal;
	keeper_look(keeper);
	return keeper;
}

void keeper_close(struct keeper **keeper)
{
	if (*keeper == NULL)
		return;
	generation_close(&(*keeper)->generation);
	free(*keeper);
	*keeper = NULL;
}

static unsigned long clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned long)now.tv_sec * 1000000ul +
		(unsigned long)now.tv_nsec / 1000;
}

static void tell(struct judgement *out, const struct resolution *found,
	struct arena *request)
{
	const struct route *route = &found->route;

	out->verdict = verdict_format(found->verdict);
	out->reason = reason_format(found->reason);
	out->reply = reply_format(found);
	if (found->domain != NULL) {
		out->domain = found->domain->pattern.name.ascii;
		out->type = domain_type_format(found->domain->type);
	}
	if (route->count > 0)
		out->connector = route->connectors[0]->name;
	out->nexthop = route_format(route, request);
	if (found->directory != NULL)
		out->directory = found->directory->name;
}

static bool decide(void *context, struct judgement *out,
	const struct request *asked, time_t now, struct arena *request)
{
	const struct keeper *keeper = context;

	if (keeper->generation == NULL)
		return false;
	const unsigned long start_us = clock_us();
	const char *address =
		arena_strndup(request, asked->client.bytes, asked->client.len);
	struct network client;
	const struct question question = {
		.recipient = asked->recipient.bytes,
		.len = asked->recipient.len,
		.client = network_of_client(&client, address) ? &client : NULL,
		.now = now,
	};
	struct resolution resolution;

	resolve(&resolution, generation_view(keeper->generation), &question,
		NULL, request);
	tell(out, &resolution, request);
	out->generation = generation_number(keeper->generation);
	out->us = clock_us() - start_us;
	return true;
}

static void record(void *context, const char *line)
{
	const struct keeper *keeper = context;

	journal_write(keeper->journal, LOG_INFO, line);
}

static void alarm_bug(void *context, const char *text)
{
	const struct keeper *keeper = context;

	journal_write(keeper->journal, LOG_CRIT, text);
}

void keeper_judge(struct judge *out, struct keeper *keeper, bool is_shadow)
{
	*out = (struct judge){
		.decide = decide,
		.record = record,
		.alarm = alarm_bug,
		.context = keeper,
		.is_shadow = is_shadow,
	};
}
