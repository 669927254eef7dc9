/* A generation as policyd holds it: what it reads again, and what not. */
#include "tests/unit/model_case.h"

#include "snapshot/cdb_reader.h"
#include "snapshot/cdb_writer.h"
#include "snapshot/files.h"
#include "snapshot/sums.h"
#include "tests/unit/unit_main.h"

#include <fcntl.h>
#include <malloc.h>

static const char config[] =
	"accepted-domain \"company.example\" { type = authoritative }\n"
	"connector \"unix\" {\n"
	"	address-spaces = { \"company.example\" }\n"
	"	smart-hosts = { \"10.8.0.25\" }\n"
	"}\n"
	"directory \"staff\" { path = \"staff.txt\" max-age = 1d }\n";

static struct model_case the_case;

static void setup(void)
{
	model_case_sound(&the_case, config, "staff ann@company.example");
	model_case_write(&the_case, 1);
}

static void teardown(void)
{
	model_case_close(&the_case);
}

static const char *in_state(const char *name)
{
	return arena_printf(the_case.arena, "%s/%s", the_case.folder, name);
}

static void write_freshness(time_t loaded)
{
	const struct freshness staff = { "staff", loaded };

	ck_assert(freshness_write(the_case.folder, &staff, 1, NULL));
}

static time_t loaded(const struct generation *generation)
{
	return generation_view(generation)->loaded[0];
}

START_TEST(times_are_read_where_they_were_replaced)
{
	struct generation *generation = model_case_generation(&the_case);
	struct err err = { 0 };

	ck_assert(generation_refresh(generation, &err));
	ck_assert_int_eq(loaded(generation), MODEL_NOW);
	write_freshness(MODEL_NOW + 7);
	ck_assert(generation_refresh(generation, &err));
	ck_assert_int_eq(loaded(generation), MODEL_NOW + 7);
	ck_assert_int_eq(unlink(in_state(FILES_FRESHNESS)), 0);
	ck_assert(generation_refresh(generation, &err));
	ck_assert_int_eq(loaded(generation), 0);
	generation_close(&generation);
}
END_TEST

/* Nobody writes in place; so this shows whether it was read. */
static void change_in_place(void)
{
	const char *path = in_state(FILES_FRESHNESS);
	struct stat before;

	ck_assert_int_eq(stat(path, &before), 0);
	FILE *file = fopen(path, "r+");

	ck_assert_ptr_nonnull(file);
	fputs("STAFF", file);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(
		utimensat(AT_FDCWD, path,
			(struct timespec[]){ before.st_atim, before.st_mtim },
			0),
		0);
}

START_TEST(times_are_not_read_twice)
{
	struct generation *generation = model_case_generation(&the_case);
	struct err err = { 0 };

	ck_assert(generation_refresh(generation, &err));
	change_in_place();
	ck_assert(generation_refresh(generation, &err));
	ck_assert_int_eq(loaded(generation), MODEL_NOW);
	generation_close(&generation);
}
END_TEST

START_TEST(times_that_can_not_be_read_are_tried_again)
{
	struct generation *generation = model_case_generation(&the_case);
	struct text bad = { 0 };
	struct err err = { 0 };

	text_adds(&bad, "no times\n");
	ck_assert(files_replace(in_state(FILES_FRESHNESS), &bad, &err));
	for (int i = 0; i < 2; i++) {
		err = (struct err){ 0 };
		ck_assert(!generation_refresh(generation, &err));
		ck_assert_ptr_nonnull(strstr(err.text, "/freshness:1: "));
		ck_assert_int_eq(loaded(generation), MODEL_NOW);
	}
	write_freshness(MODEL_NOW + 7);
	ck_assert(generation_refresh(generation, &err));
	ck_assert_int_eq(loaded(generation), MODEL_NOW + 7);
	text_fini(&bad);
	generation_close(&generation);
}
END_TEST

