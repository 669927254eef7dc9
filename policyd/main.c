/*
 * policyd: answers on stdin and stdout under spawn(8), or listens.
 *
 * Under spawn stderr is the same socket as stdout, and whatever appears
 * there is taken for a reply; so a socket as stderr leads to /dev/null before
 * anything can speak, unless it is journald's, and what is wrong goes to
 * syslog.  Without a generation policyd
 * starts all the same, answers DUNNO to everything (the maps alone are
 * right), says so loudly in the log, and takes the one that appears.
 *
 * Sockets are bound, the user is become, all rights are given up and the
 * process is closed in, in this order, before a byte of a map or of a
 * request is read.
 */
#include "base/file.h"
#include "policyd/journal.h"
#include "policyd/keeper.h"
#include "policyd/listener.h"
#include "policyd/metrics.h"
#include "policyd/policyd_options.h"
#include "policyd/privileges.h"
#include "policyd/sandbox.h"
#include "policyd/server.h"
#include "policyd/systemd.h"
#include "snapshot/state_guard.h"
#include "verdicts/query.h"

#include <fcntl.h>
#include <paths.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

struct policyd {
	struct policyd_options options;
	struct listener listener;
	struct listener watched; /* --metrics */
	struct journal *journal;
	struct metrics *metrics;
	struct keeper *keeper;
	struct server *server;
	bool is_spawned; /* from a socket: nobody reads what we print */
	bool has_no_stderr; /* it was a socket */
};

static void stderr_to_null(void)
{
	const int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd >= 0 && dup2(fd, STDERR_FILENO) >= 0 && fd > STDERR_FILENO)
		close(fd);
}

/* A client's as far as we can know, whatever became of the others. */
static bool is_socket(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) &&
		!systemd_keeps(fd);
}

static void look_who_listens(struct policyd *policyd)
{
	policyd->has_no_stderr = is_socket(STDERR_FILENO);
	policyd->is_spawned = policyd->has_no_stderr ||
		is_socket(STDIN_FILENO) || is_socket(STDOUT_FILENO);
	if (policyd->has_no_stderr)
		stderr_to_null();
}

static int fail(const struct policyd *policyd, int status, const char *text)
{
	if (policyd->is_spawned) {
		struct journal *journal = journal_open_syslog(_PATH_LOG);

		journal_write(journal, LOG_CRIT, text);
		journal_close(&journal);
	} else {
		fprintf(stderr, "policyd: %s\n", text);
	}
	return status;
}

static bool suits_its_place(
	const struct policyd *policyd, bool is_daemon, struct err *err)
{
	const struct policyd_options *options = &policyd->options;
	struct stat in;

	/* A terminal, or the /dev/null of a supervisor. */
	if (!is_daemon && fstat(STDIN_FILENO, &in) == 0 && S_ISCHR(in.st_mode))
		return err_set(err,
			"nobody asks on stdin: give --listen unix:PATH, or let "
			"Postfix's spawn(8) run this (see policyd --help)");
	return is_daemon || policyd_options_suit_spawn(options, err);
}

/* Options, and the sockets of a supervisor. */
static bool prepare(
	struct policyd *policyd, int argc, char **argv, struct err *err)
{
	struct policyd_options *options = &policyd->options;
	int handed_over;

	if (!policyd_options_parse(options, argc, argv, err))
		return false;
	if (options->wants_help || options->wants_version)
		return !policyd->is_spawned ||
			err_set(err,
				"--help and --version print nothing to "
				"an smtpd");
	if (options->logs_to_stderr && policyd->has_no_stderr)
		return err_set(err,
			"--log stderr: that is a socket, which may be a "
			"client's, and nothing is written there: use --log "
			"syslog");
	if (!systemd_sockets(&handed_over, err))
		return false;
	/* so many that there is room for all of them */
	for (int i = 0; i < handed_over; i++)
		listener_adopt(&policyd->listener, SYSTEMD_FIRST_FD + i, err);
	return suits_its_place(
		policyd, options->n_listen + handed_over > 0, err);
}

