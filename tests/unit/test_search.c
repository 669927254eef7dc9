/* How a search goes on and ends: its steps, failures, what wildcards say. */
#include "namespace/search.h"

#include "tests/unit/model_case.h"
#include "tests/unit/two_systems.h"
#include "tests/unit/unit_main.h"

/* The trace. */

static void add_step(void *context, const struct step *step)
{
	text_addf(context, "%s: %s\n", step->name, step->text);
}

static void trace(
	struct text *out, const struct model_case *c, const char *recipient)
{
	struct resolution r;
	const struct trace listener = { add_step, out };

	text_init(out);
	resolve(&r, model_view(c->model),
		&(struct question){ .recipient = recipient,
			.len = strlen(recipient),
			.now = MODEL_NOW },
		&listener, c->arena);
}

#define RIVALS \
	"connector high { smart-hosts = '10.0.3.1'\n" \
	" address-spaces = 'd.example;2' }\n" \
	"connector same { smart-hosts = '10.0.4.1'\n" \
	" address-spaces = 'd.example' }\n"

#define BACKUP \
	"connector high { smart-hosts = '10.0.3.1' backup = yes\n" \
	" address-spaces = 'd.example;2' }\n"

static const struct {
	const char *name, *config, *entries, *recipient, *expect;
} traces[] = {
	{ "no address", STRICT, "", "x",
		"parse: this is no address: Postfix's own rules decide\n" },
	{ "not ours", STRICT, "", "x@e.example",
		"parse: looked up as x@e.example\n"
		"domain: e.example belongs to no accepted domain\n" },
	{ "listed", STRICT, "staff bob@d.example", "bob+x@d.example",
		"parse: looked up as bob+x@d.example, then bob@d.example\n"
		"domain: d.example belongs to accepted domain d.example "
		"(authoritative)\n"
		"directory: directory staff lists bob@d.example\n"
		"route: directory staff leaves by connector unix: " UNIX "\n"
		"not-taken: connector ex serves d.example at cost 1: not the "
		"directory's\n"
		"not-taken: connector out serves * at cost 1: not the "
		"directory's\n" },
	{ "a list that never loaded", STRICT, "staff never", "bob@d.example",
		"parse: looked up as bob@d.example\n"
		"domain: d.example belongs to accepted domain d.example "
		"(authoritative)\n"
		"directories: no directory lists bob@d.example\n"
		"not-listed: directory staff may list it and has never loaded: "
		"deferred\n" },
	{ "a list from the future", STRICT, "staff ahead", "bob@d.example",
		"parse: looked up as bob@d.example\n"
		"domain: d.example belongs to accepted domain d.example "
		"(authoritative)\n"
		"directories: no directory lists bob@d.example\n"
		"not-listed: directory staff may list it and has loaded by a "
		"clock that was ahead of this one: deferred\n" },
	{ "unknown", STRICT, "", "bob+x@d.example",
		"parse: looked up as bob+x@d.example, then bob@d.example\n"
		"domain: d.example belongs to accepted domain d.example "
		"(authoritative)\n"
		"directories: no directory lists bob+x@d.example or "
		"bob@d.example\n"
		"not-listed: every directory that may list it was read: "
		"unknown\n" },
	{ "stale", CATCH, "staff stale", "no@d.example",
		"parse: looked up as no@d.example\n"
		"domain: d.example belongs to accepted domain d.example "
		"(authoritative)\n"
		"directories: no directory lists no@d.example\n"
		"catch-all: left out while a directory that may list the "
		"recipient is stale\n"
		"not-listed: directory staff may list it and has not loaded "
		"for longer than its max-age: deferred\n" },
	{ "relayed", RELAY, "", "no@d.example",
		"parse: looked up as no@d.example\n"
		"domain: d.example belongs to accepted domain d.example "
		"(internal-relay)\n"
		"directories: no directory lists no@d.example\n"
		"not-listed: recipient-filter is off: whoever is not listed "
		"is relayed\n"
		"route: connector ex serves d.example: " EX "\n"
		"not-taken: connector out serves * at cost 1: less "
		"specific\n" },
	{ "several connectors, and a directory without one", STRICT RIVALS,
		"own bob@d.example", "bob@d.example",
		"parse: looked up as bob@d.example\n"
		"domain: d.example belongs to accepted domain d.example "
		"(authoritative)\n"
		"directory: directory own lists bob@d.example\n"
		"route: connector ex serves d.example: " EX "\n"
		"not-taken: connector same serves d.example at cost 1: as "
		"cheap, later by name\n"
		"not-taken: connector high serves d.example at cost 2: "
		"dearer\n"
		"not-taken: connector out serves * at cost 1: less "
		"specific\n" },
	{ "a backup", STRICT BACKUP, "own bob@d.example", "bob@d.example",
		"parse: looked up as bob@d.example\n"
		"domain: d.example belongs to accepted domain d.example "
		"(authoritative)\n"
		"directory: directory own lists bob@d.example\n"
		"route: connector ex serves d.example: " EX ", [10.0.3.1]\n"
		"backup: connector high stands in: its next hops come last\n"
		"not-taken: connector out serves * at cost 1: less "
		"specific\n" },
	{ "secondary without such a subdomain", SECOND, "", "no@b.old.example",
		"parse: looked up as no@b.old.example\n"
		"domain: b.old.example belongs to accepted domain old.example "
		"(secondary)\n"
		"directories: no directory lists no@b.old.example\n"
		"secondary: b.old.example stands for nothing that has entries "
		"in d.example\n"
		"not-listed: every directory that may list it was read: "
		"unknown\n" },
	{ "contact that is left out", STRICT, "ad ann@d.example > no@d.example",
		"ann@d.example",
		"parse: looked up as ann@d.example\n"
		"domain: d.example belongs to accepted domain d.example "
		"(authoritative)\n"
		"directories: no directory lists ann@d.example\n"
		"contact: ann@d.example is a contact that a directory "
		"brought: it stands for no@d.example\n"
		"domain: d.example belongs to accepted domain d.example "
		"(authoritative)\n"
		"directories: no directory lists no@d.example\n"
		"not-listed: every directory that may list it was read: "
		"unknown\n"
		"contact: it is left out: nobody takes mail for its target\n"
		"not-listed: every directory that may list it was read: "
		"unknown\n" },
};

