#include "directory/last_good.h"
#include "directory/load.h"
#include "namespace/recipients.h"

#include "sink_text.h"
#include "unit_main.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

/* No program can hang a test for longer; none sleeps so long. */
#define LONG_S "30"
enum { N_DIRECTORIES = 3, MANY = 40 };

/* Programs in the order of the configuration: they may be slow or crash. */
struct fixture {
	struct arena *arena;
	struct directory directories[MANY];
	struct load_options options;
	struct load loads[MANY];
	struct faults *faults;
	struct text served; /* "key " or "key>directory>directory " */
	struct text waiting; /* "name,name " whenever it changed */
};

static const char *const *program(struct fixture *f, const char *script)
{
	const char **argv = arena_array(f->arena, 4, sizeof *argv);

	argv[0] = "sh";
	argv[1] = "-c";
	argv[2] = script;
	return argv;
}

static void fixture_init(struct fixture *f)
{
	static const char *const names[] = { "first", "second", "third" };

	*f = (struct fixture){ .arena = arena_open() };
	f->options.state = test_folder(f->arena);
	f->options.delimiters = "+";
	f->faults = faults_open();
	for (unsigned i = 0; i < MANY; i++)
		f->directories[i] = (struct directory){
			.name = i < N_DIRECTORIES ? names[i] : "more",
			.source = "program",
			.index = i,
			.is_enabled = true,
			.place = { "namespace.conf", i },
			.type = DIRECTORY_COMMAND,
			.command = program(f,
				arena_printf(
					f->arena, "echo u%u@d.example", i)),
			.max_shrink = { 10, true },
		};
}

static void fixture_fini(struct fixture *f)
{
	test_folder_remove(f->options.state);
	faults_close(&f->faults);
	text_fini(&f->served);
	text_fini(&f->waiting);
	arena_close(&f->arena);
}

static void take_served(struct fixture *f, const struct recipients *recipients)
{
	text_clear(&f->served);
	for (size_t i = 0; i < recipients_count(recipients); i++) {
		const struct recipient *r = recipients_get(recipients, i);

		text_adds(&f->served, r->key);
		for (; r->next != NULL; r = r->next)
			text_addf(&f->served, ">%s>%s", r->directory->name,
				r->next->directory->name);
		text_adds(&f->served, " ");
	}
}

static void load(struct fixture *f, size_t count)
{
	struct recipients *recipients = recipients_open();
	const struct load_output output = { recipients, f->faults, f->arena };

	directories_load(f->loads, f->directories, count, &f->options, &output);
	take_served(f, recipients);
	recipients_close(&recipients);
}

static void load_copies(struct fixture *f)
{
	struct recipients *recipients = recipients_open();
	const struct load_output output = { recipients, f->faults, f->arena };

	directories_load_copies(f->loads, f->directories, N_DIRECTORIES,
		f->options.state, &output);
	take_served(f, recipients);
	recipients_close(&recipients);
}

static void check_ends(
	const struct fixture *f, const enum load_end ends[N_DIRECTORIES])
{
	for (size_t i = 0; i < N_DIRECTORIES; i++)
		ck_assert_msg(f->loads[i].end == ends[i], "%zu: %d, %s", i,
			f->loads[i].end, f->loads[i].err.text);
}

static const enum load_end ALL_FRESH[] = { LOAD_FRESH, LOAD_FRESH, LOAD_FRESH };
static const enum load_end SECOND_NEVER[] = { LOAD_FRESH, LOAD_NEVER,
	LOAD_FRESH };
static const enum load_end SECOND_KEPT[] = { LOAD_FRESH, LOAD_KEPT,
	LOAD_FRESH };

