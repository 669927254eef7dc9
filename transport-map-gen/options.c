/* Options may stand before the command or after it (getopt_long(3)). */
#include "transport-map-gen/options.h"

#include "base/text.h"
#include "verdicts/when.h"

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
	OPTION_JSON = 256,
	OPTION_NO_WAIT,
	OPTION_RELOAD,
	OPTION_ACCEPT_SHRINK,
	OPTION_DRY_RUN,
	OPTION_LIMIT,
	OPTION_AGAINST,
	OPTION_SINCE,
	OPTION_UNTIL,
	OPTION_JOURNAL,
	OPTION_YEAR,
	OPTION_DNS,
	OPTION_RESOLVER,
	OPTION_PROBE,
	OPTION_SKIP,
	OPTION_CANDIDATE,
	OPTION_CLIENT,
	OPTION_DIRECTORIES,
	OPTION_FOR,
	OPTION_FORMAT,
	OPTION_BASE,
	OPTION_DOMAIN,
	OPTION_SVG,
	OPTION_TEXTFILE,
	OPTION_MAX_MEMORY,
};

static const struct {
	const char *word;
	enum command command;
	size_t min, max; /* arguments */
	const char *wants; /* where their number is wrong */
} commands[] = {
	{ "build", COMMAND_BUILD, 0, 0, "takes no arguments" },
	{ "check", COMMAND_CHECK, 0, 0, "takes no arguments" },
	{ "contacts", COMMAND_CONTACTS, 0, 0, "takes no arguments" },
	{ "diff", COMMAND_DIFF, 0, 2,
		"takes two generations at most, FROM and TO" },
	{ "doctor", COMMAND_DOCTOR, 0, 0, "takes no arguments" },
	{ "explain", COMMAND_EXPLAIN, 1, 1, "takes one ADDRESS" },
	{ "graph", COMMAND_GRAPH, 0, 0, "takes no arguments" },
	{ "init", COMMAND_INIT, 0, 0, "takes no arguments" },
	{ "list", COMMAND_LIST, 0, 0, "takes no arguments" },
	{ "release", COMMAND_RELEASE, 0, 0, "takes no arguments" },
	{ "replay", COMMAND_REPLAY, 0, SIZE_MAX, "" },
	{ "rollback", COMMAND_ROLLBACK, 0, 1, "takes one generation at most" },
};

enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

/* Which commands an option is for, a bit each. */
#define FOR(name) (1u << COMMAND_##name)
#define FOR_ALL ((1u << N_COMMANDS) - 1)
#define FOR_COMPILING \
	(FOR(BUILD) | FOR(CHECK) | FOR(DIFF) | FOR(EXPLAIN) | FOR(REPLAY))

static const struct {
	struct option option;
	unsigned commands;
} known[] = {
	{ { "config", required_argument, NULL, 'c' }, FOR_ALL },
	{ { "state", required_argument, NULL, 's' }, FOR_ALL },
	{ { "quiet", no_argument, NULL, 'q' }, FOR_ALL },
	{ { "help", no_argument, NULL, 'h' }, FOR_ALL },
	{ { "version", no_argument, NULL, 'V' }, FOR_ALL },
	{ { "json", no_argument, NULL, OPTION_JSON },
		FOR(BUILD) | FOR(DIFF) | FOR(DOCTOR) | FOR(EXPLAIN) |
			FOR(LIST) | FOR(REPLAY) },
	{ { "no-wait", no_argument, NULL, OPTION_NO_WAIT },
		FOR(BUILD) | FOR(ROLLBACK) },
	{ { "reload", no_argument, NULL, OPTION_RELOAD },
		FOR(BUILD) | FOR(ROLLBACK) },
	{ { "accept-shrink", required_argument, NULL, OPTION_ACCEPT_SHRINK },
		FOR_COMPILING },
	{ { "dry-run", no_argument, NULL, OPTION_DRY_RUN }, FOR(BUILD) },
	{ { "textfile", required_argument, NULL, OPTION_TEXTFILE },
		FOR(BUILD) },
	{ { "limit", required_argument, NULL, OPTION_LIMIT },
		FOR(BUILD) | FOR(DIFF) | FOR(REPLAY) },
	{ { "against", required_argument, NULL, OPTION_AGAINST }, FOR(REPLAY) },
	{ { "since", required_argument, NULL, OPTION_SINCE }, FOR(REPLAY) },
	{ { "until", required_argument, NULL, OPTION_UNTIL }, FOR(REPLAY) },
	{ { "journal", optional_argument, NULL, OPTION_JOURNAL }, FOR(REPLAY) },
	{ { "year", required_argument, NULL, OPTION_YEAR }, FOR(REPLAY) },
	{ { "dns", no_argument, NULL, OPTION_DNS }, FOR(DOCTOR) },
	{ { "resolver", required_argument, NULL, OPTION_RESOLVER },
		FOR(DOCTOR) },
	{ { "probe", no_argument, NULL, OPTION_PROBE }, FOR(DOCTOR) },
	{ { "skip", required_argument, NULL, OPTION_SKIP }, FOR(DOCTOR) },
	{ { "candidate", no_argument, NULL, OPTION_CANDIDATE }, FOR(EXPLAIN) },
	{ { "client", required_argument, NULL, OPTION_CLIENT }, FOR(EXPLAIN) },
	{ { "directories", no_argument, NULL, OPTION_DIRECTORIES },
		FOR(CHECK) },
	{ { "for", required_argument, NULL, OPTION_FOR }, FOR(CONTACTS) },
	{ { "format", required_argument, NULL, OPTION_FORMAT }, FOR(CONTACTS) },
	{ { "base", required_argument, NULL, OPTION_BASE }, FOR(CONTACTS) },
	{ { "domain", required_argument, NULL, OPTION_DOMAIN }, FOR(CONTACTS) },
	{ { "svg", no_argument, NULL, OPTION_SVG }, FOR(GRAPH) },
	{ { "max-memory", required_argument, NULL, OPTION_MAX_MEMORY },
		FOR(BUILD) | FOR(CHECK) | FOR(DIFF) },
};

