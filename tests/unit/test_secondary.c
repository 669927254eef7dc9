/* Whose second name a domain is, and whether that ends. */
#include "namespace/secondary.h"

#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#define NONE SECONDARY_NONE

/* Of each index what secondary_ways() makes of it. */
static const struct {
	const char *name;
	size_t up[4];
	size_t ends[4], steps[4]; /* no steps where it closes */
	size_t circles[4];
} ways[] = {
	{ "none is secondary", { NONE, NONE, NONE, NONE }, { 0, 1, 2, 3 },
		{ 0, 0, 0, 0 }, { NONE, NONE, NONE, NONE } },
	{ "a line upwards", { 1, 2, 3, NONE }, { 3, 3, 3, 3 }, { 3, 2, 1, 0 },
		{ NONE, NONE, NONE, NONE } },
	{ "a line downwards", { NONE, 0, 1, 2 }, { 0, 0, 0, 0 }, { 0, 1, 2, 3 },
		{ NONE, NONE, NONE, NONE } },
	{ "two ways to one", { 2, 2, 3, NONE }, { 3, 3, 3, 3 }, { 2, 2, 1, 0 },
		{ NONE, NONE, NONE, NONE } },
	{ "a pair", { NONE, 2, 1, NONE }, { 0, NONE, NONE, 3 }, { 0, 0, 0, 0 },
		{ NONE, 1, 1, NONE } },
	{ "all of them", { 3, 0, 1, 2 }, { NONE, NONE, NONE, NONE },
		{ 0, 0, 0, 0 }, { 0, 0, 0, 0 } },
	{ "one that leads to a circle", { 1, 2, 1, NONE },
		{ NONE, NONE, NONE, 3 }, { 0, 0, 0, 0 }, { NONE, 1, 1, NONE } },
	{ "one that leads to a circle before it", { 1, 0, 1, 2 },
		{ NONE, NONE, NONE, NONE }, { 0, 0, 0, 0 },
		{ 0, 0, NONE, NONE } },
	{ "its own", { NONE, 1, 1, NONE }, { 0, NONE, NONE, 3 }, { 0, 0, 0, 0 },
		{ NONE, 1, NONE, NONE } },
};

START_TEST(finds_where_ways_lead)
{
	struct secondary_way found[4];

	secondary_ways(found, ways[_i].up, 4);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_msg(found[i].end == ways[_i].ends[i],
			"%s: end of %zu", ways[_i].name, i);
		ck_assert_msg(found[i].end == NONE ||
				found[i].steps == ways[_i].steps[i],
			"%s: steps of %zu", ways[_i].name, i);
		ck_assert_msg(found[i].circle == ways[_i].circles[i],
			"%s: circle of %zu", ways[_i].name, i);
	}
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
	const bool *circles =
		secondary_circles_below(c.ns, model_view(c.model), c.arena);

	ck_assert_msg(
		circles[0] == belows[_i].is_circular, "%s", belows[_i].name);
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("secondary");

	tcase_add_loop_test(tcase, finds_where_ways_lead, 0, COUNT(ways));
	tcase_add_loop_test(tcase, finds_owners, 0, COUNT(owners));
	tcase_add_loop_test(tcase, finds_circles_below, 0, COUNT(belows));
	return unit_run(suite_create("secondary"), tcase);
}