START_TEST(tells_its_steps)
{
	struct model_case c;
	struct text said;

	model_case_sound(&c, traces[_i].config, traces[_i].entries);
	trace(&said, &c, traces[_i].recipient);
	ck_assert_msg(strcmp(said.data, traces[_i].expect) == 0,
		"%s: said\n%sbut expected\n%s", traces[_i].name, said.data,
		traces[_i].expect);
	text_fini(&said);
	model_case_close(&c);
}
END_TEST

/* A view whose look-ups fail: none of them may become a refusal. */

enum op {
	OP_DOMAIN,
	OP_CLAIMS,
	OP_CONTACT,
	OP_DIRECTORY_CONTACT,
	OP_LISTING,
	OP_HAS_ENTRIES,
	OPS
};

struct broken {
	struct view view;
	const struct view *sound;
	enum op broken;
};

#define BROKEN(view, op) \
	if (((const struct broken *)(view))->broken == (op)) \
		return LOOKUP_FAILED; \
	(view) = ((const struct broken *)(view))->sound

static enum lookup broken_domain(
	const struct view *view, const char *key, const struct domain **out)
{
	BROKEN(view, OP_DOMAIN);
	return view->ops->domain(view, key, out);
}

static enum lookup broken_claims(
	const struct view *view, const char *key, struct claims *out)
{
	BROKEN(view, OP_CLAIMS);
	return view->ops->claims(view, key, out);
}

static enum lookup broken_contact(const struct view *view, const char *address,
	struct arena *request, struct contact *out)
{
	BROKEN(view, OP_CONTACT);
	return view->ops->contact(view, address, request, out);
}

static enum lookup broken_directory_contact(const struct view *view,
	const char *address, struct arena *request, struct contact *out)
{
	BROKEN(view, OP_DIRECTORY_CONTACT);
	return view->ops->directory_contact(view, address, request, out);
}

static enum lookup broken_listing(const struct view *view, const char *address,
	struct arena *request, struct listing *out)
{
	BROKEN(view, OP_LISTING);
	return view->ops->listing(view, address, request, out);
}

