/*
 * getopt_long() splits; one table says which option is which field of the
 * verdict, one switch what the others do.
 */
#include "verdicts/query_options.h"

#include "base/text.h"
#include "verdicts/when.h"

#include <getopt.h>
#include <stdint.h>
#include <string.h>

enum option_code {
	OPTION_STATE = 's',
	OPTION_FOLLOW = 'f',
	OPTION_LAST = 'n',
	OPTION_QUIET = 'q',
	OPTION_HELP = 'h',
	OPTION_VERSION = 'V',
	OPTION_JOURNAL = 0x100,
	OPTION_YEAR,
	OPTION_SINCE,
	OPTION_UNTIL,
	OPTION_TSV,
	OPTION_JSON,
	OPTION_COLOUR,
	OPTION_COUNT_BY,
	OPTION_TOP,
	OPTION_WITH_DELIVERY,
	OPTION_HTML,
	OPTION_FIELD = 0x200, /* and the field */
};

#define FIELD_OPTION(name, field) \
	{ \
		name, required_argument, NULL, OPTION_FIELD + (field) \
	}

static const struct option long_options[] = {
	FIELD_OPTION("recipient", FIELD_RECIPIENT),
	FIELD_OPTION("sender", FIELD_SENDER),
	FIELD_OPTION("client", FIELD_CLIENT),
	FIELD_OPTION("domain", FIELD_DOMAIN),
	FIELD_OPTION("verdict", FIELD_VERDICT),
	FIELD_OPTION("reason", FIELD_REASON),
	FIELD_OPTION("connector", FIELD_CONNECTOR),
	FIELD_OPTION("directory", FIELD_DIRECTORY),
	FIELD_OPTION("generation", FIELD_GENERATION),
	FIELD_OPTION("queue-id", FIELD_QUEUE_ID),
	{ "since", required_argument, NULL, OPTION_SINCE },
	{ "until", required_argument, NULL, OPTION_UNTIL },
	{ "last", required_argument, NULL, OPTION_LAST },
	{ "journal", optional_argument, NULL, OPTION_JOURNAL },
	{ "year", required_argument, NULL, OPTION_YEAR },
	{ "follow", no_argument, NULL, OPTION_FOLLOW },
	{ "tsv", no_argument, NULL, OPTION_TSV },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "color", required_argument, NULL, OPTION_COLOUR },
	{ "count-by", required_argument, NULL, OPTION_COUNT_BY },
	{ "top", required_argument, NULL, OPTION_TOP },
	{ "with-delivery", no_argument, NULL, OPTION_WITH_DELIVERY },
	{ "html", required_argument, NULL, OPTION_HTML },
	{ "state", required_argument, NULL, OPTION_STATE },
	{ "quiet", no_argument, NULL, OPTION_QUIET },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ 0 },
};

/* While the command line is read. */
struct parse {
	struct query_options *out;
	const char *name; /* of the option, without dashes */
	time_t now;
	int64_t since_us, until_us;
	struct err *err;
};

/* "--verdict: no such verdict ..." */
static bool in_option(const struct parse *parse, const struct err *why)
{
	return err_set(parse->err, "--%s: %s", parse->name, why->text);
}

static bool take_field(struct parse *parse, enum verdict_field field)
{
	struct err why = { 0 };

	return filter_add(parse->out->filter, field, optarg, &why) ||
		in_option(parse, &why);
}

static bool take_time(struct parse *parse, int64_t *us)
{
	struct err why = { 0 };

	return when_parse(us, optarg, parse->now, &why) ||
		in_option(parse, &why);
}

static bool take_number(const struct parse *parse, unsigned long *out)
{
	if (text_to_ulong(out, optarg) && *out > 0)
		return true;
	return err_set(parse->err, "--%s wants a number from 1 on, not \"%s\"",
		parse->name, optarg);
}

static bool take_format(const struct parse *parse, enum query_format format)
{
	if (parse->out->format != QUERY_TABLE && parse->out->format != format)
		return err_set(parse->err, "--tsv or --json, not both");
	parse->out->format = format;
	return true;
}