enum { N_KNOWN = sizeof known / sizeof known[0] };

_Static_assert(N_KNOWN <= 32, "a bit for each in an unsigned");

/* What was given, a bit for each of known[]. */
struct parse {
	struct options *out;
	unsigned given;
	struct err *err;
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

static bool take_number(unsigned long *out, const char *option, struct err *err)
{
	return text_to_ulong(out, optarg) ||
		err_set(err, "%s wants a number, not %s", option, optarg);
}

/* What would pass the last address is no bound. */
static bool take_max_memory(struct options *out, struct err *err)
{
	return (text_to_ulong(&out->max_memory, optarg) &&
		       out->max_memory != 0 &&
		       out->max_memory <= SIZE_MAX >> 20) ||
		err_set(err,
			"--max-memory wants a number of MiB, at least 1, "
			"not %s",
			optarg);
}

static bool take_journal(struct options *out, struct err *err)
{
	out->journal = true;
	out->journal_folder = optarg;
	return optarg == NULL || *optarg != '\0' ||
		err_set(err,
			"--journal=DIR wants a folder; --journal alone is this "
			"machine's");
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
	case OPTION_DRY_RUN: out->dry_run = true; return true;
	case OPTION_LIMIT:
		out->has_limit = true;
		return take_number(&out->limit, "--limit", err);
	case OPTION_AGAINST: out->against = optarg; return true;
	case OPTION_SINCE: out->since = optarg; return true;
	case OPTION_UNTIL: out->until = optarg; return true;
	case OPTION_JOURNAL: return take_journal(out, err);
	case OPTION_YEAR: return when_parse_year(&out->year, optarg, err);
	case OPTION_DNS: out->with_dns = true; return true;
	case OPTION_RESOLVER: out->resolver = optarg; return true;
	case OPTION_PROBE: out->with_probe = true; return true;
	case OPTION_SKIP:
		return take_one_more(
			out->skip, &out->n_skip, SKIP_MAX, "--skip", err);
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
	case OPTION_MAX_MEMORY: return take_max_memory(out, err);
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

static bool no_such_command(const char *word, struct err *err)
{
	struct text words;

	text_init(&words);
	for (size_t i = 0; i < N_COMMANDS; i++)
		text_addf(&words, "%s%s",
			i == 0                       ? ""
				: i + 1 < N_COMMANDS ? ", "
						     : " and ",
			commands[i].word);
	err_set(err, "no such command %s; there are %s", word, words.data);
	text_fini(&words);
	return false;
}

static bool take_command(
	struct options *out, int argc, char **argv, struct err *err)
{
	if (argc == 0)
		return true;
	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (strcmp(argv[0], commands[i].word) != 0)
			continue;
		out->command = commands[i].command;
		out->arguments = (const char *const *)argv + 1;
		out->n_arguments = (size_t)argc - 1;
		return (out->n_arguments >= commands[i].min &&
			       out->n_arguments <= commands[i].max) ||
			err_set(err, "%s %s", argv[0], commands[i].wants);
	}
	return no_such_command(argv[0], err);
}

/* "--json is for diff and list", "--svg is for graph alone". */
static bool refuse_option(size_t index, struct err *err)
{
	const unsigned mask = known[index].commands;
	struct text words;
	unsigned left = mask;

	text_init(&words);
	for (unsigned i = 0; i < N_COMMANDS; i++) {
		if ((mask & 1u << i) == 0)
			continue;
		left &= ~(1u << i);
		text_addf(&words, "%s%s",
			words.len == 0      ? ""
				: left != 0 ? ", "
					    : " and ",
			commands[i].word);
	}
	err_set(err, "--%s is for %s%s", known[index].option.name, words.data,
		(mask & (mask - 1)) == 0 ? " alone" : "");
	text_fini(&words);
	return false;
}

/* Each option is for the command. */
static bool check_given(const struct parse *parse)
{
	const unsigned bit = 1u << parse->out->command;

	for (size_t i = 0; i < N_KNOWN; i++)
		if ((parse->given & 1u << i) != 0 &&
			(known[i].commands & bit) == 0)
			return refuse_option(i, parse->err);
	return true;
}

static bool is_textfile(const char *name)
{
	static const char end[] = ".prom";
	const size_t len = strlen(name);

	return len >= sizeof end - 1 &&
		strcmp(name + len - (sizeof end - 1), end) == 0;
}

/* Of build: what goes together. */
static bool check_build(const struct options *options, struct err *err)
{
	if (options->textfile != NULL && !is_textfile(options->textfile))
		return err_set(err,
			"--textfile %s: node_exporter reads only names that "
			"end in .prom",
			options->textfile);
	if (options->dry_run && options->textfile != NULL)
		return err_set(err,
			"--dry-run publishes nothing that --textfile could "
			"tell of");
	if (options->dry_run && (options->no_wait || options->reload))
		return err_set(err,
			"--dry-run publishes nothing: there --no-wait and "
			"--reload have no meaning");
	return options->dry_run || (!options->as_json && !options->has_limit) ||
		err_set(err,
			"build has no list but with --dry-run: there --json "
			"and --limit have a meaning");
}

/* What the command can not do without, and what does not go together. */
static bool check_needs(const struct options *options, struct err *err)
{
	if (options->command == COMMAND_BUILD)
		return check_build(options, err);
	if (options->resolver != NULL && !options->with_dns)
		return err_set(err, "--resolver is for --dns");
	if (options->journal && options->n_arguments != 0)
		return err_set(err, "files or --journal, not both");
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

static bool take_options(struct parse *parse, int argc, char **argv)
{
	struct option options[N_KNOWN + 1] = { 0 };
	int option;

	for (size_t i = 0; i < N_KNOWN; i++)
		options[i] = known[i].option;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":c:s:qhV", options, NULL)) !=
		-1) {
		if (!take(parse->out, option, argv, parse->err))
			return false;
		for (size_t i = 0; i < N_KNOWN; i++)
			if (known[i].option.val == option)
				parse->given |= 1u << i;
	}
	return true;
}

