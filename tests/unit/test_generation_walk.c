/* What a generation names, each once. */
#include "snapshot/generation.h"

#include "snapshot/files.h"
#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#include <stdio.h>
#include <sys/stat.h>

#define CONNECTOR \
	"connector ex { smart-hosts = h address-spaces = { 'd.example', " \
	"'#p.example;3', '*' } }\n"

struct walk {
	struct arena *arena;
	const char *names[32];
	size_t count, limit;
};

static bool take(void *context, const char *name)
{
	struct walk *walk = context;

	walk->names[walk->count++] = arena_strdup(walk->arena, name);
	return walk->count < walk->limit;
}

static bool take_domain(void *context, const struct domain *domain)
{
	struct walk *walk = context;

	return take(walk, domain_pattern_format(&domain->pattern, walk->arena));
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *joined(struct walk *walk)
{
	const char *text = "";

	qsort(walk->names, walk->count, sizeof *walk->names, compare);
	for (size_t i = 0; i < walk->count; i++)
		text = arena_printf(walk->arena, "%s%s ", text, walk->names[i]);
	return text;
}

static const struct {
	const char *name, *config, *entries;
	const char *addresses, *domains, *entered, *spaces;
} cases[] = {
	{ "a mailbox, a contact, a secondary name",
		"accepted-domain '#d.example' { }\n"
		"accepted-domain '#o.example' { secondary-of = 'd.example' }\n"
		"contact 'c@d.example' { target = 'x@far.example' }\n"
		"directory ad { path = p }\n" CONNECTOR,
		"ad bob@d.example",
		"bob@d.example bob@o.example c@d.example c@o.example "
		"postmaster@o.example ",
		"#d.example #o.example ", "d.example ",
		"* .d.example d.example p.example " },
	{ "whom the list and the aliases have",
		"accepted-domain '#d.example' { catch-all = 'bob@d.example' "
		"}\n"
		"directory ad { path = p }\n" CONNECTOR,
		"ad bob@d.example\nad carl@d.example",
		"bob@d.example carl@d.example postmaster@d.example ",
		"#d.example ", "d.example ",
		"* .d.example d.example p.example " },
	{ "a name in two label forms",
		"accepted-domain 'b\xc3\xbc"
		"cher.example' { }\n"
		"directory ad { path = p }\n" CONNECTOR,
		"ad j\xc3\xbcrgen@b\xc3\xbc"
		"cher.example",
		"j\xc3\xbcrgen@xn--bcher-kva.example ",
		"xn--bcher-kva.example ",
		"b\xc3\xbc"
		"cher.example xn--bcher-kva.example ",
		"* .d.example d.example p.example " },
	{ "blocks of one name",
		"accepted-domain 'd.example' { }\n"
		"accepted-domain '#d.example' { }\n"
		"accepted-domain 'e.example' { }\n"
		"accepted-domain '*.e.example' { }\n"
		"accepted-domain '*.f.example' { }\n" CONNECTOR,
		"", "",
		"#d.example *.e.example *.f.example d.example "
		"e.example ",
		"", "* .d.example d.example p.example " },
};

START_TEST(each_is_named_once)
{
	struct model_case c;
	struct err err = { 0 };

	model_case_sound(&c, cases[_i].config, cases[_i].entries);
	model_case_write(&c, 1);
	struct generation *generation = model_case_generation(&c);
	struct walk addresses = { .arena = c.arena, .limit = 32 };
	struct walk domains = addresses, entered = addresses,
		    spaces = addresses;

	ck_assert(
		generation_walk_addresses(generation, take, &addresses, &err));
	ck_assert_str_eq(joined(&addresses), cases[_i].addresses);
	ck_assert(generation_walk_domains(
		generation, take_domain, &domains, &err));
	ck_assert_str_eq(joined(&domains), cases[_i].domains);
	ck_assert(generation_walk_entries(generation, take, &entered, &err));
	ck_assert_str_eq(joined(&entered), cases[_i].entered);
	ck_assert(generation_walk_spaces(generation, take, &spaces, &err));
	ck_assert_str_eq(joined(&spaces), cases[_i].spaces);
	generation_close(&generation);
	model_case_close(&c);
}
END_TEST

START_TEST(walk_ends_where_it_is_told_to)
{
	struct model_case c;
	struct err err = { 0 };

	model_case_sound(&c, cases[0].config, cases[0].entries);
	model_case_write(&c, 1);
	struct generation *generation = model_case_generation(&c);

	for (size_t limit = 1; limit < 5; limit++) {
		struct walk walk = { .arena = c.arena, .limit = limit };

		ck_assert(generation_walk_addresses(
			generation, take, &walk, &err));
		ck_assert_uint_eq(walk.count, limit);
	}
	struct walk walk = { .arena = c.arena, .limit = 1 };

	ck_assert(
		generation_walk_domains(generation, take_domain, &walk, &err));
	ck_assert_uint_eq(walk.count, 1);
	generation_close(&generation);
	model_case_close(&c);
}
END_TEST

START_TEST(map_that_can_not_be_read_is_named)
{
	struct model_case c;
	struct err err = { 0 };
	struct walk walk = { .limit = 32 };

	model_case_sound(&c, cases[0].config, cases[0].entries);
	const char *folder = model_case_write(&c, 1);
	struct generation *generation = model_case_generation(&c);

	walk.arena = c.arena;
	ck_assert_int_eq(unlink(arena_printf(
				 c.arena, "%s/" FILES_VIRTUAL_ALIAS, folder)),
		0);
	ck_assert(!generation_walk_addresses(generation, take, &walk, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "/" FILES_VIRTUAL_ALIAS ": "));
	ck_assert_int_eq(
		unlink(arena_printf(c.arena, "%s/" FILES_POLICY, folder)), 0);
	ck_assert(
		!generation_walk_domains(generation, take_domain, &walk, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "/" FILES_POLICY ": "));
	generation_close(&generation);
	model_case_close(&c);
}
END_TEST

/* Of the first record, which begins behind the table of tables. */
static void damage(const char *folder, const char *name, struct arena *arena)
{
	const char *path = arena_printf(arena, "%s/%s", folder, name);

	ck_assert_int_eq(chmod(path, 0600), 0);
	FILE *file = fopen(path, "r+");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fseek(file, 2048, SEEK_SET), 0);
	ck_assert_int_ne(fputs("\x7f\x7f\x7f\x7f", file), EOF);
	ck_assert_int_eq(fclose(file), 0);
}

