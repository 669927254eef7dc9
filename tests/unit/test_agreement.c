/*
 * The second law, by chance: namespaces without end, drawn from a seed, and
 * for each many addresses.  What the resolver says of them, asked the model
 * and asked the published generation, must be what Postfix does with the
 * maps alone.
 */
#include "tests/unit/chance.h"
#include "tests/unit/model_case.h"
#include "tests/unit/postfix_walk.h"
#include "tests/unit/unit_main.h"

enum {
#ifdef ARENA_SEPARATE /* so slow under the sanitizers */
	SEEDS = 20,
#else
	SEEDS = 60,
#endif
	NAMESPACES = 5,
	QUESTIONS = 120
};

/* Not what is tested here, and slow: cdb files are many. */
int fsync(int fd)
{
	return fd < 0 ? -1 : 0;
}

/* What a client may write, and what Postfix folds it to. */
static const struct {
	const char *asked, *folded;
} asked_locals[] = { { "ann", "ann" }, { "ANN", "ann" },
	{ "ann+tag", "ann+tag" }, { "ann+Tag+2", "ann+tag+2" },
	{ "bob+x", "bob+x" }, { "bob", "bob" }, { "bob-list", "bob-list" },
	{ "bob-x", "bob-x" }, { "carl", "carl" }, { "two words", "two words" },
	{ "Two Words+x", "two words+x" }, { "postmaster", "postmaster" },
	{ "PostMaster+Tag", "postmaster+tag" },
	{ "J\xc3\x9cRGEN", "j\303\274rgen" }, { "o'neil", "o'neil" },
	{ "owner-x", "owner-x" }, { "owner-x+y", "owner-x+y" },
	{ "nobody", "nobody" }, { "", "" }, { "a@b", "a@b" }, { "+x", "+x" },
	{ ".dot", ".dot" }, { "crm", "crm" } };

static const struct {
	const char *asked, *folded;
} asked_domains[] = { { "a.example", "a.example" },
	{ "A.Example", "a.example" }, { "b.a.example", "b.a.example" },
	{ "sub.a.example", "sub.a.example" },
	{ "c.b.a.example", "c.b.a.example" }, { "q.c.b.a.example", NULL },
	{ "x.example", NULL }, { "b.x.example", NULL },
	{ "sub.x.example", NULL }, { "q.x.example", NULL },
	{ "ax.example", NULL }, { "old.example", NULL },
	{ "OLD.example.", "old.example" }, { "b.old.example", NULL },
	{ "sub.old.example", NULL }, { "q.old.example", NULL },
	{ "older.example", NULL }, { "b.older.example", NULL },
	{ "sub.older.example", NULL }, { "q.b.a.example", NULL },
	{ "xn--bcher-kva.example", NULL }, { "b\303\274cher.example", NULL },
	{ "B\303\234CHER.example", "b\303\274cher.example" },
	{ "s.b\303\274cher.example", NULL },
	{ "s.xn--bcher-kva.example", NULL },
	{ "sub.b\303\274cher.example", NULL },
	{ "sub.xn--bcher-kva.example", NULL },
	{ "q.b\303\274cher.example", NULL },
	{ "sub.s.b\303\274cher.example", NULL }, { "b.c.example", NULL },
	{ "c.example", NULL }, { "example", NULL }, { "saas.example", NULL },
	{ "else.test", NULL } };

enum {
	ASKED_LOCALS = sizeof asked_locals / sizeof asked_locals[0],
	ASKED_DOMAINS = sizeof asked_domains / sizeof asked_domains[0]
};

/* What Postfix must do where the resolver says this. */
static enum answer wanted_answer(const struct resolution *r)
{
	switch (r->verdict) {
	case VERDICT_REJECT: return ANSWER_REFUSED;
	case VERDICT_DEFER: return ANSWER_DEFERRED;
	case VERDICT_ACCEPT:
	case VERDICT_RELAY:
		return r->reason == REASON_VERIFY ? ANSWER_VERIFIED : ANSWER_OK;
	case VERDICT_PASS: return ANSWER_OK;
	}
	return ANSWER_OK;
}

