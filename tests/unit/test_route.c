/* The longest name, the cheapest connector, the failover behind it. */
#include "namespace/route.h"

#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#define OWNED "accepted-domain 'd.example' { }\n"
#define C(name, host, rest) \
	"connector " name " { smart-hosts = '" host "' " rest " }\n"
#define TCP(rest) "connector b { transport = 'lmtp:[10.0.0.1]:24' " rest " }\n"
#define SOCKET(name, rest) \
	"connector " name " { transport = 'lmtp:unix:p' " rest " }\n"
#define BACKUP "backup = yes address-spaces = 'd.example;2'"
#define SPACE(space) "address-spaces = '" space "'"

static const struct {
	const char *name, *config, *asked, *expect;
} routes[] = {
	{ "none", OWNED C("a", "h", ""), "d.example", "" },
	{ "exact name before *.longest",
		OWNED C("a", "h", SPACE("*.d.example"))
			C("b", "i", SPACE("#b.d.example;9")),
		"b.d.example", "smtp:[i]" },
	{ "*.longest before *.shorter",
		OWNED C("a", "h", SPACE("*.d.example"))
			C("b", "i", SPACE("*.b.d.example;9")),
		"x.b.d.example", "smtp:[i]" },
	{ "*.longest before *",
		OWNED C("a", "h", SPACE("*"))
			C("b", "i", SPACE("*.d.example;9")),
		"x.d.example", "smtp:[i]" },
	{ "* at last",
		OWNED C("a", "h", SPACE("*")) C("b", "i", SPACE("#d.example")),
		"x.d.example", "smtp:[h]" },
	{ "mail for others too", OWNED C("a", "h", SPACE("far.example")),
		"x.far.example", "smtp:[h]" },
	{ "then the lowest cost",
		OWNED C("a", "h", SPACE("d.example;2"))
			C("b", "i", SPACE("d.example;1")),
		"d.example", "smtp:[i]" },
	{ "then the connector's name",
		OWNED C("z", "h", SPACE("d.example;2"))
			C("b", "i", SPACE("d.example;2")),
		"d.example", "smtp:[i]" },
	{ "the name alone and with subdomains, by cost",
		OWNED C("a", "h", SPACE("d.example;2"))
			C("b", "i", SPACE("#d.example;3")),
		"d.example", "smtp:[h]" },
	{ "no failover for itself",
		OWNED C("b", "i",
			"backup = yes address-spaces = { 'd.example;2', "
			"'#d.example;3' }"),
		"d.example", "smtp:[i]" },
	{ "no failover unless it says so",
		OWNED C("a", "h", SPACE("d.example"))
			C("b", "i", SPACE("d.example;2")),
		"d.example", "smtp:[h]" },
	{ "failover in order of cost",
		OWNED C("a", "h", SPACE("d.example")) C(
			"b", "i", "backup = yes " SPACE("d.example;9"))
			C("c", "j:26", "backup = yes " SPACE("d.example;2")),
		"d.example", "smtp:[h], [j]:26, [i]" },
	{ "failover of the same specificity alone",
		OWNED C("a", "h", SPACE("#d.example"))
			C("b", "i", "backup = yes " SPACE("*")),
		"d.example", "smtp:[h]" },
	{ "failover of the same kind alone",
		OWNED C("a", "h", SPACE("d.example")) TCP(BACKUP), "d.example",
		"smtp:[h]" },
	{ "a socket has no failover",
		OWNED SOCKET("a", SPACE("d.example")) TCP(BACKUP), "d.example",
		"lmtp:unix:p" },
	{ "and is none", OWNED TCP(SPACE("d.example")) SOCKET("c", BACKUP),
		"d.example", "lmtp:[10.0.0.1]:24" },
	{ "a disabled connector serves nothing",
		OWNED C("a", "h", "enabled = no " SPACE("d.example")),
		"d.example", "" },
	{ "secondary goes where its primary goes",
		OWNED "accepted-domain 'o.example' { secondary-of = "
		      "'d.example' }\n" C("a", "h", SPACE("d.example"))
			      C("b", "i", SPACE("*")),
		"o.example", "smtp:[h]" },
	{ "a chain of secondaries",
		OWNED "accepted-domain 'o.example' { secondary-of = "
		      "'d.example' }\naccepted-domain 'p.example' { "
		      "secondary-of = 'o.example' }\n" C(
			      "a", "h", SPACE("d.example")),
		"p.example", "smtp:[h]" },
	{ "secondary that a connector names",
		OWNED "accepted-domain 'o.example' { secondary-of = "
		      "'d.example' }\n" C("a", "h", SPACE("d.example"))
			      C("b", "i", SPACE("o.example;9")),
		"o.example", "smtp:[i]" },
	{ "secondary with a primary that none serves",
		OWNED "accepted-domain 'o.example' { secondary-of = "
		      "'d.example' }\n" C("a", "h", SPACE("e.example")),
		"o.example", "" },
	{ "names below that none has an entry for",
		OWNED C("a", "h", SPACE("*.d.example")), "?.d.example",
		"smtp:[h]" },
	{ "in U-labels", OWNED C("a", "h", SPACE("xn--bcher-kva.example")),
		"x.b\xc3\xbc"
		"cher.example",
		"smtp:[h]" },
	{ "several hosts, then those of the next",
		OWNED "connector a { smart-hosts = { 'h', 'i' } " SPACE(
			"d.example") " }\n" C("b", "j",
			"backup = yes " SPACE("d.example;2")),
		"d.example", "smtp:[h], [i], [j]" },
};

