/*
 * The faults show a few examples of each kind, so that nobody overlooks the
 * other kinds; who mends them wants the whole list, and here it is.
 */
#include "transport-map-gen/directories_detail.h"

#include "base/arena.h"
#include "base/text.h"
#include "namespace/conflict.h"
#include "namespace/lookalike.h"
#include "transport-map-gen/directory_report.h"
#include "transport-map-gen/listed.h"

/* What is told of one directory, line by line. */
struct section {
	struct text conflicts, alike;
	size_t n_conflicts, n_alike;
};

struct report {
	const struct gathered *g;
	struct section *sections; /* of each of ns->directories */
	struct arena *request;
};

static void take_conflict(void *context, const struct recipient *recipient,
	const struct recipient *winner)
{
	const struct report *report = context;
	struct section *section =
		&report->sections[recipient->directory->index];

	section->n_conflicts++;
	text_addf(&section->conflicts,
		"    %s (%s) is listed by directory %s too (%s), which wins\n",
		recipient->key, listed_place(recipient, report->request),
		winner->directory->name, listed_place(winner, report->request));
	arena_reset(report->request);
}

static void take_alike(void *context, enum lookalike kind,
	const struct recipient *recipient, const struct recipient *like)
{
	const struct report *report = context;
	struct section *section =
		&report->sections[recipient->directory->index];
	const char *what = "";

	switch (kind) {
	case LOOKALIKE_SCRIPT: what = "looks like"; break;
	case LOOKALIKE_SLIP: what = "is nearly"; break;
	}
	section->n_alike++;
	text_addf(&section->alike, "    %s (%s) %s %s of directory %s (%s)\n",
		recipient->key, listed_place(recipient, report->request), what,
		like->key, like->directory->name,
		listed_place(like, report->request));
	arena_reset(report->request);
}

static void take_alike_domain(void *context, const struct lookalike_name *name,
	const struct domain *like)
{
	const struct report *report = context;

	if (name->recipient == NULL)
		return; /* the configuration's matter, not a directory's */
	struct section *section =
		&report->sections[name->recipient->directory->index];

	section->n_alike++;
	text_addf(&section->alike,
		"    the domain of %s (%s) looks like accepted domain %s\n",
		name->recipient->key,
		listed_place(name->recipient, report->request),
		like->pattern.name.unicode);
	arena_reset(report->request);
}

static void collect(struct report *report)
{
	const struct recipients *recipients = report->g->recipients;

	for (size_t i = 0; i < recipients_count(recipients); i++)
		conflicts_find(model_view(report->g->model),
			recipients_get(recipients, i), take_conflict, report);
	lookalikes_find(recipients, take_alike, report);
	lookalike_domains_find(
		report->g->ns, recipients, take_alike_domain, report);
}

/* "3 days", "5 hours", "20 minutes", "1 second": whole ones. */
static const char *age_format(time_t age_s, struct arena *arena)
{
	static const struct {
		const char *unit;
		time_t seconds;
	} units[] = {
		{ "day", 86400 },
		{ "hour", 3600 },
		{ "minute", 60 },
		{ "second", 1 },
	};
	size_t i = 0;

	while (units[i].seconds > 1 && age_s < units[i].seconds)
		i++;
	const time_t count = age_s < 0 ? 0 : age_s / units[i].seconds;

	return arena_printf(arena, "%lld %s%s", (long long)count, units[i].unit,
		count == 1 ? "" : "s");
}

static void print_copy(const struct report *report, time_t loaded, FILE *file)
{
	if (loaded == 0)
		fputs("  last-good copy: none that is known\n", file);
	else
		fprintf(file, "  last-good copy: read %s ago\n",
			age_format(report->g->now - loaded, report->request));
	arena_reset(report->request);
}

static void print_list(
	const char *title, const struct text *lines, size_t count, FILE *file)
{
	fprintf(file, "  %s: %zu\n", title, count);
	if (count != 0)
		fputs(lines->data, file);
}

static void print_section(
	const struct report *report, size_t index, time_t loaded, FILE *file)
{
	const struct directory *directory = &report->g->ns->directories[index];
	const struct load *load = &report->g->loads[index];
	const struct section *section = &report->sections[index];

	fprintf(file, "%s\n  source: %s\n",
		directory_report_format(directory, load, report->request),
		directory->source);
	print_copy(report, loaded, file);
	print_list(
		"conflicts", &section->conflicts, section->n_conflicts, file);
	print_list("look-alikes", &section->alike, section->n_alike, file);
}

/* As build left it; the run that asks has taken itself for one. */
static struct freshness *read_freshness(
	const struct report *report, const char *state)
{
	const struct namespace *ns = report->g->ns;
	struct freshness *list =
		arena_array(report->g->arena, ns->n_directories, sizeof *list);

	for (size_t i = 0; i < ns->n_directories; i++)
		list[i].directory = ns->directories[i].name;
	freshness_read(state, list, ns->n_directories, NULL);
	return list;
}

void directories_detail(const struct gathered *g, const char *state, FILE *file)
{
	const size_t count = g->ns->n_directories;
	struct report report = { .g = g,
		.sections =
			arena_array(g->arena, count, sizeof *report.sections),
		.request = arena_open() };
	const struct freshness *copies = read_freshness(&report, state);

	collect(&report);
	for (size_t i = 0; i < count; i++) {
		if (g->ns->directories[i].is_enabled)
			print_section(&report, i, copies[i].loaded, file);
		text_fini(&report.sections[i].conflicts);
		text_fini(&report.sections[i].alike);
	}
	arena_close(&report.request);
}