struct trial {
	struct model_case *c;
	struct generation *generation;
	struct postfix postfix;
	struct arena *request;
	struct text disagreements;
};

static enum answer wildcard_answer(struct trial *trial, const char *name)
{
	struct wildcard wildcard;

	resolve_wildcard(&wildcard, model_view(trial->c->model), name,
		MODEL_NOW, trial->request);
	if (wildcard.reason == REASON_VERIFY)
		return ANSWER_VERIFIED;
	return wildcard.verdict == VERDICT_DEFER ? ANSWER_DEFERRED : ANSWER_OK;
}

/*
 * access(5) looks up the bare names of parents, so that one key of
 * recipient_access speaks for a name and for those below it.  Where these
 * two differ, the maps take the one that refuses nobody without knowledge.
 */
static bool is_shared_key(struct trial *trial, const char *recipient)
{
	const char *domain = strrchr(recipient, '@') + 1;
	const char *value;

	while (domain != NULL &&
		!walk_get(&value, &trial->postfix,
			trial->postfix.recipient_access, domain))
		domain = domain_parent(domain);
	return domain != NULL &&
		wildcard_answer(trial, domain) !=
		wildcard_answer(
			trial, arena_printf(trial->request, "?.%s", domain));
}

/*
 * The postmaster of a name that no map has: nobody can be exempted from
 * recipient_access, or be given a route, by a local part alone.
 */
static bool is_postmaster_anywhere(
	struct trial *trial, const struct resolution *r)
{
	const struct view *view = model_view(trial->c->model);
	const char *domain = strrchr(r->final, '@') + 1;
	const struct domain *owner;

	if (strncmp(r->final, "postmaster", strlen("postmaster")) != 0 ||
		domain_find(&owner, view, domain) != LOOKUP_FOUND)
		return false;
	return strcmp(domain, owner->pattern.name.ascii) != 0 &&
		strcmp(domain, owner->pattern.name.unicode) != 0 &&
		view->ops->has_entries(view, domain) == LOOKUP_NONE;
}

static bool is_close(
	struct trial *trial, const struct resolution *r, const struct walked *w)
{
	static const bool may_stand_for[4][4] = {
		[ANSWER_OK] = { [ANSWER_VERIFIED] = true },
		[ANSWER_VERIFIED] = { [ANSWER_OK] = true },
		[ANSWER_REFUSED] = { [ANSWER_DEFERRED] = true },
	};
	const enum answer wanted = wanted_answer(r);

	return w->answer == wanted ||
		(may_stand_for[wanted][w->answer] &&
			is_shared_key(trial, r->address.key));
}

/* Self entries bring a U-label to its A-label form: the same mailbox. */
static bool is_same_mailbox(const char *a, const char *b, struct arena *arena)
{
	struct domain_name of_a, of_b;
	const char *at_a = strrchr(a, '@');
	const char *at_b = strrchr(b, '@');

	return strcmp(a, b) == 0 ||
		(at_a - a == at_b - b &&
			strncmp(a, b, (size_t)(at_a - a)) == 0 &&
			domain_name_parse(&of_a, at_a + 1, arena, NULL) &&
			domain_name_parse(&of_b, at_b + 1, arena, NULL) &&
			strcmp(of_a.ascii, of_b.ascii) == 0);
}

static void compare(struct trial *trial, const char *recipient,
	const struct resolution *r, const struct walked *w, const char *whom)
{
	const bool is_ours = r->domain != NULL && r->verdict != VERDICT_PASS;
	const bool is_taken = is_ours && wanted_answer(r) <= ANSWER_VERIFIED;
	const char *why = NULL;
	const char *route = route_format(&r->route, trial->request);

	if (w->is_relayed != (is_ours && !r->domain->is_trusted_only))
		why = "relay_domains";
	else if (is_ours && !is_close(trial, r, w))
		why = "verdict";
	else if (is_taken &&
		(w->final == NULL ||
			!is_same_mailbox(w->final, r->final, trial->request)))
		why = "final address";
	else if (is_taken && strcmp(w->transport, route) != 0)
		why = "transport";
	if (why == NULL || (is_ours && is_postmaster_anywhere(trial, r)))
		return;
	text_addf(&trial->disagreements,
		"%s, %s: %s: resolver %s (%s) %s by %s, maps %s%s %s by %s\n",
		recipient, whom, why, verdict_format(r->verdict),
		reason_format(r->reason), r->final, route,
		w->is_relayed ? "" : "not relayed, ",
		postfix_answer_format(w->answer),
		w->final == NULL ? "(a ring)" : w->final, w->transport);
}

