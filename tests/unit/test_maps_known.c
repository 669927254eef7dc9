/*
 * The maps in which most answers were known already, held against those for
 * which the resolver was asked of every recipient, over namespaces by chance.
 */
#include "snapshot/maps_known.h"

#include "base/file.h"
#include "tests/unit/chance.h"
#include "tests/unit/unit_main.h"

#include <dirent.h>

enum {
#ifdef ARENA_SEPARATE /* so slow under the sanitizers */
	SEEDS = 10,
#else
	SEEDS = 40,
#endif
	NAMESPACES = 5,
};

/* Not what is tested here, and slow: cdb files are many. */
int fsync(int fd)
{
	return fd < 0 ? -1 : 0;
}

static const char *write_maps(
	const struct model_case *c, const char *name, bool is_each_resolved)
{
	const struct maps_input input = { c->ns, c->recipients, c->model,
		MODEL_NOW };
	const struct maps_options options = { .is_each_resolved =
						      is_each_resolved };
	const char *folder = arena_printf(c->arena, "%s/%s", c->folder, name);
	struct err err = { 0 };

	ck_assert_int_eq(mkdir(folder, 0700), 0);
	ck_assert_msg(maps_write_with(&input, &options, folder, &err), "%s",
		err.text);
	return folder;
}

static bool is_same_file(const struct model_case *c, const char *one,
	const char *other, const char *name)
{
	size_t len, other_len;
	const char *bytes =
		file_read(arena_printf(c->arena, "%s/%s", one, name), &len,
			c->arena, NULL);
	const char *other_bytes =
		file_read(arena_printf(c->arena, "%s/%s", other, name),
			&other_len, c->arena, NULL);

	return bytes != NULL && other_bytes != NULL && len == other_len &&
		memcmp(bytes, other_bytes, len) == 0;
}

static void compare(const struct model_case *c, const char *about)
{
	const char *known = write_maps(c, "known", false);
	const char *asked = write_maps(c, "asked", true);
	DIR *files = opendir(asked);
	const struct dirent *file;
	unsigned n = 0;

	ck_assert_ptr_nonnull(files);
	while ((file = readdir(files)) != NULL) {
		if (file->d_name[0] == '.')
			continue;
		ck_assert_msg(is_same_file(c, known, asked, file->d_name),
			"%s differs in\n%s", file->d_name, about);
		n++;
	}
	closedir(files);
	ck_assert_uint_ge(n, 8);
}

START_TEST(known_answers_are_those_of_the_resolver)
{
	const struct lists many = { .unread = 15, .contacts = 10, .below = 60 };
	struct chance chance = { (uint64_t)_i * 104729 + 3 };
	struct arena *arena = arena_open();
	unsigned n_sound = 0;

	for (unsigned i = 0; n_sound < NAMESPACES && i < 100 * NAMESPACES;
		i++) {
		const char *config = draw_config(&chance, arena);
		const char *entries = draw_lists(&chance, &many, arena);
		struct model_case c;

		model_case_open(&c, config, entries);
		if (model_case_is_proven(&c)) {
			n_sound++;
			compare(&c,
				arena_printf(arena, "%s%s", config, entries));
		}
		model_case_close(&c);
	}
	ck_assert_uint_eq(n_sound, NAMESPACES);
	arena_close(&arena);
}
END_TEST

static const struct {
	const char *delimiters, *local;
	bool is_plain;
} plains[] = {
	{ "+", "ann", true },
	{ "+", "first.last_2-x", true },
	{ "+-", "first-last", false },
	{ "+", "ann+tag", false },
	{ "", "ann+tag", false },
	{ "+", "postmaster", false },
	{ "+", "postmasters", true },
	{ "+", "\"two words\"", false },
	{ "+", "j\xc3\xbcrgen", false },
	{ "+", "Ann", false },
	{ "+", ".ann", false },
	{ "+", "ann.", false },
	{ "+", "a..b", false },
	{ "+", "", false },
};

START_TEST(plain_is_what_nobody_asks_about)
{
	struct arena *arena = arena_open();
	struct model_case c;

	model_case_sound(&c,
		arena_printf(arena,
			"extension = '%s'\naccepted-domain a.example { }\n"
			"connector ex { smart-hosts = h address-spaces = '*' }"
			"\ndirectory ad { path = p }\n",
			plains[_i].delimiters),
		"");
	struct names *all = names_open(c.ns, c.model);
	const struct maps maps = { .view = model_view(c.model), .names = all };
	struct maps_known *known = maps_known_open(&maps);

	names_answer(all, MODEL_NOW);
	ck_assert_msg(maps_known_is_plain(known, slice_of(plains[_i].local)) ==
			plains[_i].is_plain,
		"%s", plains[_i].local);
	maps_known_close(&known);
	ck_assert_ptr_null(known);
	maps_known_close(&known);
	names_close(&all);
	model_case_close(&c);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("maps_known");

	tcase_add_loop_test(
		tcase, known_answers_are_those_of_the_resolver, 0, SEEDS);
	tcase_add_loop_test(
		tcase, plain_is_what_nobody_asks_about, 0, COUNT(plains));
	tcase_set_timeout(tcase, 120);
	return unit_run(suite_create("maps_known"), tcase);
}
