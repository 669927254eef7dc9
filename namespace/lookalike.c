/*
 * Recipients are compared by a form in which those that look alike are the
 * same: a number made of it for each, and the forms themselves only where
 * numbers meet.  Nearly all numbers meet no other, which a filter sees; the
 * few that are left are sorted.  So a million of them take 12 MB, and
 * nothing is done for a kind that can not occur: no other script where all
 * is ASCII, no slip where all is one system's.
 */
#include "namespace/lookalike.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/table.h"
#include "namespace/model.h"
#include "namespace/skeleton.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A recipient and the number of its form; those of equal ones stand together
   once they are sorted. */
struct mark {
	uint64_t number;
	uint32_t index;
};

struct search {
	const struct recipients *recipients;
	const struct skeleton *skeleton;
	enum lookalike kind;
	lookalike_found *found;
	void *context;
	struct arena *request;
};

static bool is_ascii(const char *text, const char *end)
{
	for (; text < end; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* The local part; all domains are in A-labels. */
static bool is_plain(const struct recipient *recipient)
{
	return is_ascii(recipient->key, recipient->domain);
}

static const char *connector_of(const struct recipient *recipient)
{
	const char *name = recipient->directory->connector;

	return name == NULL ? "" : name;
}

/* Forms. */

static const char *script_form(
	const struct search *search, const struct recipient *recipient)
{
	const char *skeleton = skeleton_of(search->skeleton, recipient->key,
		(size_t)(recipient->domain - recipient->key), search->request);

	return skeleton == NULL ? NULL
				: arena_printf(search->request, "%s%s",
					  skeleton, recipient->domain);
}

/* What a character of a local part is taken for; NUL: for none. */
static char slip_of(char c)
{
	switch (c) {
	case '.':
	case '-':
	case '_': return '\0';
	case '1': return 'l';
	case '0': return 'o';
	default: return c;
	}
}

static const char *slip_form(
	const struct search *search, const struct recipient *recipient)
{
	char *form = arena_strdup(search->request, recipient->key);
	char *out = form;

	for (const char *at = recipient->key; at < recipient->domain; at++)
		if (slip_of(*at) != '\0')
			*out++ = slip_of(*at);
	memmove(out, recipient->domain, strlen(recipient->domain) + 1);
	return form;
}

/* NULL where it has no part in this. */
static const char *form_of(
	const struct search *search, const struct recipient *first)
{
	switch (search->kind) {
	case LOOKALIKE_SCRIPT: return script_form(search, first);
	case LOOKALIKE_SLIP: break;
	}
	return is_plain(first) && recipient_mailbox(first) != NULL
		? slip_form(search, first)
		: NULL;
}

/* Numbers: FNV-1a, of the local part and then of the domain's number. */

static const uint64_t fnv_start = UINT64_C(14695981039346656037);

static uint64_t fnv(uint64_t number, uint64_t piece)
{
	return (number ^ piece) * UINT64_C(1099511628211);
}

static uint64_t number_of(const char *text)
{
	uint64_t number = fnv_start;

	for (; *text != '\0'; text++)
		number = fnv(number, (unsigned char)*text);
	return number;
}

/* Lists come domain by domain. */
struct domain_number {
	const char *domain;
	uint64_t number;
};

static uint64_t number_of_domain(struct domain_number *last, const char *domain)
{
	if (strcmp(last->domain, domain) != 0)
		*last = (struct domain_number){ domain, number_of(domain) };
	return last->number;
}

/* Equal for equal forms, without making them. */
static uint64_t slip_number(
	const struct recipient *recipient, struct domain_number *last)
{
	uint64_t number = fnv_start;

	for (const char *at = recipient->key; at < recipient->domain; at++)
		if (slip_of(*at) != '\0')
			number = fnv(number, (unsigned char)slip_of(*at));
	number = fnv(number, number_of_domain(last, recipient->domain));
	return number ^ number >> 32;
}

/* 0 where it has no part in this. */
static uint64_t number_at(
	const struct search *search, size_t index, struct domain_number *last)
{
	const struct recipient *first =
		recipients_get(search->recipients, index);
	const char *form;

	switch (search->kind) {
	case LOOKALIKE_SCRIPT:
		arena_reset(search->request);
		form = script_form(search, first);
		return form == NULL ? 0 : number_of(form) | 1;
	case LOOKALIKE_SLIP: break;
	}
	return is_plain(first) && recipient_mailbox(first) != NULL
		? slip_number(first, last) | 1
		: 0;
}

/*
 * Which numbers may have come twice: a bit of each, and with so many bits
 * for each number few come twice by chance.
 */
enum { FILTER_BITS = 16 };

/* A word of the filter is seldom in a cache: so many are asked for ahead. */
enum { AHEAD = 16 };

struct filter {
	struct filter_word {
		uint64_t once, twice;
	} * words;
	uint64_t mask; /* of bits */
};

static void filter_init(struct filter *filter, size_t count)
{
	uint64_t n_bits = 64;

	while (n_bits < (uint64_t)count * FILTER_BITS)
		n_bits *= 2;
	filter->words = memory_must(calloc(n_bits / 64, sizeof *filter->words));
	filter->mask = n_bits - 1;
}

static void filter_fini(struct filter *filter)
{
	free(filter->words);
}

static struct filter_word *filter_word(
	const struct filter *filter, uint64_t number)
{
	return &filter->words[(number >> 1 & filter->mask) / 64];
}

static uint64_t filter_bit(uint64_t number)
{
	return UINT64_C(1) << (number >> 1) % 64;
}

static void filter_add(const struct filter *filter, uint64_t number)
{
	struct filter_word *word = filter_word(filter, number);

	word->twice |= word->once & filter_bit(number);
	word->once |= filter_bit(number);
}

static bool filter_passes(const struct filter *filter, uint64_t number)
{
	return (filter_word(filter, number)->twice & filter_bit(number)) != 0;
}

static int compare_marks(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* Of each recipient; 0 is in the filter like the others, for nobody. */
static uint64_t *make_numbers(
	const struct search *search, const struct filter *filter, size_t count)
{
	uint64_t *numbers = memory_must(calloc(count + 1, sizeof *numbers));
	struct domain_number last = { "", number_of("") };

	for (size_t i = 0; i < count; i++) {
		numbers[i] = number_at(search, i, &last);
		__builtin_prefetch(filter_word(filter, numbers[i]), 1);
		if (i >= AHEAD)
			filter_add(filter, numbers[i - AHEAD]);
	}
	for (size_t i = count < AHEAD ? 0 : count - AHEAD; i < count; i++)
		filter_add(filter, numbers[i]);
	return numbers;
}

/* Marks of the numbers that may have come twice. */
static size_t take_marks(struct mark *marks, const uint64_t *numbers,
	size_t count, const struct filter *filter)
{
	size_t n_marks = 0;

	for (size_t i = 0; i < count; i++) {
		if (i + AHEAD < count)
			__builtin_prefetch(
				filter_word(filter, numbers[i + AHEAD]));
		if (numbers[i] != 0 && filter_passes(filter, numbers[i]))
			marks[n_marks++] =
				(struct mark){ numbers[i], (uint32_t)i };
	}
	return n_marks;
}

/* Sorted; those of all recipients whose number comes once are left out. */
static struct mark *make_marks(const struct search *search, size_t *n_marks)
{
	const size_t count = recipients_count(search->recipients);
	struct filter filter;

	filter_init(&filter, count);
	uint64_t *numbers = make_numbers(search, &filter, count);
	/* Pages that are never written to are never there. */
	struct mark *marks = memory_must(calloc(count + 1, sizeof *marks));

	*n_marks = take_marks(marks, numbers, count, &filter);
	free(numbers);
	filter_fini(&filter);
	if (*n_marks > 1)
		qsort(marks, *n_marks, sizeof *marks, compare_marks);
	return marks;
}

/* Pairs. */

struct pair {
	uint32_t index, like;
};

struct pairs {
	struct pair *list;
	size_t count, room;
};

static void pairs_add(struct pairs *pairs, uint32_t index, uint32_t like)
{
	if (pairs->count == pairs->room) {
		pairs->room = pairs->room == 0 ? 64 : pairs->room * 2;
		pairs->list = memory_must(reallocarray(
			pairs->list, pairs->room, sizeof *pairs->list));
	}
	pairs->list[pairs->count++] = (struct pair){ index, like };
}

static const struct recipient *recipient_at(
	const struct search *search, const struct mark *mark)
{
	return recipients_get(search->recipients, mark->index);
}

/* Each that is not plain looks like the first plain one, or the first. */
static void pair_scripts(const struct search *search, struct pairs *pairs,
	const struct mark *run, size_t count)
{
	size_t like = 0;

	while (like < count && !is_plain(recipient_at(search, &run[like])))
		like++;
	like = like < count ? like : 0;
	for (size_t i = 0; i < count; i++)
		if (i != like && !is_plain(recipient_at(search, &run[i])))
			pairs_add(pairs, run[i].index, run[like].index);
}

static bool is_of_other_system(
	const struct search *search, const struct mark *a, const struct mark *b)
{
	const struct recipient *x = recipient_mailbox(recipient_at(search, a));
	const struct recipient *y = recipient_mailbox(recipient_at(search, b));

	return strcmp(connector_of(x), connector_of(y)) != 0;
}

/* Each looks like the first, or like the first of another system. */
static void pair_slips(const struct search *search, struct pairs *pairs,
	const struct mark *run, size_t count)
{
	size_t other = 0;

	for (size_t i = 1; i < count; i++) {
		if (is_of_other_system(search, &run[i], &run[0])) {
			pairs_add(pairs, run[i].index, run[0].index);
			other = other == 0 ? i : other;
		} else if (other != 0) {
			pairs_add(pairs, run[i].index, run[other].index);
		}
	}
}

/* Whether two of equal numbers have the same form. */
static bool is_alike(
	const struct search *search, const struct mark *a, const struct mark *b)
{
	arena_reset(search->request);
	return strcmp(form_of(search, recipient_at(search, a)),
		       form_of(search, recipient_at(search, b))) == 0;
}

static void pair_run(const struct search *search, struct pairs *pairs,
	const struct mark *run, size_t count)
{
	/* Numbers that meet by chance are nobody's likeness. */
	for (size_t i = 1; i < count; i++)
		if (!is_alike(search, &run[0], &run[i]))
			return;
	switch (search->kind) {
	case LOOKALIKE_SCRIPT: pair_scripts(search, pairs, run, count); break;
	case LOOKALIKE_SLIP: pair_slips(search, pairs, run, count); break;
	}
}

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

/* The entry that is compared. */
static const struct recipient *entry_at(
	const struct search *search, uint32_t index)
{
	const struct recipient *first =
		recipients_get(search->recipients, index);

	return search->kind == LOOKALIKE_SLIP ? recipient_mailbox(first)
					      : first;
}

static void tell_pairs(const struct search *search, const struct pairs *pairs)
{
	if (pairs->count > 1)
		qsort(pairs->list, pairs->count, sizeof *pairs->list,
			compare_pairs);
	for (size_t i = 0; i < pairs->count; i++)
		search->found(search->context, search->kind,
			entry_at(search, pairs->list[i].index),
			entry_at(search, pairs->list[i].like));
}

static void find_kind(const struct search *search)
{
	struct pairs pairs = { .count = 0 };
	size_t count;
	struct mark *marks = make_marks(search, &count);

	for (size_t i = 0, next; i < count; i = next) {
		for (next = i + 1;
			next < count && marks[next].number == marks[i].number;
			next++)
			continue;
		if (next > i + 1)
			pair_run(search, &pairs, marks + i, next - i);
	}
	free(marks);
	tell_pairs(search, &pairs);
	free(pairs.list);
}

/* What there may be among the recipients, seen in one walk. */
struct kinds {
	bool has_scripts, has_systems;
};

static struct kinds kinds_of(const struct recipients *recipients)
{
	const size_t count = recipients_count(recipients);
	const struct directory *last = NULL;
	const char *connector = NULL;
	struct kinds kinds = { false, false };

	for (size_t i = 0; i < count; i++) {
		const struct recipient *recipient =
			recipients_get(recipients, i);

		kinds.has_scripts = kinds.has_scripts || !is_plain(recipient);
		if (recipient->directory == last)
			continue;
		last = recipient->directory;
		if (connector == NULL)
			connector = connector_of(recipient);
		kinds.has_systems = kinds.has_systems ||
			strcmp(connector, connector_of(recipient)) != 0;
	}
	return kinds;
}

void lookalikes_find(const struct recipients *recipients,
	lookalike_found *found, void *context)
{
	struct search search = { .recipients = recipients,
		.found = found,
		.context = context,
		.request = arena_open() };
	const struct kinds kinds = kinds_of(recipients);

	if (kinds.has_scripts) {
		struct skeleton *skeleton = skeleton_open();

		search.skeleton = skeleton;
		search.kind = LOOKALIKE_SCRIPT;
		if (skeleton != NULL) /* advice alone depends on it */
			find_kind(&search);
		skeleton_close(&skeleton);
	}
	search.kind = LOOKALIKE_SLIP;
	if (kinds.has_systems)
		find_kind(&search);
	arena_close(&search.request);
}
