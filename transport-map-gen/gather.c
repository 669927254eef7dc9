/*
 * The order is that of the questions: is it a configuration, does it hold
 * by itself, what do the directories list, does it hold with that.  Faults
 * of one stage end it, for the next would only repeat them.
 */
#include "transport-map-gen/gather.h"

#include "base/arena.h"
#include "base/text.h"
#include "config/config.h"
#include "directory/contact_file.h"
#include "doctor/classes.h"
#include "doctor/instance.h"
#include "doctor/ourselves.h"
#include "namespace/prove.h"
#include "snapshot/wayless.h"
#include "transport-map-gen/progress.h"
#include "transport-map-gen/unchanged.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAITING_SHOWN = 3 };

/* Where it can not be asked, nothing is known of its classes. */
static void prove_with_postfix(struct gathered *g)
{
	struct instance *instance =
		instance_read(INSTANCE_VALUES | INSTANCE_SERVICES, NULL);

	ourselves_check(g->ns, instance, g->faults);
	if (instance != NULL)
		classes_check(g->ns, instance, g->faults);
	instance_close(&instance);
}

/* A model of the configuration alone, for its own proofs. */
static void prove_alone(struct gathered *g, enum gather_depth depth)
{
	struct recipients *none = recipients_open();
	struct model *model = model_open(g->ns, none, g->loaded);

	prove_namespace(g->ns, model, g->faults);
	if (depth != GATHER_NAMESPACE)
		prove_with_postfix(g);
	model_close(&model);
	recipients_close(&none);
}

/* When each last loaded, as far as the state folder knows. */
static void read_freshness(struct gathered *g, const char *state)
{
	const size_t count = g->ns->n_directories;
	struct err err = { 0 };

	g->loads = arena_array(g->arena, count, sizeof *g->loads);
	g->freshness = arena_array(g->arena, count, sizeof *g->freshness);
	g->loaded = arena_array(g->arena, count, sizeof *g->loaded);
	for (size_t i = 0; i < count; i++)
		g->freshness[i].directory = g->ns->directories[i].name;
	/* Unreadable: all count as never loaded, which refuses nobody. */
	if (!freshness_read(state, g->freshness, count, &err))
		faults_advice(
			g->faults, (struct place){ state, 0 }, "%s", err.text);
}

struct watcher {
	const struct options *options;
};

/* The names of a few; a line that wraps could not be replaced. */
static void tell_waiting(
	void *context, const struct directory *const *list, size_t count)
{
	const struct watcher *watcher = context;
	const size_t n_shown = count > WAITING_SHOWN ? WAITING_SHOWN : count;
	struct text text;

	text_init(&text);
	for (size_t i = 0; i < n_shown; i++)
		text_addf(&text, "%s%.20s", i == 0 ? "" : ", ", list[i]->name);
	if (count > n_shown)
		text_addf(&text, " and %zu more", count - n_shown);
	progress(watcher->options, "reading %s", text.data);
	text_fini(&text);
}

/* What to look at when a list that should have somebody has nobody. */
static const char *what_decides(const struct directory *directory)
{
	switch (directory->type) {
	case DIRECTORY_FILE:
	case DIRECTORY_POSTFIX:
	case DIRECTORY_ALIASES: return "path";
	case DIRECTORY_CSV: return "path, and preset or columns";
	case DIRECTORY_LDIF: return "path, and preset or attributes";
	case DIRECTORY_PASSWD: return "path, min-uid and max-uid";
	case DIRECTORY_LDAP:
		return "base, filter, preset or attributes, and what bind-dn "
		       "may read";
	case DIRECTORY_SQL: return "query, and what user may read";
	case DIRECTORY_COMMAND: return "what the program prints, and output";
	}
	return "";
}

/* A guard sees who is lost, but not who never was there. */
static void advise_on_empty(struct gathered *g)
{
	for (size_t i = 0; i < g->ns->n_directories; i++) {
		const struct directory *directory = &g->ns->directories[i];

		if (directory->is_enabled && g->loads[i].end == LOAD_FRESH &&
			g->loads[i].n_entries == 0)
			faults_advice(g->faults, directory->place,
				"directory \"%s\" was read and lists nobody; "
				"if it should have somebody, look at %s",
				directory->name, what_decides(directory));
	}
}

static void note_loads(struct gathered *g)
{
	for (size_t i = 0; i < g->ns->n_directories; i++) {
		if (!g->ns->directories[i].is_enabled)
			continue;
		if (g->loads[i].end == LOAD_FRESH)
			g->freshness[i].loaded = g->now;
		else if (g->loads[i].end == LOAD_NEVER)
			g->freshness[i].loaded = 0;
		g->loaded[i] = g->freshness[i].loaded;
	}
}

/* What is gathered of what, and how deep. */
struct gathering {
	const struct options *options;
	enum gather_depth depth;
	const struct state *state; /* of a build; NULL = all is made anew */
};

static bool is_by_copies(enum gather_depth depth)
{
	return depth == GATHER_COPIES || depth == GATHER_PICTURE;
}

