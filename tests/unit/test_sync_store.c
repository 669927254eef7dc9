/*
 * What a store holds is told by scripts: "p3" puts object 3 (each time with
 * another address), "r3" removes it, "k3" keeps it, "R" removes the rest,
 * "s" settles, "/" writes the store and reads it anew.
 */
#include "directory/sync_store.h"

#include "base/file.h"
#include "directory/sync_file.h"

#include "chance.h"
#include "sink_text.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { ID_MAX = 40 };

struct fixture {
	struct arena *arena;
	const char *state;
	struct sync_store *store;
	struct text found;
	struct err err;
	unsigned version; /* of the object put last */
	unsigned held[ID_MAX]; /* what should be there; 0 = nothing */
	bool is_seen[ID_MAX];
	bool has_all; /* since the last "/" */
};

static void fixture_init(struct fixture *f)
{
	*f = (struct fixture){ .arena = arena_open(), .has_all = true };
	f->state = test_folder(f->arena);
	f->store = sync_store_open();
	text_init(&f->found);
}

static void fixture_fini(struct fixture *f)
{
	sync_store_close(&f->store);
	ck_assert_ptr_null(f->store);
	test_folder_remove(f->state);
	text_fini(&f->found);
	arena_close(&f->arena);
}

static void make_id(unsigned char id[16], unsigned number)
{
	memset(id, 0, 16);
	id[0] = (unsigned char)(number * 7);
	id[15] = (unsigned char)number;
}

static void write_store(struct fixture *f)
{
	ck_assert_msg(
		sync_store_write(f->store, f->state, "ad", "base", &f->err),
		"%s", f->err.text);
}

static bool read_store(struct fixture *f, const char *settings)
{
	sync_store_close(&f->store);
	f->store = sync_store_open();
	return sync_store_read(f->store, f->state, "ad", settings);
}

static void reopen(struct fixture *f)
{
	write_store(f);
	ck_assert(read_store(f, "base"));
	memset(f->is_seen, 0, sizeof f->is_seen);
	f->has_all = true;
}

static void put(struct fixture *f, unsigned number)
{
	unsigned char id[16];

	make_id(id, number);
	const struct sink sink = sync_store_begin(f->store, id);
	const struct entry entry = {
		.address =
			arena_printf(f->arena, "v%u@d.example", ++f->version),
		.origin = arena_printf(f->arena, "cn=%u", number),
	};

	memset(id, 0xff, sizeof id); /* it was copied */
	sink.entry(sink.context, &entry);
	f->held[number] = f->version;
	f->is_seen[number] = true;
}

static void remove_rest(struct fixture *f)
{
	sync_store_remove_rest(f->store);
	for (unsigned i = 0; i < ID_MAX; i++)
		if (!f->is_seen[i])
			f->held[i] = 0;
}

static void act(struct fixture *f, char what, unsigned number)
{
	unsigned char id[16];

	make_id(id, number);
	if (what == 'p') {
		put(f, number);
	} else if (what == 'r') {
		sync_store_remove(f->store, id);
		f->held[number] = 0;
	} else if (what == 'k') {
		sync_store_keep(f->store, id);
		f->is_seen[number] = true;
	} else if (what == 'R') {
		remove_rest(f);
	} else if (what == '/') {
		reopen(f);
	} else {
		f->has_all = sync_store_settle(f->store) && f->has_all;
	}
}

static const char *found(struct fixture *f)
{
	const struct sink sink = { sink_text_entry, sink_text_bad,
		sink_text_object, &f->found };

	text_clear(&f->found);
	sync_store_put(f->store, &sink);
	return text_of(&f->found);
}

static void run(struct fixture *f, const char *script)
{
	while (*script != '\0') {
		char *end;
		const char what = *script++;
		const unsigned long number = strtoul(script, &end, 10);

		ck_assert_uint_lt(number, ID_MAX);
		act(f, what, (unsigned)number);
		script = end + strspn(end, " ");
	}
}