/* The maps are there and Postfix reads them: so they are in force. */
START_TEST(times_that_can_not_be_read_keep_no_generation_shut)
{
	struct err err = { 0 };

	ck_assert_int_eq(unlink(in_state(FILES_FRESHNESS)), 0);
	ck_assert_int_eq(mkdir(in_state(FILES_FRESHNESS), 0700), 0);
	struct generation *generation = generation_open(the_case.folder, &err);

	ck_assert_msg(generation != NULL, "%s", err.text);
	ck_assert(!generation_refresh(generation, &err));
	const struct view *view = generation_view(generation);
	struct arena *arena = the_case.arena;

	ck_assert_int_eq(
		view_ask(view, "ann@company.example", NULL, arena).verdict,
		VERDICT_ACCEPT);
	ck_assert_int_eq(
		view_ask(view, "nobody@company.example", NULL, arena).verdict,
		VERDICT_DEFER);
	generation_close(&generation);
}
END_TEST

static bool copy_damaged(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	struct cdb_writer *writer = context;
	struct arena *arena = the_case.arena;
	const char *name = arena_strndup(arena, key, key_len);
	const bool is_spoilt = text_starts(name, "domain:") ||
		text_starts(name, "space:");

	return cdb_writer_add(writer, name,
		is_spoilt ? "?" : arena_strndup(arena, value, value_len), NULL);
}

/* Its domains and address spaces say nothing that was ever written. */
static void damage_policy(void)
{
	const char *path = in_state("generations/1/" FILES_POLICY);
	const char *temporary = in_state("generations/1/damaged");
	struct cdb_reader *reader = cdb_reader_open(path, NULL);
	struct cdb_writer *writer = cdb_writer_open(temporary, NULL);

	ck_assert(cdb_reader_walk(reader, copy_damaged, writer));
	ck_assert(cdb_writer_close(&writer, NULL));
	cdb_reader_close(&reader);
	ck_assert_int_eq(rename(temporary, path), 0);
	ck_assert(sums_write(in_state("generations/1"), NULL, NULL));
}

START_TEST(damaged_records_stay_failed_and_cost_no_memory)
{
	damage_policy();
	struct generation *generation = model_case_generation(&the_case);
	const struct view *view = generation_view(generation);
	const struct domain *domain;
	struct claims claims;
	size_t before = 0;

	for (int i = 0; i < 1000; i++) {
		ck_assert_int_eq(
			view->ops->domain(view, "company.example", &domain),
			LOOKUP_FAILED);
		ck_assert_int_eq(
			view->ops->claims(view, "company.example", &claims),
			LOOKUP_FAILED);
		if (i == 0)
			before = mallinfo2().uordblks;
	}
	ck_assert_uint_eq(mallinfo2().uordblks, before);
	generation_close(&generation);
}
END_TEST

START_TEST(any_number_opens_published_or_not)
{
	struct err err = { 0 };

	ck_assert_int_eq(unlink(in_state(FILES_CURRENT)), 0);
	struct generation *generation =
		generation_open_number(the_case.folder, 1, &err);

	ck_assert_msg(generation != NULL, "%s", err.text);
	ck_assert_uint_eq(generation_number(generation), 1);
	ck_assert_str_eq(
		generation_folder(generation), in_state("generations/1"));
	ck_assert(!generation_is_current(generation));
	ck_assert_int_eq(loaded(generation), 0);
	ck_assert(generation_refresh(generation, &err));
	ck_assert_int_eq(loaded(generation), MODEL_NOW);
	generation_close(&generation);
	ck_assert_ptr_null(generation_open_number(the_case.folder, 2, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "/generations/2/policy.cdb: "));
}
END_TEST

