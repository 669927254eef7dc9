/*
 * One child process a directory reads it and holds it against the guards;
 * this process waits, and then takes what they found in the order of the
 * configuration, so that the result does not depend on who was faster.
 * Nothing is served that was not read whole and let pass; what fails on the
 * way leaves the old copy as it was, and that one serves.  Nothing is logged
 * here: who called says it.
 *
 * A reader hands over its list as the text of a copy, in what may become the
 * copy, or in a file without a name where nothing may be written: so its
 * memory ends with it, and the list is never held twice.
 */
#include "directory/load.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/side_by_side.h"
#include "base/text.h"
#include "directory/last_good.h"
#include "directory/listing.h"
#include "directory/reading.h"
#include "directory/served.h"
#include "directory/workers.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* For each reader two files and the process; and some for the rest. */
enum { FDS_EACH = 3, FDS_MORE = 64 };

struct loader {
	struct load *out;
	const struct directory *directory;
	const struct load_options *options;
	const struct load_output *output;
	struct arena *arena;
	struct worker *worker;
	int list, report; /* files without a name; -1 = none */

	enum report_end end;
	struct last_good_new copy;
	bool is_adopted; /* the copy, and it waits for its place */
	struct served served;
};

struct loading {
	struct loader *loaders;
	size_t count; /* of enabled directories */
	const struct load_options *options;
	const struct directory **waiting;
};

static bool parse(struct loader *loader, char *text, size_t size)
{
	class_counts_init(&loader->out->classes, loader->output->arena);
	return served_parse(&loader->served, text, size, loader->directory,
		&loader->out->classes);
}

static void serve(struct loader *loader)
{
	loader->out->n_entries = loader->served.count;
	served_add(&loader->served, loader->output->recipients);
}

static const char *path_of(const struct loader *loader, const char *state)
{
	return last_good_path(state, loader->directory->name, loader->arena);
}

static enum lookup parse_copy(
	struct loader *loader, const char *path, struct err *err)
{
	struct last_good copy;
	const enum lookup found = last_good_open(&copy, path, err);

	if (found != LOOKUP_FOUND || parse(loader, copy.bytes, copy.len))
		return found;
	last_good_damaged(path, err);
	return LOOKUP_FAILED;
}

/* The end where the copy serves, else LOAD_NEVER. */
static enum load_end serve_copy(
	struct loader *loader, const char *state, enum load_end end)
{
	const struct err failed = loader->out->err;
	struct err err = { 0 };
	const enum lookup found =
		parse_copy(loader, path_of(loader, state), &err);

	if (found == LOOKUP_FAILED)
		err_set(&loader->out->err, "%s%s%s", failed.text,
			failed.text[0] == '\0' ? "" : "; and ", err.text);
	if (found != LOOKUP_FOUND)
		return LOAD_NEVER;
	serve(loader);
	return end;
}

/* A list on its way from its reader to what serves. */
struct taking {
	struct loader *loader;
	int fd;
	struct last_good text;
	bool is_taken;
	struct err err; /* where it is not */
};

static void fill_text(void *context)
{
	struct taking *taking = context;

	taking->is_taken = last_good_fill(&taking->text, taking->fd,
		"what its reader found", &taking->err);
}

static size_t size_of(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 ? (size_t)status.st_size : 0;
}

static void prepare_list(void *context)
{
	const struct taking *taking = context;
	const size_t size = size_of(taking->fd);
	char end[LISTING_END];

	if (pread(taking->fd, end, sizeof end, (off_t)(size - sizeof end)) ==
		sizeof end)
		served_prepare(&taking->loader->served,
			(struct slice){ end, sizeof end }, size);
}

static void parse_text(void *context)
{
	struct taking *taking = context;

	taking->is_taken =
		parse(taking->loader, taking->text.bytes, taking->text.len);
	if (!taking->is_taken)
		err_set(&taking->err, "what its reader found is not whole");
}

static void sync_copy(void *context)
{
	const struct taking *taking = context;

	if (taking->loader->is_adopted)
		last_good_sync(&taking->loader->copy);
}

static void take_large(struct taking *taking)
{
	side_by_side(fill_text, taking, prepare_list, taking);
	if (taking->is_taken)
		side_by_side(parse_text, taking, sync_copy, taking);
	else
		served_close(&taking->loader->served);
}

static void take_small(struct taking *taking)
{
	fill_text(taking);
	if (taking->is_taken)
		parse_text(taking);
}

/*
 * The process that wrote it may have been cut short since.  False: it does
 * not serve.
 */
static bool take_from(struct loader *loader, int fd)
{
	struct taking taking = { .loader = loader, .fd = fd };

	if (size_of(fd) > SIDE_BY_SIDE_BYTES)
		take_large(&taking);
	else
		take_small(&taking);
	return taking.is_taken ||
		err_set(&loader->out->err, "%s: %s", loader->directory->source,
			taking.err.text);
}

