#include "directory/load.h"

#include "directory/last_good.h"
#include "namespace/recipients.h"

#include "sink_text.h"
#include "unit_main.h"

#include <sys/stat.h>

/* A state folder and a list beside it. */
struct fixture {
	struct arena *arena;
	struct directory directory;
	struct load_options options;
	struct load load;
	struct faults *faults;
	struct text served; /* "key [-> target] " of the last load */
	bool is_filled; /* by the last load */
	size_t n_left_out; /* that are expected then */
};

/* The second one is ours. */
static const char *const MAY_SHRINK[] = { "ad", "staff" };

static void fixture_init(struct fixture *f)
{
	*f = (struct fixture){ .arena = arena_open() };
	f->options.state = test_folder(f->arena);
	f->options.delimiters = "+";
	f->options.accept_shrink = MAY_SHRINK;
	f->options.n_accept_shrink = 1;
	f->directory = (struct directory){
		.name = "staff",
		.is_enabled = true,
		.place = { "namespace.conf", 7 },
		.path = arena_printf(f->arena, "%s/list", f->options.state),
		.max_shrink = { 10, true },
		.max_bad = { 2, false },
	};
	f->directory.source = f->directory.path;
	f->faults = faults_open();
}

static void fixture_fini(struct fixture *f)
{
	test_folder_remove(f->options.state);
	faults_close(&f->faults);
	text_fini(&f->served);
	arena_close(&f->arena);
}

static void write_list(const struct fixture *f, const char *text)
{
	test_write(f->directory.path, text, strlen(text));
}

/* Users from the first number to the last. */
static void write_users(const struct fixture *f, unsigned first, unsigned last)
{
	struct text text;

	text_init(&text);
	for (unsigned i = first; i <= last; i++)
		text_addf(&text, "u%u@d.example\n", i);
	write_list(f, text_of(&text));
	text_fini(&text);
}

static enum load_end load(struct fixture *f)
{
	struct recipients *recipients = recipients_open();
	const struct load_output output = { recipients, f->faults, f->arena };

	text_clear(&f->served);
	f->is_filled = directories_load(
		&f->load, &f->directory, 1, &f->options, &output);
	if (!f->is_filled) {
		ck_assert_uint_eq(recipients_count(recipients), 0);
		ck_assert_uint_eq(f->load.n_entries, f->n_left_out);
		recipients_close(&recipients);
		return f->load.end;
	}
	for (size_t i = 0; i < recipients_count(recipients); i++) {
		const struct recipient *r = recipients_get(recipients, i);

		ck_assert_ptr_eq(r->directory, &f->directory);
		ck_assert_str_eq(r->domain, strrchr(r->key, '@') + 1);
		text_addf(&f->served, "%s:%s%s%s ", r->origin, r->key,
			r->target == NULL ? "" : "->",
			r->target == NULL ? "" : r->target);
	}
	ck_assert_uint_eq(recipients_count(recipients), f->load.n_entries);
	recipients_close(&recipients);
	return f->load.end;
}

static const char *copy_of(const struct fixture *f)
{
	return last_good_path(f->options.state, f->directory.name, f->arena);
}

#define CHECK_ERR(f, sentence) \
	ck_assert_str_eq((f)->load.err.text, \
		arena_printf((f)->arena, sentence, (f)->directory.path))

