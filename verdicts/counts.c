/*
 * A hash table from values as written to their number; they are decoded and
 * sorted once, at the end.  Whoever writes to strangers' mailboxes chooses
 * the values, so the hash begins with a number that nobody knows.
 */
#include "verdicts/counts.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "verdicts/columns.h"
#include "verdicts/json_text.h"
#include "verdicts/local_time.h"
#include "verdicts/shown.h"
#include "verdicts/stream.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct count {
	uint64_t hash;
	const char *bytes; /* in the arena */
	size_t len;
	unsigned long n;
	const char *shown; /* at the end */
};

struct counts {
	struct counts_options options;
	struct arena *program;
	struct local_time local;
	struct text key; /* of the record that is looked at */
	struct count *counts;
	size_t n, room;
	uint32_t *slots; /* 1 + index; 0 = free */
	size_t n_slots; /* a power of two, at least twice the room */
	uint64_t seed;
};

enum { FIRST_ROOM = 64 };

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
	return hash ^ hash >> 32;
}

/* Eight bytes at a time. */
static uint64_t hash_of(const struct counts *counts, struct slice key)
{
	uint64_t hash = mix(counts->seed, key.len);
	uint64_t word = 0;

	for (; key.len >= sizeof word; key = slice_after(key, sizeof word)) {
		memcpy(&word, key.bytes, sizeof word);
		hash = mix(hash, word);
	}
	word = 0;
	memcpy(&word, key.bytes, key.len);
	return mix(hash, word);
}

static uint32_t *slot_of(
	const struct counts *counts, struct slice key, uint64_t hash)
{
	size_t at = hash & (counts->n_slots - 1);

	while (counts->slots[at] != 0) {
		const struct count *count =
			&counts->counts[counts->slots[at] - 1];

		if (count->hash == hash && count->len == key.len &&
			memcmp(count->bytes, key.bytes, key.len) == 0)
			break;
		at = (at + 1) & (counts->n_slots - 1);
	}
	return &counts->slots[at];
}

static void grow(struct counts *counts)
{
	counts->room = counts->room == 0 ? FIRST_ROOM : counts->room * 2;
	counts->counts = memory_must(reallocarray(
		counts->counts, counts->room, sizeof *counts->counts));
	free(counts->slots);
	counts->n_slots = counts->room * 2;
	counts->slots =
		memory_must(calloc(counts->n_slots, sizeof *counts->slots));
	for (size_t i = 0; i < counts->n; i++) {
		const struct count *count = &counts->counts[i];

		*slot_of(counts, (struct slice){ count->bytes, count->len },
			count->hash) = (uint32_t)(i + 1);
	}
}

static void counts_take(void *context, const struct record *record)
{
	struct counts *counts = context;

	text_clear(&counts->key);
	count_key_write(
		&counts->key, &counts->options.key, record, &counts->local);
	const struct slice key = { counts->key.data, counts->key.len };
	const uint64_t hash = hash_of(counts, key);
	uint32_t *slot = slot_of(counts, key, hash);

	if (*slot == 0) {
		if (counts->n == counts->room) {
			grow(counts);
			slot = slot_of(counts, key, hash);
		}
		counts->counts[counts->n++] = (struct count){ .hash = hash,
			.bytes = arena_strndup(
				counts->program, key.bytes, key.len),
			.len = key.len };
		*slot = (uint32_t)counts->n;
	}
	counts->counts[*slot - 1].n++;
}

/* A page that never changes before its end. */
static void counts_flush(void *context)
{
	(void)context;
}

/* The values as shown, tabs between. */
static void show_values(struct text *out, const struct count_key *key,
	const struct count *count)
{
	struct slice rest = { count->bytes, count->len };

	for (size_t i = 0; i < key->n; i++) {
		const struct slice piece = count_key_take(&rest);

		if (i > 0)
			text_add(out, "\t", 1);
		if (key->fields[i] < VERDICT_FIELDS)
			shown_add(
				out, (enum verdict_field)key->fields[i], piece);
		else
			verdict_show(out, piece);
	}
}

static void show_all(struct counts *counts)
{
	for (size_t i = 0; i < counts->n; i++) {
		struct count *count = &counts->counts[i];

		text_clear(&counts->key);
		show_values(&counts->key, &counts->options.key, count);
		count->shown = arena_strndup(
			counts->program, counts->key.data, counts->key.len);
	}
}

static int by_number(const void *a, const void *b)
{
	const struct count *one = a, *other = b;

	if (one->n != other->n)
		return one->n < other->n ? 1 : -1;
	return strcmp(one->shown, other->shown);
}

static int by_value(const void *a, const void *b)
{
	const struct count *one = a, *other = b;

	return strcmp(one->shown, other->shown);
}

