/* check: all that a build would find wrong, without touching anything. */
#include "transport-map-gen/commands.h"
#include "transport-map-gen/gather.h"

#include <stdio.h>
#include <sysexits.h>

/* A directory that can not be read now may be read when it counts. */
static void advise_loads(const struct gathered *g)
{
	for (size_t i = 0; i < g->ns->n_directories; i++)
		if (g->ns->directories[i].is_enabled &&
			g->loads[i].end != LOAD_FRESH)
			faults_advice(g->faults, g->ns->directories[i].place,
				"directory \"%s\": %s",
				g->ns->directories[i].name,
				g->loads[i].err.text);
}

int command_check(const struct options *options)
{
	struct gathered g;
	const bool is_sound = gather(&g, options, GATHER_DRY);

	if (g.model != NULL)
		advise_loads(&g);
	gathered_report(&g, !options->is_quiet);
	if (is_sound && !options->is_quiet)
		printf("%s: sound: %zu accepted domains, %zu connectors, "
		       "%zu directories, %zu recipients\n",
			options->config, g.ns->n_domains, g.ns->n_connectors,
			g.ns->n_directories, recipients_count(g.recipients));
	gathered_fini(&g);
	return is_sound ? EX_OK : EX_CONFIG;
}