/* The first waits until the last has been read. */
START_TEST(order_is_that_of_the_configuration)
{
	struct fixture f;

	fixture_init(&f);
	const char *done = arena_printf(f.arena, "%s/done", f.options.state);

	ck_assert_int_eq(mkfifo(done, 0600), 0);
	f.directories[0].command = program(&f,
		arena_printf(f.arena,
			"read x <%s; echo a@d.example; echo c@d.example",
			done));
	f.directories[2].command = program(&f,
		arena_printf(f.arena,
			"echo b@d.example; echo a@d.example; echo x >%s",
			done));
	load(&f, N_DIRECTORIES);
	check_ends(&f, ALL_FRESH);
	ck_assert_str_eq(text_of(&f.served),
		"a@d.example>first>third c@d.example u1@d.example "
		"b@d.example ");
	fixture_fini(&f);
}
END_TEST

START_TEST(slow_one_is_ended_at_the_deadline)
{
	struct timespec start, end;
	struct fixture f;

	fixture_init(&f);
	f.options.deadline_s = 1;
	f.directories[1].command = program(&f, "sleep " LONG_S);
	clock_gettime(CLOCK_MONOTONIC, &start);
	load(&f, N_DIRECTORIES);
	clock_gettime(CLOCK_MONOTONIC, &end);
	ck_assert_int_lt(end.tv_sec - start.tv_sec, 15);
	check_ends(&f, SECOND_NEVER);
	ck_assert_str_eq(f.loads[1].err.text,
		"program: still being read after 1 s, deadline = 1s");
	ck_assert_str_eq(text_of(&f.served), "u0@d.example u2@d.example ");
	fixture_fini(&f);
}
END_TEST

START_TEST(crash_harms_no_other)
{
	struct fixture f;

	fixture_init(&f);
	load(&f, N_DIRECTORIES);
	check_ends(&f, ALL_FRESH);
	f.directories[1].command = program(&f, "kill -SEGV $PPID; sleep 9");
	load(&f, N_DIRECTORIES);
	check_ends(&f, SECOND_KEPT);
	ck_assert_str_eq(f.loads[1].err.text,
		"program: its reader was ended by signal 11 (SIGSEGV)");
	ck_assert_str_eq(
		text_of(&f.served), "u0@d.example u1@d.example u2@d.example ");
	fixture_fini(&f);
}
END_TEST

START_TEST(disabled_one_is_not_asked)
{
	struct fixture f;

	fixture_init(&f);
	f.directories[1].is_enabled = false;
	f.directories[1].command = program(&f, "kill -SEGV $PPID");
	load(&f, N_DIRECTORIES);
	ck_assert_str_eq(text_of(&f.served), "u0@d.example u2@d.example ");
	ck_assert_uint_eq(f.loads[1].n_entries, 0);
	ck_assert_str_eq(f.loads[1].err.text, "");
	fixture_fini(&f);
}
END_TEST

static void take_waiting(
	void *context, const struct directory *const *list, size_t count)
{
	struct fixture *f = context;

	for (size_t i = 0; i < count; i++)
		text_addf(
			&f->waiting, "%s%s", i == 0 ? "" : ",", list[i]->name);
	text_adds(&f->waiting, " ");
}

START_TEST(who_is_waited_for_is_told)
{
	struct fixture f;

	fixture_init(&f);
	f.options.deadline_s = 1;
	f.options.waiting = take_waiting;
	f.options.context = &f;
	f.directories[1].command = program(&f, "sleep " LONG_S);
	load(&f, N_DIRECTORIES);
	ck_assert_msg(text_starts(text_of(&f.waiting), "first,second,third "),
		"%s", text_of(&f.waiting));
	ck_assert_msg(strstr(text_of(&f.waiting), " second ") != NULL, "%s",
		text_of(&f.waiting));
	fixture_fini(&f);
}
END_TEST

/* The state folder may be one where nothing can be written. */
START_TEST(dry_run_writes_nothing)
{
	struct fixture f;

	fixture_init(&f);
	const char *state = f.options.state;

	f.options.state = "/proc/self";
	f.options.is_dry = true;
	load(&f, N_DIRECTORIES);
	check_ends(&f, ALL_FRESH);
	ck_assert_str_eq(
		text_of(&f.served), "u0@d.example u1@d.example u2@d.example ");
	f.options.state = state;
	fixture_fini(&f);
}
END_TEST

