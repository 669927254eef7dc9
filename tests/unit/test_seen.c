/* The same is what is the same in every byte that matters. */
#include "directory/seen.h"

#include "base/file.h"
#include "directory/load.h"

#include "listing_case.h"
#include "unit_main.h"

struct fixture {
	struct arena *arena;
	struct directory directory;
	struct load_options options;
	const char *copy, *record;
	struct slice listing, frame;
};

static const char SOURCE[] = "ann@d.example\n";
static const char LISTING[] =
	"postshare-directory 1\nann@d.example\t1\nclass 1 user\ncount 1\n";
static const char FRAME[] = "postshare-directory 1\nclass 1 user\ncount 1\n";
static const char *FIELDS[] = { "mail", "proxy" };

/* Whether it is the same now. */
static bool look(struct fixture *f)
{
	struct seen *seen = seen_open(&f->directory, &f->options, f->arena);
	struct slice frame;
	const bool is_same = seen_is_same(seen, &frame);

	if (is_same)
		ck_assert(slice_is(frame, FRAME));
	seen_close(&seen);
	return is_same;
}

/* A read of what SOURCE is, in two pieces. */
static void keep(struct fixture *f)
{
	struct seen *seen = seen_open(&f->directory, &f->options, f->arena);

	seen_add(seen, SOURCE, 5);
	seen_add(seen, SOURCE + 5, sizeof SOURCE - 6);
	seen_keep(seen, f->listing, f->frame);
	seen_close(&seen);
	ck_assert_ptr_null(seen);
	seen_close(&seen);
}

static void fixture_init(struct fixture *f)
{
	*f = (struct fixture){ .arena = arena_open() };
	f->options.state = test_folder(f->arena);
	f->options.delimiters = "+";
	f->directory = (struct directory){
		.name = "a/d",
		.path = arena_printf(f->arena, "%s/list", f->options.state),
		.fields = FIELDS,
		.n_fields = 1,
	};
	f->listing = slice_of(LISTING);
	f->frame = slice_of(FRAME);
	f->copy = last_good_path(f->options.state, "a/d", f->arena);
	f->record = arena_printf(
		f->arena, "%s/directories/a%%2Fd~read", f->options.state);
	test_write(f->directory.path, SOURCE, sizeof SOURCE - 1);
}

static void fixture_fini(struct fixture *f)
{
	test_folder_remove(f->options.state);
	arena_close(&f->arena);
}

/* All there, and the same. */
static void fixture_init_same(struct fixture *f)
{
	fixture_init(f);
	ck_assert(!look(f));
	keep(f);
	ck_assert(!look(f)); /* there is no copy */
	ck_assert(listing_keep(f->listing, f->options.state, "a/d", NULL));
	ck_assert(look(f));
}

static void change_source(struct fixture *f)
{
	test_write(f->directory.path, "bnn@d.example\n", sizeof SOURCE - 1);
}

static void lengthen_source(struct fixture *f)
{
	test_write(f->directory.path, "ann@d.example\n#", sizeof SOURCE);
}

static void empty_source(struct fixture *f)
{
	test_write(f->directory.path, "", 0);
}

static void remove_source(struct fixture *f)
{
	ck_assert_int_eq(unlink(f->directory.path), 0);
}

static void put_folder_for_source(struct fixture *f)
{
	remove_source(f);
	ck_assert_int_eq(mkdir(f->directory.path, 0700), 0);
}

static void put_pipe_for_source(struct fixture *f)
{
	remove_source(f);
	ck_assert_int_eq(mkfifo(f->directory.path, 0600), 0);
}

static void change_copy(struct fixture *f)
{
	char *bytes = arena_strdup(f->arena, LISTING);

	bytes[22] = 'b';
	test_write(f->copy, bytes, sizeof LISTING - 1);
}

static void cut_copy(struct fixture *f)
{
	test_write(f->copy, LISTING, sizeof LISTING - 2);
}

static void remove_copy(struct fixture *f)
{
	ck_assert_int_eq(unlink(f->copy), 0);
}

static void remove_record(struct fixture *f)
{
	ck_assert_int_eq(unlink(f->record), 0);
}

static void lengthen_record(struct fixture *f)
{
	ck_assert_int_eq(truncate(f->record, 1L << 42), 0);
}

static void change_delimiters(struct fixture *f)
{
	f->options.delimiters = "";
}

static void change_type(struct fixture *f)
{
	f->directory.type = DIRECTORY_POSTFIX;
}

static void change_to_command(struct fixture *f)
{
	f->directory.type = DIRECTORY_COMMAND;
}

static void change_preset(struct fixture *f)
{
	f->directory.preset = PRESET_EXCHANGE;
}

static void change_fields(struct fixture *f)
{
	f->directory.fields = FIELDS + 1;
}

static void add_field(struct fixture *f)
{
	f->directory.n_fields = 2;
}

static void change_target_field(struct fixture *f)
{
	f->directory.target_field = "";
}

static void change_separator(struct fixture *f)
{
	f->directory.separator = ';';
}

static void change_disabled(struct fixture *f)
{
	f->directory.skips_disabled = true;
}

