/*
 * The observations of a message come in a row, so a message is counted once
 * where each counter remembers which one it counted last.
 */
#include "changes/replay_tally.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/table.h"
#include "verdicts/log_address.h"

#include <stdlib.h>
#include <string.h>

/* What a recipient was counted in: a bit each. */
enum counted {
	COUNTED_NOT_OURS = CHANGES,
	COUNTED_ALL,
};

struct person {
	const char *key; /* log_address_key() */
	unsigned counted;
};

struct replay_tally {
	struct arena *arena;
	struct arena *request; /* of one observation */
	struct table *persons, *groups, *whose;
	struct table *members; /* of groups */
	unsigned long last[COUNTED_ALL + 1]; /* messages */
	struct replay_result result;
};

struct replay_tally *replay_tally_open(void)
{
	struct replay_tally *tally = memory_must(calloc(1, sizeof *tally));

	tally->arena = arena_open();
	tally->persons = table_open();
	tally->groups = table_open();
	tally->whose = table_open();
	tally->members = table_open();
	tally->request = arena_open();
	return tally;
}

void replay_tally_close(struct replay_tally **tally)
{
	if (*tally == NULL)
		return;
	table_close(&(*tally)->persons);
	table_close(&(*tally)->groups);
	table_close(&(*tally)->whose);
	table_close(&(*tally)->members);
	arena_close(&(*tally)->request);
	arena_close(&(*tally)->arena);
	free(*tally);
	*tally = NULL;
}

struct replay_result *replay_tally_result(struct replay_tally *tally)
{
	return &tally->result;
}

static struct person *person_of(
	struct replay_tally *tally, const struct observed *observed)
{
	char *key = log_address_key(
		(struct slice){ observed->recipient, observed->len });
	struct person *person = table_find(tally->persons, key);

	if (person == NULL) {
		person = arena_alloc(tally->arena, sizeof *person);
		person->key = arena_strdup(tally->arena, key);
		table_put(tally->persons, person->key, person);
	}
	free(key);
	return person;
}

static void count_message(
	struct replay_count *count, unsigned long *last, unsigned long message)
{
	count->rcpts++;
	count->messages += *last != message;
	*last = message;
}

static struct replay_count *count_of(
	struct replay_result *result, unsigned counted)
{
	if (counted == COUNTED_ALL)
		return &result->all;
	return counted == COUNTED_NOT_OURS ? &result->not_ours
					   : &result->changes[counted];
}

static void count(struct replay_tally *tally, unsigned counted,
	struct person *person, unsigned long message)
{
	struct replay_count *out = count_of(&tally->result, counted);

	count_message(out, &tally->last[counted], message);
	out->recipients += (person->counted >> counted & 1) == 0;
	person->counted |= 1U << counted;
}

static struct replay_group *group_of(
	struct replay_tally *tally, const struct replay_difference *difference)
{
	const char *key = arena_printf(tally->request, "%d\n%s\n%s",
		(int)difference->change, difference->from, difference->to);
	struct replay_group *group = table_find(tally->groups, key);

	if (group != NULL)
		return group;
	group = arena_alloc(tally->arena, sizeof *group);
	group->change = difference->change;
	group->from = arena_strdup(tally->arena, difference->from);
	group->to = arena_strdup(tally->arena, difference->to);
	table_put(tally->groups, arena_strdup(tally->arena, key), group);
	return group;
}

/* By the change: what the log says of a recipient has several wordings. */
static struct replay_whose *whose_of(struct replay_tally *tally,
	const struct person *person, enum change change, int64_t time_us)
{
	const char *key =
		arena_printf(tally->request, "%d%s", (int)change, person->key);
	struct replay_whose *whose = table_find(tally->whose, key);

	if (whose != NULL)
		return whose;
	whose = arena_alloc(tally->arena, sizeof *whose);
	whose->recipient = person->key;
	whose->count.recipients = 1;
	whose->first_us = whose->last_us = time_us;
	table_put(tally->whose, arena_strdup(tally->arena, key), whose);
	return whose;
}

