/*
 * Last routes where the new maps told who stays, held against those for
 * which the resolver was asked of everybody, over namespaces by chance.
 */
#include "snapshot/leaving_stay.h"

#include "base/file.h"
#include "snapshot/files.h"
#include "tests/unit/chance.h"
#include "tests/unit/unit_main.h"
#include "transport-map-gen/compile.h"

enum {
#ifdef ARENA_SEPARATE /* so slow under the sanitizers */
	SEEDS = 10,
#else
	SEEDS = 40,
#endif
	NAMESPACES = 5,
	OLD_PERCENT = 80, /* of the new entries that were old ones */
};

/* Not what is tested here, and slow: cdb files are many. */
int fsync(int fd)
{
	return fd < 0 ? -1 : 0;
}

/* Some of the lines, so that others come and some go. */
static const char *some_of(
	struct chance *chance, const char *lines, struct arena *arena)
{
	char *rest = arena_strdup(arena, lines);
	struct text out;

	text_init(&out);
	text_adds(&out, "");
	while (rest != NULL && *rest != '\0') {
		const char *line = strsep(&rest, "\n");

		if (happens(chance, OLD_PERCENT))
			text_addf(&out, "%s\n", line);
	}
	const char *some = arena_strdup(arena, out.data);

	text_fini(&out);
	return some;
}

static const char *leaving_of(
	const struct model_case *c, const char *old, const char *folder)
{
	const struct compile_before before = {
		.routes = old, .current = old, .linger_s = 5 * MODEL_DAY
	};
	struct err err = { 0 };
	struct text out;
	size_t len;

	ck_assert_msg(compile_leaving(model_view(c->model), MODEL_NOW, &before,
			      folder, &err),
		"%s", err.text);
	text_init(&out);
	text_adds(&out,
		file_read(arena_printf(
				  c->arena, "%s/" FILES_LEAVING_DATES, folder),
			&len, c->arena, NULL));
	const char *leaving = arena_strdup(c->arena, out.data);

	text_fini(&out);
	return leaving;
}

/* Both ways; the second without the map that tells who stays. */
static bool compare(struct model_case *c, const char *old, const char *about)
{
	const char *folder = model_case_write(c, 2);
	const char *told = leaving_of(c, old, folder);

	unlink(arena_printf(c->arena, "%s/" FILES_RELAY_RECIPIENTS, folder));
	unlink(arena_printf(c->arena, "%s/" FILES_TRANSPORT_LEAVING, folder));
	ck_assert_msg(strcmp(told, leaving_of(c, old, folder)) == 0,
		"\"%s\" differs in\n%s", told, about);
	return told[0] != '\0';
}

static bool try_namespaces(struct chance *chance, struct arena *arena)
{
	const struct lists many = { .unread = 15, .contacts = 10, .below = 60 };
	const char *config = draw_config(chance, arena);
	const char *entries = draw_lists(chance, &many, arena);
	struct model_case old, new;
	bool has_left = false;

	model_case_open(&old, config, entries);
	model_case_open(&new,
		happens(chance, 50) ? config : draw_config(chance, arena),
		some_of(chance, entries, arena));
	if (model_case_is_proven(&old) && model_case_is_proven(&new))
		has_left = compare(&new, model_case_write(&old, 1),
			arena_printf(arena, "%s%s", config, entries));
	model_case_close(&new);
	model_case_close(&old);
	return has_left;
}

START_TEST(who_is_told_to_stay_is_who_does)
{
	struct chance chance = { (uint64_t)_i * 7907 + 11 };
	struct arena *arena = arena_open();
	unsigned n = 0;

	for (unsigned i = 0; n < NAMESPACES && i < 200 * NAMESPACES; i++)
		n += try_namespaces(&chance, arena);
	ck_assert_uint_eq(n, NAMESPACES);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("leaving_stay");

	tcase_add_loop_test(tcase, who_is_told_to_stay_is_who_does, 0, SEEDS);
	tcase_set_timeout(tcase, 120);
	return unit_run(suite_create("leaving_stay"), tcase);
}
