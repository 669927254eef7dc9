/* The command line of transport-map-gen(1). */
#ifndef TRANSPORT_MAP_GEN_OPTIONS_H
#define TRANSPORT_MAP_GEN_OPTIONS_H

#include "transport-map-gen/contact_format.h"

enum command {
	COMMAND_BUILD,
	COMMAND_CHECK,
	COMMAND_CONTACTS,
	COMMAND_EXPLAIN,
	COMMAND_GRAPH,
	COMMAND_LIST,
};

/* Of an option that may be given several times. */
enum { ACCEPT_SHRINK_MAX = 64, DOMAINS_MAX = 64 };

struct options {
	enum command command;
	const char *config;
	const char *state;
	const char *address; /* explain */
	const char *client; /* explain; NULL = some other system */
	bool is_quiet;
	bool as_json;
	bool no_wait;
	bool reload;
	const char *textfile; /* build: for node_exporter; NULL = none */
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
