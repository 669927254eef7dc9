/* check: all that a build would find wrong, without touching anything. */
#include "transport-map-gen/commands.h"

#include "base/arena.h"
#include "transport-map-gen/directories_detail.h"
#include "transport-map-gen/guard.h"

#include <stdio.h>
#include <sysexits.h>

/* As build would say it: EX_DATAERR where a guard would refuse the list. */
static int judge_load(
	const struct gathered *g, const struct directory *directory)
{
	const struct load *load = &g->loads[directory - g->ns->directories];

	if (!directory->is_enabled || load->end == LOAD_FRESH)
		return EX_OK;
	faults_error(g->faults, directory->place, "directory \"%s\": %s",
		directory->name, load->err.text);
	return load->end == LOAD_REFUSED ? EX_DATAERR : EX_TEMPFAIL;
}

static int judge_loads(const struct gathered *g)
{
	int status = EX_OK;

	for (size_t i = 0; i < g->ns->n_directories; i++) {
		const int end = judge_load(g, &g->ns->directories[i]);

		if (end != EX_OK && status != EX_DATAERR)
			status = end;
	}
	return status;
}

/* Against what is published, if anything is. */
static bool judge_losses(
	const struct gathered *g, const struct options *options)
{
	const char *published =
		arena_printf(g->arena, "%s/current", options->state);
	const struct place place = { options->config, 0 };
	struct err err = { 0 };

	if (guard_check(g, options, published, &err))
		return true;
	faults_error(g->faults, place, "%s", err.text);
	return false;
}

static void print_count(
	size_t count, const char *one, const char *several, const char *end)
{
	printf("%zu %s%s", count, count == 1 ? one : several, end);
}

static void print_sound(const struct gathered *g, const struct options *options)
{
	const struct namespace *ns = g->ns;

	printf("%s: sound: ", options->config);
	print_count(ns->n_domains, "accepted domain", "accepted domains", ", ");
	print_count(ns->n_connectors, "connector", "connectors", ", ");
	print_count(ns->n_directories, "directory", "directories", ", ");
	print_count(recipients_count(g->recipients), "recipient", "recipients",
		"\n");
}

int command_check(const struct options *options)
{
	struct gathered g;
	int status = gather(&g, options, GATHER_DRY) ? EX_OK : EX_CONFIG;
	const int loads = g.model == NULL ? EX_OK : judge_loads(&g);

	if (status == EX_OK)
		status = judge_losses(&g, options) ? loads : EX_DATAERR;
	gathered_report(&g, !options->is_quiet);
	if (options->with_directories && g.model != NULL)
		directories_detail(&g, options->state, stdout);
	if (status == EX_OK && !options->is_quiet)
		print_sound(&g, options);
	gathered_fini(&g);
	return status;
}