static bool take_colour(const struct parse *parse)
{
	static const char *const words[] = { [QUERY_COLOUR_AUTO] = "auto",
		[QUERY_COLOUR_ALWAYS] = "always",
		[QUERY_COLOUR_NEVER] = "never" };

	for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(optarg, words[i]) == 0) {
			parse->out->colour = (enum query_colour)i;
			return true;
		}
	}
	return err_set(parse->err,
		"--color is auto, always or never, not \"%s\"", optarg);
}

static bool take_journal(const struct parse *parse)
{
	parse->out->sources.journal = true;
	parse->out->sources.journal_folder = optarg;
	if (optarg != NULL && optarg[0] == '\0')
		return err_set(parse->err,
			"--journal=DIR wants a folder; --journal alone is this "
			"machine's");
	return true;
}

static bool take_name(
	const struct parse *parse, const char **out, const char *what)
{
	if (optarg[0] == '\0')
		return err_set(parse->err, "%s", what);
	*out = optarg;
	return true;
}

static bool take_count_by(struct parse *parse)
{
	struct err why = { 0 };

	return count_key_parse(&parse->out->count_by, optarg, &why) ||
		in_option(parse, &why);
}

static bool take(struct parse *parse, int code)
{
	struct query_options *out = parse->out;

	if (code >= OPTION_FIELD)
		return take_field(
			parse, (enum verdict_field)(code - OPTION_FIELD));
	switch (code) {
	case OPTION_SINCE: return take_time(parse, &parse->since_us);
	case OPTION_UNTIL: return take_time(parse, &parse->until_us);
	case OPTION_LAST: return take_number(parse, &out->last);
	case OPTION_TOP: return take_number(parse, &out->top);
	case OPTION_JOURNAL: return take_journal(parse);
	case OPTION_YEAR:
		return when_parse_year(
			&out->sources.first_year, optarg, parse->err);
	case OPTION_FOLLOW: out->sources.follow = true; return true;
	case OPTION_TSV: return take_format(parse, QUERY_TSV);
	case OPTION_JSON: return take_format(parse, QUERY_JSON);
	case OPTION_COLOUR: return take_colour(parse);
	case OPTION_COUNT_BY: return take_count_by(parse);
	case OPTION_WITH_DELIVERY: out->with_delivery = true; return true;
	case OPTION_HTML:
		return take_name(parse, &out->html, "--html wants a file");
	case OPTION_STATE:
		return take_name(parse, &out->state,
			"-s wants a folder, /var/lib/postshare");
	case OPTION_QUIET: out->is_quiet = true; return true;
	case OPTION_HELP: out->wants_help = true; return true;
	case OPTION_VERSION: out->wants_version = true; return true;
	default: return err_set(parse->err, "--%s wants a value", parse->name);
	}
}

/* "" where there is none. */
static const char *name_of(int code)
{
	for (const struct option *o = long_options; o->name != NULL; o++) {
		if (o->val == code)
			return o->name;
	}
	return "";
}

static bool no_such_option(const char *word, struct err *err)
{
	static const char help[] =
		"is no option of policyd verdicts: see policyd verdicts --help";

	if (text_starts(word, "--"))
		return err_set(err, "%s %s", word, help);
	return err_set(err, "-%c %s", optopt, help);
}

static bool take_all(struct parse *parse, int argc, char **argv)
{
	for (;;) {
		const int code = getopt_long(
			argc, argv, ":s:fn:qhV", long_options, NULL);

		if (code == -1)
			return true;
		if (code == '?')
			return no_such_option(argv[optind - 1], parse->err);
		parse->name = name_of(code == ':' ? optopt : code);
		if (!take(parse, code))
			return false;
	}
}

/* Two options that do not go together, and why. */
struct clash {
	bool is_there;
	const char *sentence;
};

