#include "tests/unit/chance.h"
#include "tests/unit/sync_store_case.h"
#include "tests/unit/unit_main.h"

#include <sys/stat.h>

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
	struct sync_store_case f;

	sync_store_case_init(&f);
	sync_store_case_run(&f, c->script);
	ck_assert_msg(sync_store_settle(f.store) == !c->lacks, "%s", c->name);
	ck_assert_msg(strcmp(sync_store_case_found(&f), c->found) == 0,
		"%s: %s", c->name, text_of(&f.found));
	sync_store_case_reopen(&f);
	ck_assert_msg(strcmp(sync_store_case_found(&f), c->found) == 0,
		"%s: written: %s", c->name, text_of(&f.found));
	sync_store_case_fini(&f);
}
END_TEST

/* As the map of numbers says that should be there. */
static void check_held(struct sync_store_case *f, unsigned seed)
{
	char *expected = arena_strdup(f->arena, "");
	unsigned char ids[ID_MAX][16];

	for (unsigned i = 0; i < ID_MAX; i++)
		sync_store_case_id(ids[i], i);
	/* ids rise by 7 modulo 256, so their order is not the numbers' */
	for (unsigned first = 0; first < 256; first++)
		for (unsigned i = 0; i < ID_MAX; i++)
			if (ids[i][0] == first && f->held[i] != 0)
				expected = arena_printf(f->arena,
					"%scn=%u v%u@d.example\n", expected, i,
					f->held[i]);
	ck_assert_msg(strcmp(sync_store_case_found(f), expected) == 0,
		"seed %u: %s instead of %s", seed, text_of(&f->found),
		expected);
}

START_TEST(random_histories_leave_what_they_should)
{
	static const char actions[] = "ppppprrkkks/";
	struct chance chance = { .state = (uint64_t)_i };
	struct sync_store_case f;

	sync_store_case_init(&f);
	for (unsigned round = 0; round < 20; round++) {
		for (unsigned i = draw(&chance, 30); i > 0; i--)
			sync_store_case_act(&f,
				actions[draw(&chance, sizeof actions - 1)],
				draw(&chance, ID_MAX));
		if (happens(&chance, 30))
			sync_store_case_remove_rest(&f);
		check_held(&f, (unsigned)_i);
	}
	sync_store_case_fini(&f);
}
END_TEST

START_TEST(all_that_a_sink_takes_is_kept)
{
	struct sync_store_case f;

	sync_store_case_init(&f);
	sync_store_case_put_all_kinds(&f);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_str_eq(sync_store_case_found(&f),
			"class user\ncn=a a@d.example\n"
			"cn=a b@d.example -> b@e.example\n"
			"cn=a BAD no \"@\"\ncn=b c@d.example\n"
			"  -> \n");
		sync_store_case_reopen(&f);
	}
	sync_store_case_fini(&f);
}
END_TEST

START_TEST(mark_may_have_any_bytes)
{
	struct sync_store_case f;
	size_t len;

	sync_store_case_init(&f);
	ck_assert_ptr_null(sync_store_mark(f.store, &len));
	ck_assert_uint_eq(len, 0);
	sync_store_set_mark(f.store, "old", 3);
	sync_store_set_mark(f.store, "a\0\nb", 4);
	sync_store_set_full(f.store, 1795000000);
	sync_store_case_reopen(&f);
	ck_assert_mem_eq(sync_store_mark(f.store, &len), "a\0\nb", 4);
	ck_assert_uint_eq(len, 4);
	ck_assert_int_eq(sync_store_full(f.store), 1795000000);
	sync_store_set_mark(f.store, NULL, 0);
	sync_store_case_reopen(&f);
	ck_assert_ptr_null(sync_store_mark(f.store, &len));
	sync_store_case_fini(&f);
}
END_TEST