/* Whoever we are then, without any right beyond the user's. */
static bool give_up_rights(
	const char *state, const struct identity *identity, struct err *err)
{
	privileges_bound();
	return (identity != NULL ? identity_become(identity, err)
				 : identity_join(state, err)) &&
		privileges_drop(err);
}

/* Binds as whoever started us, then becomes --user. */
static bool settle(struct policyd *policyd, struct err *err)
{
	const struct policyd_options *options = &policyd->options;
	struct identity identity;
	const bool has_user = options->user != NULL;
	const struct socket_look look = { options->mode,
		has_user ? &identity : NULL };

	if (has_user &&
		!identity_find(&identity, options->user, options->state, err))
		return false;
	for (size_t i = 0; i < options->n_listen; i++) {
		if (!listener_add(&policyd->listener, &options->listen[i],
			    &look, err))
			return false;
	}
	if (options->has_metrics &&
		!listener_add(&policyd->watched, &options->metrics, &look, err))
		return false;
	return give_up_rights(options->state, has_user ? &identity : NULL, err);
}

/* Who owns the folder is known as long as /etc/passwd can be read. */
static void look_at_state(const struct policyd *policyd)
{
	struct err err = { 0 };

	if (!state_is_guarded(policyd->options.state, geteuid(), &err))
		journal_printf(policyd->journal, LOG_CRIT, "%s", err.text);
}

static bool set_up(struct policyd *policyd, struct err *err)
{
	const struct policyd_options *options = &policyd->options;
	const bool is_daemon = options->n_listen > 0 ||
		policyd->listener.count > 0;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN); /* but while the server runs */
	if (!is_daemon) {
		stderr_to_null();
		policyd->is_spawned = true;
	}
	if (!settle(policyd, err))
		return false;
	policyd->journal = options->logs_to_stderr
		? journal_open_stream(STDERR_FILENO)
		: journal_open_syslog(_PATH_LOG);
	look_at_state(policyd);
	sandbox_enter(options->state, options->has_metrics, policyd->journal);
	if (options->has_metrics)
		policyd->metrics = metrics_open();
	policyd->keeper =
		keeper_open(options->state, policyd->journal, policyd->metrics);
	policyd->server = server_open(
		&(struct server_parts){
			.keeper = policyd->keeper,
			.journal = policyd->journal,
			.metrics = policyd->metrics,
			.is_shadow = options->is_shadow,
			.is_silent = options->is_silent,
			.takes_files = !is_daemon,
		},
		err);
	if (policyd->server == NULL)
		return false;
	if (policyd->metrics != NULL &&
		!server_tell(policyd->server, &policyd->watched, err))
		return false;
	return is_daemon
		? server_listen(policyd->server, &policyd->listener, err)
		: server_converse(
			  policyd->server, STDIN_FILENO, STDOUT_FILENO, err);
}

static void tear_down(struct policyd *policyd)
{
	server_close(&policyd->server);
	keeper_close(&policyd->keeper);
	metrics_close(&policyd->metrics);
	listener_close(&policyd->listener);
	listener_close(&policyd->watched);
	journal_close(&policyd->journal);
}

static int serve(struct policyd *policyd)
{
	struct err err = { 0 };
	int status = EX_OK;

	if (!set_up(policyd, &err)) {
		status = fail(policyd, EX_CONFIG, err.text);
	} else {
		systemd_ready();
		if (!server_run(policyd->server, &err))
			status = fail(policyd, EX_OSERR, err.text);
	}
	tear_down(policyd);
	return status;
}

static int print(const char *text)
{
	return fputs(text, stdout) < 0 || fflush(stdout) != 0 ? EX_IOERR
							      : EX_OK;
}

int main(int argc, char **argv)
{
	struct policyd policyd = { 0 };
	struct err err = { 0 };

	if (argc > 1 && strcmp(argv[1], "verdicts") == 0) {
		sandbox_enter_query(argc, argv);
		return query_main(argc - 1, argv + 1);
	}
	file_fill_stdio();
	look_who_listens(&policyd);
	if (!prepare(&policyd, argc, argv, &err))
		return fail(&policyd, EX_USAGE, err.text);
	if (policyd.options.wants_help)
		return print(policyd_help());
	if (policyd.options.wants_version)
		return print(policyd_version());
	return serve(&policyd);
}