static bool take_list(struct loader *loader)
{
	if (loader->options->is_dry)
		return take_from(loader, loader->list);
	loader->is_adopted = last_good_adopt(&loader->copy,
		path_of(loader, loader->options->state), loader->arena,
		&loader->out->err);
	if (!loader->is_adopted || take_from(loader, loader->copy.fd))
		return loader->is_adopted;
	last_good_abandon(&loader->copy);
	loader->is_adopted = false;
	return false;
}

static bool is_frame(struct loader *loader, const struct last_good *text)
{
	struct load *out = loader->out;
	struct listing_walk walk;

	return listing_begin(&walk, (struct slice){ text->bytes, text->len },
		       &out->n_entries) &&
		listing_finish(&walk, out->n_entries, &out->classes);
}

/* Of one that is the same, without the entries. */
static bool take_frame(struct loader *loader)
{
	struct last_good text;
	struct err err = { 0 };
	bool is_whole = last_good_fill(
		&text, loader->list, "what its reader found", &err);

	if (is_whole && !is_frame(loader, &text))
		is_whole = err_set(&err, "what its reader found is not whole");
	last_good_close(&text);
	return is_whole ||
		err_set(&loader->out->err, "%s: %s", loader->directory->source,
			err.text);
}

/* It was ended before it could say that there is one. */
static void discard_list(const struct loader *loader)
{
	if (!loader->options->is_dry)
		last_good_discard(
			path_of(loader, loader->options->state), loader->arena);
}

/* What the reader says, and the list as far as nothing is served. */
static void collect(struct loader *loader)
{
	struct report report;
	bool is_taken = true;

	report_collect(&report, loader->worker, loader->report,
		loader->directory->source, loader->output->faults);
	loader->out->n_bad = report.n_bad;
	loader->out->err = report.err;
	loader->end = report.end;
	lseek(loader->list, 0, SEEK_SET); /* its reader left it at its end */
	if (report.end == REPORT_WHOLE)
		is_taken = take_list(loader);
	else if (report.end == REPORT_SAME)
		is_taken = take_frame(loader);
	else if (report.end == REPORT_FAILED)
		discard_list(loader);
	if (!is_taken)
		loader->end = REPORT_FAILED;
	if (loader->list >= 0)
		close(loader->list);
	if (loader->report >= 0)
		close(loader->report);
}

static enum load_end serve_list(struct loader *loader)
{
	if (loader->is_adopted &&
		!last_good_commit(&loader->copy, &loader->out->err)) {
		served_close(&loader->served);
		return serve_copy(loader, loader->options->state, LOAD_KEPT);
	}
	serve(loader);
	return LOAD_FRESH;
}

static enum load_end settle(struct loader *loader)
{
	const char *state = loader->options->state;

	switch (loader->end) {
	case REPORT_WHOLE: break;
	case REPORT_FAILED: return serve_copy(loader, state, LOAD_KEPT);
	case REPORT_REFUSED: return serve_copy(loader, state, LOAD_REFUSED);
	case REPORT_SAME: return serve_copy(loader, state, LOAD_FRESH);
	}
	return serve_list(loader);
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
	const struct loader *common)
{
	for (size_t i = 0; i < count; i++) {
		struct loader *loader = &loading->loaders[loading->count];

		loads[i] = (struct load){ .end = LOAD_FRESH };
		class_counts_init(&loads[i].classes, common->output->arena);
		if (!directories[i].is_enabled)
			continue;
		*loader = *common;
		loader->out = &loads[i];
		loader->directory = &directories[i];
		loading->count++;
	}
}

/* Also where there is none. */
static bool are_all_same(const struct loading *loading)
{
	for (size_t i = 0; i < loading->count; i++)
		if (loading->loaders[i].end != REPORT_SAME)
			return false;
	return true;
}

bool directories_load(struct load *loads, const struct directory *directories,
	size_t count, const struct load_options *options,
	const struct load_output *output)
{
	struct arena *arena = arena_open();
	const struct loader common = { .options = options,
		.output = output,
		.arena = arena,
		.list = -1,
		.report = -1 };
	struct loading loading = {
		.loaders = arena_array(arena, count, sizeof *loading.loaders),
		.options = options,
		.waiting = arena_array(arena, count, sizeof *loading.waiting),
	};

	prepare(&loading, loads, directories, count, &common);
	run(&loading, raise_limit(loading.count), arena);
	for (size_t i = 0; i < loading.count; i++)
		collect(&loading.loaders[i]);
	const bool is_left_out =
		options->may_leave_out && are_all_same(&loading);

	for (size_t i = 0; i < loading.count && !is_left_out; i++)
		loading.loaders[i].out->end = settle(&loading.loaders[i]);
	arena_close(&arena);
	return !is_left_out;
}

void directories_load_copies(struct load *loads,
	const struct directory *directories, size_t count, const char *state,
	const struct load_output *output)
{
	struct arena *arena = arena_open();
	const struct loader common = { .output = output, .arena = arena };
	struct loading loading = {
		.loaders = arena_array(arena, count, sizeof *loading.loaders),
	};

	prepare(&loading, loads, directories, count, &common);
	for (size_t i = 0; i < loading.count; i++)
		loading.loaders[i].out->end =
			serve_copy(&loading.loaders[i], state, LOAD_KEPT);
	arena_close(&arena);
}
