/* The command line of transport-map-gen(1). */
#include "transport-map-gen/options.h"

#include "tests/unit/unit_main.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 8 };

static const char *const commands[] = { "build", "check", "contacts", "diff",
	"doctor", "explain", "graph", "init", "list", "release", "replay",
	"rollback" };

static bool parse(struct options *out, const char *const words[WORDS_MAX],
	struct err *err)
{
	static char program[] = "transport-map-gen";
	static char copies[WORDS_MAX][64];
	static char *argv[WORDS_MAX + 2];
	int argc = 1;

	memset(argv, 0, sizeof argv);
	argv[0] = program;

	for (; argc <= WORDS_MAX && words[argc - 1] != NULL; argc++) {
		snprintf(copies[argc - 1], sizeof copies[0], "%s",
			words[argc - 1]);
		argv[argc] = copies[argc - 1];
	}
	optind = 0; /* from the beginning */
	return options_parse(out, argc, argv, err);
}

static const struct {
	const char *name;
	const char *words[WORDS_MAX];
	const char *expect; /* see describe() */
} sound[] = {
	{ "nothing", { NULL },
		"build -c /etc/postshare/namespace.conf "
		"-s /var/lib/postshare" },
	{ "build", { "build" },
		"build -c /etc/postshare/namespace.conf "
		"-s /var/lib/postshare" },
	{ "options before", { "-c", "f", "-s", "d", "check" },
		"check -c f -s d" },
	{ "options after", { "check", "--config=f", "--state", "d", "-q" },
		"check -c f -s d quiet" },
	{ "explain",
		{ "-cf", "-sd", "explain", "a@d", "--json", "--candidate",
			"--client", "10.0.0.1" },
		"explain -c f -s d json candidate client=10.0.0.1 a@d" },
	{ "an address that begins with a hyphen",
		{ "-cf", "-sd", "explain", "--", "-a@d" },
		"explain -c f -s d -a@d" },
	{ "build's own",
		{ "-cf", "-sd", "--no-wait", "--reload", "--accept-shrink",
			"ad", "--accept-shrink=b" },
		"build -c f -s d no-wait reload shrink=ad shrink=b" },
	{ "for node_exporter", { "-cf", "-sd", "--textfile", "x.prom" },
		"build -c f -s d textfile=x.prom" },
	{ "check's own", { "-cf", "-sd", "check", "--directories" },
		"check -c f -s d directories" },
	{ "contacts", { "-cf", "-sd", "contacts", "--for", "ex" },
		"contacts -c f -s d for=ex format=0" },
	{ "contacts of some domains",
		{ "-cf", "-sd", "contacts", "--for=ex", "--format=csv",
			"--domain=d", "--domain", "e" },
		"contacts -c f -s d for=ex format=1 domain=d domain=e" },
	{ "contacts as LDIF",
		{ "-cf", "-sd", "contacts", "--for=ex", "--format=ldif",
			"--base=ou=x" },
		"contacts -c f -s d for=ex format=2 base=ou=x" },
	{ "graph", { "-cf", "-sd", "graph", "--svg" }, "graph -c f -s d svg" },
	{ "list", { "-cf", "-sd", "list" }, "list -c f -s d" },
	{ "a dry run", { "-cf", "-sd", "--dry-run", "--json", "--limit=0" },
		"build -c f -s d json limit=0 dry-run" },
	{ "bounded", { "-cf", "-sd", "check", "--max-memory", "512" },
		"check -c f -s d memory=512" },
	{ "diff", { "-cf", "-sd", "diff", "3", "candidate" },
		"diff -c f -s d 3 candidate" },
	{ "replay",
		{ "-cf", "-sd", "replay", "--against=4", "--since=today",
			"--until=now", "a", "b" },
		"replay -c f -s d against=4 since=today until=now a b" },
	{ "replay of a journal",
		{ "-cf", "-sd", "replay", "--journal=/j", "--limit", "7" },
		"replay -c f -s d limit=7 journal=/j" },
	{ "doctor",
		{ "-cf", "-sd", "doctor", "--dns", "--resolver=::1", "--probe",
			"--skip=x", "--skip=y" },
		"doctor -c f -s d dns resolver=::1 probe skip=x skip=y" },
	{ "rollback", { "-cf", "-sd", "rollback", "7", "--reload" },
		"rollback -c f -s d reload 7" },
	{ "help before all", { "-h", "nonsense" },
		"build -c /etc/postshare/namespace.conf -s /var/lib/postshare "
		"help" },
	{ "version", { "-V" },
		"build -c /etc/postshare/namespace.conf -s /var/lib/postshare "
		"version" },
};

