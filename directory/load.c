/*
 * One child process a directory reads it and holds it against the guards;
 * this process waits, and then takes what they found in the order of the
 * configuration, so that the result does not depend on who was faster.
 * Nothing is served that was not read whole and let pass; what fails on the
 * way leaves the old copy as it was, and that one serves.  Nothing is logged
 * here: who called says it.
 *
 * A reader hands over its list as the text of a copy, in a file without a
 * name: so its memory ends with it, and the list is never held twice.
 */
#include "directory/load.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "directory/last_good.h"
#include "directory/reading.h"
#include "directory/source.h"
#include "directory/workers.h"
#include "namespace/recipients.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* For each reader two files and the process; and some for the rest. */
enum { FDS_EACH = 3, FDS_MORE = 64 };

struct loader {
	struct load *out;
	const struct directory *directory;
	const struct load_options *options;
	const struct load_output *output;
	struct worker *worker;
	int list, report; /* files without a name; -1 = none */
};

struct loading {
	struct loader *loaders;
	size_t count; /* of enabled directories */
	const struct load_options *options;
	const struct directory **waiting;
};

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
	recipients_add(loader->output->recipients, &recipient);
}

static struct last_good_reader server(struct loader *loader)
{
	return (struct last_good_reader){ .each = serve,
		.context = loader,
		.classes = &loader->out->classes };
}

/* The end where the copy serves, else LOAD_NEVER. */
static enum load_end serve_copy(
	struct loader *loader, const char *state, enum load_end end)
{
	struct arena *arena = arena_open();
	const char *copy =
		last_good_path(state, loader->directory->name, arena);
	const struct last_good_reader reader = server(loader);
	const struct err failed = loader->out->err;
	struct err err = { 0 };

	const enum lookup found = last_good_read_all(copy, &reader, &err);

	if (found == LOOKUP_FAILED)
		err_set(&loader->out->err, "%s%s%s", failed.text,
			failed.text[0] == '\0' ? "" : "; and ", err.text);
	arena_close(&arena);
	return found == LOOKUP_FOUND ? end : LOAD_NEVER;
}

/* The process that wrote it may have been cut short since. */
static bool check_list(const struct loader *loader)
{
	const struct last_good_reader nobody = { .each = NULL };
	struct err err = { 0 };

	return last_good_read_fd(loader->list, &nobody, &err) ||
		err_set(&loader->out->err, "%s: what its reader found: %s",
			loader->directory->source, err.text);
}

static bool keep(const struct loader *loader)
{
	return loader->options->is_dry ||
		last_good_keep(loader->list, loader->options->state,
			loader->directory->name, &loader->out->err);
}

static bool serve_list(struct loader *loader)
{
	const struct last_good_reader reader = server(loader);

	return last_good_read_fd(loader->list, &reader, &loader->out->err);
}

static enum load_end settle(struct loader *loader)
{
	const char *state = loader->options->state;
	struct report report;

	report_collect(&report, loader->worker, loader->report,
		loader->directory->source, loader->output->faults);
	loader->out->n_bad = report.n_bad;
	loader->out->err = report.err;
	switch (report.end) {
	case REPORT_WHOLE: break;
	case REPORT_FAILED: return serve_copy(loader, state, LOAD_KEPT);
	case REPORT_REFUSED: return serve_copy(loader, state, LOAD_REFUSED);
	}
	if (!check_list(loader) || !keep(loader) || !serve_list(loader))
		return serve_copy(loader, state, LOAD_KEPT);
	return LOAD_FRESH;
}

/* In the child. */
static void work(void *context)
{
	const struct loader *loader = context;
	struct faults *faults = faults_open();
	struct report report;
	struct text text;

	text_init(&text);
	reading_run(&report, loader->directory, loader->options, loader->list,
		faults);
	report_format(&text, &report, faults);
	/* where not all of it is written, it is not whole, which is seen */
	file_write(loader->report, text.data, text.len);
	text_fini(&text);
	faults_close(&faults);
}

static void tell(void *context)
{
	const struct loading *loading = context;
	size_t count = 0;

	for (size_t i = 0; i < loading->count; i++)
		if (loading->loaders[i].worker->is_running)
			loading->waiting[count++] =
				loading->loaders[i].directory;
	if (loading->options->waiting != NULL && count > 0)
		loading->options->waiting(
			loading->options->context, loading->waiting, count);
}

