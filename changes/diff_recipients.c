/*
 * Every address that the maps of either name, each once: that of a map is
 * left out where an earlier map, or the other generation's same map, has it.
 * Who must be answered alike shares a way (diff_alike_key()); and for that an
 * address that another is delivered to is held without its local part where
 * that is the same.
 */
#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "changes/diff_private.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/generation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sweep {
	struct diff_work *work;
	enum diff_map map; /* walked now, */
	unsigned side; /* of this generation */
	struct table *answers; /* all that is in one -> struct diff_answer */
	struct table *texts; /* each text once */
	struct table *ways; /* of two answers */
	struct table *alike; /* by diff_alike_key() */
	struct text key; /* for the tables */
	struct text alike_key;
	struct diff_way stays; /* of whom nothing changes */
	struct diff_way nobody; /* let in by neither */
	struct diff_way *last; /* of the last key for alike, which was */
	struct text last_key;
};

bool diff_is_named(const struct diff_work *work, const char *address)
{
	const char *value;
	size_t len;

	for (size_t side = 0; side < SIDES; side++)
		for (size_t i = 0; i < DIFF_MAPS; i++)
			if (work->sides[side].maps[i] != NULL &&
				cdb_reader_find(work->sides[side].maps[i],
					address, &value, &len) == LOOKUP_FOUND)
				return true;
	return false;
}

/* Each text once. */
static const char *keep(struct sweep *sweep, const char *text)
{
	if (text == NULL)
		return NULL;
	char *kept = table_find(sweep->texts, text);

	if (kept == NULL) {
		kept = arena_strdup(sweep->work->arena, text);
		table_put(sweep->texts, kept, kept);
	}
	return kept;
}

static const struct diff_answer *keep_answer(
	struct sweep *sweep, const struct answer *answer)
{
	const char *const parts[] = { answer->domain, answer->directory,
		answer->connector, answer->nexthop, answer->to };

	text_clear(&sweep->key);
	text_addf(&sweep->key, "%d %d", (int)answer->verdict,
		(int)answer->reason);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		text_addf(
			&sweep->key, "\t%s", parts[i] == NULL ? "" : parts[i]);
	struct diff_answer *kept = table_find(sweep->answers, sweep->key.data);

	if (kept != NULL)
		return kept;
	kept = arena_alloc(sweep->work->arena, sizeof *kept);
	kept->answer = (struct answer){ .verdict = answer->verdict,
		.reason = answer->reason,
		.domain = keep(sweep, answer->domain),
		.directory = keep(sweep, answer->directory),
		.connector = keep(sweep, answer->connector),
		.nexthop = keep(sweep, answer->nexthop),
		.to = keep(sweep, answer->to) };
	kept->text = keep(sweep, answer_format(answer, sweep->work->request));
	table_put(sweep->answers,
		arena_strdup(sweep->work->arena, sweep->key.data), kept);
	return kept;
}

static struct diff_way *keep_way(struct sweep *sweep, enum change change,
	const struct answer *before, const struct answer *after)
{
	const struct diff_answer *from = keep_answer(sweep, before);
	const struct diff_answer *to = keep_answer(sweep, after);

	text_clear(&sweep->key);
	text_addf(&sweep->key, "%p %p", (const void *)from, (const void *)to);
	struct diff_way *way = table_find(sweep->ways, sweep->key.data);

	if (way == NULL) {
		way = arena_alloc(sweep->work->arena, sizeof *way);
		*way = (struct diff_way){ change, from, to, 0 };
		table_put(sweep->ways,
			arena_strdup(sweep->work->arena, sweep->key.data), way);
	}
	return way;
}

/* "@primary" of "ann@primary" for ann@secondary. */
static void drop_local(struct answer *answer, const char *address)
{
	const size_t len = (size_t)(strrchr(address, '@') - address);

	if (answer->to != NULL && strncmp(answer->to, address, len) == 0 &&
		answer->to[len] == '@' &&
		strchr(answer->to + len + 1, '@') == NULL)
		answer->to += len;
}

/* By asking both. */
static struct diff_way *way_of(struct sweep *sweep, const char *address)
{
	const struct diff_work *work = sweep->work;
	struct answer before, after;

	arena_reset(work->request);
	answer_of_key(&before, work->sides[BEFORE].view, address, work->now,
		work->request);
	answer_of_key(&after, work->sides[AFTER].view, address, work->now,
		work->request);
	drop_local(&before, address);
	drop_local(&after, address);
	const enum change change = change_of(&before, &after);

	if (change != CHANGE_NONE)
		return keep_way(sweep, change, &before, &after);
	return after.verdict == VERDICT_REJECT || after.verdict == VERDICT_PASS
		? &sweep->nobody
		: &sweep->stays;
}

static struct diff_way *way_alike(struct sweep *sweep, const char *address)
{
	struct text *key = &sweep->alike_key;

	arena_reset(sweep->work->request);
	if (!diff_alike_key(key, sweep->work, address))
		return way_of(sweep, address);
	if (sweep->last != NULL && sweep->last_key.len == key->len &&
		memcmp(sweep->last_key.data, key->data, key->len) == 0)
		return sweep->last;
	text_clear(&sweep->last_key);
	text_add(&sweep->last_key, key->data, key->len);
	sweep->last = table_find(sweep->alike, key->data);
	if (sweep->last == NULL) {
		sweep->last = way_of(sweep, address);
		table_put(sweep->alike,
			arena_strdup(sweep->work->arena, key->data),
			sweep->last);
	}
	return sweep->last;
}

static void count(
	struct sweep *sweep, const char *address, struct diff_way *way)
{
	struct diff_work *work = sweep->work;
	struct diff *out = work->out;