START_TEST(folder_outlives_its_removal_and_is_told_the_times)
{
	struct err err = { 0 };
	const struct freshness list[] = { { "nobody", 1 },
		{ "staff", MODEL_NOW } };
	const char *moved = in_state("elsewhere");

	ck_assert_int_eq(rename(in_state("generations/1"), moved), 0);
	struct generation *generation = generation_open_folder(moved, &err);

	ck_assert_msg(generation != NULL, "%s", err.text);
	ck_assert_uint_eq(generation_number(generation), 0);
	ck_assert(!generation_is_current(generation));
	ck_assert_int_eq(unlink(in_state("elsewhere/" FILES_POLICY)), 0);
	const struct view *view = generation_view(generation);
	const char *nobody = "nobody@company.example";

	ck_assert_int_eq(view_ask(view, nobody, NULL, the_case.arena).verdict,
		VERDICT_DEFER);
	generation_set_loaded(generation, list, 1);
	ck_assert_int_eq(loaded(generation), 0);
	generation_set_loaded(generation, list, 2);
	ck_assert_int_eq(view_ask(view, nobody, NULL, the_case.arena).verdict,
		VERDICT_REJECT);
	generation_close(&generation);
	ck_assert_ptr_null(generation_open_folder(moved, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "/elsewhere/policy.cdb: "));
}
END_TEST

/* Domains that fill policy.cdb beyond what is read whole, and walked. */
static const char *large_config(struct arena *arena, const char *more)
{
	struct text text;

	text_init(&text);
	text_adds(&text, config);
	for (int i = 0; i < 1000; i++)
		text_addf(&text, "accepted-domain '#%04d.example' { }\n", i);
	text_adds(&text, "postmaster = 'pm@far.example'\n");
	text_adds(&text, more);
	const char *result = arena_strdup(arena, text.data);

	text_fini(&text);
	return result;
}

static void contacts_of(
	struct model_case *c, enum lookup *configured, enum lookup *brought)
{
	struct generation *generation = model_case_generation(c);
	const struct view *view = generation_view(generation);
	struct contact contact;

	*configured = view->ops->contact(
		view, "c@company.example", c->arena, &contact);
	*brought = view->ops->directory_contact(
		view, "b@company.example", c->arena, &contact);
	generation_close(&generation);
}

static const struct {
	const char *config, *entries;
	enum lookup configured, brought;
} contact_cases[] = {
	{ "", "staff ann@company.example", LOOKUP_NONE, LOOKUP_NONE },
	{ "contact 'c@company.example' { target = 'x@far.example' }\n",
		"staff ann@company.example", LOOKUP_FOUND, LOOKUP_NONE },
	{ "", "staff b@company.example > x@far.example", LOOKUP_NONE,
		LOOKUP_FOUND },
	{ "contact 'c@company.example' { target = 'x@far.example' }\n",
		"staff b@company.example > x@far.example", LOOKUP_FOUND,
		LOOKUP_FOUND },
};

static void check_contacts(
	struct model_case *c, const char *text, bool is_large, int i)
{
	enum lookup configured, brought;
	struct stat status;

	model_case_sound(c, text, contact_cases[i].entries);
	const char *folder = model_case_write(c, 1);

	ck_assert_int_eq(
		stat(arena_printf(c->arena, "%s/" FILES_POLICY, folder),
			&status),
		0);
	ck_assert(is_large == (status.st_size > 65536));
	contacts_of(c, &configured, &brought);
	ck_assert_int_eq(configured, contact_cases[i].configured);
	ck_assert_int_eq(brought, contact_cases[i].brought);
	model_case_close(c);
}

/* Who has none is not asked for any; of a large map nobody knows. */
START_TEST(contacts_are_found_however_large_the_map)
{
	struct arena *arena = arena_open();
	struct model_case c;

	check_contacts(&c,
		arena_printf(arena, "%s%s", config, contact_cases[_i].config),
		false, _i);
	check_contacts(
		&c, large_config(arena, contact_cases[_i].config), true, _i);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("generation");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, times_are_read_where_they_were_replaced);
	tcase_add_test(tc, times_are_not_read_twice);
	tcase_add_test(tc, times_that_can_not_be_read_are_tried_again);
	tcase_add_test(tc, times_that_can_not_be_read_keep_no_generation_shut);
	tcase_add_test(tc, damaged_records_stay_failed_and_cost_no_memory);
	tcase_add_test(tc, any_number_opens_published_or_not);
	tcase_add_test(tc, folder_outlives_its_removal_and_is_told_the_times);
	tcase_add_loop_test(tc, contacts_are_found_however_large_the_map, 0,
		COUNT(contact_cases));
	return unit_run(suite_create("generation"), tc);
}
