/* Any recipient below an unfiltered domain, but for what is apart there. */
#include "base/file.h"
#include "tests/unit/model_case.h"
#include "tests/unit/postfix_walk.h"

#include "transport-map-gen/regexp_map.h"
#include "tests/unit/unit_main.h"

enum { APART = 70, LINE_MAX_BYTES = 4000 };

/* 70 filtered domains below one that is not. */
static const char *conf(struct arena *arena)
{
	struct text out;

	text_init(&out);
	text_adds(&out,
		"accepted-domain 'd.example' {\n"
		"type = internal-relay\nrecipient-filter = off\n}\n"
		"connector c {\nsmart-hosts = { '10.0.0.1' }\n"
		"address-spaces = { '*' }\n}\n"
		"directory l {\npath = l\n}\n");
	for (unsigned i = 0; i < APART; i++)
		text_addf(&out,
			"accepted-domain 'customer%u.d.example' {\n"
			"type = authoritative\n}\n",
			i);
	const char *config = arena_strdup(arena, out.data);

	text_fini(&out);
	return config;
}

static bool explain_finds(
	const char *folder, const char *address, struct arena *arena)
{
	const char *pattern, *value;
	const char *path =
		arena_printf(arena, "%s/relay_recipients.regexp", folder);

	return regexp_map_find(&pattern, &value, path, address, arena) ==
		LOOKUP_FOUND;
}

static void expect(const struct postfix *p, const char *folder,
	const char *address, bool is_somebody)
{
	ck_assert_msg(walk_matches(p, address) == is_somebody, "%s: Postfix",
		address);
	ck_assert_msg(explain_finds(folder, address, p->arena) == is_somebody,
		"%s: explain", address);
}

static void expect_short_lines(const char *folder, struct arena *arena)
{
	size_t len;
	char *rest = file_read(
		arena_printf(arena, "%s/relay_recipients.regexp", folder), &len,
		arena, NULL);

	while (rest != NULL && rest[0] != '\0')
		ck_assert_uint_lt(strlen(strsep(&rest, "\n")), LINE_MAX_BYTES);
}

START_TEST(many_that_are_apart_are_spared_in_short_lines)
{
	struct model_case c;
	struct postfix p;
	struct arena *arena = arena_open();

	model_case_sound(&c, conf(arena), "l ann@customer1.d.example");
	const char *folder = model_case_write(&c, 1);

	postfix_open(&p, folder, "+", arena);
	expect(&p, folder, "bob@x.d.example", true);
	expect(&p, folder, "bob@customer70.d.example", true);
	expect(&p, folder, "bob@other.example", false);
	for (unsigned i = 0; i < APART; i++) {
		expect(&p, folder,
			arena_printf(arena, "bob@customer%u.d.example", i),
			false);
		expect(&p, folder,
			arena_printf(arena, "bob@x.customer%u.d.example", i),
			false);
	}
	expect(&p, folder, "postmaster@x.customer0.d.example", true);
	expect_short_lines(folder, arena);
	postfix_close(&p);
	arena_close(&arena);
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("maps_regexp");

	tcase_add_test(tcase, many_that_are_apart_are_spared_in_short_lines);
	return unit_run(suite_create("maps_regexp"), tcase);
}
