/* What is said of a state folder after rollbacks. */
#include "transport-map-gen/standing.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "snapshot/freshness.h"
#include "snapshot/hold.h"
#include "snapshot/manifest.h"
#include "snapshot/publish_record.h"
#include "snapshot/publish_switch.h"
#include "snapshot/state.h"
#include "tests/unit/folder_case.h"
#include "tests/unit/unit_main.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *base;
static struct arena *arena;
static struct state *state;

static const char *in(const char *name)
{
	return arena_printf(arena, "%s/%s", base, name);
}

static void add_generation(unsigned long number, unsigned long content_of)
{
	static struct manifest_directory directories[] = {
		{ "ad", 3, 1700000000 }, { "staff", 1, 1600000000 }
	};
	const struct manifest manifest = { .generation = number,
		.content_of = content_of,
		.directories = directories,
		.n_directories = 2 };
	const char *folder = state_generation(state, number, arena);

	ck_assert_int_eq(mkdir(folder, 0700), 0);
	ck_assert(manifest_write(&manifest, folder, NULL));
}

/* 41, 42, and 43 that has the content of 41. */
static void make_state(void)
{
	ck_assert_int_eq(setenv("TZ", "UTC", 1), 0);
	arena = arena_open();
	base = test_folder(arena);
	state = state_open(base, NULL);
	ck_assert_ptr_nonnull(state);
	add_generation(41, 0);
	add_generation(42, 0);
	add_generation(43, 41);
}

static void remove_state(void)
{
	state_close(&state);
	test_folder_remove(base);
	arena_close(&arena);
}

START_TEST(content_is_that_of_the_manifest)
{
	ck_assert_uint_eq(standing_content(state, 43), 41);
	ck_assert_uint_eq(standing_content(state, 42), 42);
	/* What can not be read is its own. */
	ck_assert_uint_eq(standing_content(state, 99), 99);
}
END_TEST

#define UNTIL "; nothing is published until \"transport-map-gen release\""

static const struct {
	const char *name;
	unsigned long held, current, open; /* 0 = none */
	const char *sentence;
} cases[] = {
	{ "nothing is held", 0, 43, 0, NULL },
	{ "it is done", 41, 43, 0,
		"generation 43 has the content of 41 since 2023-11-14 22:13 "
		"by ann" UNTIL },
	{ "it came to nothing", 41, 42, 0,
		"generation 42 stands since 2023-11-14 22:13 by ann, the "
		"rollback to 41 is not finished" UNTIL },
	{ "another's is open", 41, 43, 42,
		"generation 43 has the content of 41 since 2023-11-14 22:13 "
		"by ann" UNTIL },
	{ "its recipients are due", 41, 42, 43,
		"generation 42 stands since 2023-11-14 22:13 by ann" UNTIL },
	{ "what stands is held as it is", 42, 42, 0,
		"generation 42 stands since 2023-11-14 22:13 by ann" UNTIL },
};

START_TEST(hold_is_told_by_what_stands)
{
	const char *sentence = cases[_i].sentence;
	const struct hold hold = { cases[_i].held, 1700000000, "ann" };
	const struct publish_record record = {
		.step = cases[_i].open == 0 ? PUBLISH_DONE : PUBLISH_WAIT,
		.generation = cases[_i].open
	};

	if (cases[_i].held != 0)
		ck_assert(hold_write(&hold, base, NULL));
	ck_assert(switch_link(state, "current", cases[_i].current, NULL));
	ck_assert(publish_record_write(&record, base, NULL));
	const char *said = NULL;
	const enum lookup found = standing_held(&said, state, arena, NULL);

	ck_assert_msg(found == (sentence == NULL ? LOOKUP_NONE : LOOKUP_FOUND),
		"%s", cases[_i].name);
	if (sentence != NULL)
		ck_assert_str_eq(said, sentence);
}
END_TEST

START_TEST(unreadable_hold_is_told)
{
	const char *said = NULL;
	struct err err = { 0 };

	ck_assert(file_replace(in("hold"), "x\n", 2, 0640, NULL));
	ck_assert_int_eq(
		standing_held(&said, state, arena, &err), LOOKUP_FAILED);
	ck_assert_str_eq(err.text,
		arena_printf(arena,
			"%s/hold: not what rollback writes there; "
			"\"transport-map-gen release\" removes it",
			base));
}
END_TEST

static void loaded_are(time_t ad, time_t staff)
{
	struct freshness list[] = { { "ad", 7 }, { "staff", 7 } };

	ck_assert(freshness_read(base, list, 2, NULL));
	ck_assert_int_eq(list[0].loaded, ad);
	ck_assert_int_eq(list[1].loaded, staff);
}

START_TEST(lists_are_as_old_as_they_were)
{
	const struct freshness now[] = { { "ad", 1800000000 },
		{ "staff", 1500000000 } };
	struct manifest manifest;

	ck_assert(manifest_read(
		&manifest, state_generation(state, 41, arena), arena, NULL));
	ck_assert(freshness_write(base, now, 2, NULL));
	/* Never fresher than what is in force. */
	ck_assert(standing_note_earlier(state, &manifest, NULL));
	loaded_are(1700000000, 1500000000);
	ck_assert(switch_link(state, "current", 43, NULL));
	ck_assert(standing_note_loaded(state, NULL));
	loaded_are(1700000000, 1600000000);
}
END_TEST

START_TEST(what_can_not_be_read_is_told)
{
	struct err err = { 0 };

	ck_assert(switch_link(state, "current", 99, NULL));
	ck_assert(!standing_note_loaded(state, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "/generations/99/manifest"));
}
END_TEST

static const struct {
	const char *name, *caller;
	bool is_taken;
} users[] = {
	{ "whoever called sudo", "ann", true },
	{ "nobody did", NULL, false },
	{ "an empty name", "", false },
	{ "a name with a line end", "ann\n43 1 root", false },
	{ "a name with a blank", "ann smith", false },
};

START_TEST(user_is_who_called)
{
	if (users[_i].caller == NULL)
		unsetenv("SUDO_USER");
	else
		setenv("SUDO_USER", users[_i].caller, 1);
	const char *user = standing_user(arena);
	const bool is_caller =
		users[_i].caller != NULL && strcmp(user, users[_i].caller) == 0;

	/* Whoever is not root has no say in it. */
	ck_assert_msg(is_caller == (users[_i].is_taken && getuid() == 0),
		"%s: %s", users[_i].name, user);
	ck_assert_ptr_null(strpbrk(user, "\n "));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("standing");

	tcase_add_checked_fixture(tcase, make_state, remove_state);
	tcase_add_test(tcase, content_is_that_of_the_manifest);
	tcase_add_loop_test(
		tcase, hold_is_told_by_what_stands, 0, COUNT(cases));
	tcase_add_test(tcase, unreadable_hold_is_told);
	tcase_add_test(tcase, lists_are_as_old_as_they_were);
	tcase_add_test(tcase, what_can_not_be_read_is_told);
	tcase_add_loop_test(tcase, user_is_who_called, 0, COUNT(users));
	return unit_run(suite_create("standing"), tcase);
}
