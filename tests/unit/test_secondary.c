/* Whose second name a domain is, and whether that ends. */
#include "namespace/secondary.h"

#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#define NONE SECONDARY_NONE

static const struct {
	const char *name;
	size_t up[4];
	size_t circles[4]; /* of each index */
} ways[] = {
	{ "none is secondary", { NONE, NONE, NONE, NONE },
		{ NONE, NONE, NONE, NONE } },
	{ "a line", { 1, 2, 3, NONE }, { NONE, NONE, NONE, NONE } },
	{ "a pair", { NONE, 2, 1, NONE }, { NONE, 1, 1, NONE } },
	{ "all of them", { 3, 0, 1, 2 }, { 0, 0, 0, 0 } },
	{ "one that leads to a circle", { 1, 2, 1, NONE },
		{ NONE, 1, 1, NONE } },
	{ "its own", { NONE, 1, 1, NONE }, { NONE, 1, NONE, NONE } },
};

START_TEST(finds_circles)
{
	for (size_t i = 0; i < 4; i++)
		ck_assert_msg(secondary_circle(ways[_i].up, 4, i) ==
				ways[_i].circles[i],
			"%s: %zu", ways[_i].name, i);
}
END_TEST

#define CONFIG \
	"connector ex { smart-hosts = h address-spaces = '*' }\n" \
	"accepted-domain 'a.example' { }\n" \
	"accepted-domain '#a.example' { }\n" \
	"accepted-domain '*.b.example' { }\n" \
	"accepted-domain 'c.example' { enabled = no }\n"

static const struct {
	const char *name;
	bool is_enabled;
	size_t owner;
} owners[] = {
	{ "a.example", true, 1 }, /* the exact one has the name */
	{ "b.example", true, NONE },
	{ "c.example", true, NONE },
	{ "c.example", false, 2 + 1 },
	{ "x.a.example", true, NONE },
};

START_TEST(finds_owners)
{
	struct model_case c;

	model_case_sound(&c, CONFIG, "");
	ck_assert_msg(secondary_owner(c.ns, owners[_i].name,
			      owners[_i].is_enabled) == owners[_i].owner,
		"%s", owners[_i].name);
	model_case_close(&c);
}
END_TEST

static const struct {
	const char *name, *config;
	bool is_circular; /* the first domain */
} belows[] = {
	{ "a primary with names below",
		"accepted-domain 'a.example' { secondary-of = 'b.example' }\n"
		"accepted-domain 'b.example' { }\n",
		false },
	{ "one below the other, and back",
		"accepted-domain '*.a.example' { secondary-of = 'b.example' }\n"
		"accepted-domain '#b.example' { }\n"
		"accepted-domain '*.b.example' { secondary-of = 'a.example' }\n"
		"accepted-domain '#a.example' { }\n",
		true },
	{ "an exact one has none below",
		"accepted-domain '#a.example' { secondary-of = 'b.example' }\n"
		"accepted-domain 'b.example' { }\n",
		false },
};

START_TEST(finds_circles_below)
{
	struct model_case c;

	model_case_sound(&c, belows[_i].config, "");
	ck_assert_msg(
		secondary_circles_below(&c.ns->domains[0], model_view(c.model),
			c.ns->n_domains, c.arena) == belows[_i].is_circular,
		"%s", belows[_i].name);
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("secondary");

	tcase_add_loop_test(tcase, finds_circles, 0, COUNT(ways));
	tcase_add_loop_test(tcase, finds_owners, 0, COUNT(owners));
	tcase_add_loop_test(tcase, finds_circles_below, 0, COUNT(belows));
	return unit_run(suite_create("secondary"), tcase);
}
