/* transport-map-gen(1): compiles namespace.conf(5) into Postfix's maps. */
#include "base/file.h"
#include "base/version.h"
#include "transport-map-gen/commands.h"
#include "transport-map-gen/memory_bound.h"
#include "transport-map-gen/options.h"

#include <stdio.h>
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
		return EX_OK;
	}
	if (options.wants_version) {
		puts("transport-map-gen (Postshare) " VERSION);
		return EX_OK;
	}
	return options.max_memory == 0 ? run(&options)
				       : memory_bound_run(&options, run);
}
