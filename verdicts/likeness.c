/*
 * There may be millions of listed addresses and hundreds of questions, so a
 * pair is measured only where lengths and the sets of letters leave room for
 * so small a distance: one edit changes at most two members of the set.
 */
#include "verdicts/likeness.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LETTERS_MAX = 96, SHORT_LETTERS = 5, LIMIT_SHORT = 1, LIMIT_LONG = 2 };

/* A local part, ready to be compared. */
struct word {
	uint32_t letters[LETTERS_MAX];
	unsigned n; /* 0: empty, or too long to be compared */
	uint64_t set;
};

struct question {
	const char *key;
	struct slice local;
	struct word word;
	struct likeness_match best[LIKENESS_BEST];
	size_t n_best;
	struct question *next_in_domain;
	struct question *next_in_primary;
	struct question *next_of_local;
};

struct likeness {
	struct arena *arena;
	struct question **questions;
	size_t n;
	/* -> the first of a chain */
	struct table *domains, *primaries, *locals;
	char *buffer; /* a listed domain or local part, ended by a NUL */
	size_t room;
};

/* A byte that is no UTF-8 stands alone. */
static uint32_t take_letter(struct slice *rest)
{
	uint32_t letter;
	size_t len = utf8_parse(&letter, rest->bytes, rest->len);

	if (len == 0) {
		letter = (unsigned char)rest->bytes[0];
		len = 1;
	}
	*rest = slice_after(*rest, len);
	return letter;
}

static void word_read(struct word *out, struct slice local)
{
	out->n = 0;
	out->set = 0;
	while (local.len > 0 && out->n < LETTERS_MAX) {
		const uint32_t letter = take_letter(&local);

		out->letters[out->n++] = letter;
		out->set |= UINT64_C(1) << (letter & 63);
	}
	if (local.len > 0)
		out->n = 0;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* One row of the table; row[j] after i letters of a and j of b. */
static unsigned next_row(unsigned *row, const unsigned *last,
	const unsigned *before, const struct word *const words[2], unsigned i)
{
	const uint32_t *a = words[0]->letters, *b = words[1]->letters;
	unsigned best = row[0] = i;

	for (unsigned j = 1; j <= words[1]->n; j++) {
		const unsigned change = a[i - 1] != b[j - 1];

		row[j] = least(last[j] + 1,
			least(row[j - 1] + 1, last[j - 1] + change));
		if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			a[i - 2] == b[j - 1])
			row[j] = least(row[j], before[j - 2] + 1);
		best = least(best, row[j]);
	}
	return best;
}

static unsigned distance(
	const struct word *a, const struct word *b, unsigned limit)
{
	unsigned rows[3][LETTERS_MAX + 1] = { { 0 } };
	const struct word *const words[] = { a, b };

	for (unsigned j = 0; j <= b->n; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a->n; i++)
		if (next_row(rows[i % 3], rows[(i + 2) % 3], rows[(i + 1) % 3],
			    words, i) > limit)
			return limit + 1;
	return least(rows[a->n % 3][b->n], limit + 1);
}

unsigned likeness_distance(struct slice a, struct slice b, unsigned limit)
{
	struct word first, second;

	word_read(&first, a);
	word_read(&second, b);
	return distance(&first, &second, limit);
}

static bool is_joint(uint32_t letter)
{
	return letter == '.' || letter == '-' || letter == '_';
}

static bool is_same_but_joints(const struct word *a, const struct word *b)
{
	unsigned i = 0, j = 0, letters = 0;

	for (;; letters++) {
		while (i < a->n && is_joint(a->letters[i]))
			i++;
		while (j < b->n && is_joint(b->letters[j]))
			j++;
		if (i == a->n || j == b->n)
			return i == a->n && j == b->n && letters > 0;
		if (a->letters[i++] != b->letters[j++])
			return false;
	}
}

static unsigned limit_of(const struct word *a, const struct word *b)
{
	const unsigned longer = a->n > b->n ? a->n : b->n;

	return longer <= SHORT_LETTERS ? LIMIT_SHORT : LIMIT_LONG;
}

/* False where no small distance is possible. */
static bool is_near(const struct word *a, const struct word *b, unsigned limit)
{
	const unsigned longer = a->n > b->n ? a->n : b->n;
	const unsigned shorter = a->n > b->n ? b->n : a->n;

	return shorter > 1 && longer - shorter <= limit &&
		(unsigned)__builtin_popcountll(a->set ^ b->set) <= 2 * limit;
}

static int compare_matches(
	const struct likeness_match *a, const struct likeness_match *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->distance != b->distance)
		return a->distance < b->distance ? -1 : 1;
	return strcmp(a->address, b->address);
}

/* Keeps it where it is one of the best. */
static void keep(struct question *question, struct slice listed,
	enum likeness_kind kind, unsigned apart)
{
	struct likeness_match match = { memory_must(malloc(listed.len + 1)),
		kind, apart };
	size_t i = question->n_best;

