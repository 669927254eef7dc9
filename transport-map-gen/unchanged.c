/*
 * A build is a function of what unchanged.h lists, and of the clock: of that
 * last routes alone, for no directory may be stale here.  It is remembered
 * when a second build of the same input comes to the same end, which is
 *   - when it found what stands, or
 *   - when it published and each last route that is dated has an entry in the
 *     map.  One that had none, since its domain leaves at that very second,
 *     may need one from the next build on (leaving.c).
 */
#include "transport-map-gen/unchanged.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/file_mark.h"
#include "base/text.h"
#include "base/version.h"
#include "directory/last_good.h"
#include "snapshot/files.h"
#include "snapshot/publish.h"
#include "snapshot/published_files.h"
#include "snapshot/state.h"

#include <string.h>

#define PROGRAM "/proc/self/exe"

/*
 * The digest is that of the text alone: what was moved from one file to
 * another that it includes stands elsewhere, and faults tell where.
 */
static void describe_places(struct text *out, const struct namespace *ns)
{
	for (size_t i = 0; i < ns->n_domains; i++)
		text_addf(out, "%s:%u\n", ns->domains[i].place.file,
			ns->domains[i].place.line);
	for (size_t i = 0; i < ns->n_directories; i++)
		text_addf(out, "%s:%u %s\n", ns->directories[i].place.file,
			ns->directories[i].place.line,
			ns->directories[i].source);
}

static void describe_contacts(struct text *out, const struct namespace *ns)
{
	for (size_t i = 0; i < ns->n_contacts; i++) {
		const struct contact *contact = &ns->contacts[i];

		text_addf(out, "contact %s %s %s:%u\n", contact->address,
			contact->target, contact->place.file,
			contact->place.line);
	}
}

/* One that has no copy can not be what it was. */
static bool describe_copies(
	struct text *out, const struct gathered *g, const char *state)
{
	for (size_t i = 0; i < g->ns->n_directories; i++) {
		const struct directory *directory = &g->ns->directories[i];

		if (!directory->is_enabled)
			continue;
		text_addf(out, "directory %s ", directory->name);
		if (!file_mark_add(out,
			    last_good_path(state, directory->name, g->arena)))
			return false;
	}
	return true;
}

static bool describe(struct text *out, const struct gathered *g,
	const struct options *options, const struct state *state)
{
	text_addf(out, "program " VERSION " ");
	if (!file_mark_add(out, PROGRAM))
		return false;
	text_addf(out, "configuration %s %s\n", options->config, g->ns->digest);
	describe_places(out, g->ns);
	describe_contacts(out, g->ns);
	return describe_copies(out, g, state_path(state)) &&
		published_files_describe(out, state);
}

/* NULL where something is missing. */
static const char *digest_of(const struct gathered *g,
	const struct options *options, const struct state *state)
{
	struct text text = { 0 };
	struct digest *digest = digest_open(NULL);
	const char *result = NULL;

	if (digest != NULL && describe(&text, g, options, state)) {
		digest_add(digest, text.data, text.len);
		result = digest_format(digest, g->arena);
	}
	digest_close(&digest);
	text_fini(&text);
	return result;
}

bool unchanged_recall(struct inputs *out, const struct gathered *g,
	const struct options *options, const struct state *state)
{
	if (!inputs_read(out, state_path(state), g->arena) ||
		g->now < out->made || (out->due != 0 && g->now >= out->due))
		return false;
	const char *digest = digest_of(g, options, state);

	return digest != NULL && strcmp(digest, out->digest) == 0;
}

void unchanged_repeat(struct gathered *g, const struct inputs *before)
{
	for (size_t i = 0; i < before->n_faults; i++)
		faults_add(g->faults, &before->faults[i]);
	g->n_conflicts = before->n_conflicts;
}

static unsigned long records_of(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < m->n_files; i++)
		if (strcmp(m->files[i].name, name) == 0)
			return m->files[i].records;
	return 0;
}

static bool comes_to_the_same_end(const struct publication *publication)
{
	const struct manifest *m = &publication->manifest;

	switch (publication->published) {
	case PUBLISHED_NOTHING: return true;
	case PUBLISHED_ROUTES: return false;
	case PUBLISHED_ALL: break;
	}
	return records_of(m, FILES_LEAVING_DATES) ==
		records_of(m, FILES_TRANSPORT_LEAVING);
}

void unchanged_keep(const struct gathered *g, const struct options *options,
	const struct state *state, const struct publication *publication)
{
	struct fault *faults =
		arena_array(g->arena, g->n_proofs, sizeof *faults);
	struct inputs inputs = { .made = g->now,
		.n_conflicts = g->n_conflicts,
		.faults = faults,
		.n_faults = g->n_proofs };

	if (!comes_to_the_same_end(publication) ||
		!published_files_due(
			&inputs.due, state, g->ns->linger_s, g->now))
		return;
	for (size_t i = 0; i < g->n_proofs; i++)
		faults[i] = *faults_get(g->faults, g->first_proof + i);
	inputs.digest = digest_of(g, options, state);
	if (inputs.digest != NULL)
		inputs_write(&inputs, state_path(state), NULL);
}