static enum lookup broken_has_entries(
	const struct view *view, const char *domain)
{
	BROKEN(view, OP_HAS_ENTRIES);
	return view->ops->has_entries(view, domain);
}

static const struct view_ops broken_ops = {
	.domain = broken_domain,
	.claims = broken_claims,
	.contact = broken_contact,
	.directory_contact = broken_directory_contact,
	.listing = broken_listing,
	.has_entries = broken_has_entries,
};

static const struct {
	enum op op;
	const char *recipient;
} breaks[] = {
	{ OP_DOMAIN, "no@d.example" },
	{ OP_DOMAIN, "no@b.old.example" },
	{ OP_CLAIMS, "own@d.example" },
	{ OP_CONTACT, "no@d.example" },
	{ OP_DIRECTORY_CONTACT, "no@d.example" },
	{ OP_LISTING, "no@d.example" },
	{ OP_HAS_ENTRIES, "no@b.d.example" },
	{ OP_HAS_ENTRIES, "no@b.old.example" },
	{ OP_HAS_ENTRIES, "postmaster@b.d.example" },
};

START_TEST(a_failed_lookup_is_deferred)
{
	struct model_case c;

	model_case_sound(&c, CATCH OLD, "own own@d.example");
	struct broken broken = { .view = *model_view(c.model),
		.sound = model_view(c.model),
		.broken = breaks[_i].op };

	broken.view.ops = &broken_ops;
	const struct resolution r =
		view_ask(&broken.view, breaks[_i].recipient, NULL, c.arena);

	ck_assert_msg(
		r.verdict == VERDICT_DEFER && r.reason == REASON_LOOKUP_FAILED,
		"op %d, %s: %s %s", breaks[_i].op, breaks[_i].recipient,
		verdict_format(r.verdict), reason_format(r.reason));
	model_case_close(&c);
}
END_TEST

/* What wildcards say. */

static const struct {
	const char *name, *config, *entries, *asked, *expect;
} wildcards[] = {
	{ "not ours", STRICT, "", "e.example", "pass not-ours -" },
	{ "filtered", STRICT, "", "d.example", "reject unknown -" },
	{ "unfiltered below", RELAY, "", "?.d.example", "relay unlisted -" },
	{ "verified", VERIFIED, "", "d.example", "relay verify -" },
	{ "stale", STRICT, "own never", "d.example",
		"defer directory-stale -" },
	{ "catch-all", CATCH, "", "d.example",
		"accept catch-all all@saas.example" },
	{ "catch-all below", CATCH, "", "?.d.example", "reject unknown -" },
	{ "secondary, filtered", SECOND, "", "old.example",
		"reject unknown -" },
	{ "secondary, unfiltered", RELAY OLD, "", "old.example",
		"relay unlisted @d.example" },
	{ "below a secondary, unfiltered", RELAY OLD, "", "?.old.example",
		"reject unknown -" },
	{ "below a secondary, stale", SECOND, "own never", "?.old.example",
		"defer directory-stale -" },
	{ "a ring below ends",
		RELAY "accepted-domain '#e.example' { type = internal-relay }\n"
		      "accepted-domain '*.e.example' { secondary-of = "
		      "'e.example' }",
		"ad bob@b.e.example", "b.e.example", "reject unknown -" },
};

START_TEST(says_what_a_wildcard_must_say)
{
	struct model_case c;
	struct wildcard w;

	model_case_sound(&c, wildcards[_i].config, wildcards[_i].entries);
	resolve_wildcard(&w, model_view(c.model), wildcards[_i].asked,
		MODEL_NOW, c.arena);
	const char *said = arena_printf(c.arena, "%s %s %s",
		verdict_format(w.verdict), reason_format(w.reason),
		w.target == NULL ? "-" : w.target);

	ck_assert_msg(strcmp(said, wildcards[_i].expect) == 0,
		"%s: %s, but expected %s", wildcards[_i].name, said,
		wildcards[_i].expect);
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("search");

	tcase_add_loop_test(tcase, tells_its_steps, 0, COUNT(traces));
	tcase_add_loop_test(
		tcase, a_failed_lookup_is_deferred, 0, COUNT(breaks));
	tcase_add_loop_test(
		tcase, says_what_a_wildcard_must_say, 0, COUNT(wildcards));
	return unit_run(suite_create("search"), tcase);
}
