/* What tests/e2e can not see for what else is found there. */
#include "snapshot/files.h"
#include "snapshot/publish_record.h"
#include "tests/unit/findings_case.h"
#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#include <fcntl.h>
#include <sys/file.h>

static const char CONFIG[] =
	"accepted-domain 'd.example' { type = authoritative }\n"
	"connector ex { address-spaces = 'd.example'"
	" smart-hosts = '10.8.0.25' }\n"
	"directory s { type = file path = 's' max-age = '2d'"
	" connector = 'ex' }\n"
	"directory t { type = file path = 'lists' connector = 'ex' }\n";

static struct model_case c;
static const char *wanted; /* the check that is run */

static void set_up(void)
{
	model_case_sound(&c, CONFIG, "s ann@d.example");
}

static void tear_down(void)
{
	model_case_close(&c);
}

static const char *path_of(const char *name)
{
	return arena_printf(c.arena, "%s/%s", c.folder, name);
}

static const struct check *wanted_check(size_t index)
{
	return index == 0 ? checks_find(wanted) : NULL;
}

/* What that check finds; "S" stands for the state folder. */
static void expect(const char *id, time_t now, const char *says)
{
	const char *config = path_of("namespace.conf");
	const char *fix = arena_printf(c.arena,
		"    transport-map-gen -c '%s' -s '%s' build\n", config,
		c.folder);
	struct generation *published = generation_open(c.folder, NULL);

	if (says[0] != '\0' && strstr(says, "    ") == NULL)
		says = arena_printf(c.arena, "%s%s", says, fix);
	wanted = id;
	findings_case_expect(id,
		findings_case_run(&(struct examination){ .ns = c.ns,
					  .config = config,
					  .state = c.folder,
					  .published = published,
					  .now = now,
					  .arena = c.arena },
			wanted_check),
		says);
	generation_close(&published);
}

START_TEST(open_publish_is_told_when_nobody_works_at_it)
{
	const struct publish_record record = {
		.step = PUBLISH_ROUTES, .generation = 7, .routes_switched_ms = 1
	};
	const char *path = path_of(FILES_PUBLISH);
	struct stat status;

	ck_assert(publish_record_write(&record, c.folder, NULL));
	ck_assert_int_eq(stat(path, &status), 0);
	const time_t later = status.st_mtime + 15 * 60;
	const int lock = open(path_of(FILES_LOCK), O_CREAT | O_RDWR, 0600);

	expect("publish-open", later - 1, "");
	expect("publish-open", later,
		arena_printf(c.arena,
			"warning publish-open %s: generation 7 was published "
			"by half, and no run is at work that would finish it: "
			"the next build does\n",
			path));
	ck_assert_int_eq(flock(lock, LOCK_EX), 0);
	expect("publish-open", later, "");
	close(lock);
}
END_TEST

START_TEST(last_good_copy_is_missed)
{
	c.loaded[1] = 0;
	model_case_write(&c, 1);
	expect("last-good", MODEL_NOW,
		arena_printf(c.arena,
			"warning last-good %s/directories/s: directory \"s\" "
			"has loaded, and its last-good copy is not there: "
			"should it fail now, nothing serves in its place, and "
			"no guard knows what it listed\n",
			c.folder));
}
END_TEST

START_TEST(overdue_build_is_told_once)
{
	model_case_write(&c, 1);
	expect("build-overdue", MODEL_NOW + MODEL_DAY, "");
	expect("build-overdue", MODEL_NOW + 25 * 3600,
		arena_printf(c.arena,
			"warning build-overdue %s: no directory was read for "
			"25 hours: is the compiler in no crontab, and its "
			"timer not enabled?\n",
			path_of(FILES_FRESHNESS)));
	expect("directory-stale", MODEL_NOW + 2 * MODEL_DAY, "");
	expect("directory-stale", MODEL_NOW + 49 * 3600,
		"error directory-stale s: it is past its max-age, loaded "
		"49 hours ago: who is not listed may be somebody, and is "
		"deferred in all domains that it may own\n");
	expect("build-overdue", MODEL_NOW + 49 * 3600, "");
	((struct directory *)model_case_directory(&c, "s"))->max_age_s = 60;
	expect("directory-stale", MODEL_NOW + 119 * 60 + 59,
		"error directory-stale s: it is past its max-age, loaded "
		"119 minutes ago: who is not listed may be somebody, and is "
		"deferred in all domains that it may own\n");
}
END_TEST

/* To policyd it is as old as it is early. */
START_TEST(list_from_the_future_is_stale_too)
{
	model_case_write(&c, 1);
	expect("directory-stale", MODEL_NOW - 2 * MODEL_DAY, "");
	expect("directory-stale", MODEL_NOW - 49 * 3600,
		"error directory-stale s: it was loaded by a clock that was "
		"49 hours ahead of this one: who is not listed may be "
		"somebody, and is deferred in all domains that it may own\n");
}
END_TEST

/* Root can change them anyway. */
START_TEST(maps_may_be_roots)
{
	model_case_write(&c, 1);
	expect("file-owner", MODEL_NOW, "");
	if (getuid() != 0)
		return;
	ck_assert_int_eq(chown(c.folder, 65534, (gid_t)-1), 0);
	expect("file-owner", MODEL_NOW, "");
	ck_assert_int_eq(chown(path_of("current/policy.cdb"), 1, (gid_t)-1), 0);
	ck_assert_int_eq(chown(c.folder, 0, (gid_t)-1), 0);
	expect("file-owner", MODEL_NOW,
		arena_printf(c.arena,
			"error file-owner %s/current/policy.cdb: it belongs to "
			"daemon, who can change where mail goes; the state "
			"folder is root's\n    chown 'root' "
			"'%s/current/policy.cdb'\n",
			c.folder, c.folder));
}
END_TEST

/* A command's program, a database's folder: not what is read. */
START_TEST(only_files_are_input)
{
	const char *list = path_of("s");

	ck_assert_int_eq(mkdir(path_of("lists"), 0700), 0);
	ck_assert_int_eq(chmod(path_of("lists"), 0777), 0);
	test_write(list, "", 0);
	ck_assert_int_eq(chmod(list, 0664), 0);
	expect("config-writable", MODEL_NOW, "");
	ck_assert_int_eq(chmod(list, 0646), 0);
	expect("config-writable", MODEL_NOW,
		arena_printf(c.arena,
			"error config-writable %s: its mode is 0646: whoever "
			"writes there decides whose mail is taken and where it "
			"goes\n    chmod o-w '%s'\n",
			list, list));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, open_publish_is_told_when_nobody_works_at_it);
	tcase_add_test(tcase, last_good_copy_is_missed);
	tcase_add_test(tcase, overdue_build_is_told_once);
	tcase_add_test(tcase, list_from_the_future_is_stale_too);
	tcase_add_test(tcase, maps_may_be_roots);
	tcase_add_test(tcase, only_files_are_input);
	return unit_run(suite_create("check_files"), tcase);
}