static void count_member(struct replay_tally *tally,
	const struct person *person, struct replay_group *group)
{
	const char *key = arena_printf(
		tally->request, "%p%s", (const void *)group, person->key);

	if (table_find(tally->members, key) != NULL)
		return;
	table_put(tally->members, arena_strdup(tally->arena, key), group);
	group->count.recipients++;
}

static void widen(int64_t *first_us, int64_t *last_us, int64_t time_us)
{
	if (time_us < *first_us)
		*first_us = time_us;
	if (time_us > *last_us)
		*last_us = time_us;
}

static void add_difference(struct replay_tally *tally,
	const struct person *person, int64_t time_us, unsigned long message,
	const struct replay_difference *difference)
{
	struct replay_group *group = group_of(tally, difference);
	struct replay_whose *whose =
		whose_of(tally, person, difference->change, time_us);

	if (time_us >= whose->last_us)
		whose->group = group;
	count_member(tally, person, group);
	count_message(&group->count, &group->message, message);
	count_message(&whose->count, &whose->message, message);
	widen(&whose->first_us, &whose->last_us, time_us);
}

void replay_tally_add(struct replay_tally *tally,
	const struct observed *observed, unsigned long message,
	const struct replay_difference *difference)
{
	struct replay_result *result = &tally->result;
	struct person *person = person_of(tally, observed);

	arena_reset(tally->request);
	if (result->all.rcpts == 0)
		result->first_us = result->last_us = observed->time_us;
	widen(&result->first_us, &result->last_us, observed->time_us);
	count(tally, COUNTED_ALL, person, message);
	count(tally,
		difference->is_ours ? (unsigned)difference->change
				    : COUNTED_NOT_OURS,
		person, message);
	result->bounced += difference->is_ours && observed->is_bounced;
	if (difference->change == CHANGE_NONE)
		return;
	result->bounced_refused +=
		observed->is_bounced && difference->change == CHANGE_REFUSED;
	add_difference(tally, person, observed->time_us, message, difference);
}

static int compare_counts(
	const struct replay_count *a, const struct replay_count *b)
{
	if (a->messages != b->messages)
		return a->messages < b->messages ? 1 : -1;
	return (a->rcpts < b->rcpts) - (a->rcpts > b->rcpts);
}

static int compare_groups(const void *a, const void *b)
{
	const struct replay_group *one = *(struct replay_group *const *)a;
	const struct replay_group *other = *(struct replay_group *const *)b;
	int order = (int)one->change - (int)other->change;

	if (order == 0)
		order = compare_counts(&one->count, &other->count);
	if (order == 0)
		order = strcmp(one->from, other->from);
	return order != 0 ? order : strcmp(one->to, other->to);
}

static int compare_whose(const void *a, const void *b)
{
	const struct replay_whose *one = *(struct replay_whose *const *)a;
	const struct replay_whose *other = *(struct replay_whose *const *)b;
	int order = compare_counts(&one->count, &other->count);

	if (order == 0)
		order = strcmp(one->recipient, other->recipient);
	return order != 0 ? order : compare_groups(&one->group, &other->group);
}

/* All values of the table, at least one pointer. */
static void *values_of(struct replay_tally *tally, const struct table *table)
{
	const size_t n = table_count(table);
	void **values = arena_array(tally->arena, n + 1, sizeof *values);

	for (size_t i = 0; i < n; i++)
		values[i] = table_value(table, i);
	return values;
}

void replay_tally_finish(struct replay_tally *tally)
{
	struct replay_result *result = &tally->result;

	result->n_groups = table_count(tally->groups);
	result->groups = values_of(tally, tally->groups);
	qsort(result->groups, result->n_groups, sizeof *result->groups,
		compare_groups);
	result->n_whose = table_count(tally->whose);
	result->whose = values_of(tally, tally->whose);
	qsort(result->whose, result->n_whose, sizeof *result->whose,
		compare_whose);
}