static void add(char *out, size_t size, const char *what, const char *value)
{
	const size_t len = strlen(out);

	snprintf(out + len, size - len, "%s%s", what, value);
}

/* What is for diff, replay and doctor. */
static void describe_changes(char *out, size_t size, const struct options *o)
{
	char memory[32] = "";
	char limit[32] = "";

	if (o->has_limit)
		snprintf(limit, sizeof limit, " limit=%lu", o->limit);
	if (o->max_memory != 0)
		snprintf(memory, sizeof memory, " memory=%lu", o->max_memory);
	add(out, size, memory, "");
	add(out, size, limit, "");
	if (o->dry_run)
		add(out, size, " dry-run", "");
	if (o->against != NULL)
		add(out, size, " against=", o->against);
	if (o->since != NULL)
		add(out, size, " since=", o->since);
	if (o->until != NULL)
		add(out, size, " until=", o->until);
	if (o->journal)
		add(out, size, " journal=",
			o->journal_folder == NULL ? "" : o->journal_folder);
	if (o->with_dns)
		add(out, size, " dns", "");
	if (o->resolver != NULL)
		add(out, size, " resolver=", o->resolver);
	if (o->with_probe)
		add(out, size, " probe", "");
	for (size_t i = 0; i < o->n_skip; i++)
		add(out, size, " skip=", o->skip[i]);
}

static void describe(char *out, size_t size, const struct options *o)
{
	snprintf(out, size, "%s -c %s -s %s%s%s%s%s%s%s%s",
		commands[o->command], o->config, o->state,
		o->is_quiet ? " quiet" : "", o->as_json ? " json" : "",
		o->no_wait ? " no-wait" : "", o->reload ? " reload" : "",
		o->candidate ? " candidate" : "", o->wants_help ? " help" : "",
		o->wants_version ? " version" : "");
	if (o->client != NULL)
		add(out, size, " client=", o->client);
	for (size_t i = 0; i < o->n_accept_shrink; i++)
		add(out, size, " shrink=", o->accept_shrink[i]);
	if (o->with_directories)
		add(out, size, " directories", "");
	if (o->textfile != NULL)
		add(out, size, " textfile=", o->textfile);
	if (o->as_svg)
		add(out, size, " svg", "");
	if (o->contacts_for != NULL) {
		const char format[2] = { (char)('0' + (int)o->format), '\0' };

		add(out, size, " for=", o->contacts_for);
		add(out, size, " format=", format);
	}
	if (o->base != NULL)
		add(out, size, " base=", o->base);
	for (size_t i = 0; i < o->n_domains; i++)
		add(out, size, " domain=", o->domains[i]);
	describe_changes(out, size, o);
	for (size_t i = 0; i < o->n_arguments; i++)
		add(out, size, " ", o->arguments[i]);
}

START_TEST(takes)
{
	struct options options;
	struct err err = { 0 };
	char said[512];

	ck_assert_msg(parse(&options, sound[_i].words, &err), "%s: %s",
		sound[_i].name, err.text);
	describe(said, sizeof said, &options);
	ck_assert_msg(strcmp(said, sound[_i].expect) == 0,
		"%s: %s\nbut expected %s", sound[_i].name, said,
		sound[_i].expect);
}
END_TEST

#define NO_LETTER \
	"no such option -x; --help lists them, and an address that begins " \
	"with - stands behind --"