START_TEST(other_settings_are_no_store)
{
	static const char *const others[] = { "", "bas", "basE", "base2" };
	struct sync_store_case f;

	sync_store_case_init(&f);
	ck_assert(!sync_store_case_read(&f, "base")); /* there is none yet */
	sync_store_case_put(&f, 1);
	sync_store_set_mark(f.store, "m", 1);
	sync_store_case_write(&f);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		size_t len;

		ck_assert_msg(
			!sync_store_case_read(&f, others[i]), "%s", others[i]);
		ck_assert_str_eq(sync_store_case_found(&f), "");
		ck_assert_ptr_null(sync_store_mark(f.store, &len));
	}
	ck_assert(sync_store_case_read(&f, "base"));
	sync_store_case_fini(&f);
}
END_TEST

START_TEST(bytes_of_no_item_do_no_harm)
{
	struct sync_record record = { { 1 }, 0, false, false, "" };
	const struct sync_contents contents = { .settings = "base",
		.records = { .list = &record, .count = 1 } };
	struct sync_store_case f;

	sync_store_case_init(&f);
	sync_store_case_write(&f);
	const char *path = sync_store_path(f.state, "ad", f.arena);

	record.bytes = "Ea\0Ouser"; /* an address before any origin */
	record.len = 9;
	ck_assert(sync_file_write(&contents, path,
		arena_printf(f.arena, "%s.tmp", path), &f.err));
	ck_assert(sync_store_case_read(&f, "base"));
	ck_assert_str_eq(sync_store_case_found(&f), "");
	record.bytes = "";
	record.len = 1; /* a letter alone */
	ck_assert(sync_file_write(&contents, path,
		arena_printf(f.arena, "%s.tmp", path), &f.err));
	ck_assert(sync_store_case_read(&f, "base"));
	ck_assert_str_eq(sync_store_case_found(&f), "");
	sync_store_case_fini(&f);
}
END_TEST

static off_t size_of(const char *path)
{
	struct stat status;

	ck_assert_msg(stat(path, &status) == 0, "%s", path);
	return status.st_size;
}

static uid_t owner_of(struct sync_store_case *f, const char *name)
{
	struct stat status;
	const char *path = arena_printf(f->arena, "%s/%s", f->state, name);

	ck_assert_msg(lstat(path, &status) == 0, "%s", path);
	return status.st_uid;
}

/* Or who owns the folder could not go on with what root has begun. */
START_TEST(what_root_writes_is_of_the_state_s_owner)
{
	const uid_t owner = geteuid() == 0 ? 65534 : geteuid();
	struct sync_store_case f;

	sync_store_case_init(&f);
	ck_assert_int_eq(chown(f.state, owner, (gid_t)-1), 0);
	sync_store_case_put(&f, 1);
	sync_store_case_write(&f);
	ck_assert_uint_eq(owner_of(&f, "sync"), owner);
	ck_assert_uint_eq(owner_of(&f, "sync/ad"), owner);
	sync_store_case_fini(&f);
}
END_TEST

/* By somebody who may write there, between a look and the writing. */
START_TEST(link_is_not_written_through)
{
	struct sync_store_case f;
	const char *foreign;

	sync_store_case_init(&f);
	sync_store_case_put(&f, 1);
	sync_store_case_reopen(&f);
	const char *path = sync_store_path(f.state, "ad", f.arena);

	foreign = arena_printf(f.arena, "%s/foreign", f.state);
	ck_assert_int_eq(rename(path, foreign), 0);
	ck_assert_int_eq(symlink(foreign, path), 0);
	const off_t size = size_of(foreign);

	sync_store_case_put(&f, 2);
	sync_store_case_write(&f);
	ck_assert_int_eq(size_of(foreign), size);
	sync_store_case_fini(&f);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 60); /* files, on a busy machine */
	tcase_add_loop_test(
		tcase, script_leaves_what_it_should, 0, COUNT(SCRIPTS));
	tcase_add_loop_test(
		tcase, random_histories_leave_what_they_should, 0, 50);
	tcase_add_test(tcase, all_that_a_sink_takes_is_kept);
	tcase_add_test(tcase, mark_may_have_any_bytes);
	tcase_add_test(tcase, other_settings_are_no_store);
	tcase_add_test(tcase, bytes_of_no_item_do_no_harm);
	tcase_add_test(tcase, what_root_writes_is_of_the_state_s_owner);
	tcase_add_test(tcase, link_is_not_written_through);
	return unit_run(suite_create("sync_store"), tcase);
}