	memcpy(match.address, listed.bytes, listed.len);
	match.address[listed.len] = '\0';
	if (i < LIKENESS_BEST)
		question->n_best++;
	else if (compare_matches(&match, &question->best[--i]) < 0)
		free(question->best[i].address);
	else {
		free(match.address);
		return;
	}
	for (; i > 0 && compare_matches(&match, &question->best[i - 1]) < 0;
		i--)
		question->best[i] = question->best[i - 1];
	question->best[i] = match;
}

static void compare(
	struct question *question, struct slice listed, const struct word *word)
{
	const unsigned limit = limit_of(&question->word, word);

	if (slice_is(listed, question->key) || word->n == 0)
		return;
	if (is_same_but_joints(&question->word, word)) {
		keep(question, listed, LIKENESS_DOTS, 0);
		return;
	}
	if (!is_near(&question->word, word, limit))
		return;
	const unsigned apart = distance(&question->word, word, limit);

	if (apart <= limit)
		keep(question, listed, LIKENESS_TYPO, apart);
}

/* A NUL-ended copy, until the next one. */
static const char *borrow(struct likeness *likeness, struct slice slice)
{
	if (slice.len >= likeness->room) {
		likeness->room = 2 * slice.len + 64;
		likeness->buffer =
			memory_must(realloc(likeness->buffer, likeness->room));
	}
	memcpy(likeness->buffer, slice.bytes, slice.len);
	likeness->buffer[slice.len] = '\0';
	return likeness->buffer;
}

/* False: it has no local part or no domain. */
static bool split(struct slice key, struct slice *local, struct slice *domain)
{
	const char *at = memrchr(key.bytes, '@', key.len);

	if (at == NULL || at == key.bytes)
		return false;
	*local = (struct slice){ key.bytes, (size_t)(at - key.bytes) };
	*domain = slice_after(key, local->len + 1);
	return domain->len > 0;
}

struct likeness *likeness_open(void)
{
	struct likeness *likeness = memory_must(malloc(sizeof *likeness));

	*likeness = (struct likeness){ .arena = arena_open(),
		.domains = table_open(),
		.primaries = table_open(),
		.locals = table_open() };
	return likeness;
}

void likeness_close(struct likeness **likeness)
{
	struct likeness *it = *likeness;

	if (it == NULL)
		return;
	for (size_t i = 0; i < it->n; i++)
		for (size_t k = 0; k < it->questions[i]->n_best; k++)
			free(it->questions[i]->best[k].address);
	free(it->questions);
	free(it->buffer);
	table_close(&it->domains);
	table_close(&it->primaries);
	table_close(&it->locals);
	arena_close(&it->arena);
	free(it);
	*likeness = NULL;
}

static void chain(struct likeness *likeness, struct question *question,
	struct slice domain, const char *primary)
{
	struct arena *arena = likeness->arena;
	const char *name = arena_strndup(arena, domain.bytes, domain.len);
	const char *local = arena_strndup(
		arena, question->local.bytes, question->local.len);

	question->next_in_domain = table_find(likeness->domains, name);
	table_put(likeness->domains, name, question);
	question->next_of_local = table_find(likeness->locals, local);
	table_put(likeness->locals, local, question);
	if (primary == NULL)
		return;
	primary = arena_strdup(arena, primary);
	question->next_in_primary = table_find(likeness->primaries, primary);
	table_put(likeness->primaries, primary, question);
}

size_t likeness_ask(
	struct likeness *likeness, const char *key, const char *primary)
{
	struct question *question =
		arena_alloc(likeness->arena, sizeof *question);
	struct slice domain;

	question->key = arena_strdup(likeness->arena, key);
	likeness->questions = memory_must(reallocarray(likeness->questions,
		likeness->n + 1, sizeof *likeness->questions));
	likeness->questions[likeness->n] = question;
	if (split(slice_of(question->key), &question->local, &domain)) {
		word_read(&question->word, question->local);
		chain(likeness, question, domain, primary);
	}
	return likeness->n++;
}

void likeness_feed(struct likeness *likeness, struct slice listed)
{
	struct slice local, domain;
	struct word word = { .n = 0 };

	if (!split(listed, &local, &domain))
		return;
	const char *name = borrow(likeness, domain);
	struct question *here = table_find(likeness->domains, name);
	struct question *there = table_find(likeness->primaries, name);

	if (here != NULL || there != NULL)
		word_read(&word, local);
	for (; here != NULL; here = here->next_in_domain)
		compare(here, listed, &word);
	for (; there != NULL; there = there->next_in_primary)
		compare(there, listed, &word);
	struct question *same =
		table_find(likeness->locals, borrow(likeness, local));

	for (; same != NULL; same = same->next_of_local) {
		const char *at = same->key + same->local.len + 1;

		if (!slice_is(domain, at))
			keep(same, listed, LIKENESS_DOMAIN, 0);
	}
}

size_t likeness_get(const struct likeness *likeness, size_t question,
	const struct likeness_match **out)
{
	*out = likeness->questions[question]->best;
	return likeness->questions[question]->n_best;
}