START_TEST(leaves_by)
{
	struct model_case c;
	struct route route;

	model_case_sound(&c, routes[_i].config, "");
	const enum lookup found =
		route_find(&route, model_view(c.model), routes[_i].asked);
	const char *said = route_format(&route, c.arena);

	ck_assert_msg(strcmp(said, routes[_i].expect) == 0,
		"%s: \"%s\", but expected \"%s\"", routes[_i].name, said,
		routes[_i].expect);
	ck_assert_int_eq(found, said[0] == '\0' ? LOOKUP_NONE : LOOKUP_FOUND);
	model_case_close(&c);
}
END_TEST

START_TEST(no_more_failover_than_there_is_room)
{
	struct model_case c;
	struct route route;
	struct text config;

	text_init(&config);
	text_adds(&config, OWNED);
	for (unsigned i = 0; i < ROUTE_CONNECTORS_MAX + 3; i++)
		text_addf(&config,
			"connector c%02u { smart-hosts = 'h%u' backup = yes "
			"address-spaces = 'd.example' }\n",
			i, i);
	model_case_sound(&c, config.data, "");
	ck_assert_int_eq(route_find(&route, model_view(c.model), "d.example"),
		LOOKUP_FOUND);
	ck_assert_uint_eq(route.count, ROUTE_CONNECTORS_MAX);
	text_fini(&config);
	model_case_close(&c);
}
END_TEST

START_TEST(a_ring_of_primaries_has_no_way_out)
{
	struct model_case c;
	struct route route;

	model_case_sound(&c,
		OWNED "accepted-domain '*.d.example' { secondary-of = "
		      "'d.example' }\n",
		"");
	/* What no configuration says. */
	c.ns->domains[0].secondary_of = "d.example";
	ck_assert_int_eq(route_find(&route, model_view(c.model), "d.example"),
		LOOKUP_NONE);
	model_case_close(&c);
}
END_TEST

START_TEST(routes_are_equal_by_their_connectors)
{
	const struct connector a = { .name = "a" }, b = { .name = "b" };
	const struct route none = { .count = 0 };
	const struct route of_a = { { &a }, 1 }, of_b = { { &b }, 1 };
	const struct route both = { { &a, &b }, 2 };

	ck_assert(route_equal(&none, &none));
	ck_assert(route_equal(&both, &both));
	ck_assert(!route_equal(&of_a, &of_b));
	ck_assert(!route_equal(&of_a, &both));
}
END_TEST

START_TEST(claims_tell_their_key)
{
	struct model_case c;
	struct claims claims;
	const char *key;

	model_case_sound(&c,
		OWNED C("a", "h", SPACE("*")) C("b", "i", SPACE("*.d.example")),
		"");
	const struct view *view = model_view(c.model);

	ck_assert_int_eq(
		claims_find(&claims, &key, view, "a.b.d.example", true),
		LOOKUP_FOUND);
	ck_assert_str_eq(key, ".d.example");
	ck_assert_int_eq(claims_find(&claims, &key, view, "d.example", true),
		LOOKUP_FOUND);
	ck_assert_str_eq(key, "*");
	ck_assert_int_eq(claims_find(&claims, &key, view, "d.example", false),
		LOOKUP_NONE);
	model_case_close(&c);
}
END_TEST

static const struct view_ops *counted;
static size_t n_asked;

static enum lookup count_domain(
	const struct view *view, const char *key, const struct domain **out)
{
	n_asked++;
	return counted->domain(view, key, out);
}

static enum lookup count_claims(
	const struct view *view, const char *key, struct claims *out)
{
	n_asked++;
	return counted->claims(view, key, out);
}

/* Clients choose how long a name is. */
START_TEST(a_long_name_costs_no_more_than_the_longest)
{
	enum { SIZE = 65000 };
	struct model_case c;
	const struct domain *domain;
	struct claims claims;
	const char *key;

	model_case_sound(&c, OWNED C("a", "h", SPACE("d.example")), "");
	/* It is the model's own, which it asks. */
	struct view *view = (struct view *)model_view(c.model);
	struct view_ops ops = *view->ops;
	struct arena *arena = arena_open();
	char *name = arena_alloc(arena, SIZE + sizeof "d.example");

	counted = view->ops;
	ops.domain = count_domain;
	ops.claims = count_claims;
	view->ops = &ops;
	memset(name, '.', SIZE);
	memcpy(name + SIZE, "d.example", sizeof "d.example");
	ck_assert_int_eq(domain_find(&domain, view, name), LOOKUP_FOUND);
	ck_assert_str_eq(domain->pattern.name.ascii, "d.example");
	ck_assert_int_eq(
		claims_find(&claims, &key, view, name, false), LOOKUP_FOUND);
	ck_assert_str_eq(key, ".d.example");
	ck_assert_uint_le(n_asked, 2 * 1024);
	memset(name, 'x', SIZE + sizeof "d.example" - 1);
	ck_assert_int_eq(domain_find(&domain, view, name), LOOKUP_NONE);
	ck_assert_int_eq(
		claims_find(&claims, &key, view, name, true), LOOKUP_NONE);
	ck_assert_str_eq(key, "*");
	arena_close(&arena);
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("route");

	tcase_add_loop_test(tcase, leaves_by, 0, COUNT(routes));
	tcase_add_test(tcase, no_more_failover_than_there_is_room);
	tcase_add_test(tcase, a_ring_of_primaries_has_no_way_out);
	tcase_add_test(tcase, routes_are_equal_by_their_connectors);
	tcase_add_test(tcase, claims_tell_their_key);
	tcase_add_test(tcase, a_long_name_costs_no_more_than_the_longest);
	return unit_run(suite_create("route"), tcase);
}