/* Not all of them is never taken for all of them. */
START_TEST(damaged_map_is_told)
{
	static const char *const maps[] = { FILES_RELAY_RECIPIENTS,
		FILES_VIRTUAL_ALIAS, FILES_POLICY };
	struct model_case c;
	struct err err = { 0 };

	model_case_sound(&c, cases[0].config, cases[0].entries);
	const char *folder = model_case_write(&c, 1);
	struct generation *generation = model_case_generation(&c);
	struct walk walk = { .arena = c.arena, .limit = 32 };

	damage(folder, maps[_i], c.arena);
	if (_i < 2) {
		ck_assert(!generation_walk_addresses(
			generation, take, &walk, &err));
		ck_assert_str_eq(err.text,
			arena_printf(
				c.arena, "%s: its maps are corrupt", folder));
	} else {
		const char *sentence = arena_printf(
			c.arena, "%s/" FILES_POLICY ": damaged", folder);

		ck_assert(!generation_walk_domains(
			generation, take_domain, &walk, &err));
		ck_assert_str_eq(err.text, sentence);
		ck_assert(!generation_walk_entries(
			generation, take, &walk, &err));
		ck_assert(
			!generation_walk_spaces(generation, take, &walk, &err));
		ck_assert_str_eq(err.text, sentence);
	}
	generation_close(&generation);
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("generation_walk");

	tcase_add_loop_test(tcase, each_is_named_once, 0, COUNT(cases));
	tcase_add_test(tcase, walk_ends_where_it_is_told_to);
	tcase_add_test(tcase, map_that_can_not_be_read_is_named);
	tcase_add_loop_test(tcase, damaged_map_is_told, 0, 3);
	return unit_run(suite_create("generation_walk"), tcase);
}