/* There may be hundreds.  How many of them this process can wait for. */
static size_t raise_limit(size_t count)
{
	const rlim_t wanted = count * FDS_EACH + FDS_MORE;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return count;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur == wanted)
		return count;
	return limit.rlim_cur < FDS_MORE + FDS_EACH
		? 1
		: (limit.rlim_cur - FDS_MORE) / FDS_EACH;
}

static bool open_files(struct loader *loader, bool has_room)
{
	loader->worker->error = EMFILE;
	if (!has_room)
		return false;
	loader->list = memfd_create("list", MFD_CLOEXEC);
	loader->report = memfd_create("report", MFD_CLOEXEC);
	loader->worker->error = errno;
	return loader->list >= 0 && loader->report >= 0;
}

static void close_files(const struct loader *loader)
{
	if (loader->list >= 0)
		close(loader->list);
	if (loader->report >= 0)
		close(loader->report);
}

/*
 * A worker for each that has its files; the others' are not started, so that
 * what is left is enough to serve their copies.
 */
static void run(struct loading *loading, size_t most, struct arena *arena)
{
	const struct workers_options options = {
		.deadline_s = loading->options->deadline_s,
		.changed = tell,
		.context = loading,
	};
	struct worker *workers =
		arena_array(arena, loading->count, sizeof *workers);
	size_t n_workers = 0;

	for (size_t i = 0; i < loading->count; i++) {
		struct loader *loader = &loading->loaders[i];
		struct worker *worker = &workers[n_workers];

		worker->run = work;
		worker->context = loader;
		loader->worker = worker;
		if (open_files(loader, n_workers < most)) {
			n_workers++;
			continue;
		}
		loader->worker = arena_alloc(arena, sizeof *worker);
		*loader->worker = *worker;
		loader->worker->end = WORKER_NOT_STARTED;
	}
	workers_run(workers, n_workers, &options);
}

/* The enabled ones; all loads are zero. */
static void prepare(struct loading *loading, struct load *loads,
	const struct directory *directories, size_t count,
	const struct load_output *output)
{
	for (size_t i = 0; i < count; i++) {
		loads[i] = (struct load){ .end = LOAD_FRESH };
		class_counts_init(&loads[i].classes, output->arena);
		if (!directories[i].is_enabled)
			continue;
		loading->loaders[loading->count++] = (struct loader){
			.out = &loads[i],
			.directory = &directories[i],
			.options = loading->options,
			.output = output,
			.list = -1,
			.report = -1,
		};
	}
}

bool directories_load(struct load *loads, const struct directory *directories,
	size_t count, const struct load_options *options,
	const struct load_output *output)
{
	struct arena *arena = arena_open();
	struct loading loading = {
		.loaders = arena_array(arena, count, sizeof *loading.loaders),
		.options = options,
		.waiting = arena_array(arena, count, sizeof *loading.waiting),
	};

	prepare(&loading, loads, directories, count, output);
	run(&loading, raise_limit(loading.count), arena);
	for (size_t i = 0; i < loading.count; i++) {
		loading.loaders[i].out->end = settle(&loading.loaders[i]);
		close_files(&loading.loaders[i]);
	}
	arena_close(&arena);
	return true;
}

void directories_serve(struct load *loads, const struct directory *directories,
	size_t count, const struct load_options *options,
	const struct load_output *output)
{
	struct load_options whole = *options;

	whole.may_leave_out = false;
	directories_load(loads, directories, count, &whole, output);
}

void directories_load_copies(struct load *loads,
	const struct directory *directories, size_t count, const char *state,
	const struct load_output *output)
{
	for (size_t i = 0; i < count; i++) {
		struct loader loader = {
			.out = &loads[i],
			.directory = &directories[i],
			.output = output,
		};

		loads[i] = (struct load){ .end = LOAD_FRESH };
		class_counts_init(&loads[i].classes, output->arena);
		if (directories[i].is_enabled)
			loads[i].end = serve_copy(&loader, state, LOAD_KEPT);
	}
}