static bool options_agree(const struct query_options *o, struct err *err)
{
	const bool counts = o->count_by.n > 0, follows = o->sources.follow;
	const struct clash clashes[] = {
		{ o->top > 0 && !counts, "--top is for --count-by" },
		{ follows && counts,
			"--follow never ends, so there is nothing to count up: "
			"--count-by without it" },
		{ follows && o->with_delivery,
			"--follow shows a verdict before anything is "
			"delivered: --with-delivery without it" },
		{ follows && filter_asks(o->filter, FIELD_QUEUE_ID),
			"--follow shows a verdict before its message has a "
			"queue ID: --queue-id without it" },
		{ follows && o->html != NULL,
			"--follow never ends, and a page is written at the "
			"end: --html without it" },
		{ counts && o->with_delivery,
			"--count-by counts verdicts, not deliveries: one of "
			"--count-by and --with-delivery" },
		{ o->html != NULL && strcmp(o->html, "-") == 0,
			"--html wants a file, not -: the page is put in place "
			"as a whole" },
		{ o->html != NULL && counts,
			"--html counts by itself: without --count-by" },
		{ o->html != NULL && o->format != QUERY_TABLE,
			"--html is a form of its own: without --tsv and "
			"--json" },
		{ o->html != NULL && o->with_delivery,
			"--html shows verdicts, not deliveries: one of --html "
			"and --with-delivery" },
		{ o->state != NULL && o->html == NULL, "-s is for --html" },
		{ o->sources.journal && o->sources.n_files > 0,
			"FILE or --journal, not both" },
	};

	for (size_t i = 0; i < sizeof clashes / sizeof *clashes; i++) {
		if (clashes[i].is_there)
			return err_set(err, "%s", clashes[i].sentence);
	}
	return true;
}

static bool settle_times(struct parse *parse)
{
	if (parse->since_us >= parse->until_us)
		return err_set(parse->err,
			"--since is not before --until: nothing lies between");
	filter_set_times(parse->out->filter, parse->since_us, parse->until_us);
	if (parse->since_us > 0)
		parse->out->sources.since = (time_t)(parse->since_us / 1000000);
	return true;
}

bool query_options_parse(
	struct query_options *out, int argc, char **argv, struct err *err)
{
	struct parse parse = { .out = out,
		.now = time(NULL),
		.since_us = INT64_MIN,
		.until_us = INT64_MAX,
		.err = err };

	*out = (struct query_options){ .filter = filter_open() };
	opterr = 0;
	optind = 0; /* a fresh start, in the way of the GNU C library */
	if (!take_all(&parse, argc, argv))
		return false;
	out->sources.files = (const char *const *)argv + optind;
	out->sources.n_files = (size_t)(argc - optind);
	if (out->wants_help || out->wants_version)
		return true;
	if (!options_agree(out, err) || !settle_times(&parse))
		return false;
	if (out->html != NULL && out->state == NULL)
		out->state = "/var/lib/postshare";
	return true;
}

void query_options_fini(struct query_options *options)
{
	filter_close(&options->filter);
}

const char *query_help(void)
{
	return "Usage: policyd verdicts [options] [FILE...]\n"
	       "\n"
	       "Asks the verdict log: FILE... (plain or gzip, in any order; "
	       "- is standard\n"
	       "input), by default the mail log of this machine with its "
	       "rotated files, or the\n"
	       "journal.\n"
	       "\n"
	       "Which verdicts; each LIST has commas, * and ? stand for "
	       "anything, - for none:\n"
	       "      --recipient LIST    --sender LIST   --domain LIST\n"
	       "      --verdict LIST      --reason LIST   --client LIST  "
	       "(addresses, networks)\n"
	       "      --connector LIST    --directory LIST\n"
	       "      --generation LIST   (42, 40-42)     --queue-id LIST\n"
	       "      --since TIME        --until TIME    2026-11-21, "
	       "\"2026-11-21 09:05\",\n"
	       "                          09:05, today, yesterday, now, 15m, "
	       "12h, 2d (ago)\n"
	       "  -n, --last N            the last N of them\n"
	       "\n"
	       "How they are shown:\n"
	       "      --tsv, --json       all fields, one line a verdict\n"
	       "      --color WHEN        auto, always or never\n"
	       "      --count-by FIELDS   how many of each: "
	       "reason,domain,day,...\n"
	       "      --top N             the N most frequent of these\n"
	       "      --with-delivery     and what became of the "
	       "recipient\n"
	       "      --html FILE         a page with charts\n"
	       "  -s, --state DIR         for --html: whose listed recipients "
	       "to compare with\n"
	       "                          (/var/lib/postshare)\n"
	       "\n"
	       "What is read:\n"
	       "      --journal[=DIR]     the systemd journal\n"
	       "      --year YEAR         of the first line, where its time "
	       "has none\n"
	       "  -f, --follow            go on with what comes\n"
	       "  -q, --quiet             say nothing of lines that were "
	       "skipped\n"
	       "  -h, --help              this text\n"
	       "  -V, --version           the version\n";
}
