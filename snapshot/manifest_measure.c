/*
 * One walk over a folder, sorted.  The digest is the one that b2sum(1)
 * prints, so that an administrator can check a file without our programs.
 * A digest can not be parted, but two files can be read at once, and the
 * records of a map be counted beside it; the largest are begun first.
 */
#include "snapshot/manifest.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/memory.h"
#include "base/side_by_side.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/files.h"
#include "snapshot/folder.h"
#include "snapshot/measured.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_SIZE = 128 * 1024 };

/* What one pass over the bytes of a file tells. */
struct measure {
	struct digest *digest;
	unsigned long lines;
	char last; /* byte */
};

/* One of the passes over a file. */
struct task {
	bool (*run)(struct task *task);
	struct manifest_file *file;
	const char *path;
	off_t size;
	struct arena *arena; /* its own: another may run at once */
	struct err err;
	bool is_done;
};

struct tasks {
	struct task *list; /* in the order of the files */
	struct task **order; /* in which they are begun */
	size_t count;
	off_t size;
	atomic_size_t next;
};

static void count_lines(struct measure *measure, const char *bytes, size_t len)
{
	const char *end = bytes + len;
	const char *at = bytes;

	while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		measure->lines++;
		at++;
	}
	measure->last = end[-1];
}

static bool measure_bytes(
	struct measure *measure, int fd, char *chunk, bool has_lines)
{
	for (;;) {
		const ssize_t n = read(fd, chunk, CHUNK_SIZE);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		digest_add(measure->digest, chunk, (size_t)n);
		if (has_lines)
			count_lines(measure, chunk, (size_t)n);
	}
}

static bool is_cdb(const char *name)
{
	const size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".cdb") == 0;
}

static bool measure_open_file(struct task *task, int fd)
{
	struct measure measure = { digest_open(&task->err), 0, '\n' };
	const bool has_lines = !is_cdb(task->file->name);

	if (measure.digest == NULL)
		return false;
	char *chunk = memory_must(malloc(CHUNK_SIZE));
	const bool is_read = measure_bytes(&measure, fd, chunk, has_lines) ||
		err_sys(&task->err, "read %s", task->path);

	if (is_read)
		task->file->digest = digest_format(measure.digest, task->arena);
	if (has_lines)
		task->file->records = measure.lines + (measure.last != '\n');
	digest_close(&measure.digest);
	free(chunk);
	return is_read;
}

static bool digest_file(struct task *task)
{
	const int fd = open(task->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(&task->err, "open %s", task->path);
	const bool is_read = measure_open_file(task, fd);

	close(fd);
	return is_read;
}

static bool count_record(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	unsigned long *records = context;

	(void)key, (void)key_len, (void)value, (void)value_len;
	++*records;
	return true;
}

static bool count_records(struct task *task)
{
	unsigned long *records = &task->file->records;

	if (!is_cdb(task->file->name))
		return true;
	struct cdb_reader *reader = cdb_reader_open(task->path, &task->err);

	if (reader == NULL)
		return false;
	const bool is_good = cdb_reader_walk(reader, count_record, records) ||
		err_set(&task->err, "%s: corrupt after %lu records", task->path,
			*records);

	cdb_reader_close(&reader);
	return is_good;
}

/* Takes what nobody has begun. */
static void run_tasks(void *context)
{
	struct tasks *tasks = context;
	size_t i;

	while ((i = atomic_fetch_add(&tasks->next, 1)) < tasks->count)
		tasks->order[i]->is_done =
			tasks->order[i]->run(tasks->order[i]);
}

static int by_size(const void *a, const void *b)
{
	const struct task *const *x = a;
	const struct task *const *y = b;

	return ((*x)->size < (*y)->size) - ((*x)->size > (*y)->size);
}

/* Whether all of it was known before. */
static bool is_known(
	const struct manifest *m, struct manifest_file *file, const char *path)
{
	struct stat status;
	const struct measured_file *known = stat(path, &status) != 0
		? NULL
		: measured_find(m->measured, file->name, &status);

	if (known == NULL)
		return false;
	file->digest = known->digest;
	file->records = known->records;
	return true;
}

static off_t size_of(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? status.st_size : 0;
}

static void task_add(struct tasks *tasks, bool (*run)(struct task *task),
	struct manifest_file *file, const char *path)
{
	struct task *task = &tasks->list[tasks->count];

	*task = (struct task){ .run = run,
		.file = file,
		.path = path,
		.size = size_of(path),
		.arena = arena_open() };
	tasks->order[tasks->count++] = task;
	tasks->size += task->size;
}

static void tasks_run(struct tasks *tasks)
{
	qsort(tasks->order, tasks->count, sizeof *tasks->order, by_size);
	if (tasks->size > SIDE_BY_SIDE_BYTES)
		side_by_side(run_tasks, tasks, run_tasks, tasks);
	else
		run_tasks(tasks);
}

/* The first file's error counts, whoever came upon another before. */
static bool tasks_end(struct tasks *tasks, struct arena *arena, struct err *err)
{
	bool is_done = true;

	for (size_t i = 0; i < tasks->count; i++) {
		struct task *task = &tasks->list[i];

		if (is_done && !task->is_done)
			is_done = err_set(err, "%s", task->err.text);
		if (is_done && task->run == digest_file)
			task->file->digest =
				arena_strdup(arena, task->file->digest);
		arena_close(&task->arena);
	}
	return is_done;
}

static bool measure_files(struct manifest *m, const char *folder,
	struct arena *arena, struct err *err)
{
	struct tasks tasks = { .count = 0 };

	tasks.list = arena_array(arena, 2 * m->n_files, sizeof *tasks.list);
	tasks.order = arena_array(arena, 2 * m->n_files, sizeof *tasks.order);
	for (size_t i = 0; i < m->n_files; i++) {
		struct manifest_file *file = &m->files[i];
		const char *path =
			arena_printf(arena, "%s/%s", folder, file->name);

		if (is_known(m, file, path))
			continue;
		task_add(&tasks, digest_file, file, path);
		task_add(&tasks, count_records, file, path);
	}
	tasks_run(&tasks);
	return tasks_end(&tasks, arena, err);
}

bool manifest_measure(struct manifest *m, const char *folder,
	struct arena *arena, struct err *err)
{
	struct folder list;

	if (!folder_list(&list, folder, arena, err))
		return false;
	m->files = arena_array(arena, list.count, sizeof *m->files);
	m->n_files = 0;
	for (size_t i = 0; i < list.count; i++)
		if (strcmp(list.names[i], FILES_MANIFEST) != 0)
			m->files[m->n_files++].name = list.names[i];
	return measure_files(m, folder, arena, err);
}