static const struct {
	const char *words[WORDS_MAX];
	const char *err;
} faults[] = {
	{ { "-c" }, "option -c wants a value" },
	{ { "--state" }, "option --state wants a value" },
	{ { "-x" }, NO_LETTER },
	{ { "-xq" }, NO_LETTER },
	{ { "check", "-qx" }, NO_LETTER },
	{ { "--frobnicate" },
		"no such option --frobnicate; --help lists them" },
	{ { "--json=yes" }, "option --json=yes takes no value" },
	{ { "--quiet=yes" }, "option --quiet=yes takes no value" },
	{ { "check", "--textfile=x" }, "--textfile is for build alone" },
	{ { "--textfile=x.txt" },
		"--textfile x.txt: node_exporter reads only names that end in "
		".prom" },
	{ { "--textfile", "" },
		"--textfile : node_exporter reads only names that end in "
		".prom" },
	{ { "check", "--svg" }, "--svg is for graph alone" },
	{ { "publish" },
		"no such command publish; there are build, check, "
		"contacts, diff, doctor, explain, graph, init, list, release, "
		"replay and rollback" },
	{ { "graph", "--json" },
		"--json is for build, diff, doctor, explain, list and replay" },
	{ { "build", "--json" },
		"build has no list but with --dry-run: there --json and "
		"--limit have a meaning" },
	{ { "--dry-run", "--textfile=x.prom" },
		"--dry-run publishes nothing that --textfile could tell of" },
	{ { "--dry-run", "--reload" },
		"--dry-run publishes nothing: there --no-wait and --reload "
		"have no meaning" },
	{ { "list", "--no-wait" }, "--no-wait is for build and rollback" },
	{ { "diff", "1", "2", "3" },
		"diff takes two generations at most, FROM and TO" },
	{ { "build", "--limit=50" },
		"build has no list but with --dry-run: there --json and "
		"--limit have a meaning" },
	{ { "check", "--max-memory=0" },
		"--max-memory wants a number of MiB, at least 1, not 0" },
	{ { "check", "--max-memory=4G" },
		"--max-memory wants a number of MiB, at least 1, not 4G" },
	{ { "check", "--max-memory=17592186044416" },
		"--max-memory wants a number of MiB, at least 1, not "
		"17592186044416" },
	{ { "list", "--max-memory=1" },
		"--max-memory is for build, check and diff" },
	{ { "diff", "--limit=x" }, "--limit wants a number, not x" },
	{ { "replay", "--year=1969" },
		"--year wants a year such as 2026, not \"1969\"" },
	{ { "replay", "--year=10000" },
		"--year wants a year such as 2026, not \"10000\"" },
	{ { "replay", "--year=4294969322" },
		"--year wants a year such as 2026, not \"4294969322\"" },
	{ { "rollback", "1", "2" }, "rollback takes one generation at most" },
	{ { "doctor", "--resolver=x" }, "--resolver is for --dns" },
	{ { "replay", "--journal", "x" }, "files or --journal, not both" },
	{ { "replay", "--journal=" },
		"--journal=DIR wants a folder; --journal alone is this "
		"machine's" },
	{ { "explain" }, "explain takes one ADDRESS" },
	{ { "explain", "a", "b" }, "explain takes one ADDRESS" },
	{ { "check", "x" }, "check takes no arguments" },
	{ { "contacts" },
		"contacts wants --for CONNECTOR: the system that is to know "
		"them" },
	{ { "contacts", "--for=x", "--format=ldif" },
		"--format ldif wants --base DN: what the contacts are to stand "
		"below" },
	{ { "contacts", "--for=x", "--format=ldif", "--base=x" },
		"--base is a DN, such as ou=Contacts,dc=company,dc=example, "
		"not x" },
	{ { "contacts", "--for=x", "--format=xml" },
		"--format is text, csv or ldif, not xml" },
};

START_TEST(refuses)
{
	struct options options;
	struct err err = { 0 };

	ck_assert(!parse(&options, faults[_i].words, &err));
	ck_assert_str_eq(err.text, faults[_i].err);
}
END_TEST

START_TEST(refuses_more_than_there_is_room)
{
	static char program[] = "transport-map-gen";
	static char word[] = "--accept-shrink=ad";
	char *argv[ACCEPT_SHRINK_MAX + 3] = { program };
	struct options options;
	struct err err = { 0 };

	for (int i = 1; i < ACCEPT_SHRINK_MAX + 2; i++)
		argv[i] = word;
	optind = 0;
	ck_assert(options_parse(&options, ACCEPT_SHRINK_MAX + 1, argv, &err));
	optind = 0;
	ck_assert(!options_parse(&options, ACCEPT_SHRINK_MAX + 2, argv, &err));
	ck_assert_str_eq(err.text, "too many --accept-shrink");
}
END_TEST

START_TEST(help_names_each_command)
{
	char text[4096] = "";
	FILE *file = tmpfile();
	FILE *out = stdout;

	ck_assert_ptr_nonnull(file);
	stdout = file;
	options_print_help();
	stdout = out;
	rewind(file);
	ck_assert_uint_gt(fread(text, 1, sizeof text - 1, file), 0);
	fclose(file);
	for (int i = 0; i < COUNT(commands); i++)
		ck_assert_ptr_nonnull(strstr(text, commands[i]));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("tmg_options");

	tcase_add_loop_test(tcase, takes, 0, COUNT(sound));
	tcase_add_loop_test(tcase, refuses, 0, COUNT(faults));
	tcase_add_test(tcase, refuses_more_than_there_is_room);
	tcase_add_test(tcase, help_names_each_command);
	return unit_run(suite_create("tmg_options"), tcase);
}