static const struct script_case {
	const char *name, *script, *found;
	bool lacks; /* something that was kept */
} SCRIPTS[] = {
	{ "nothing", "", .found = "" },
	{ "nothing, written", "/", .found = "" },
	{ "in order of ids", "p3 p1 p2",
		.found = "cn=1 v2@d.example\ncn=2 v3@d.example\n"
			 "cn=3 v1@d.example\n" },
	{ "written and read", "p3 p1 /",
		.found = "cn=1 v2@d.example\ncn=3 v1@d.example\n" },
	{ "put again", "p1 p1", .found = "cn=1 v2@d.example\n" },
	{ "put again after writing", "p1 / p1",
		.found = "cn=1 v2@d.example\n" },
	{ "removed", "p1 p2 r1", .found = "cn=2 v2@d.example\n" },
	{ "removed after writing", "p1 p2 / r2",
		.found = "cn=1 v1@d.example\n" },
	{ "removal lasts", "p1 p2 / r2 /", .found = "cn=1 v1@d.example\n" },
	{ "removed and put again", "p1 / r1 p1",
		.found = "cn=1 v2@d.example\n" },
	{ "put and removed", "p1 / p1 r1", .found = "" },
	{ "stranger removed", "p1 / r2", .found = "cn=1 v1@d.example\n" },
	{ "rest removed", "p1 p2 p3 / k2 R", .found = "cn=2 v2@d.example\n" },
	{ "rest removed with nothing kept", "p1 p2 / R", .found = "" },
	{ "what was put is no rest", "p1 p2 / p3 p1 R",
		.found = "cn=1 v4@d.example\ncn=3 v3@d.example\n" },
	{ "nor after settling", "p1 p2 / p3 k1 s R",
		.found = "cn=1 v1@d.example\ncn=3 v3@d.example\n" },
	{ "kept and removed", "p1 p2 / k1 r1 R", .found = "" },
	{ "kept and put", "p1 / k1 p1 R", .found = "cn=1 v2@d.example\n" },
	{ "stranger kept", "p1 / k2", .found = "cn=1 v1@d.example\n",
		.lacks = true },
	{ "stranger kept, then put", "p1 / k2 p2",
		.found = "cn=1 v1@d.example\ncn=2 v2@d.example\n" },
	{ "put, then kept", "p1 / p2 k2",
		.found = "cn=1 v1@d.example\ncn=2 v2@d.example\n" },
	{ "stranger kept, then removed", "/ k2 r2", .found = "" },
	{ "kept after being removed", "p1 / r1 k1", .found = "",
		.lacks = true },
	{ "stranger kept twice", "/ k2 k2", .found = "", .lacks = true },
	{ "stranger put, removed, kept", "/ p2 r2 k2", .found = "",
		.lacks = true },
};

START_TEST(script_leaves_what_it_should)
{
	const struct script_case *c = &SCRIPTS[_i];
	struct fixture f;

	fixture_init(&f);
	run(&f, c->script);
	ck_assert_msg(sync_store_settle(f.store) == !c->lacks, "%s", c->name);
	ck_assert_msg(strcmp(found(&f), c->found) == 0, "%s: %s", c->name,
		text_of(&f.found));
	reopen(&f);
	ck_assert_msg(strcmp(found(&f), c->found) == 0, "%s: written: %s",
		c->name, text_of(&f.found));
	fixture_fini(&f);
}
END_TEST

/* As the map of numbers says that should be there. */
static void check_held(struct fixture *f, unsigned seed)
{
	char *expected = arena_strdup(f->arena, "");
	unsigned char ids[ID_MAX][16];

	for (unsigned i = 0; i < ID_MAX; i++)
		make_id(ids[i], i);
	/* ids rise by 7 modulo 256, so their order is not the numbers' */
	for (unsigned first = 0; first < 256; first++)
		for (unsigned i = 0; i < ID_MAX; i++)
			if (ids[i][0] == first && f->held[i] != 0)
				expected = arena_printf(f->arena,
					"%scn=%u v%u@d.example\n", expected, i,
					f->held[i]);
	ck_assert_msg(strcmp(found(f), expected) == 0,
		"seed %u: %s instead of %s", seed, text_of(&f->found),
		expected);
}