bool options_parse(struct options *out, int argc, char **argv, struct err *err)
{
	struct parse parse = { .out = out, .err = err };

	*out = (struct options){ .command = COMMAND_BUILD,
		.config = "/etc/postshare/namespace.conf",
		.state = "/var/lib/postshare",
		.limit = LIMIT_DEFAULT };
	if (!take_options(&parse, argc, argv))
		return false;
	if (out->wants_help || out->wants_version)
		return true;
	return take_command(out, argc - optind, argv + optind, err) &&
		check_given(&parse) && check_needs(out, err);
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
	      "  diff [FROM [TO]] who is newly accepted, refused, rerouted\n"
	      "  doctor           what is wrong with Postfix's set-up\n"
	      "  explain ADDRESS  every step of its resolution\n"
	      "  graph            the namespace as a picture, in DOT\n"
	      "  init             empty maps where none are published\n"
	      "  list             the generations\n"
	      "  release          let builds publish after a rollback\n"
	      "  replay [FILE...] the mail of a log against a candidate\n"
	      "  rollback [N]     publish an older generation again\n"
	      "options:\n"
	      "  -c, --config FILE       /etc/postshare/namespace.conf\n"
	      "  -s, --state DIR         /var/lib/postshare\n"
	      "  -q, --quiet             errors alone\n"
	      "      --json              to be parsed\n",
		stdout);
	fputs("      --no-wait           leave recipients to the next run\n"
	      "      --reload            postfix reload instead of waiting\n"
	      "      --accept-shrink DIRECTORY\n"
	      "      --dry-run           build: publish nothing, show diff\n"
	      "      --textfile FILE     build: metrics for node_exporter\n"
	      "      --max-memory MIB    build, check, diff: end above it\n"
	      "      --limit N           lines of each list; 0 = all\n"
	      "      --against N         replay: a generation\n"
	      "      --since TIME, --until TIME\n"
	      "      --journal[=DIR]     replay: of systemd\n"
	      "      --year YEAR         replay: of the first line\n"
	      "      --dns               doctor: asks the DNS too\n"
	      "      --resolver HOST[:PORT]\n"
	      "      --probe             doctor: asks the smart hosts too\n"
	      "      --skip CHECK        doctor: leaves it out\n"
	      "      --candidate         explain the files as they stand\n"
	      "      --client ADDRESS    explain as if this one asked\n"
	      "      --directories       check: all about the directories\n"
	      "      --for CONNECTOR     contacts: of this system\n"
	      "      --format text|csv|ldif\n"
	      "      --base DN           contacts as LDIF stand below it\n"
	      "      --domain DOMAIN     contacts of this domain alone\n"
	      "      --svg               graph: drawn by dot(1)\n"
	      "  -h, --help  -V, --version\n",
		stdout);
}
