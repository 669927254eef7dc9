/* Asking a policy service, and what it means when it says nothing. */
#include "doctor/policy_socket.h"

#include "tests/unit/sink_text.h"
#include "tests/unit/unit_main.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

static struct arena *arena;
static char *folder;

static void open_folder(void)
{
	arena = arena_open();
	folder = test_folder(arena);
	ck_assert_int_eq(chmod(folder, 0755), 0);
}

static void close_folder(void)
{
	test_folder_remove(folder);
	arena_close(&arena);
}

static int listen_at(const char *name, mode_t mode)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", folder,
		name);
	ck_assert_int_eq(
		bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
	ck_assert_int_eq(listen(fd, 5), 0);
	ck_assert_int_eq(chmod(address.sun_path, mode), 0);
	return fd;
}

/* Takes one request and says so much; a process of its own. */
static pid_t serve(int listener, const char *reply)
{
	const pid_t child = fork();

	if (child != 0)
		return child;
	const int fd = accept(listener, NULL, NULL);
	char request[1024];
	const ssize_t n = read(fd, request, sizeof request - 1);

	request[n < 0 ? 0 : n] = '\0';
	const bool is_whole =
		strstr(request, "request=smtpd_access_policy\n") == request &&
		strstr(request, "\nrecipient=r@a.invalid\n") != NULL &&
		strstr(request, "\n\n") != NULL;
	const size_t len = strlen(reply);

	_exit(is_whole && write(fd, reply, len) == (ssize_t)len ? EXIT_SUCCESS
								: EXIT_FAILURE);
}

static void ask(struct policy_answer *out, const char *endpoint,
	const char *user, const char *recipient)
{
	policy_socket_ask(out, endpoint, folder, user, recipient);
}

static const struct reply_case {
	const char *name, *reply, *action;
	enum policy_reach reach;
} REPLIES[] = {
	{ "as it should be", "action=DUNNO\n\n", "DUNNO", POLICY_ANSWERED },
	{ "other attributes", "a=b\naction=OK\n\n", "OK", POLICY_ANSWERED },
	{ "none of a kind", "hello\n", "hello", POLICY_ANSWERED },
	{ "bytes for a terminal", "action=a\033b\377c\n\n", "a?b?c",
		POLICY_ANSWERED },
	{ "nothing", "", "", POLICY_SILENT },
};

START_TEST(replies_are_read)
{
	const struct reply_case *c = &REPLIES[_i];
	const int listener = listen_at("s", 0666);
	const pid_t server = serve(listener, c->reply);
	struct policy_answer answer;
	int status;

	ask(&answer, "unix:s", "root", "r@a.invalid");
	ck_assert_int_eq(waitpid(server, &status, 0), server);
	ck_assert_msg(status == 0, "%s: the request", c->name);
	ck_assert_msg(
		answer.reach == c->reach, "%s: %d", c->name, (int)answer.reach);
	ck_assert_msg(strcmp(answer.action, c->action) == 0, "%s: %s", c->name,
		answer.action);
	close(listener);
}
END_TEST

START_TEST(absolute_paths_and_being_connected)
{
	const int listener = listen_at("s", 0666);
	struct policy_answer answer;

	ask(&answer, arena_printf(arena, "unix:%s/s", folder), "root", NULL);
	ck_assert_int_eq(answer.reach, POLICY_ANSWERED);
	ck_assert_str_eq(answer.action, "");
	close(listener);
}
END_TEST

START_TEST(nobody_is_told_from_nothing)
{
	struct policy_answer answer;

	ask(&answer, "unix:s", "root", NULL);
	ck_assert_int_eq(answer.reach, POLICY_MISSING);
	close(listen_at("s", 0666));
	ask(&answer, "unix:s", "root", NULL);
	ck_assert_int_eq(answer.reach, POLICY_DEAD);
}
END_TEST

START_TEST(names_that_are_none)
{
	static const char *const names[] = { "policyd", "inet:10", "" };
	struct policy_answer answer;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		ask(&answer, names[i], "root", NULL);
		ck_assert_msg(answer.reach == POLICY_DEAD, "%s", names[i]);
	}
	ask(&answer, arena_printf(arena, "unix:/%0200d", 0), "root", NULL);
	ck_assert_int_eq(answer.reach, POLICY_DEAD);
}
END_TEST

/* Only root becomes somebody else; who is not is told that he can not tell. */
START_TEST(the_user_is_held_to_the_mode)
{
	const int listener = listen_at("s", 0600);
	struct policy_answer answer;

	if (getuid() == 0) {
		ask(&answer, "unix:s", "nobody", NULL);
		ck_assert_int_eq(answer.reach, POLICY_FORBIDDEN);
		ask(&answer, "unix:s", "nobody-of-that-name", NULL);
		ck_assert_int_eq(answer.reach, POLICY_UNKNOWN);
	}
	ask(&answer, "unix:s", "root", NULL);
	ck_assert_int_eq(answer.reach, POLICY_ANSWERED);
	close(listener);
}
END_TEST

START_TEST(without_a_queue_folder)
{
	struct policy_answer answer;

	policy_socket_ask(&answer, "unix:s", "/no/such/folder", "root", NULL);
	ck_assert_int_eq(answer.reach, POLICY_UNKNOWN);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("policy_socket");

	tcase_add_checked_fixture(tcase, open_folder, close_folder);
	tcase_add_loop_test(tcase, replies_are_read, 0, COUNT(REPLIES));
	tcase_add_test(tcase, absolute_paths_and_being_connected);
	tcase_add_test(tcase, nobody_is_told_from_nothing);
	tcase_add_test(tcase, names_that_are_none);
	tcase_add_test(tcase, the_user_is_held_to_the_mode);
	tcase_add_test(tcase, without_a_queue_folder);
	return unit_run(suite_create("policy_socket"), tcase);
}
