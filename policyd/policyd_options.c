/*
 * getopt_long() splits, one table says what each option does.  It must not
 * speak itself: its stderr may be the socket of an smtpd.
 */
#include "policyd/policyd_options.h"

#include "base/version.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <string.h>

enum option_code {
	OPTION_STATE = 's',
	OPTION_HELP = 'h',
	OPTION_VERSION = 'V',
	OPTION_LISTEN = 0x100,
	OPTION_METRICS,
	OPTION_MODE,
	OPTION_USER,
	OPTION_SHADOW,
	OPTION_LOG,
};

static const struct option long_options[] = {
	{ "state", required_argument, NULL, OPTION_STATE },
	{ "listen", required_argument, NULL, OPTION_LISTEN },
	{ "metrics", required_argument, NULL, OPTION_METRICS },
	{ "mode", required_argument, NULL, OPTION_MODE },
	{ "user", required_argument, NULL, OPTION_USER },
	{ "shadow", no_argument, NULL, OPTION_SHADOW },
	{ "log", required_argument, NULL, OPTION_LOG },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ 0 },
};

static bool parse_state(struct policyd_options *out, struct err *err)
{
	if (optarg[0] == '\0')
		return err_set(err, "-s wants a folder, /var/lib/postshare");
	out->state = optarg;
	return true;
}

static bool parse_listen(struct policyd_options *out, struct err *err)
{
	if (out->n_listen == LISTEN_MAX)
		return err_set(err, "--listen can be given %d times at most",
			LISTEN_MAX);
	return endpoint_parse(&out->listen[out->n_listen++], optarg, err);
}

/* A name is none: it could come to mean another machine. */
static bool is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static bool parse_metrics(struct policyd_options *out, struct err *err)
{
	if (out->has_metrics)
		return err_set(err, "--metrics can be given once");
	if (!endpoint_parse(&out->metrics, optarg, err))
		return false;
	out->has_metrics = true;
	if (out->metrics.path == NULL && !is_loopback(out->metrics.host))
		return err_set(err,
			"--metrics %s: numbers are told to this machine "
			"alone, they say who has mail here and nobody is "
			"asked for a password: inet:127.0.0.1:PORT, "
			"inet:[::1]:PORT or unix:PATH",
			optarg);
	return true;
}

static bool parse_mode(struct policyd_options *out, struct err *err)
{
	const size_t len = strlen(optarg);
	mode_t mode = 0;

	if (len < 3 || len > 4 || strspn(optarg, "01234567") != len)
		return err_set(err,
			"--mode wants an octal mode such as 0660, not \"%s\"",
			optarg);
	for (size_t i = 0; i < len; i++)
		mode = mode * 8 + (mode_t)(optarg[i] - '0');
	if (mode > 0777)
		return err_set(err, "--mode is 0777 at most, not %s", optarg);
	out->mode = mode;
	out->has_mode = true;
	return true;
}

static bool parse_user(struct policyd_options *out, struct err *err)
{
	if (optarg[0] == '\0')
		return err_set(err, "--user wants the name of a user");
	out->user = optarg;
	return true;
}

static bool parse_log(struct policyd_options *out, struct err *err)
{
	out->logs_to_stderr = strcmp(optarg, "stderr") == 0;
	out->is_silent = strcmp(optarg, "none") == 0;
	if (!out->logs_to_stderr && !out->is_silent &&
		strcmp(optarg, "syslog") != 0)
		return err_set(err,
			"--log is syslog, stderr or none, not \"%s\"", optarg);
	return true;
}

static bool take(struct policyd_options *out, int code, const char *word,
	struct err *err)
{
	switch (code) {
	case OPTION_STATE: return parse_state(out, err);
	case OPTION_LISTEN: return parse_listen(out, err);
	case OPTION_METRICS: return parse_metrics(out, err);
	case OPTION_MODE: return parse_mode(out, err);
	case OPTION_USER: return parse_user(out, err);
	case OPTION_LOG: return parse_log(out, err);
	case OPTION_SHADOW: out->is_shadow = true; return true;
	case OPTION_HELP: out->wants_help = true; return true;
	case OPTION_VERSION: out->wants_version = true; return true;
	case ':': return err_set(err, "%s wants a value", word);
	default:
		return err_set(err,
			"%s is no option of policyd: see policyd --help", word);
	}
}

bool policyd_options_parse(
	struct policyd_options *out, int argc, char **argv, struct err *err)
{
	int code;

	*out = (struct policyd_options){
		.state = "/var/lib/postshare",
		.mode = 0660,
	};
	opterr = 0;
	optind = 0; /* a fresh start, in the way of the GNU C library */
	do {
		const char *word = argv[optind == 0 ? 1 : optind];

		code = getopt_long(argc, argv, "+:s:hV", long_options, NULL);
		if (code != -1 && !take(out, code, word, err))
			return false;
	} while (code != -1);
	if (optind < argc)
		return err_set(err,
			"\"%s\" is too much: policyd [-s DIR] answers on "
			"stdin, policyd --listen unix:PATH is a daemon, "
			"policyd verdicts asks its log",
			argv[optind]);
	return true;
}

bool policyd_options_suit_spawn(
	const struct policyd_options *options, struct err *err)
{
	const char *name = NULL;

	if (options->has_metrics)
		return err_set(err,
			"--metrics is for a daemon (--listen unix:PATH): "
			"without, there is a process for each smtpd and none "
			"knows all numbers; count what the log says, policyd "
			"verdicts --count-by verdict,reason");
	if (options->has_mode)
		name = "--mode";
	else if (options->user != NULL)
		name = "--user";
	else if (options->logs_to_stderr)
		name = "--log stderr";
	if (name == NULL)
		return true;
	return err_set(err,
		"%s is for a daemon: give --listen unix:PATH or "
		"--listen inet:HOST:PORT",
		name);
}

const char *policyd_help(void)
{
	return "Usage: policyd [-s DIR] [--shadow]\n"
	       "       policyd [-s DIR] --listen unix:PATH|inet:HOST:PORT "
	       "[options]\n"
	       "       policyd verdicts [options] [FILE...]\n"
	       "\n"
	       "Answers Postfix's check_policy_service: on stdin and stdout "
	       "(spawn(8)), or as\n"
	       "a daemon in the foreground.  Its log is asked by policyd "
	       "verdicts, which has a\n"
	       "--help of its own.\n"
	       "\n"
	       "  -s, --state DIR         state folder "
	       "(/var/lib/postshare)\n"
	       "      --listen ENDPOINT   unix:PATH or inet:HOST:PORT; may "
	       "be repeated\n"
	       "      --metrics ENDPOINT  numbers for Prometheus over HTTP, "
	       "unix:PATH or\n"
	       "                          inet:127.0.0.1:PORT (daemon)\n"
	       "      --mode MODE         of UNIX sockets (0660)\n"
	       "      --user NAME         become this user once the sockets "
	       "are bound\n"
	       "      --shadow            answer DUNNO, log what would have "
	       "been said\n"
	       "      --log syslog|stderr|none\n"
	       "                          where the log goes (syslog; stderr "
	       "for a daemon; none:\n"
	       "                          no verdicts, and what is wrong to "
	       "syslog)\n"
	       "  -h, --help              this text\n"
	       "  -V, --version           the version\n";
}

const char *policyd_version(void)
{
	return "policyd (Postshare) " VERSION "\n";
}
