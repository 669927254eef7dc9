/* Options may stand before the command or after it (getopt_long(3)). */
#include "transport-map-gen/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum {
	OPTION_JSON = 256,
	OPTION_NO_WAIT,
	OPTION_RELOAD,
	OPTION_ACCEPT_SHRINK,
	OPTION_CANDIDATE,
	OPTION_CLIENT,
	OPTION_DIRECTORIES,
	OPTION_FOR,
	OPTION_FORMAT,
	OPTION_BASE,
	OPTION_DOMAIN,
	OPTION_SVG,
	OPTION_TEXTFILE,
};

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "state", required_argument, NULL, 's' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "no-wait", no_argument, NULL, OPTION_NO_WAIT },
	{ "reload", no_argument, NULL, OPTION_RELOAD },
	{ "accept-shrink", required_argument, NULL, OPTION_ACCEPT_SHRINK },
	{ "candidate", no_argument, NULL, OPTION_CANDIDATE },
	{ "client", required_argument, NULL, OPTION_CLIENT },
	{ "directories", no_argument, NULL, OPTION_DIRECTORIES },
	{ "for", required_argument, NULL, OPTION_FOR },
	{ "format", required_argument, NULL, OPTION_FORMAT },
	{ "base", required_argument, NULL, OPTION_BASE },
	{ "domain", required_argument, NULL, OPTION_DOMAIN },
	{ "svg", no_argument, NULL, OPTION_SVG },
	{ "textfile", required_argument, NULL, OPTION_TEXTFILE },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const struct {
	const char *word;
	enum command command;
	int n_arguments;
} commands[] = {
	{ "build", COMMAND_BUILD, 0 },
	{ "check", COMMAND_CHECK, 0 },
	{ "contacts", COMMAND_CONTACTS, 0 },
	{ "explain", COMMAND_EXPLAIN, 1 },
	{ "graph", COMMAND_GRAPH, 0 },
	{ "list", COMMAND_LIST, 0 },
};

/* getopt_long() names a letter, or a long option that has a value. */
static bool no_such_option(const char *word, struct err *err)
{
	if (optopt == 0)
		return err_set(
			err, "no such option %s; --help lists them", word);
	if (strncmp(word, "--", 2) == 0)
		return err_set(err, "option %s takes no value", word);
	return err_set(err,
		"no such option -%c; --help lists them, and an address that "
		"begins with - stands behind --",
		optopt);
}

/* Appends optarg to a list with room for max. */
static bool take_one_more(const char **list, size_t *count, size_t max,
	const char *option, struct err *err)
{
	if (*count == max)
		return err_set(err, "too many %s", option);
	list[(*count)++] = optarg;
	return true;
}

static bool take(struct options *out, int option, char **argv, struct err *err)
{
	switch (option) {
	case 'c': out->config = optarg; return true;
	case 's': out->state = optarg; return true;
	case 'q': out->is_quiet = true; return true;
	case OPTION_JSON: out->as_json = true; return true;
	case OPTION_NO_WAIT: out->no_wait = true; return true;
	case OPTION_RELOAD: out->reload = true; return true;
	case OPTION_CANDIDATE: out->candidate = true; return true;
	case OPTION_CLIENT: out->client = optarg; return true;
	case OPTION_ACCEPT_SHRINK:
		return take_one_more(out->accept_shrink, &out->n_accept_shrink,
			ACCEPT_SHRINK_MAX, "--accept-shrink", err);
	case OPTION_DIRECTORIES: out->with_directories = true; return true;
	case OPTION_FOR: out->contacts_for = optarg; return true;
	case OPTION_BASE: out->base = optarg; return true;
	case OPTION_SVG: out->as_svg = true; return true;
	case OPTION_TEXTFILE: out->textfile = optarg; return true;
	case OPTION_FORMAT:
		return contact_format_parse(&out->format, optarg, err);
	case OPTION_DOMAIN:
		return take_one_more(out->domains, &out->n_domains, DOMAINS_MAX,
			"--domain", err);
	case 'h': out->wants_help = true; return true;
	case 'V': out->wants_version = true; return true;
	case ':':
		return err_set(
			err, "option %s wants a value", argv[optind - 1]);
	default: return no_such_option(argv[optind - 1], err);
	}
}