	if (way == &sweep->nobody)
		return;
	way->count++;
	out->counts[way->change]++;
	if (way->change == CHANGE_NONE)
		return;
	struct diff_recipient *list = diff_grow(
		work->arena, out->recipients, out->n_recipients, sizeof *list);

	list[out->n_recipients++] =
		(struct diff_recipient){ arena_strdup(work->arena, address),
			way };
	out->recipients = list;
}

static bool is_in(const struct sweep *sweep, size_t side, enum diff_map map,
	const char *address)
{
	const struct cdb_reader *reader = sweep->work->sides[side].maps[map];
	const char *value;
	size_t len;

	return reader != NULL &&
		cdb_reader_find(reader, address, &value, &len) == LOOKUP_FOUND;
}

/* In a map that was walked before this one. */
static bool has_come(const struct sweep *sweep, const char *address)
{
	for (enum diff_map map = 0; map < sweep->map; map++)
		for (size_t side = 0; side < SIDES; side++)
			if (is_in(sweep, side, map, address))
				return true;
	return sweep->side == BEFORE &&
		is_in(sweep, AFTER, sweep->map, address);
}

static bool consider(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	struct sweep *sweep = context;
	char address[GENERATION_KEY_SIZE];

	(void)value, (void)value_len;
	if (generation_address(address, key, key_len) &&
		!has_come(sweep, address))
		count(sweep, address, way_alike(sweep, address));
	return true;
}

/* After first, so that before has the rest. */
static bool walk(struct sweep *sweep, struct err *err)
{
	static const unsigned order[SIDES] = { AFTER, BEFORE };

	for (sweep->map = 0; sweep->map < DIFF_MAPS; sweep->map++) {
		for (size_t i = 0; i < SIDES; i++) {
			sweep->side = order[i];
			const struct diff_side *side =
				&sweep->work->sides[sweep->side];

			if (side->maps[sweep->map] != NULL &&
				!cdb_reader_walk(side->maps[sweep->map],
					consider, sweep))
				return err_set(err, "%s: its maps are corrupt",
					generation_folder(side->generation));
		}
	}
	return true;
}

/* They are answered though no map names them. */
static void add_postmasters(struct sweep *sweep)
{
	struct diff_work *work = sweep->work;

	for (size_t i = 0; i < table_count(work->names); i++) {
		const char *name = table_key(work->names, i);
		char address[GENERATION_KEY_SIZE];

		if (*name == '?')
			continue;
		snprintf(address, sizeof address, "postmaster@%s", name);
		if (!diff_is_named(work, address))
			count(sweep, address, way_of(sweep, address));
	}
}

static int by_address(const void *a, const void *b)
{
	const struct diff_recipient *x = a, *y = b;

	return strcmp(x->address, y->address);
}

static int by_texts(const void *a, const void *b)
{
	const struct diff_reroute *x = a, *y = b;
	const int order = strcmp(x->from, y->from);

	return order != 0 ? order : strcmp(x->to, y->to);
}

static int by_count(const void *a, const void *b)
{
	const struct diff_reroute *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return by_texts(a, b);
}

/*
 * Without the address where both deliver to the same one: all that a
 * secondary domain sends another way go together.
 */
static const char *way_text(struct sweep *sweep, const struct diff_answer *of,
	const struct diff_answer *other)
{
	struct answer way = of->answer;

	if (way.to == NULL || way.to != other->answer.to)
		return of->text;
	way.to = NULL;
	arena_reset(sweep->work->request);
	return keep(sweep, answer_format(&way, sweep->work->request));
}

/* Ways of other directories or reasons may look the same. */
static void group_reroutes(struct sweep *sweep)
{
	const size_t n = table_count(sweep->ways);
	struct diff *out = sweep->work->out;
	struct diff_reroute *list =
		arena_array(sweep->work->arena, n, sizeof *list);
	size_t n_all = 0, n_kept = 0;

	for (size_t i = 0; i < n; i++) {
		const struct diff_way *way = table_value(sweep->ways, i);

		if (way->change == CHANGE_REROUTED)
			list[n_all++] = (struct diff_reroute){
				way_text(sweep, way->from, way->to),
				way_text(sweep, way->to, way->from), way->count
			};
	}
	qsort(list, n_all, sizeof *list, by_texts);
	for (size_t i = 0; i < n_all; i++) {
		if (n_kept != 0 && by_texts(&list[n_kept - 1], &list[i]) == 0)
			list[n_kept - 1].count += list[i].count;
		else
			list[n_kept++] = list[i];
	}
	qsort(list, n_kept, sizeof *list, by_count);
	out->reroutes = list;
	out->n_reroutes = n_kept;
}

static void finish(struct sweep *sweep)
{
	struct diff *out = sweep->work->out;

	if (out->n_recipients > 1)
		qsort((void *)out->recipients, out->n_recipients,
			sizeof *out->recipients, by_address);
	group_reroutes(sweep);
}

bool diff_recipients(struct diff_work *work, struct err *err)
{
	struct sweep sweep = { .work = work,
		.answers = table_open(),
		.texts = table_open(),
		.ways = table_open(),
		.alike = table_open() };
	const bool is_walked = walk(&sweep, err);

	if (is_walked) {
		add_postmasters(&sweep);
		finish(&sweep);
	}
	table_close(&sweep.answers);
	table_close(&sweep.texts);
	table_close(&sweep.ways);
	table_close(&sweep.alike);
	text_fini(&sweep.key);
	text_fini(&sweep.alike_key);
	text_fini(&sweep.last_key);
	return is_walked;
}
