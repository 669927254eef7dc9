/* What Postfix finds for an address, map by map. */
#include "transport-map-gen/map_walk.h"

#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#define CONFIG \
	"accepted-domain 'd.example' { }\n" \
	"accepted-domain 'v.example' { recipient-filter = verify }\n" \
	"accepted-domain '#i.example' { type = internal-relay }\n" \
	"accepted-domain '#o.example' { secondary-of = 'd.example' }\n" \
	"connector ex { smart-hosts = h address-spaces = '*' }\n" \
	"connector u { smart-hosts = i }\n" \
	"directory ad { path = p connector = u }\n" \
	"contact 'c@d.example' { target = 'x@far.example' }\n"
#define ENTRIES "ad bob@d.example\nad \"two words\"@v.example"

static const struct {
	const char *name, *asked, *routed;
	const char *expect; /* "map: key" a line */
} cases[] = {
	{ "listed, with an extension", "bob+x@d.example", "bob+x@d.example",
		"relay_domains: d.example\n"
		"relay_recipients: bob@d.example\n"
		"transport: bob@d.example\n" },
	{ "secondary", "bob@o.example", "bob@d.example",
		"relay_domains: o.example\n"
		"virtual_alias: bob@o.example\n"
		"transport: bob@d.example\n" },
	{ "below", "no@b.v.example", "no@b.v.example",
		"relay_domains: .v.example\n"
		"recipient_access: v.example\n"
		"relay_recipients.regexp: @([^@]+\\.v\\.example)$\n"
		"transport: .v.example\n" },
	{ "quoted", "\"two words\"@v.example", "\"two words\"@v.example",
		"relay_domains: v.example\n"
		"recipient_access: \"two words\"@v.example\n"
		"relay_recipients: \"two words\"@v.example\n"
		"transport: \"two words\"@v.example\n" },
	{ "anybody", "no@i.example", "no@i.example",
		"relay_domains: i.example\n"
		"relay_recipients: @i.example\n"
		"transport: i.example\n" },
	{ "foreign", "x@far.example", "x@far.example", "transport: *\n" },
	{ "contact", "c@d.example", "x@far.example",
		"relay_domains: d.example\n"
		"virtual_alias: c@d.example\n"
		"transport: *\n" },
};

START_TEST(walks)
{
	struct map_hit hits[MAP_WALK_MAX];
	struct address asked, routed;
	struct model_case c;
	const char *said = "";

	model_case_sound(&c, CONFIG, ENTRIES);
	model_case_write(&c, 1);
	ck_assert(address_from_key(&asked, cases[_i].asked, "+", c.arena));
	ck_assert(address_from_key(&routed, cases[_i].routed, "+", c.arena));
	const size_t count = map_walk(hits, c.folder, &asked, &routed, c.arena);

	for (size_t i = 0; i < count; i++) {
		said = arena_printf(
			c.arena, "%s%s: %s\n", said, hits[i].map, hits[i].key);
		ck_assert_uint_gt(strlen(hits[i].value), 0);
	}
	ck_assert_msg(strcmp(said, cases[_i].expect) == 0,
		"%s:\n%sbut expected:\n%s", cases[_i].name, said,
		cases[_i].expect);
	model_case_close(&c);
}
END_TEST

START_TEST(without_maps_nothing_is_found)
{
	struct map_hit hits[MAP_WALK_MAX];
	struct arena *arena = arena_open();
	struct address asked;

	ck_assert(address_from_key(&asked, "bob@d.example", "", arena));
	ck_assert_uint_eq(
		map_walk(hits, "/nonexistent", &asked, &asked, arena), 0);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("map_walk");

	tcase_add_loop_test(tcase, walks, 0, COUNT(cases));
	tcase_add_test(tcase, without_maps_nothing_is_found);
	return unit_run(suite_create("map_walk"), tcase);
}