static void change_local_domain(struct fixture *f)
{
	f->directory.local_domain = "d.example";
}

static void change_min_uid(struct fixture *f)
{
	f->directory.min_uid = 1;
}

static void change_max_uid(struct fixture *f)
{
	f->directory.max_uid = 1;
}

static const struct change_case {
	const char *name;
	void (*change)(struct fixture *f);
} CHANGES[] = {
	{ "source", change_source },
	{ "longer source", lengthen_source },
	{ "empty source", empty_source },
	{ "no source", remove_source },
	{ "folder as source", put_folder_for_source },
	{ "pipe as source", put_pipe_for_source },
	{ "copy", change_copy },
	{ "shorter copy", cut_copy },
	{ "no copy", remove_copy },
	{ "no record", remove_record },
	{ "a record without bytes", lengthen_record },
	{ "recipient_delimiter", change_delimiters },
	{ "type", change_type },
	{ "type that is no file", change_to_command },
	{ "preset", change_preset },
	{ "column", change_fields },
	{ "more columns", add_field },
	{ "target", change_target_field },
	{ "separator", change_separator },
	{ "disabled-accounts", change_disabled },
	{ "local domain", change_local_domain },
	{ "min-uid", change_min_uid },
	{ "max-uid", change_max_uid },
};

START_TEST(each_change_is_seen)
{
	struct fixture f;

	fixture_init_same(&f);
	CHANGES[_i].change(&f);
	ck_assert_msg(!look(&f), "%s", CHANGES[_i].name);
	fixture_fini(&f);
}
END_TEST

/* In its length or any byte; of a key, Poly1305 leaves some bits unused. */
static const char USED_BIT = 4;

START_TEST(record_that_is_harmed_says_nothing)
{
	struct fixture f;
	size_t len;

	fixture_init_same(&f);
	char *bytes = file_read(f.record, &len, f.arena, NULL);

	for (size_t i = 0; i < len; i++) {
		test_write(f.record, bytes, i);
		ck_assert_msg(!look(&f), "%zu bytes", i);
		bytes[i] ^= USED_BIT;
		test_write(f.record, bytes, len);
		ck_assert_msg(!look(&f), "byte %zu", i);
		bytes[i] ^= USED_BIT;
	}
	test_write(f.record, bytes, len);
	ck_assert(look(&f));
	fixture_fini(&f);
}
END_TEST

START_TEST(times_do_not_matter)
{
	struct fixture f;

	fixture_init_same(&f);
	remove_source(&f);
	test_write(f.directory.path, SOURCE, sizeof SOURCE - 1);
	f.directory.max_age_s = 5;
	f.directory.max_bad.count = 7;
	ck_assert(look(&f));
	fixture_fini(&f);
}
END_TEST

START_TEST(dry_run_keeps_nothing)
{
	struct fixture f;

	fixture_init_same(&f);
	remove_record(&f);
	f.options.is_dry = true;
	keep(&f);
	ck_assert(!look(&f));
	f.options.is_dry = false;
	keep(&f);
	f.options.is_dry = true;
	ck_assert(look(&f));
	fixture_fini(&f);
}
END_TEST

/* The key is in it. */
START_TEST(record_is_for_its_owner_alone)
{
	struct stat status;
	struct fixture f;

	fixture_init_same(&f);
	ck_assert_int_eq(stat(f.record, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0600);
	ck_assert_int_ne(
		access(arena_printf(f.arena, "%s.tmp", f.record), F_OK), 0);
	fixture_fini(&f);
}
END_TEST

/* Without a reader open() would wait for one. */
START_TEST(pipe_at_the_temporary_name_goes)
{
	struct fixture f;

	fixture_init_same(&f);
	ck_assert_int_eq(unlink(f.record), 0);
	ck_assert_int_eq(
		mkfifo(arena_printf(f.arena, "%s/directories/.a%%2Fd~read.tmp",
			       f.options.state),
			0600),
		0);
	keep(&f);
	ck_assert(look(&f));
	fixture_fini(&f);
}
END_TEST

START_TEST(record_that_can_not_be_written_costs_a_read)
{
	struct fixture f;

	fixture_init_same(&f);
	remove_record(&f);
	ck_assert_int_eq(mkdir(f.record, 0700), 0);
	keep(&f);
	ck_assert(!look(&f));
	ck_assert_int_ne(
		access(arena_printf(f.arena, "%s.tmp", f.record), F_OK), 0);
	fixture_fini(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("seen");
	TCase *tcase = tcase_create("seen");

	tcase_set_timeout(tcase, 60); /* files, on a busy machine */
	tcase_add_loop_test(tcase, each_change_is_seen, 0, COUNT(CHANGES));
	tcase_add_test(tcase, record_that_is_harmed_says_nothing);
	tcase_add_test(tcase, times_do_not_matter);
	tcase_add_test(tcase, dry_run_keeps_nothing);
	tcase_add_test(tcase, record_is_for_its_owner_alone);
	tcase_add_test(tcase, pipe_at_the_temporary_name_goes);
	tcase_add_test(tcase, record_that_can_not_be_written_costs_a_read);
	return unit_run(suite, tcase);
}
