/* A list beyond 8 MiB: its copy is written while room is made for it. */
#include "directory/load.h"

#include "directory/last_good.h"
#include "namespace/recipients.h"

#include "sink_text.h"
#include "unit_main.h"

#include <sys/stat.h>

/* Each line has more than 200 bytes, so that fewer do. */
enum { N_USERS = 50000, LARGE = 8 * 1024 * 1024 };

static const char label[] =
	"a-name-of-sixty-three-letters-which-is-as-long-as-a-label-may-b";

struct fixture {
	struct arena *arena;
	struct directory directory;
	struct load_options options;
	struct recipients *recipients;
	struct load load;
	struct faults *faults;
};

static const char *user(const struct fixture *f, unsigned number)
{
	return arena_printf(
		f->arena, "u%u@%s.%s.%s.example", number, label, label, label);
}

static void fixture_init(struct fixture *f)
{
	*f = (struct fixture){ .arena = arena_open() };
	f->options.state = test_folder(f->arena);
	f->options.delimiters = "+";
	f->directory = (struct directory){
		.name = "staff",
		.is_enabled = true,
		.place = { "namespace.conf", 7 },
		.path = arena_printf(f->arena, "%s/list", f->options.state),
		.max_shrink = { 10, true },
	};
	f->directory.source = f->directory.path;
	f->faults = faults_open();
	f->recipients = recipients_open();
}

static void write_users(const struct fixture *f, unsigned count)
{
	struct text text;

	text_init(&text);
	for (unsigned i = 0; i < count; i++)
		text_addf(&text, "%s\n", user(f, i));
	test_write(f->directory.path, text.data, text.len);
	text_fini(&text);
}

static void fixture_fini(struct fixture *f)
{
	recipients_close(&f->recipients);
	test_folder_remove(f->options.state);
	faults_close(&f->faults);
	arena_close(&f->arena);
}

static enum load_end load(struct fixture *f)
{
	recipients_close(&f->recipients);
	f->recipients = recipients_open();
	const struct load_output output = { f->recipients, f->faults,
		f->arena };

	ck_assert(directories_load(
		&f->load, &f->directory, 1, &f->options, &output));
	return f->load.end;
}

static void check_served(const struct fixture *f, unsigned count)
{
	ck_assert_uint_eq(f->load.n_entries, count);
	ck_assert_uint_eq(recipients_count(f->recipients), count);
	for (unsigned i = 0; i < count; i++)
		ck_assert_str_eq(
			recipients_get(f->recipients, i)->key, user(f, i));
}

static const char *copy_of(const struct fixture *f)
{
	return last_good_path(f->options.state, "staff", f->arena);
}

static void count_entry(void *context, const struct entry *entry)
{
	unsigned *count = context;

	(void)entry;
	(*count)++;
}

static void check_copy(const struct fixture *f, unsigned expected)
{
	unsigned count = 0;
	struct stat status;

	ck_assert_int_eq(stat(copy_of(f), &status), 0);
	ck_assert_int_gt(status.st_size, LARGE);
	ck_assert_int_eq(last_good_read(copy_of(f), count_entry, &count, NULL),
		LOOKUP_FOUND);
	ck_assert_uint_eq(count, expected);
}

START_TEST(large_list_is_served_and_kept)
{
	struct fixture f;

	fixture_init(&f);
	write_users(&f, N_USERS);
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	ck_assert_str_eq(f.load.err.text, "");
	check_served(&f, N_USERS);
	check_copy(&f, N_USERS);
	fixture_fini(&f);
}
END_TEST

START_TEST(large_list_serves_where_nothing_is_kept)
{
	struct fixture f;

	fixture_init(&f);
	f.options.is_dry = true;
	write_users(&f, N_USERS);
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	check_served(&f, N_USERS);
	ck_assert_int_ne(access(copy_of(&f), F_OK), 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(large_list_without_a_copy_does_not_serve)
{
	struct fixture f;

	fixture_init(&f);
	write_users(&f, N_USERS);
	test_write(arena_printf(f.arena, "%s/directories", f.options.state), "",
		0);
	ck_assert_int_eq(load(&f), LOAD_NEVER);
	ck_assert_ptr_nonnull(strstr(f.load.err.text, "Not a directory"));
	check_served(&f, 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(old_copy_serves_where_a_large_one_can_not_be_made)
{
	struct fixture f;

	fixture_init(&f);
	write_users(&f, N_USERS - 1);
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	ck_assert_int_eq(
		mkdir(arena_printf(f.arena, "%s/directories/.staff.tmp",
			      f.options.state),
			0700),
		0);
	write_users(&f, N_USERS);
	ck_assert_int_eq(load(&f), LOAD_KEPT);
	ck_assert_ptr_nonnull(strstr(f.load.err.text, "Is a directory"));
	check_served(&f, N_USERS - 1);
	check_copy(&f, N_USERS - 1);
	fixture_fini(&f);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("load_large");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, large_list_is_served_and_kept);
	tcase_add_test(tcase, large_list_serves_where_nothing_is_kept);
	tcase_add_test(tcase, large_list_without_a_copy_does_not_serve);
	tcase_add_test(
		tcase, old_copy_serves_where_a_large_one_can_not_be_made);
	return unit_run(suite_create("load_large"), tcase);
}
