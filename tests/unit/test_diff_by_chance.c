/*
 * Pairs of namespaces by chance, and a comparison without any short cut:
 * everybody whom either names, and many whom neither does, put to both.
 * Nobody's change may be missed, and nobody said to change who does not.
 */
#include "tests/unit/chance.h"
#include "tests/unit/diff_case.h"
#include "tests/unit/unit_main.h"

enum {
#ifdef ARENA_SEPARATE /* so slow under the sanitizers */
	PAIRS = 30,
#else
	PAIRS = 200,
#endif
	TRIES = 2000
};

/* Not what is tested here, and slow: cdb files are many. */
int fsync(int fd)
{
	return fd < 0 ? -1 : 0;
}

static const char *const asked_locals[] = { "ann", "bob", "carl", "ann+tag",
	"bob+x", "two words", "postmaster", "j\xc3\xbcrgen", "o'neil",
	"owner-x", "bob-list", "bob-x", "nobody", "crm" };

static const char *const asked_domains[] = { "a.example", "b.a.example",
	"sub.a.example", "c.b.a.example", "q.c.b.a.example", "x.example",
	"b.x.example", "sub.x.example", "q.x.example", "old.example",
	"b.old.example", "sub.old.example", "q.old.example", "older.example",
	"sub.older.example", "sub.b.old.example", "q.b.a.example",
	"sub.b.a.example", "sub.b.x.example", "xn--bcher-kva.example",
	"s.xn--bcher-kva.example", "sub.xn--bcher-kva.example",
	"q.xn--bcher-kva.example", "c.example", "b.c.example", "sub.c.example",
	"saas.example", "else.test" };

struct trial {
	struct diff_case c;
	struct arena *arena;
	struct text wrong;
};

/* The slow way, by the internal form. */
static enum change naive(const struct trial *trial, const char *recipient,
	struct answer *before, struct answer *after)
{
	const struct resolution from = view_ask(
		generation_view(trial->c.from), recipient, NULL, trial->arena);
	const struct resolution to = view_ask(
		generation_view(trial->c.to), recipient, NULL, trial->arena);

	answer_of(before, &from, trial->arena);
	answer_of(after, &to, trial->arena);
	return change_of(before, after);
}

static const struct diff_recipient *told(
	const struct diff *diff, const char *address)
{
	for (size_t i = 0; i < diff->n_recipients; i++)
		if (strcmp(diff->recipients[i].address, address) == 0)
			return &diff->recipients[i];
	return NULL;
}

static const struct diff_unlisted *told_of(
	const struct diff *diff, const char *name)
{
	for (size_t i = 0; i < diff->n_unlisted; i++)
		if (strcmp(diff->unlisted[i].name, name) == 0)
			return &diff->unlisted[i];
	return NULL;
}

static bool is_told_by_domain(
	const struct trial *trial, const char *domain, enum change change)
{
	const struct diff *diff = trial->c.diff;
	const struct diff_unlisted *item = told_of(diff, domain);

	for (const char *at = domain_parent(domain); item == NULL && at != NULL;
		at = domain_parent(at))
		item = told_of(diff, arena_printf(trial->arena, "*.%s", at));
	return item != NULL && item->change == change;
}

/* What has an extension follows whoever has none. */
static bool is_told_by_base(
	const struct trial *trial, const char *key, enum change change)
{
	const struct view *views[] = { generation_view(trial->c.from),
		generation_view(trial->c.to) };
	const struct diff_recipient *item;
	struct address address;

	if (strcmp(views[0]->extension, views[1]->extension) != 0)
		return trial->c.diff->n_settings != 0;
	if (!address_from_key(
		    &address, key, views[0]->extension, trial->arena) ||
		address.base == address.key)
		return false;
	item = told(trial->c.diff, address.base);
	return item != NULL && item->way->change == change;
}

/* Of a name that nothing names, no line tells of one local part. */
static bool is_postmaster(const char *key)
{
	return strncmp(key, "postmaster", strlen("postmaster")) == 0;
}

static void complain(struct trial *trial, const char *key, const char *why,
	const struct answer *before, const struct answer *after)
{
	text_addf(&trial->wrong, "%s: %s: %s -> %s\n", key, why,
		answer_format(before, trial->arena),
		answer_format(after, trial->arena));
}

/* With the local part again that an answer is held without. */
static bool is_text(const struct trial *trial, const struct diff_answer *kept,
	const struct answer *wanted, const char *key)
{
	struct answer whole = kept->answer;

	if (whole.to != NULL && *whole.to == '@')
		whole.to = arena_printf(trial->arena, "%.*s%s",
			(int)(strrchr(key, '@') - key), key, whole.to);
	return strcmp(answer_format(&whole, trial->arena),
		       answer_format(wanted, trial->arena)) == 0 &&
		whole.verdict == wanted->verdict &&
		whole.reason == wanted->reason;
}

static void check_named(struct trial *trial, const char *key,
	const struct answer *before, const struct answer *after)
{
	const enum change change = change_of(before, after);
	const struct diff_recipient *item = told(trial->c.diff, key);
	const enum change said = item == NULL ? CHANGE_NONE : item->way->change;

	if (said != change)
		complain(trial, key, change_format(said), before, after);
	if (item == NULL || said != change)
		return;
	if (!is_text(trial, item->way->from, before, key) ||
		!is_text(trial, item->way->to, after, key))
		complain(trial, key, "another way", before, after);
}