/* local and domain folded; recipient as a client wrote them. */
static void ask(struct trial *trial, const char *recipient, const char *local,
	const char *domain)
{
	const struct resolution of_model = view_ask(
		model_view(trial->c->model), recipient, NULL, trial->request);
	const struct resolution published =
		view_ask(generation_view(trial->generation), recipient, NULL,
			trial->request);
	const struct walked walked =
		postfix_ask(&trial->postfix, local, domain);

	compare(trial, recipient, &of_model, &walked, "model");
	compare(trial, recipient, &published, &walked, "generation");
	ck_assert_int_eq(of_model.reason, published.reason);
}

static void ask_anybody(struct trial *trial, struct chance *chance)
{
	const unsigned l = draw(chance, ASKED_LOCALS);
	const unsigned d = draw(chance, ASKED_DOMAINS);
	const char *domain = asked_domains[d].folded;

	ask(trial,
		arena_printf(trial->request, "%s@%s", asked_locals[l].asked,
			asked_domains[d].asked),
		asked_locals[l].folded,
		domain == NULL ? asked_domains[d].asked : domain);
}

/* A listed one, with an extension or under another domain too. */
static void ask_listed(struct trial *trial, struct chance *chance)
{
	const struct recipients *all = trial->c->recipients;
	struct address address;

	if (recipients_count(all) == 0)
		return;
	ck_assert(address_from_key(&address,
		recipients_get(
			all, draw(chance, (unsigned)recipients_count(all)))
			->key,
		"", trial->request));
	const char *local = arena_printf(trial->request, "%s%s", address.local,
		happens(chance, 25) ? "+q" : "");
	const unsigned d = draw(chance, ASKED_DOMAINS);
	const char *domain =
		happens(chance, 30) && asked_domains[d].folded == NULL
		? asked_domains[d].asked
		: address.domain;

	ask(trial, arena_printf(trial->request, "%s@%s", local, domain), local,
		domain);
}

static void try_namespace(
	struct model_case *c, const char *about, struct chance *chance)
{
	struct trial trial = { .c = c, .request = arena_open() };
	const char *folder = model_case_write(c, 1);

	trial.generation = model_case_generation(c);
	postfix_open(&trial.postfix, folder, c->ns->extension, c->arena);
	for (unsigned i = 0; i < QUESTIONS; i++) {
		arena_reset(trial.request);
		trial.postfix.arena = trial.request;
		if (happens(chance, 50))
			ask_anybody(&trial, chance);
		else
			ask_listed(&trial, chance);
	}
	postfix_close(&trial.postfix);
	generation_close(&trial.generation);
	arena_close(&trial.request);
	ck_assert_msg(trial.disagreements.len == 0, "%.1500sin\n%s",
		trial.disagreements.data, about);
	text_fini(&trial.disagreements);
}

START_TEST(maps_say_what_the_resolver_says)
{
	struct chance chance = { (uint64_t)_i * 7919 + 1 };
	struct arena *arena = arena_open();
	unsigned n_sound = 0;

	for (unsigned i = 0; n_sound < NAMESPACES && i < 100 * NAMESPACES;
		i++) {
		const char *config = draw_config(&chance, arena);
		const char *entries = draw_entries(&chance, arena);
		struct model_case c;

		model_case_open(&c, config, entries);
		if (model_case_is_proven(&c)) {
			n_sound++;
			try_namespace(&c,
				arena_printf(arena, "%s%s", config, entries),
				&chance);
		}
		model_case_close(&c);
	}
	ck_assert_uint_eq(n_sound, NAMESPACES);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("agreement");

	tcase_add_loop_test(tcase, maps_say_what_the_resolver_says, 0, SEEDS);
	tcase_set_timeout(tcase, 60);
	return unit_run(suite_create("agreement"), tcase);
}
