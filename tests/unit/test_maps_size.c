/* What is not known to be too large fits, however many names there are. */
#include "snapshot/maps_size.h"

#include "snapshot/files.h"
#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#include <sys/stat.h>

/* The resolver goes from one name to the next so many times. */
enum { PEOPLE = 100, NAMES = 17, NAMES_ASKED = 15 };

/* What is left for the records that no recipient is the cause of. */
static const uint64_t blocks = 256 * 1024 * 1024;

/* Each domain is secondary of the one before, or all of the first. */
static char *config_of(struct arena *arena, bool is_chain)
{
	struct text text;

	text_init(&text);
	text_adds(&text,
		"accepted-domain '#d0.example' { type = authoritative }\n"
		"connector ex { address-spaces = '*' smart-hosts = 'h' }\n"
		"directory s { type = file path = 's' }\n");
	for (int i = 1; i < NAMES; i++)
		text_addf(&text,
			"accepted-domain '#d%d.example' {"
			" secondary-of = 'd%d.example' }\n",
			i, is_chain ? i - 1 : 0);
	char *config = arena_strdup(arena, text.data);

	text_fini(&text);
	return config;
}

static char *entries_of(struct arena *arena)
{
	struct text text;

	text_init(&text);
	for (int i = 0; i < PEOPLE; i++)
		text_addf(&text, "s user%d@d0.example\n", i);
	char *entries = arena_strdup(arena, text.data);

	text_fini(&text);
	return entries;
}

START_TEST(bound_counts_each_name_of_a_recipient)
{
	struct model_case c;
	struct arena *arena = arena_open();
	struct stat aliases;

	model_case_sound(&c, config_of(arena, _i == 1), entries_of(arena));
	const struct maps_input input = { c.ns, c.recipients, c.model,
		MODEL_NOW };
	struct names *names = names_open(c.ns, c.model);
	const struct maps maps = {
		.input = &input, .view = model_view(c.model), .names = names
	};
	const char *folder = model_case_write(&c, 1);

	names_answer(names, MODEL_NOW);
	ck_assert_int_eq(
		stat(arena_printf(arena, "%s/" FILES_VIRTUAL_ALIAS, folder),
			&aliases),
		0);
	ck_assert_uint_gt((uint64_t)aliases.st_size, PEOPLE * NAMES_ASKED * 50);
	ck_assert(
		maps_may_exceed(&maps, blocks + (uint64_t)aliases.st_size - 1));
	ck_assert(!maps_may_exceed(&maps, UINT32_MAX));
	names_close(&names);
	arena_close(&arena);
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("maps_size");

	tcase_add_loop_test(tcase, bound_counts_each_name_of_a_recipient, 0, 2);
	return unit_run(suite_create("maps_size"), tcase);
}
