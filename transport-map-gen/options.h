/* The command line of transport-map-gen(1). */
#ifndef TRANSPORT_MAP_GEN_OPTIONS_H
#define TRANSPORT_MAP_GEN_OPTIONS_H

#include "transport-map-gen/contact_format.h"

enum command {
	COMMAND_BUILD,
	COMMAND_CHECK,
	COMMAND_CONTACTS,
	COMMAND_DIFF,
	COMMAND_DOCTOR,
	COMMAND_EXPLAIN,
	COMMAND_GRAPH,
	COMMAND_INIT,
	COMMAND_LIST,
	COMMAND_RELEASE,
	COMMAND_REPLAY,
	COMMAND_ROLLBACK,
};

/* Of an option that may be given several times. */
enum { ACCEPT_SHRINK_MAX = 64, DOMAINS_MAX = 64, SKIP_MAX = 64 };

/* Lines of each list that diff and replay show a person. */
enum { LIMIT_DEFAULT = 50 };

struct options {
	enum command command;
	const char *config;
	const char *state;
	const char *const *arguments; /* of the command, behind its word */
	size_t n_arguments;
	const char *client; /* explain; NULL = some other system */
	bool is_quiet;
	bool as_json;
	bool no_wait;
	bool reload;
	bool dry_run; /* build */
	unsigned long limit; /* diff, replay: lines of a list; 0 = all */
	bool has_limit; /* it was given; JSON has no other */
	const char *against; /* replay: a generation; NULL = candidate */
	const char *since, *until; /* replay: see verdicts/when.h */
	bool journal; /* replay: of systemd */
	const char *journal_folder; /* NULL = that of this machine */
	int year; /* replay: of each file's first line; 0 = not known */
	bool with_dns, with_probe; /* doctor: asks others too */
	const char *resolver; /* doctor --dns: NULL = the system's */
	const char *skip[SKIP_MAX]; /* doctor: identifiers of checks */
	size_t n_skip;
	const char *textfile; /* build: for node_exporter; NULL = none */
	unsigned long max_memory; /* build, check, diff: MiB; 0 = no bound */
	bool candidate; /* explain the configuration as it stands */
	bool with_directories; /* check: all that is known of them */
	bool as_svg; /* graph */
	const char *contacts_for; /* contacts: a connector */
	enum contact_format format; /* contacts */
	const char *base; /* contacts as LDIF: a DN */
	const char *domains[DOMAINS_MAX]; /* contacts; none = all */
	size_t n_domains;
	const char *accept_shrink[ACCEPT_SHRINK_MAX];
	size_t n_accept_shrink;
	bool wants_help;
	bool wants_version;
};

/* The texts point into argv.  *err says what would be right. */
bool options_parse(struct options *out, int argc, char **argv, struct err *err);
/* Whether --accept-shrink names this directory. */
bool options_accept_shrink(
	const struct options *options, const char *directory);
void options_print_help(void);

#endif