static bool each_named(void *context, const char *key)
{
	struct trial *trial = context;
	struct answer before, after;

	answer_of_key(&before, generation_view(trial->c.from), key, MODEL_NOW,
		trial->arena);
	answer_of_key(&after, generation_view(trial->c.to), key, MODEL_NOW,
		trial->arena);
	check_named(trial, key, &before, &after);
	return true;
}

static void check_anybody(
	struct trial *trial, const char *local, const char *domain)
{
	const char *recipient =
		arena_printf(trial->arena, "%s@%s", local, domain);
	const char *key = address_key(local, domain, trial->arena);
	struct answer before, after;
	const enum change change = naive(trial, recipient, &before, &after);

	if (told(trial->c.diff, key) != NULL) {
		check_named(trial, key, &before, &after);
		return;
	}
	if (change != CHANGE_NONE &&
		!is_told_by_domain(trial, domain, change) &&
		!is_told_by_base(trial, key, change) && !is_postmaster(key))
		complain(trial, key, "missed", &before, &after);
}

static void check_unlisted(struct trial *trial)
{
	const struct diff *diff = trial->c.diff;

	for (size_t i = 0; i < diff->n_unlisted; i++) {
		const struct diff_unlisted *item = &diff->unlisted[i];
		const char *name = item->name;
		struct answer before, after;

		if (*name == '*')
			name = arena_printf(trial->arena, "zz9%s", name + 1);
		const enum change change =
			naive(trial, arena_printf(trial->arena, "zz9@%s", name),
				&before, &after);

		if (change != item->change)
			complain(
				trial, item->name, "unlisted", &before, &after);
	}
}

static void check_counts(struct trial *trial)
{
	const struct diff *diff = trial->c.diff;
	size_t counts[CHANGES] = { 0 };
	size_t rerouted = 0;

	for (size_t i = 0; i < diff->n_recipients; i++)
		counts[diff->recipients[i].way->change]++;
	for (size_t i = 0; i < diff->n_reroutes; i++)
		rerouted += diff->reroutes[i].count;
	for (size_t i = 0; i < CHANGES; i++)
		ck_assert(i == CHANGE_NONE || counts[i] == diff->counts[i]);
	ck_assert_uint_eq(rerouted, diff->counts[CHANGE_REROUTED]);
	for (size_t i = 1; i < diff->n_recipients; i++)
		ck_assert_int_lt(strcmp(diff->recipients[i - 1].address,
					 diff->recipients[i].address),
			0);
}

static void check_pair(struct trial *trial)
{
	struct err err = { 0 };

	diff_case_compare(&trial->c);
	check_counts(trial);
	ck_assert(generation_walk_addresses(
		trial->c.from, each_named, trial, &err));
	ck_assert(generation_walk_addresses(
		trial->c.to, each_named, trial, &err));
	for (int l = 0; l < COUNT(asked_locals); l++)
		for (int d = 0; d < COUNT(asked_domains); d++)
			check_anybody(trial, asked_locals[l], asked_domains[d]);
	check_unlisted(trial);
}

/* So many that most are like another, for which nobody asks again. */
static const struct lists many = { .unread = 20, .contacts = 4, .below = 60 };

/* Only what a build would publish. */
static bool draw_side(struct model_case *c, const char **config,
	const char **entries, struct chance *chance)
{
	struct arena *arena = arena_open();

	if (*config == NULL)
		*config = draw_config(chance, arena);
	if (*entries == NULL)
		*entries = happens(chance, 50)
			? draw_entries(chance, arena)
			: draw_lists(chance, &many, arena);
	model_case_open(c, *config, *entries);
	*config = arena_strdup(c->arena, *config);
	*entries = arena_strdup(c->arena, *entries);
	arena_close(&arena);
	if (model_case_is_proven(c))
		return true;
	model_case_close(c);
	return false;
}

/* Another configuration, other lists, or both. */
static void draw_pair(
	struct diff_case *c, const char **about, struct chance *chance)
{
	const char *config = NULL, *entries = NULL;

	while (!draw_side(&c->before, &config, &entries, chance))
		config = entries = NULL;
	const unsigned kept = draw(chance, 5);
	const char *config_after = NULL, *entries_after = NULL;

	for (unsigned i = 0; i < TRIES; i++) {
		config_after = kept < 2 ? config : NULL;
		entries_after = kept == 4 ? entries : NULL;
		if (draw_side(&c->after, &config_after, &entries_after, chance))
			break;
		ck_assert_uint_lt(i + 1, TRIES);
	}
	*about = arena_printf(c->before.arena, "%s%s\n--\n%s%s", config,
		entries, config_after, entries_after);
}

START_TEST(diff_says_what_a_naive_comparison_says)
{
	struct chance chance = { (uint64_t)_i * 104729 + 3 };
	struct trial trial = { .arena = arena_open() };
	const char *about;

	draw_pair(&trial.c, &about, &chance);
	check_pair(&trial);
	ck_assert_msg(trial.wrong.len == 0, "%.1500sin\n%.2500s",
		trial.wrong.data, about);
	text_fini(&trial.wrong);
	diff_case_close(&trial.c);
	arena_close(&trial.arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("diff_by_chance");

	tcase_add_loop_test(
		tcase, diff_says_what_a_naive_comparison_says, 0, PAIRS);
	tcase_set_timeout(tcase, 60);
	return unit_run(suite_create("diff_by_chance"), tcase);
}
