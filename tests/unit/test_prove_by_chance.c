/*
 * What is asked once for many recipients is the same that is asked of each:
 * the faults of namespaces by chance against those of a walk that remembers
 * nothing.
 */
#include "namespace/prove.h"

#include "namespace/conflict.h"
#include "tests/unit/chance.h"
#include "tests/unit/unit_main.h"

enum { SEEDS = 600, SHOWN = 5, KINDS = 6 };

/* How the sentence about each kind goes on behind the recipient. */
enum kind { STRAY, OUTSIDE, ROUTED, CONFLICT, MISSING, DEAD };

static const char *const phrases[KINDS] = {
	[STRAY] = " is in no accepted domain and left out",
	[OUTSIDE] = " is outside the domains that directory ",
	[ROUTED] = " can not be reached from outside: ",
	[CONFLICT] = ", which stands first and wins",
	[MISSING] = " stands for itself, and no directory lists a mailbox",
	[DEAD] = " is left out: nobody takes mail for ",
};

struct expected {
	const struct model_case *c;
	struct text text;
	size_t counts[MODEL_DIRECTORIES][KINDS];
};

/* Entries have the origin "line N". */
static void expect(
	struct expected *e, enum kind kind, const struct recipient *recipient)
{
	if (e->counts[recipient->directory->index][kind]++ < SHOWN)
		text_addf(&e->text, "%d %s (%s)\n", (int)kind, recipient->key,
			recipient->origin);
}

static void expect_stray(struct expected *e, const struct recipient *recipient)
{
	const struct domain *domain;
	struct address address;

	if (domain_find(&domain, model_view(e->c->model), recipient->domain) !=
		LOOKUP_FOUND) {
		if (!recipient_is_elsewhere(recipient))
			expect(e, STRAY, recipient);
	} else if (!directory_may_own(
			   recipient->directory, recipient->domain)) {
		expect(e, OUTSIDE, recipient);
	} else if (address_parse(
			   &address, recipient->key, "", e->c->arena, NULL) &&
		address_is_routed(&address)) {
		expect(e, ROUTED, recipient);
	}
}

static void expect_conflict(void *context, const struct recipient *recipient,
	const struct recipient *winner)
{
	(void)winner;
	expect(context, CONFLICT, recipient);
}

static void expect_missing(
	struct expected *e, const struct recipient *recipient)
{
	struct resolution resolution;

	for (; recipient != NULL; recipient = recipient->next) {
		if (!recipient_is_elsewhere(recipient))
			continue;
		resolve_key(&resolution, model_view(e->c->model),
			recipient->key, MODEL_NOW, e->c->arena);
		if (resolution.verdict == VERDICT_ACCEPT ||
			resolution.verdict == VERDICT_PASS)
			return;
		expect(e, MISSING, recipient);
	}
}

static void expect_dead(struct expected *e, const struct recipient *recipient)
{
	const struct recipient *contact = recipient_contact(recipient);
	struct resolution resolution;

	if (recipient_mailbox(recipient) != NULL)
		return;
	if (contact == NULL) {
		expect_missing(e, recipient);
		return;
	}
	resolve_key(&resolution, model_view(e->c->model), contact->target,
		MODEL_NOW, e->c->arena);
	if (resolution.verdict == VERDICT_REJECT ||
		resolution.reason == REASON_LOOKUP_FAILED)
		expect(e, DEAD, contact);
}

static void expect_all(struct expected *e)
{
	for (size_t i = 0; i < recipients_count(e->c->recipients); i++) {
		const struct recipient *first =
			recipients_get(e->c->recipients, i);

		for (const struct recipient *at = first; at != NULL;
			at = at->next)
			expect_stray(e, at);
		conflicts_find(
			model_view(e->c->model), first, expect_conflict, e);
		expect_dead(e, first);
	}
}

/* "KIND KEY (line N)" of the faults that are of one of the kinds. */
static void tell_found(struct text *out, const struct faults *faults)
{
	static const char contact[] = "contact ";

	for (size_t i = 0; i < faults_count(faults); i++) {
		const char *text = faults_get(faults, i)->text;
		int kind = 0;

		while (kind < KINDS && strstr(text, phrases[kind]) == NULL)
			kind++;
		if (kind == KINDS)
			continue;
		if (kind == MISSING || kind == DEAD)
			text += sizeof contact - 1;
		const char *origin = strstr(text, " (line ");

		ck_assert_ptr_nonnull(origin);
		text_addf(out, "%d %.*s\n", kind,
			(int)(strchr(origin, ')') + 1 - text), text);
	}
}

static size_t sum_of(const struct expected *e, enum kind kind)
{
	size_t sum = 0;

	for (size_t i = 0; i < MODEL_DIRECTORIES; i++)
		sum += e->counts[i][kind];
	return sum;
}

/* With some that stand for themselves, as the last directory's. */
static const char *draw_many(struct chance *chance, struct arena *arena)
{
	const struct lists lists = {
		.unread = 10, .contacts = 20, .below = 40
	};
	const char *text = draw_lists(chance, &lists, arena);

	for (unsigned n = draw(chance, 6); n > 0; n--) {
		const char *address = pick_address(chance, arena);

		text = arena_printf(
			arena, "%sd2 %s > %s\n", text, address, address);
	}
	return text;
}

/* What was found of each kind. */
struct found {
	size_t cases, counts[KINDS];
};

static void prove_one(struct found *found, unsigned seed)
{
	struct chance chance = { seed };
	struct arena *arena = arena_open();
	struct model_case c;
	struct text text;

	const char *config = draw_config(&chance, arena);

	model_case_open(&c, config, draw_many(&chance, arena));
	if (c.model != NULL && !c.ns->conflicts_are_errors) {
		struct faults *faults = faults_open();
		struct expected e = { .c = &c };

		text_init(&e.text);
		text_init(&text);
		text_adds(&e.text, "");
		text_adds(&text, "");
		const size_t n_conflicts = prove_recipients(
			c.ns, c.recipients, c.model, MODEL_NOW, faults);

		expect_all(&e);
		tell_found(&text, faults);
		ck_assert_msg(strcmp(text.data, e.text.data) == 0,
			"seed %u:\n%.800s\nexpected:\n%.800s\nfound:\n%.800s",
			seed, config, e.text.data, text.data);
		ck_assert_uint_eq(n_conflicts, sum_of(&e, CONFLICT));
		for (int kind = 0; kind < KINDS; kind++)
			found->counts[kind] += sum_of(&e, (enum kind)kind);
		found->cases++;
		text_fini(&text);
		text_fini(&e.text);
		faults_close(&faults);
	}
	model_case_close(&c);
	arena_close(&arena);
}

START_TEST(same_faults_as_one_by_one)
{
	struct found found = { 0 };

	for (unsigned seed = 0; seed < SEEDS; seed++)
		prove_one(&found, seed);
	ck_assert_uint_gt(found.cases, SEEDS / 10);
	for (int kind = 0; kind < KINDS; kind++)
		ck_assert_msg(found.counts[kind] > 20, "kind %d: %zu", kind,
			found.counts[kind]);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("prove_by_chance");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, same_faults_as_one_by_one);
	return unit_run(suite_create("prove_by_chance"), tcase);
}