START_TEST(copies_are_served_without_asking)
{
	static const enum load_end mixed[] = { LOAD_KEPT, LOAD_NEVER,
		LOAD_NEVER };
	struct fixture f;

	fixture_init(&f);
	load(&f, 2);
	const char *copy = last_good_path(f.options.state, "second", f.arena);

	ck_assert_int_eq(truncate(copy, 30), 0);
	for (size_t i = 0; i < N_DIRECTORIES; i++)
		f.directories[i].command = program(&f, "echo asked@d.example");
	load_copies(&f);
	check_ends(&f, mixed);
	ck_assert_str_eq(text_of(&f.served), "u0@d.example ");
	ck_assert_uint_eq(f.loads[0].n_entries, 1);
	ck_assert_str_eq(f.loads[0].err.text, "");
	ck_assert_str_eq(f.loads[1].err.text,
		arena_printf(
			f.arena, "%s: the last-good copy is damaged", copy));
	ck_assert_str_eq(f.loads[2].err.text, "");
	fixture_fini(&f);
}
END_TEST

/* More than a process may have files open, if nobody asked for more. */
START_TEST(many_are_read_at_once)
{
	struct rlimit limit;
	struct fixture f;

	fixture_init(&f);
	f.options.is_dry = true; /* all have one name */
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = MANY;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	load(&f, MANY);
	for (size_t i = 0; i < MANY; i++)
		ck_assert_msg(f.loads[i].end == LOAD_FRESH, "%zu: %s", i,
			f.loads[i].err.text);
	fixture_fini(&f);
}
END_TEST

START_TEST(reader_that_can_not_be_started_is_a_failed_read)
{
	static const struct rlimit few = { 10, 10 };
	struct fixture f;

	fixture_init(&f);
	f.options.is_dry = true;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	load(&f, MANY);
	ck_assert_int_eq(f.loads[MANY - 1].end, LOAD_NEVER);
	ck_assert_str_eq(f.loads[MANY - 1].err.text,
		"program: start a process to read it: Too many open files");
	fixture_fini(&f);
}
END_TEST

static size_t count_ends(const struct fixture *f, enum load_end end)
{
	size_t count = 0;

	for (size_t i = 0; i < MANY; i++)
		count += f->loads[i].end == end;
	return count;
}

START_TEST(copies_serve_for_those_that_can_not_be_started)
{
	static const struct rlimit few = { 60, 60 };
	struct fixture f;

	fixture_init(&f);
	for (unsigned i = 0; i < MANY; i++)
		f.directories[i].name = arena_printf(f.arena, "d%u", i);
	load(&f, MANY);
	ck_assert_uint_eq(count_ends(&f, LOAD_FRESH), MANY);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	load(&f, MANY);
	ck_assert_int_eq(f.loads[0].end, LOAD_FRESH);
	ck_assert_int_eq(f.loads[MANY - 1].end, LOAD_KEPT);
	ck_assert_uint_eq(count_ends(&f, LOAD_NEVER), 0);
	fixture_fini(&f);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60); /* processes, on a busy machine */
	tcase_add_test(tcase, order_is_that_of_the_configuration);
	tcase_add_test(tcase, slow_one_is_ended_at_the_deadline);
	tcase_add_test(tcase, crash_harms_no_other);
	tcase_add_test(tcase, disabled_one_is_not_asked);
	tcase_add_test(tcase, who_is_waited_for_is_told);
	tcase_add_test(tcase, dry_run_writes_nothing);
	tcase_add_test(tcase, copies_are_served_without_asking);
	tcase_add_test(tcase, many_are_read_at_once);
	tcase_add_test(tcase, reader_that_can_not_be_started_is_a_failed_read);
	tcase_add_test(tcase, copies_serve_for_those_that_can_not_be_started);
	return unit_run(suite_create("load_side_by_side"), tcase);
}