/* Fills the recipients, but where nothing changed. */
static void load_directories(
	struct gathered *g, const struct gathering *gathering)
{
	const struct options *options = gathering->options;
	const struct namespace *ns = g->ns;
	struct watcher watcher = { options };
	struct inputs before;
	const struct load_output output = { g->recipients, g->faults,
		g->arena };
	const struct load_options load_options = {
		.state = options->state,
		.delimiters = g->ns->extension,
		.accept_shrink = options->accept_shrink,
		.n_accept_shrink = options->n_accept_shrink,
		.is_dry = gathering->depth == GATHER_DRY,
		.may_leave_out = gathering->state != NULL &&
			unchanged_recall(&before, g, options, gathering->state),
		.deadline_s = g->ns->deadline_s,
		.now = g->now,
		.waiting = tell_waiting,
		.context = &watcher,
	};

	if (is_by_copies(gathering->depth))
		directories_load_copies(g->loads, ns->directories,
			ns->n_directories, options->state, &output);
	else
		g->is_unchanged = !directories_load(g->loads, ns->directories,
			ns->n_directories, &load_options, &output);
	g->has_loads = true;
	note_loads(g);
	if (!is_by_copies(gathering->depth))
		advise_on_empty(g);
	if (g->is_unchanged)
		unchanged_repeat(g, &before);
}

static void prove_all(struct gathered *g)
{
	g->first_proof = faults_count(g->faults);
	g->n_conflicts = prove_recipients(
		g->ns, g->recipients, g->model, g->now, g->faults);
	wayless_prove(
		&(struct maps_input){ g->ns, g->recipients, g->model, g->now },
		g->faults);
	g->n_proofs = faults_count(g->faults) - g->first_proof;
}

static void read_stages(struct gathered *g, const struct gathering *gathering)
{
	const struct options *options = gathering->options;
	const enum gather_depth depth = gathering->depth;
	const bool in_spite = depth == GATHER_PICTURE;

	g->ns = config_read(options->config, g->arena, g->faults);
	if (g->ns == NULL || (faults_errors(g->faults) != 0 && !in_spite))
		return;
	read_freshness(g, options->state);
	if (faults_errors(g->faults) == 0) {
		prove_alone(g, depth);
		contact_files_read(g->ns, g->arena, g->faults);
	}
	const bool is_sound = faults_errors(g->faults) == 0;

	if (depth == GATHER_NAMESPACE || depth == GATHER_CONFIGURATION ||
		(!is_sound && !in_spite))
		return;
	load_directories(g, gathering);
	if (g->is_unchanged)
		return;
	progress(options, "proving %zu recipients",
		recipients_count(g->recipients));
	g->model = model_open(g->ns, g->recipients, g->loaded);
	if (is_sound)
		prove_all(g);
	progress(options, "%s", "");
}

static bool gather_by(struct gathered *out, const struct gathering *gathering)
{
	*out = (struct gathered){ .arena = arena_open(),
		.faults = faults_open(),
		.recipients = recipients_open(),
		.now = time(NULL) };
	read_stages(out, gathering);
	return faults_errors(out->faults) == 0;
}

bool gather(struct gathered *out, const struct options *options,
	enum gather_depth depth)
{
	return gather_by(out, &(struct gathering){ options, depth, NULL });
}

bool gather_changes(struct gathered *out, const struct options *options,
	const struct state *state)
{
	return gather_by(
		out, &(struct gathering){ options, GATHER_ALL, state });
}

void gathered_fini(struct gathered *gathered)
{
	if (gathered->arena == NULL)
		return;
	model_close(&gathered->model);
	recipients_close(&gathered->recipients);
	faults_close(&gathered->faults);
	arena_close(&gathered->arena);
}

static const char *word_of(enum fault_kind kind)
{
	switch (kind) {
	case FAULT_ERROR: return "error";
	case FAULT_WARNING: return "warning";
	case FAULT_ADVICE: return "advice";
	}
	return "";
}

static void report(const struct fault *fault)
{
	fputs(fault->place.file, stderr);
	if (fault->place.line != 0)
		fprintf(stderr, ":%u", fault->place.line);
	fprintf(stderr, ": %s: %s\n", word_of(fault->kind), fault->text);
}

struct report {
	const struct fault *fault;
	size_t index;
};

/* By file and line, 0 last: what is said of all the rest of a file. */
static int compare(const void *a, const void *b)
{
	const struct report *x = a, *y = b;
	const int files = strcmp(x->fault->place.file, y->fault->place.file);
	const unsigned x_line = x->fault->place.line - 1;
	const unsigned y_line = y->fault->place.line - 1;

	if (files != 0)
		return files;
	if (x_line != y_line)
		return x_line < y_line ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

void gathered_report(const struct gathered *gathered, bool with_advice)
{
	const size_t count = faults_count(gathered->faults);
	struct report *list = arena_array(gathered->arena, count, sizeof *list);

	for (size_t i = 0; i < count; i++)
		list[i] = (struct report){ faults_get(gathered->faults, i), i };
	if (count > 1)
		qsort(list, count, sizeof *list, compare);
	for (size_t i = 0; i < count; i++)
		if (with_advice || list[i].fault->kind != FAULT_ADVICE)
			report(list[i].fault);
}
