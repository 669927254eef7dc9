/* transport-map-gen(1): compiles namespace.conf(5) into Postfix's maps. */
#include "base/file.h"
#include "base/version.h"
#include "transport-map-gen/commands.h"
#include "transport-map-gen/memory_bound.h"
#include "transport-map-gen/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sysexits.h>

static int run(const struct options *options)
{
	switch (options->command) {
	case COMMAND_BUILD:
		return options->dry_run ? command_dry_run(options)
					: command_build(options);
	case COMMAND_CHECK: return command_check(options);
	case COMMAND_CONTACTS: return command_contacts(options);
	case COMMAND_DIFF: return command_diff(options);
	case COMMAND_DOCTOR: return command_doctor(options);
	case COMMAND_EXPLAIN: return command_explain(options);
	case COMMAND_GRAPH: return command_graph(options);
	case COMMAND_INIT: return command_init(options);
	case COMMAND_LIST: return command_list(options);
	case COMMAND_RELEASE: return command_release(options);
	case COMMAND_REPLAY: return command_replay(options);
	case COMMAND_ROLLBACK: return command_rollback(options);
	}
	return EX_SOFTWARE;
}

static bool publishes(const struct options *options)
{
	if (options->wants_help || options->wants_version)
		return false;
	switch (options->command) {
	case COMMAND_BUILD: return !options->dry_run;
	case COMMAND_INIT:
	case COMMAND_RELEASE:
	case COMMAND_ROLLBACK: return true;
	case COMMAND_CHECK:
	case COMMAND_CONTACTS:
	case COMMAND_DIFF:
	case COMMAND_DOCTOR:
	case COMMAND_EXPLAIN:
	case COMMAND_GRAPH:
	case COMMAND_LIST:
	case COMMAND_REPLAY: return false;
	}
	return false;
}

/* What a full disk took was not told; what was published is. */
static int end(const struct options *options, int status)
{
	const int failed = fflush(stdout) != 0 ? errno
		: ferror(stdout)               ? EIO
					       : 0;

	/* Who ends with EX_IOERR has said so. */
	if (failed == 0 || status == EX_IOERR)
		return status;
	fprintf(stderr, "transport-map-gen: %s: write to standard output: %s\n",
		publishes(options) ? "warning" : "error", strerror(failed));
	return status != EX_OK || publishes(options) ? status : EX_IOERR;
}

int main(int argc, char **argv)
{
	struct options options;
	struct err err = { 0 };

	file_fill_stdio();
	/* Passwords of directories stand in our memory: no core file, and no
	   other process of this user looks in. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (!options_parse(&options, argc, argv, &err)) {
		fprintf(stderr, "transport-map-gen: %s\n", err.text);
		return EX_USAGE;
	}
	if (options.wants_help) {
		options_print_help();
		return end(&options, EX_OK);
	}
	if (options.wants_version) {
		puts("transport-map-gen (Postshare) " VERSION);
		return end(&options, EX_OK);
	}
	return end(&options,
		options.max_memory == 0 ? run(&options)
					: memory_bound_run(&options, run));
}