START_TEST(first_load_is_fresh)
{
	struct fixture f;

	fixture_init(&f);
	write_list(&f, "Ann@d.example\nbob@d.example\nann@d.example\n");
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	ck_assert_str_eq(
		text_of(&f.served), "1:ann@d.example 2:bob@d.example ");
	ck_assert_str_eq(f.load.err.text, "");
	ck_assert_int_eq(access(copy_of(&f), F_OK), 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(empty_first_list_is_fresh)
{
	struct fixture f;

	fixture_init(&f);
	write_list(&f, "");
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	ck_assert_uint_eq(f.load.n_entries, 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(failed_read_keeps_the_copy)
{
	struct fixture f;

	fixture_init(&f);
	write_list(&f, "ann@d.example\n");
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	ck_assert_int_eq(unlink(f.directory.path), 0);
	ck_assert_int_eq(load(&f), LOAD_KEPT);
	ck_assert_str_eq(text_of(&f.served), "1:ann@d.example ");
	CHECK_ERR(&f, "open %s: No such file or directory");
	fixture_fini(&f);
}
END_TEST

START_TEST(failure_in_the_middle_keeps_the_copy)
{
	static const char *columns[] = { "mail" };
	struct fixture f;

	fixture_init(&f);
	f.directory.type = DIRECTORY_CSV;
	f.directory.fields = columns;
	f.directory.n_fields = 1;
	f.directory.target_field = "target";
	write_list(&f, "mail,target\na@d.example,\nc@d.example,x@e.example\n");
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	write_list(&f, "mail,target\nnew@d.example,\n\"b@d.example,\n");
	ck_assert_int_eq(load(&f), LOAD_KEPT);
	CHECK_ERR(&f, "%s:3: the quote opened here is never closed");
	ck_assert_str_eq(text_of(&f.served),
		"row 2:a@d.example row 3:c@d.example->x@e.example ");
	fixture_fini(&f);
}
END_TEST

START_TEST(failure_without_a_copy_is_never)
{
	struct fixture f;

	fixture_init(&f);
	ck_assert_int_eq(load(&f), LOAD_NEVER);
	CHECK_ERR(&f, "open %s: No such file or directory");
	ck_assert_uint_eq(f.load.n_entries, 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(bad_lines_up_to_the_limit_are_advice)
{
	struct fixture f;

	fixture_init(&f);
	write_list(&f, "bob\nann@d.example\n@\n");
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	ck_assert_uint_eq(f.load.n_bad, 2);
	ck_assert_uint_eq(f.load.n_entries, 1);
	ck_assert_uint_eq(faults_count(f.faults), 2);
	ck_assert_uint_eq(faults_errors(f.faults), 0);
	ck_assert_uint_eq(faults_get(f.faults, 1)->place.line, 3);
	fixture_fini(&f);
}
END_TEST

START_TEST(too_many_bad_lines_fail_the_read)
{
	struct fixture f;

	fixture_init(&f);
	write_list(&f, "ann@d.example\n");
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	write_list(&f, "a\nb\nc\nbob@d.example\n");
	ck_assert_int_eq(load(&f), LOAD_KEPT);
	ck_assert_uint_eq(f.load.n_bad, 3);
	CHECK_ERR(&f, "%s: 3 of 4 entries are bad, max-bad = 2");
	ck_assert_str_eq(text_of(&f.served), "1:ann@d.example ");
	fixture_fini(&f);
}
END_TEST

/* As one with the line ends of an old Macintosh. */
START_TEST(nothing_but_bad_lines_fails_the_read)
{
	struct fixture f;

	fixture_init(&f);
	write_list(&f, "# staff\nann@d.example\rbob@d.example\r");
	ck_assert_int_eq(load(&f), LOAD_NEVER);
	ck_assert_uint_eq(f.load.n_bad, 1);
	CHECK_ERR(&f,
		"%s: none of its 1 entries is an address, which is no empty "
		"list but another kind of file");
	fixture_fini(&f);
}
END_TEST

START_TEST(percentage_of_bad_lines_is_of_all)
{
	struct fixture f;

	fixture_init(&f);
	f.directory.max_bad = (struct limit){ 25, true };
	write_list(&f, "a\nb@d.example\nc@d.example\nd@d.example\n");
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	write_list(&f, "a\nb@d.example\nc@d.example\n");
	ck_assert_int_eq(load(&f), LOAD_KEPT);
	CHECK_ERR(&f, "%s: 1 of 3 entries are bad, max-bad = 25%%");
	fixture_fini(&f);
}
END_TEST

/* users 1 to 200 before, first to last after */
static const struct shrink_case {
	const char *name;
	struct limit limit;
	unsigned first, last;
	const char *err;
} SHRINKS[] = {
	{ "grown", { 10, true }, 1, 300, NULL },
	{ "ten percent", { 10, true }, 21, 200, NULL },
	{ "more than ten percent", { 10, true }, 22, 200,
		"%s: 21 of 200 entries would be lost, max-shrink = 10%%; if "
		"they are meant to go: --accept-shrink staff" },
	{ "others in their place", { 10, true }, 101, 300,
		"%s: 100 of 200 entries would be lost, max-shrink = 10%%; if "
		"they are meant to go: --accept-shrink staff" },
	{ "ten entries are free", { 1, true }, 11, 200, NULL },
	{ "eleven are not", { 1, true }, 12, 200,
		"%s: 11 of 200 entries would be lost, max-shrink = 1%%; if "
		"they are meant to go: --accept-shrink staff" },
	{ "count", { 5, false }, 6, 200, NULL },
	{ "more than the count", { 5, false }, 7, 200,
		"%s: 6 of 200 entries would be lost, max-shrink = 5; if they "
		"are meant to go: --accept-shrink staff" },
	{ "no loss at all", { 0, false }, 2, 200,
		"%s: 1 of 200 entries would be lost, max-shrink = 0; if they "
		"are meant to go: --accept-shrink staff" },
	{ "empty", { 10, true }, 1, 0,
		"%s: it lists nobody now and listed 200 before; if they are "
		"meant to go: --accept-shrink staff" },
	{ "empty within a count", { 500, false }, 1, 0,
		"%s: it lists nobody now and listed 200 before; if they are "
		"meant to go: --accept-shrink staff" },
	{ "everything may go", { 100, true }, 1, 0, NULL },
};

/* The format comes from the table above, with the path as its only word. */
static bool is_sentence(
	const struct fixture *f, const char *err, const char *wanted)
{
	const char *path = f->directory.path;
	struct text text;

	text_init(&text);
	text_adds(&text, path);
	for (const char *at = wanted + 2; *at != '\0'; at++) {
		if (*at != '%' || at[1] != '%')
			text_add(&text, at, 1);
	}
	const bool is_same = strcmp(err, text.data) == 0;

	text_fini(&text);
	return is_same;
}

START_TEST(shrink_is_guarded)
{
	const struct shrink_case *c = &SHRINKS[_i];
	struct fixture f;

	fixture_init(&f);
	f.directory.max_shrink = c->limit;
	write_users(&f, 1, 200);
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	write_users(&f, c->first, c->last);
	const enum load_end end = load(&f);

	if (c->err == NULL) {
		ck_assert_msg(
			end == LOAD_FRESH, "%s: %s", c->name, f.load.err.text);
		ck_assert_uint_eq(f.load.n_entries, c->last - c->first + 1);
	} else {
		ck_assert_msg(end == LOAD_REFUSED, "%s", c->name);
		ck_assert_msg(is_sentence(&f, f.load.err.text, c->err),
			"%s: %s", c->name, f.load.err.text);
		ck_assert_uint_eq(f.load.n_entries, 200);
		f.options.n_accept_shrink = 2;
		ck_assert_msg(load(&f) == LOAD_FRESH, "%s", c->name);
		f.options.n_accept_shrink = 1;
		ck_assert_msg(load(&f) == LOAD_FRESH, "%s", c->name);
	}
	fixture_fini(&f);
}
END_TEST

START_TEST(dry_run_keeps_nothing)
{
	struct fixture f;

	fixture_init(&f);
	f.options.is_dry = true;
	write_users(&f, 1, 3);
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	ck_assert_uint_eq(f.load.n_entries, 3);
	ck_assert_int_ne(access(copy_of(&f), F_OK), 0);
	f.options.is_dry = false;
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	f.options.is_dry = true;
	write_users(&f, 1, 4);
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	ck_assert_uint_eq(f.load.n_entries, 4);
	ck_assert_int_eq(unlink(f.directory.path), 0);
	ck_assert_int_eq(load(&f), LOAD_KEPT);
	ck_assert_uint_eq(f.load.n_entries, 3);
	fixture_fini(&f);
}
END_TEST

START_TEST(damaged_copy_counts_as_none)
{
	struct fixture f;

	fixture_init(&f);
	write_users(&f, 1, 100);
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	ck_assert_int_eq(truncate(copy_of(&f), 100), 0);
	ck_assert_int_eq(unlink(f.directory.path), 0);
	ck_assert_int_eq(load(&f), LOAD_NEVER);
	ck_assert_str_eq(f.load.err.text,
		arena_printf(f.arena,
			"open %s: No such file or directory; and %s: the "
			"last-good copy is damaged",
			f.directory.path, copy_of(&f)));
	write_users(&f, 1, 2);
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	ck_assert_uint_eq(faults_count(f.faults), 1);
	ck_assert_uint_eq(faults_get(f.faults, 0)->place.line, 7);
	ck_assert_str_eq(faults_get(f.faults, 0)->text,
		arena_printf(f.arena,
			"directory \"staff\": %s: the last-good copy is "
			"damaged; the shrink guard has nothing to compare with",
			copy_of(&f)));
	fixture_fini(&f);
}
END_TEST

START_TEST(copy_that_can_not_be_made_is_a_failure)
{
	struct fixture f;

	fixture_init(&f);
	write_users(&f, 1, 2);
	test_write(arena_printf(f.arena, "%s/directories", f.options.state), "",
		0);
	ck_assert_int_eq(load(&f), LOAD_NEVER);
	ck_assert_ptr_nonnull(strstr(f.load.err.text, "Not a directory"));
	fixture_fini(&f);
}
END_TEST

START_TEST(copy_that_can_not_be_replaced_serves)
{
	struct fixture f;

	fixture_init(&f);
	write_users(&f, 1, 2);
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	ck_assert_int_eq(
		mkdir(arena_printf(f.arena, "%s/directories/.staff.tmp",
			      f.options.state),
			0700),
		0);
	write_users(&f, 1, 3);
	ck_assert_int_eq(load(&f), LOAD_KEPT);
	ck_assert_ptr_nonnull(strstr(f.load.err.text, "Is a directory"));
	ck_assert_uint_eq(f.load.n_entries, 2);
	fixture_fini(&f);
}
END_TEST

START_TEST(same_list_may_be_left_out)
{
	struct fixture f;

	fixture_init(&f);
	f.options.may_leave_out = true;
	f.n_left_out = 30;
	write_users(&f, 1, 30);
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	ck_assert(f.is_filled);
	const char *served = arena_strdup(f.arena, text_of(&f.served));

	ck_assert_int_eq(load(&f), LOAD_FRESH);
	ck_assert(!f.is_filled);
	/* but not without being asked */
	f.options.may_leave_out = false;
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	ck_assert(f.is_filled);
	ck_assert_str_eq(text_of(&f.served), served);
	f.options.may_leave_out = true;
	write_users(&f, 1, 29);
	ck_assert_int_eq(load(&f), LOAD_FRESH);
	ck_assert(f.is_filled);
	fixture_fini(&f);
}
END_TEST

/* What was said of a list is said again, whatever is the same. */
START_TEST(list_with_a_bad_line_is_never_the_same)
{
	struct fixture f;

	fixture_init(&f);
	f.options.may_leave_out = true;
	f.directory.max_bad.count = 2;
	write_list(&f, "ann@d.example\nbob\n");
	for (size_t i = 1; i < 4; i++) {
		ck_assert_int_eq(load(&f), LOAD_FRESH);
		ck_assert(f.is_filled);
		ck_assert_uint_eq(f.load.n_bad, 1);
		ck_assert_uint_eq(faults_count(f.faults), i);
	}
	fixture_fini(&f);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60); /* files, on a busy machine */

	tcase_add_test(tcase, first_load_is_fresh);
	tcase_add_test(tcase, empty_first_list_is_fresh);
	tcase_add_test(tcase, failed_read_keeps_the_copy);
	tcase_add_test(tcase, failure_in_the_middle_keeps_the_copy);
	tcase_add_test(tcase, failure_without_a_copy_is_never);
	tcase_add_test(tcase, bad_lines_up_to_the_limit_are_advice);
	tcase_add_test(tcase, too_many_bad_lines_fail_the_read);
	tcase_add_test(tcase, nothing_but_bad_lines_fails_the_read);
	tcase_add_test(tcase, percentage_of_bad_lines_is_of_all);
	tcase_add_loop_test(tcase, shrink_is_guarded, 0, COUNT(SHRINKS));
	tcase_add_test(tcase, dry_run_keeps_nothing);
	tcase_add_test(tcase, same_list_may_be_left_out);
	tcase_add_test(tcase, list_with_a_bad_line_is_never_the_same);
	tcase_add_test(tcase, damaged_copy_counts_as_none);
	tcase_add_test(tcase, copy_that_can_not_be_made_is_a_failure);
	tcase_add_test(tcase, copy_that_can_not_be_replaced_serves);
	return unit_run(suite_create("load"), tcase);
}