static bool take_command(
	struct options *out, int argc, char **argv, struct err *err)
{
	if (argc == 0)
		return true;
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		if (strcmp(argv[0], commands[i].word) != 0)
			continue;
		out->command = commands[i].command;
		if (argc - 1 != commands[i].n_arguments)
			return err_set(err,
				commands[i].n_arguments == 0
					? "%s takes no arguments"
					: "%s takes one ADDRESS",
				argv[0]);
		out->address = argv[1];
		return true;
	}
	return err_set(err,
		"no such command %s; there are build, check, contacts, "
		"explain, graph and list",
		argv[0]);
}

static bool is_textfile(const char *name)
{
	static const char end[] = ".prom";
	const size_t len = strlen(name);

	return len >= sizeof end - 1 &&
		strcmp(name + len - (sizeof end - 1), end) == 0;
}

/* What the command can not do without, and what it has nothing to do with. */
static bool check_needs(const struct options *options, struct err *err)
{
	if (options->textfile != NULL && options->command != COMMAND_BUILD)
		return err_set(err, "--textfile is for build alone");
	if (options->textfile != NULL && !is_textfile(options->textfile))
		return err_set(err,
			"--textfile %s: node_exporter reads only names that "
			"end in .prom",
			options->textfile);
	if (options->as_svg && options->command != COMMAND_GRAPH)
		return err_set(err, "--svg is for graph alone");
	if (options->command != COMMAND_CONTACTS)
		return true;
	if (options->contacts_for == NULL)
		return err_set(err,
			"contacts wants --for CONNECTOR: the system that is to "
			"know them");
	if (options->format != CONTACT_FORMAT_LDIF)
		return true;
	if (options->base == NULL)
		return err_set(err,
			"--format ldif wants --base DN: what the contacts are "
			"to stand below");
	return contact_base_check(options->base, err);
}

bool options_parse(struct options *out, int argc, char **argv, struct err *err)
{
	int option;

	*out = (struct options){ .command = COMMAND_BUILD,
		.config = "/etc/postshare/namespace.conf",
		.state = "/var/lib/postshare" };
	opterr = 0;
	while ((option = getopt_long(
			argc, argv, ":c:s:qhV", long_options, NULL)) != -1)
		if (!take(out, option, argv, err))
			return false;
	if (out->wants_help || out->wants_version)
		return true;
	return take_command(out, argc - optind, argv + optind, err) &&
		check_needs(out, err);
}

bool options_accept_shrink(const struct options *options, const char *directory)
{
	for (size_t i = 0; i < options->n_accept_shrink; i++)
		if (strcmp(options->accept_shrink[i], directory) == 0)
			return true;
	return false;
}

void options_print_help(void)
{
	fputs("usage: transport-map-gen [-c FILE] [-s DIR] [COMMAND]\n"
	      "commands:\n"
	      "  build            compile and publish (the default)\n"
	      "  check            say what is wrong, publish nothing\n"
	      "  contacts         whom another system must know\n"
	      "  explain ADDRESS  every step of its resolution\n"
	      "  graph            the namespace as a picture, in DOT\n"
	      "  list             the generations\n"
	      "options:\n"
	      "  -c, --config FILE       /etc/postshare/namespace.conf\n"
	      "  -s, --state DIR         /var/lib/postshare\n"
	      "  -q, --quiet             errors alone\n"
	      "      --json              for explain and list\n"
	      "      --no-wait           leave recipients to the next run\n"
	      "      --reload            postfix reload instead of waiting\n"
	      "      --accept-shrink DIRECTORY\n"
	      "      --candidate         explain the files as they stand\n"
	      "      --client ADDRESS    explain as if this one asked\n"
	      "      --directories       check: all about the directories\n"
	      "      --for CONNECTOR     contacts: of this system\n"
	      "      --format text|csv|ldif\n"
	      "      --base DN           contacts as LDIF stand below it\n"
	      "      --domain DOMAIN     contacts of this domain alone\n"
	      "      --svg               graph: drawn by dot(1)\n"
	      "      --textfile FILE     build: metrics for node_exporter\n"
	      "  -h, --help  -V, --version\n",
		stdout);
}