static bool begins_with_time(const struct count_key *key)
{
	return key->fields[0] == COUNT_DAY || key->fields[0] == COUNT_HOUR;
}

static size_t shown_number(const struct counts *counts)
{
	const unsigned long top = counts->options.top;

	return top == 0 || top > counts->n ? counts->n : top;
}

/* Of several times the most frequent, but in their order. */
static void sort(struct counts *counts)
{
	if (counts->n == 0)
		return;
	qsort(counts->counts, counts->n, sizeof *counts->counts, by_number);
	if (begins_with_time(&counts->options.key))
		qsort(counts->counts, shown_number(counts),
			sizeof *counts->counts, by_value);
}

static void json_value(struct text *out, unsigned field, struct slice written)
{
	text_addf(out, ",\"%s\":", count_field_name(field));
	if (field < VERDICT_FIELDS)
		json_text_field(out, (enum verdict_field)field, written);
	else
		json_text_string(out, written);
}

static void write_json(struct counts *counts)
{
	const struct count_key *key = &counts->options.key;

	text_clear(&counts->key);
	for (size_t i = 0; i < shown_number(counts); i++) {
		const struct count *count = &counts->counts[i];
		struct slice rest = { count->bytes, count->len };

		text_addf(&counts->key, "{\"count\":%lu", count->n);
		for (size_t j = 0; j < key->n; j++)
			json_value(&counts->key, key->fields[j],
				count_key_take(&rest));
		text_adds(&counts->key, "}\n");
		stream_put(counts->options.shape.to, &counts->key);
	}
}

static void write_tsv(struct counts *counts)
{
	const struct count_key *key = &counts->options.key;

	text_clear(&counts->key);
	text_adds(&counts->key, "count");
	for (size_t i = 0; i < key->n; i++)
		text_addf(
			&counts->key, "\t%s", count_field_name(key->fields[i]));
	for (size_t i = 0; i < shown_number(counts); i++) {
		text_addf(&counts->key, "\n%lu\t%s", counts->counts[i].n,
			counts->counts[i].shown);
		stream_put(counts->options.shape.to, &counts->key);
	}
	text_adds(&counts->key, "\n");
	stream_put(counts->options.shape.to, &counts->key);
}

static void add_others(struct counts *counts, struct columns *columns)
{
	const size_t first = shown_number(counts);
	unsigned long sum = 0;

	if (first == counts->n)
		return;
	for (size_t i = first; i < counts->n; i++)
		sum += counts->counts[i].n;
	text_clear(&counts->key);
	text_addf(&counts->key, "%lu\t(%zu others)", sum, counts->n - first);
	columns_row(columns,
		(struct slice){ counts->key.data, counts->key.len }, NULL);
}

static void write_table(struct counts *counts)
{
	const struct count_key *key = &counts->options.key;
	const char *names[COUNT_KEY_MAX + 1] = { "count" };

	for (size_t i = 0; i < key->n; i++)
		names[i + 1] = count_field_name(key->fields[i]);
	struct columns *columns = columns_open(
		&(struct columns_form){ names, key->n + 1, true, 0 },
		&counts->options.shape);

	for (size_t i = 0; i < shown_number(counts); i++) {
		text_clear(&counts->key);
		text_addf(&counts->key, "%lu\t%s", counts->counts[i].n,
			counts->counts[i].shown);
		columns_row(columns,
			(struct slice){ counts->key.data, counts->key.len },
			NULL);
	}
	add_others(counts, columns);
	columns_flush(columns);
	columns_close(&columns);
}

static bool counts_finish(void *context, struct err *err)
{
	struct counts *counts = context;

	show_all(counts);
	sort(counts);
	switch (counts->options.shape.format) {
	case QUERY_TABLE: write_table(counts); break;
	case QUERY_TSV: write_tsv(counts); break;
	case QUERY_JSON: write_json(counts); break;
	}
	return stream_finish(counts->options.shape.to, err);
}

static void counts_close(void *context)
{
	struct counts *counts = context;

	arena_close(&counts->program);
	text_fini(&counts->key);
	free(counts->counts);
	free(counts->slots);
	free(counts);
}

void counts_open(struct output *out, const struct counts_options *options)
{
	struct counts *counts = memory_must(calloc(1, sizeof *counts));

	counts->options = *options;
	counts->program = arena_open();
	text_init(&counts->key);
	if (getrandom(&counts->seed, sizeof counts->seed, GRND_NONBLOCK) < 0)
		counts->seed = (uint64_t)(uintptr_t)counts;
	grow(counts);
	*out = (struct output){ counts_take, counts_flush, counts_finish,
		counts_close, counts };
}