START_TEST(random_histories_leave_what_they_should)
{
	static const char actions[] = "ppppprrkkks/";
	struct chance chance = { .state = (uint64_t)_i };
	struct fixture f;

	fixture_init(&f);
	for (unsigned round = 0; round < 20; round++) {
		for (unsigned i = draw(&chance, 30); i > 0; i--)
			act(&f, actions[draw(&chance, sizeof actions - 1)],
				draw(&chance, ID_MAX));
		if (happens(&chance, 30))
			remove_rest(&f);
		check_held(&f, (unsigned)_i);
	}
	fixture_fini(&f);
}
END_TEST

static void put_all_kinds(struct fixture *f)
{
	unsigned char id[16] = { 1 };
	const struct sink sink = sync_store_begin(f->store, id);
	const struct entry mailbox = { "a@d.example", NULL, "cn=a" };
	const struct entry contact = { "b@d.example", "b@e.example", "cn=a" };
	const struct entry other = { "c@d.example", NULL, "cn=b" };
	const struct entry empty = { "", "", "" };

	sink.object(sink.context, "user");
	sink.entry(sink.context, &mailbox);
	sink.entry(sink.context, &contact);
	sink.bad(sink.context, "cn=a", "no \"@\"");
	sink.entry(sink.context, &other);
	sink.entry(sink.context, &empty);
	id[0] = 2;
	sync_store_begin(f->store, id); /* an object without any */
}

START_TEST(all_that_a_sink_takes_is_kept)
{
	struct fixture f;

	fixture_init(&f);
	put_all_kinds(&f);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_str_eq(found(&f),
			"class user\ncn=a a@d.example\n"
			"cn=a b@d.example -> b@e.example\n"
			"cn=a BAD no \"@\"\ncn=b c@d.example\n"
			"  -> \n");
		reopen(&f);
	}
	fixture_fini(&f);
}
END_TEST

START_TEST(mark_may_have_any_bytes)
{
	struct fixture f;
	size_t len;

	fixture_init(&f);
	ck_assert_ptr_null(sync_store_mark(f.store, &len));
	ck_assert_uint_eq(len, 0);
	sync_store_set_mark(f.store, "old", 3);
	sync_store_set_mark(f.store, "a\0\nb", 4);
	sync_store_set_full(f.store, 1795000000);
	reopen(&f);
	ck_assert_mem_eq(sync_store_mark(f.store, &len), "a\0\nb", 4);
	ck_assert_uint_eq(len, 4);
	ck_assert_int_eq(sync_store_full(f.store), 1795000000);
	sync_store_set_mark(f.store, NULL, 0);
	reopen(&f);
	ck_assert_ptr_null(sync_store_mark(f.store, &len));
	fixture_fini(&f);
}
END_TEST

START_TEST(other_settings_are_no_store)
{
	static const char *const others[] = { "", "bas", "basE", "base2" };
	struct fixture f;

	fixture_init(&f);
	ck_assert(!read_store(&f, "base")); /* there is none yet */
	put(&f, 1);
	sync_store_set_mark(f.store, "m", 1);
	write_store(&f);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		size_t len;

		ck_assert_msg(!read_store(&f, others[i]), "%s", others[i]);
		ck_assert_str_eq(found(&f), "");
		ck_assert_ptr_null(sync_store_mark(f.store, &len));
	}
	ck_assert(read_store(&f, "base"));
	fixture_fini(&f);
}
END_TEST

/* But for the end of what was written first, which is an older store. */
START_TEST(each_truncation_and_each_wrong_byte_is_no_store)
{
	struct fixture f;
	size_t size, first;

	fixture_init(&f);
	put_all_kinds(&f);
	write_store(&f);
	const char *path = sync_store_path(f.state, "ad", f.arena);

	file_read(path, &first, f.arena, NULL);
	ck_assert(read_store(&f, "base"));
	run(&f, "p3 r1");
	write_store(&f);
	char *bytes = file_read(path, &size, f.arena, NULL);

	ck_assert_uint_gt(size, first);
	for (size_t i = 0; i < size; i++) {
		test_write(path, bytes, i);
		ck_assert_msg(read_store(&f, "base") == (i == first),
			"cut at %zu", i);
		bytes[i] ^= 1;
		test_write(path, bytes, size);
		ck_assert_msg(!read_store(&f, "base"), "byte %zu", i);
		ck_assert_str_eq(found(&f), "");
		bytes[i] ^= 1;
	}
	test_write(path, bytes, size);
	ck_assert(read_store(&f, "base"));
	fixture_fini(&f);
}
END_TEST

