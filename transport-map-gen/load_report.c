/* A directory that failed is named once, with what serves instead. */
#include "transport-map-gen/load_report.h"

#include <stdio.h>
#include <sysexits.h>

int load_report(const struct gathered *g)
{
	int status = EX_OK;

	for (size_t i = 0; i < g->ns->n_directories; i++) {
		const struct load *load = &g->loads[i];
		const char *what = "";

		if (!g->ns->directories[i].is_enabled)
			continue;
		switch (load->end) {
		case LOAD_FRESH: continue;
		case LOAD_KEPT: what = "its last-good copy serves"; break;
		case LOAD_REFUSED:
			what = "refused, nothing is published";
			break;
		case LOAD_NEVER:
			what = "it never loaded: what it may own is deferred";
			break;
		}
		if (status != EX_DATAERR)
			status = load->end == LOAD_REFUSED ? EX_DATAERR
							   : EX_TEMPFAIL;
		fprintf(stderr, "transport-map-gen: directory %s: %s; %s\n",
			g->ns->directories[i].name, load->err.text, what);
	}
	return status;
}
