/* What can still be reached, and that nothing is left open on the way in. */
#include "policyd/sandbox.h"

#include "policyd/journal.h"
#include "policyd/sandbox_files.h"
#include "tests/unit/sandbox_case.h"
#include "tests/unit/unit_main.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

static char folder[] = "/tmp/sandboxXXXXXX";

static const char *within(const char *name)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static void make_file(const char *name)
{
	const int fd = open(within(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void make_folders(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(mkdir(within("state"), 0755), 0);
	ck_assert_int_eq(mkdir(within("other"), 0755), 0);
	make_file("state/map");
	make_file("other/secret");
}

static void remove_folders(void)
{
	unlink(within("state/map"));
	unlink(within("state/renamed"));
	unlink(within("other/secret"));
	rmdir(within("state"));
	rmdir(within("other"));
	rmdir(folder);
}

static bool can_open(const char *name, int flags)
{
	const int fd = open(within(name), flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno != EACCES;
}

static bool limit_to(const char *name)
{
	char path[160];
	const char *const folders[] = { path };
	struct err err = { 0 };

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return sandbox_limit_files(folders, 1, &err);
}

static int stay_in_state(void)
{
	if (!limit_to("state"))
		return LEFT_OUT;
	return end_with(can_open("state/map", O_RDONLY) &&
		!can_open("other/secret", O_RDONLY) &&
		!can_open("state/map", O_WRONLY) &&
		!can_open("state/new", O_WRONLY | O_CREAT) &&
		open("/etc/passwd", O_RDONLY) < 0 &&
		access(within("state/new"), F_OK) != 0 &&
		unlink(within("state/map")) != 0 &&
		rename(within("state/map"), within("state/renamed")) != 0);
}

/* Neither is there: what is above them can be read, to wait for them. */
static int wait_for_state(void)
{
	if (!limit_to("later/state"))
		return LEFT_OUT;
	return end_with(can_open("state/map", O_RDONLY) &&
		open("/etc/passwd", O_RDONLY) < 0);
}

static int write_nothing(void)
{
	struct err err = { 0 };

	if (!sandbox_forbid_writing(&err))
		return LEFT_OUT;
	return end_with(can_open("other/secret", O_RDONLY) &&
		!can_open("other/secret", O_WRONLY) &&
		!can_open("other/new", O_WRONLY | O_CREAT) &&
		open("/dev/null", O_WRONLY) >= 0 &&
		unlink(within("other/secret")) != 0);
}

static const struct attempt closed[] = {
	{ "the state folder alone", .run = stay_in_state },
	{ "a state folder to come", .run = wait_for_state },
	{ "nothing is written", .run = write_nothing },
};

START_TEST(files_are_out_of_reach)
{
	make_folders();
	const int status = in_a_child(closed[_i].run);

	remove_folders();
	ck_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) != LEFT_OUT)
		ck_assert_msg(WEXITSTATUS(status) == DONE, "%s: status %x",
			closed[_i].name, (unsigned)status);
}
END_TEST

START_TEST(a_path_without_end_is_told)
{
	static char path[8192];
	const char *const folders[] = { path };
	struct err err = { 0 };

	memset(path, 'a', sizeof path - 1);
	ck_assert(!sandbox_limit_files(folders, 1, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "landlock"));
}
END_TEST

/* -- policyd verdicts */

static int run_a_program(void)
{
	char name[] = "true";
	char *const argv[] = { name, NULL };

	execve("/bin/true", argv, NULL);
	return REFUSED;
}

static int reach_the_network(void)
{
	return end_with(socket(AF_INET, SOCK_STREAM, 0) >= 0);
}

static int mount_a_disk(void)
{
	return end_with(mount("none", "/mnt", "tmpfs", 0, NULL) == 0);
}

static int ask_as(const char *option)
{
	char program[] = "policyd";
	char word[16];
	char *argv[] = { program, word, NULL };

	snprintf(word, sizeof word, "%s", option);
	sandbox_enter_query(2, argv);
	return end_with(socket(AF_INET, SOCK_STREAM, 0) < 0 &&
		errno == EAFNOSUPPORT && socket(AF_UNIX, SOCK_STREAM, 0) >= 0 &&
		can_open("other/secret", O_RDONLY));
}

static int ask_and_write(void)
{
	const int end = ask_as("--htm");

	return end == DONE ? end_with(can_open("other/secret", O_WRONLY)) : end;
}

static int ask_and_run(void)
{
	const int end = ask_as("--json");

	return end == DONE ? run_a_program() : end;
}

static int ask_and_mount(void)
{
	const int end = ask_as("--json");

	return end == DONE ? mount_a_disk() : end;
}

START_TEST(a_query_has_no_network)
{
	make_folders();
	const int written = in_a_child(ask_and_write);
	const int run = in_a_child(ask_and_run);
	const int mounted = in_a_child(ask_and_mount);

	remove_folders();
	ck_assert(WIFEXITED(written) && WEXITSTATUS(written) == DONE);
	/* journalctl(1) */
	ck_assert(WIFEXITED(run) && WEXITSTATUS(run) == DONE);
	ck_assert(WIFSIGNALED(mounted));
	ck_assert_int_eq(WTERMSIG(mounted), SIGSYS);
}
END_TEST

/* -- the whole */

static int enter(void)
{
	struct journal *journal = journal_open_stream(STDERR_FILENO);

	sandbox_enter(within("state"), false, journal);
	journal_close(&journal);
	if (!can_open("state/map", O_RDONLY))
		return REFUSED;
	return reach_the_network();
}

START_TEST(what_has_entered_is_closed_in)
{
	make_folders();
	const int status = in_a_child(enter);

	remove_folders();
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGSYS);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sandbox");
	TCase *tcase = tcase_create("core");

	tcase_add_loop_test(tcase, files_are_out_of_reach, 0, COUNT(closed));
	tcase_add_test(tcase, a_path_without_end_is_told);
	tcase_add_test(tcase, a_query_has_no_network);
	tcase_add_test(tcase, what_has_entered_is_closed_in);
	return unit_run(suite, tcase);
}