START_TEST(bytes_of_no_item_do_no_harm)
{
	struct sync_record record = { { 1 }, 0, false, false, "" };
	const struct sync_contents contents = { .settings = "base",
		.records = { .list = &record, .count = 1 } };
	struct fixture f;

	fixture_init(&f);
	write_store(&f);
	const char *path = sync_store_path(f.state, "ad", f.arena);

	record.bytes = "Ea\0Ouser"; /* an address before any origin */
	record.len = 9;
	ck_assert(sync_file_write(&contents, path,
		arena_printf(f.arena, "%s.tmp", path), &f.err));
	ck_assert(read_store(&f, "base"));
	ck_assert_str_eq(found(&f), "");
	record.bytes = "";
	record.len = 1; /* a letter alone */
	ck_assert(sync_file_write(&contents, path,
		arena_printf(f.arena, "%s.tmp", path), &f.err));
	ck_assert(read_store(&f, "base"));
	ck_assert_str_eq(found(&f), "");
	fixture_fini(&f);
}
END_TEST

START_TEST(store_is_0640_below_0750)
{
	struct fixture f;
	struct stat status;

	fixture_init(&f);
	write_store(&f);
	ck_assert_int_eq(
		stat(sync_store_path(f.state, "ad", f.arena), &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0640);
	ck_assert_int_eq(
		stat(arena_printf(f.arena, "%s/sync", f.state), &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777 & ~0750u, 0);
	ck_assert_str_eq(
		sync_store_path("s", "../x y", f.arena), "s/sync/%2E.%2Fx%20y");
	fixture_fini(&f);
}
END_TEST

/* /dev/full takes the place of a disk without room. */
START_TEST(full_disk_leaves_the_old_store)
{
	struct fixture f;

	fixture_init(&f);
	run(&f, "p1 /");
	const char *temporary =
		arena_printf(f.arena, "%s/sync/.ad.tmp", f.state);

	ck_assert_int_eq(symlink("/dev/full", temporary), 0);
	sync_store_close(&f.store);
	f.store = sync_store_open(); /* as a full read has it */
	put(&f, 2);
	ck_assert(!sync_store_write(f.store, f.state, "ad", "base", &f.err));
	ck_assert_str_eq(f.err.text,
		arena_printf(f.arena, "write %s: No space left on device",
			temporary));
	ck_assert_int_ne(access(temporary, F_OK), 0);
	ck_assert(read_store(&f, "base"));
	ck_assert_str_eq(found(&f), "cn=1 v1@d.example\n");
	fixture_fini(&f);
}
END_TEST

static void put_many(struct fixture *f, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const unsigned char id[16] = { (unsigned char)(i >> 8),
			(unsigned char)i };
		const struct sink sink = sync_store_begin(f->store, id);
		const struct entry entry = { "somebody@company.example", NULL,
			"cn=somebody,ou=people,dc=company,dc=example" };

		sink.entry(sink.context, &entry);
	}
}

static size_t size_of_store(struct fixture *f)
{
	struct stat status;

	ck_assert_int_eq(
		stat(sync_store_path(f->state, "ad", f->arena), &status), 0);
	return (size_t)status.st_size;
}

START_TEST(few_changes_write_little_and_many_write_all)
{
	struct fixture f;

	fixture_init(&f);
	put_many(&f, 5000);
	reopen(&f);
	const size_t whole = size_of_store(&f);

	run(&f, "p1 /");
	const size_t more = size_of_store(&f);

	ck_assert_uint_gt(more, whole);
	ck_assert_uint_lt(more, whole + 400);
	run(&f, "p1 r1 p2 /");
	ck_assert_uint_gt(size_of_store(&f), more);
	put_many(&f, 5000);
	reopen(&f);
	ck_assert_uint_lt(size_of_store(&f), more);
	/* and small changes do not pile up */
	for (unsigned i = 0; i < 2000; i++)
		run(&f, "p1 /");
	ck_assert_uint_lt(size_of_store(&f), whole + whole / 8 + 70000);
	fixture_fini(&f);
}
END_TEST

START_TEST(store_that_another_wrote_is_not_appended_to)
{
	struct fixture f;
	struct sync_store *other = sync_store_open();

	fixture_init(&f);
	run(&f, "p1 /");
	ck_assert(sync_store_read(other, f.state, "ad", "base"));
	run(&f, "p2 /");
	sync_store_remove(other, (const unsigned char[16]){ 7, [15] = 1 });
	ck_assert(sync_store_write(other, f.state, "ad", "base", &f.err));
	ck_assert(read_store(&f, "base"));
	ck_assert_str_eq(found(&f), "");
	sync_store_close(&other);
	fixture_fini(&f);
}
END_TEST

/* A limit on the size of files takes the place of a disk that is full. */
START_TEST(append_that_fails_leaves_the_old_store)
{
	struct fixture f;
	struct rlimit limit;

	fixture_init(&f);
	run(&f, "p1 p2 /");
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	signal(SIGXFSZ, SIG_IGN);
	limit.rlim_cur = size_of_store(&f) + 50;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	run(&f, "p1");
	for (unsigned i = 3; i < ID_MAX; i++)
		put(&f, i);
	ck_assert(!sync_store_write(f.store, f.state, "ad", "base", &f.err));
	ck_assert_str_eq(f.err.text,
		arena_printf(f.arena, "write %s/sync/.ad.tmp: File too large",
			f.state));
	ck_assert(read_store(&f, "base"));
	ck_assert_str_eq(found(&f), "cn=1 v1@d.example\ncn=2 v2@d.example\n");
	fixture_fini(&f);
}
END_TEST

START_TEST(what_can_not_be_written_is_an_error)
{
	struct fixture f;

	fixture_init(&f);
	ck_assert(!sync_store_write(
		f.store, "/no/such/state", "ad", "base", &f.err));
	ck_assert_str_eq(f.err.text,
		"create /no/such/state/sync: No such file or directory");
	const char *folder = arena_printf(f.arena, "%s/sync", f.state);

	test_write(folder, "", 0);
	ck_assert(!sync_store_write(f.store, f.state, "ad", "base", &f.err));
	ck_assert_str_eq(f.err.text,
		arena_printf(
			f.arena, "create %s/.ad.tmp: Not a directory", folder));
	ck_assert_int_eq(unlink(folder), 0);
	write_store(&f);
	const char *path = sync_store_path(f.state, "ad", f.arena);

	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert(!sync_store_write(f.store, f.state, "ad", "base", &f.err));
	ck_assert_str_eq(f.err.text,
		arena_printf(f.arena, "rename %s/.ad.tmp to %s: Is a directory",
			folder, path));
	fixture_fini(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sync_store");
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60); /* files, on a busy machine */
	tcase_add_loop_test(tcase, script_leaves_what_it_should, 0,
		sizeof SCRIPTS / sizeof *SCRIPTS);
	tcase_add_loop_test(
		tcase, random_histories_leave_what_they_should, 0, 50);
	tcase_add_test(tcase, all_that_a_sink_takes_is_kept);
	tcase_add_test(tcase, mark_may_have_any_bytes);
	tcase_add_test(tcase, other_settings_are_no_store);
	tcase_add_test(tcase, each_truncation_and_each_wrong_byte_is_no_store);
	tcase_add_test(tcase, bytes_of_no_item_do_no_harm);
	tcase_add_test(tcase, store_is_0640_below_0750);
	tcase_add_test(tcase, full_disk_leaves_the_old_store);
	tcase_add_test(tcase, few_changes_write_little_and_many_write_all);
	tcase_add_test(tcase, store_that_another_wrote_is_not_appended_to);
	tcase_add_test(tcase, append_that_fails_leaves_the_old_store);
	tcase_add_test(tcase, what_can_not_be_written_is_an_error);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);

	srunner_run_all(runner, CK_NORMAL);
	const int failed = srunner_ntests_failed(runner);

	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
