/*
 * A system that fails while a directory is read: what is served is the new
 * list or the old one, whole, and the next load brings the new one.
 */
#include "directory/load.h"

#include "namespace/recipients.h"

#include "failing_file_calls.h"
#include "sink_text.h"
#include "unit_main.h"

/* More than any of them is called in a load. */
enum { CALLS_MAX = 24 };

FAILING_CALL(int, -1, memfd_create, (const char *name, unsigned flags),
	(name, flags))
FAILING_CALL(pid_t, -1, fork, (void), ())

static const struct failing {
	const char *name;
	int error;
} calls[] = {
	{ "open", EMFILE },
	{ "read", EIO },
	{ "write", ENOSPC },
	{ "fsync", EIO },
	{ "close", EIO },
	{ "fstat", EIO },
	{ "fchmod", EROFS },
	{ "rename", EIO },
	{ "mkdir", ENOSPC },
	{ "memfd_create", EMFILE },
	{ "fork", EAGAIN },
};

struct fixture {
	struct arena *arena;
	struct directory directory;
	struct load_options options;
	struct text served; /* keys of the last load */
	struct load load;
};

static void fixture_init(struct fixture *f)
{
	*f = (struct fixture){ .arena = arena_open() };
	f->options.state = test_folder(f->arena);
	f->options.delimiters = "+";
	f->directory = (struct directory){
		.name = "staff",
		.is_enabled = true,
		.path = arena_printf(f->arena, "%s/list", f->options.state),
		.max_shrink = { 100, true },
	};
	f->directory.source = f->directory.path;
}

static void fixture_fini(struct fixture *f)
{
	test_folder_remove(f->options.state);
	text_fini(&f->served);
	arena_close(&f->arena);
}

static enum load_end load(struct fixture *f)
{
	struct recipients *recipients = recipients_open();
	struct faults *faults = faults_open();
	const struct load_output output = { recipients, faults, f->arena };

	text_clear(&f->served);
	f->load = (struct load){ 0 };
	ck_assert(directories_load(
		&f->load, &f->directory, 1, &f->options, &output));
	for (size_t i = 0; i < recipients_count(recipients); i++)
		text_addf(
			&f->served, "%s ", recipients_get(recipients, i)->key);
	faults_close(&faults);
	recipients_close(&recipients);
	return f->load.end;
}

/* A list of two, whose second address tells which. */
static const char *write_list(struct fixture *f, unsigned version)
{
	const char *text = version == 0
		? "ann@d.example\n"
		: arena_printf(
			  f->arena, "ann@d.example\nv%u@d.example\n", version);

	test_write(f->directory.path, text, strlen(text));
	return version == 0 ? "ann@d.example "
			    : arena_printf(f->arena,
				      "ann@d.example v%u@d.example ", version);
}

static void check_served(
	struct fixture *f, const char *old, const char *new, const char *what)
{
	const char *served = text_of(&f->served);
	const bool is_old = strcmp(served, old) == 0;
	const bool is_new = strcmp(served, new) == 0;

	switch (f->load.end) {
	case LOAD_FRESH: ck_assert_msg(is_new, "%s: %s", what, served); break;
	case LOAD_KEPT:
		/* Where but for a crash all is done, the new one stands. */
		ck_assert_msg(is_old || is_new, "%s: %s", what, served);
		break;
	case LOAD_NEVER: ck_assert_str_eq(served, ""); break;
	case LOAD_REFUSED:
		/* What is not known may have been more. */
		ck_assert_msg(is_old, "%s: %s", what, served);
	}
	if (f->load.end != LOAD_FRESH)
		ck_assert_msg(f->load.err.text[0] != '\0', "%s", what);
}

static void fail_each(const struct failing *call)
{
	struct fixture f;
	unsigned n_failed = 0;

	fixture_init(&f);
	const char *old = write_list(&f, 0);

	ck_assert_int_eq(load(&f), LOAD_FRESH);
	for (unsigned n = 1; n <= CALLS_MAX; n++) {
		const char *what =
			arena_printf(f.arena, "%s %u", call->name, n);
		const char *new = write_list(&f, n);

		failing_call_begin(call->name, n, call->error);
		n_failed += load(&f) != LOAD_FRESH;
		failing_call_end();
		check_served(&f, old, new, what);
		/* and now nothing is in the way */
		ck_assert_msg(load(&f) == LOAD_FRESH, "%s: %s", what,
			f.load.err.text);
		ck_assert_str_eq(text_of(&f.served), new);
		old = new;
	}
	ck_assert_msg(n_failed > 0, "no %s ever mattered", call->name);
	fixture_fini(&f);
}

START_TEST(list_is_the_old_or_the_new_one)
{
	fail_each(&calls[_i]);
}
END_TEST

START_TEST(first_list_is_none_or_whole)
{
	const struct failing *call = &calls[_i];

	for (unsigned n = 1; n <= CALLS_MAX; n++) {
		struct fixture f;

		fixture_init(&f);
		const char *new = write_list(&f, n);

		failing_call_begin(call->name, n, call->error);
		load(&f);
		failing_call_end();
		check_served(&f, "", new, call->name);
		ck_assert_int_eq(load(&f), LOAD_FRESH);
		ck_assert_str_eq(text_of(&f.served), new);
		fixture_fini(&f);
	}
}
END_TEST

/* What is the same as it was read is as true as what is read. */
START_TEST(same_list_is_served_all_the_same)
{
	const struct failing *call = &calls[_i];
	struct fixture f;

	fixture_init(&f);
	const char *list = write_list(&f, 1);

	ck_assert_int_eq(load(&f), LOAD_FRESH);
	for (unsigned n = 1; n <= CALLS_MAX; n++) {
		failing_call_begin(call->name, n, call->error);
		load(&f);
		failing_call_end();
		check_served(&f, list, list, call->name);
		ck_assert_int_eq(load(&f), LOAD_FRESH);
		ck_assert_str_eq(text_of(&f.served), list);
	}
	fixture_fini(&f);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("load_failing");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(
		tcase, list_is_the_old_or_the_new_one, 0, COUNT(calls));
	tcase_add_loop_test(
		tcase, first_list_is_none_or_whole, 0, COUNT(calls));
	tcase_add_loop_test(
		tcase, same_list_is_served_all_the_same, 0, COUNT(calls));
	return unit_run(suite_create("load_failing"), tcase);
}
