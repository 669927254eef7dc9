/* The command line of policyd. */
#ifndef POLICYD_POLICYD_OPTIONS_H
#define POLICYD_POLICYD_OPTIONS_H

#include "policyd/endpoint.h"

#include <sys/types.h>

enum { LISTEN_MAX = 16 };

struct policyd_options {
	const char *state;
	struct endpoint listen[LISTEN_MAX]; /* none: stdin and stdout */
	size_t n_listen;
	struct endpoint metrics; /* loopback or a UNIX socket */
	bool has_metrics;
	mode_t mode; /* of UNIX sockets */
	bool has_mode;
	const char *user; /* NULL: stay who we are */
	bool logs_to_stderr;
	bool is_silent; /* verdicts are not logged; what is wrong is */
	bool is_shadow;
	bool wants_help;
	bool wants_version;
};

/*
 * Texts are borrowed from argv.  False: *err says in one sentence what
 * would be right.
 */
bool policyd_options_parse(
	struct policyd_options *out, int argc, char **argv, struct err *err);
/*
 * What only a daemon can have; to be asked where nothing is listened on,
 * neither by option nor handed over by systemd.
 */
bool policyd_options_suit_spawn(
	const struct policyd_options *options, struct err *err);

const char *policyd_help(void);
const char *policyd_version(void);

#endif
