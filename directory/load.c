/*
 * source -> stage -> guards -> last-good copy -> recipients.  Nothing is
 * served that was not read whole and let pass; what fails on the way leaves
 * the old copy as it was, and that one serves.  Nothing is logged here: who
 * called says it.
 */
#include "directory/load.h"

#include "base/arena.h"
#include "directory/last_good.h"
#include "directory/stage.h"
#include "namespace/recipients.h"

#include <string.h>

/* A list may lose so many whatever percentage that is. */
enum { SHRINK_FREE = 10 };

struct loader {
	struct load *out;
	const struct directory *directory;
	const struct load_options *options;
	struct recipients *recipients;
	struct faults *faults;
	struct stage *stage;
	const char *copy; /* path of the last-good copy */
};

/* What the stage lacks of the last-good copy. */
struct loss {
	const struct stage *stage;
	size_t n_before, n_lost;
};

static void count_loss(void *context, const struct entry *entry)
{
	struct loss *loss = context;

	loss->n_before++;
	loss->n_lost += !stage_has(loss->stage, entry->address);
}

/* Whether part is more of whole than the limit allows. */
static bool exceeds(const struct limit *limit, size_t part, size_t whole)
{
	if (!limit->is_percent)
		return part > limit->count;
	return (double)part * 100 > (double)limit->count * (double)whole;
}

static const char *percent_sign(const struct limit *limit)
{
	return limit->is_percent ? "%" : "";
}

static bool check_bad(const struct loader *loader)
{
	const struct limit *limit = &loader->directory->max_bad;
	const size_t bad = stage_bad(loader->stage);
	const size_t lines = stage_lines(loader->stage);

	/* It was meant to say who exists, and nobody can tell who. */
	if (bad != 0 && bad == lines)
		return err_set(&loader->out->err,
			"%s: none of its %zu entries is an address, which is "
			"no empty list but another kind of file",
			loader->directory->source, lines);
	if (!exceeds(limit, bad, lines))
		return true;
	return err_set(&loader->out->err,
		"%s: %zu of %zu entries are bad, max-bad = %lu%s",
		loader->directory->source, bad, lines, limit->count,
		percent_sign(limit));
}

static bool read_source(const struct loader *loader)
{
	const struct source_options options = { .state = loader->options->state,
		.is_dry = loader->options->is_dry };
	const struct sink sink = stage_sink(loader->stage);
	const bool good = source_read(
		loader->directory, &options, &sink, &loader->out->err);

	stage_finish_faults(loader->stage);
	loader->out->n_bad = stage_bad(loader->stage);
	return good && check_bad(loader);
}

/* A damaged copy is said, and counts as none: there is nothing to lose. */
static bool check_shrink(const struct loader *loader)
{
	const struct directory *directory = loader->directory;
	const struct limit *limit = &directory->max_shrink;
	struct loss loss = { .stage = loader->stage };
	struct err err = { 0 };

	if (last_good_read(loader->copy, count_loss, &loss, &err) ==
		LOOKUP_FAILED)
		faults_advice(loader->faults, directory->place,
			"directory \"%s\": %s; the shrink guard has nothing to "
			"compare with",
			directory->name, err.text);
	if (loader->options->accepts_shrink ||
		!exceeds(limit, loss.n_lost, loss.n_before) ||
		(limit->is_percent && loss.n_lost <= SHRINK_FREE))
		return true;
	return err_set(&loader->out->err,
		"%s: %zu of %zu entries would be lost, max-shrink = %lu%s; "
		"if they are meant to go: --accept-shrink %s",
		directory->source, loss.n_lost, loss.n_before, limit->count,
		percent_sign(limit), directory->name);
}

static bool keep(const struct loader *loader)
{
	if (loader->options->is_dry)
		return true;
	struct last_good_writer *writer = last_good_open(loader->options->state,
		loader->directory->name, &loader->out->err);

	if (writer == NULL)
		return false;
	for (size_t i = 0; i < stage_count(loader->stage); i++) {
		struct entry entry;

		stage_get(loader->stage, i, &entry);
		last_good_add(writer, &entry);
	}
	return last_good_close(&writer, &loader->out->err);
}

static void serve(void *context, const struct entry *entry)
{
	const struct loader *loader = context;
	const struct recipient recipient = {
		.key = entry->address,
		.domain = strrchr(entry->address, '@') + 1,
		.target = entry->target,
		.directory = loader->directory,
		.origin = entry->origin,
	};

	loader->out->n_entries++;
	recipients_add(loader->recipients, &recipient);
}

static void serve_stage(struct loader *loader)
{
	for (size_t i = 0; i < stage_count(loader->stage); i++) {
		struct entry entry;

		stage_get(loader->stage, i, &entry);
		serve(loader, &entry);
	}
}

static enum load_end serve_copy(struct loader *loader, enum load_end end)
{
	const struct err failed = loader->out->err;
	struct err err = { 0 };

	switch (last_good_read(loader->copy, serve, loader, &err)) {
	case LOOKUP_FOUND: return end;
	case LOOKUP_NONE: break;
	case LOOKUP_FAILED:
		err_set(&loader->out->err, "%s; and %s", failed.text, err.text);
		break;
	}
	return LOAD_NEVER;
}

static enum load_end run(struct loader *loader)
{
	if (!read_source(loader))
		return serve_copy(loader, LOAD_KEPT);
	if (!check_shrink(loader))
		return serve_copy(loader, LOAD_REFUSED);
	if (!keep(loader))
		return serve_copy(loader, LOAD_KEPT);
	serve_stage(loader);
	return LOAD_FRESH;
}

void directory_load(struct load *out, const struct directory *directory,
	const struct load_options *options, struct recipients *recipients,
	struct faults *faults)
{
	struct arena *arena = arena_open();
	struct loader loader = {
		.out = out,
		.directory = directory,
		.options = options,
		.recipients = recipients,
		.faults = faults,
		.stage = stage_open(directory, options->delimiters, faults),
		.copy = last_good_path(options->state, directory->name, arena),
	};

	*out = (struct load){ 0 };
	out->end = run(&loader);
	stage_close(&loader.stage);
	arena_close(&arena);
}
