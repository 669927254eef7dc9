/*
 * All files are opened before the first is read: one that logrotate renames
 * or removes meanwhile is read all the same, and once.  The beginning of each
 * is looked into for a date, since a name or a time of modification, lost by
 * a copy, does not tell the order.
 */
#include "verdicts/log_files.h"

#include "base/arena.h"
#include "base/memory.h"
#include "verdicts/log_journal.h"
#include "verdicts/log_line.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM_MIN = 8 };

static const char log_folder[] = "/var/log";

/* Debian's name and the others'. */
static const char *const log_names[] = { "mail.log", "maillog" };

struct names {
	const char **at;
	size_t n, room;
};

static void names_add(struct names *names, const char *name)
{
	if (names->n == names->room) {
		names->room = names->room == 0 ? ROOM_MIN : names->room * 2;
		names->at = memory_must(reallocarray(
			names->at, names->room, sizeof *names->at));
	}
	names->at[names->n++] = name;
}

static bool is_one_of(const char *text, const char *set, size_t at_least)
{
	return strlen(text) >= at_least && text[strspn(text, set)] == '\0';
}

/* How long the ending of a packed log is; 0 = it has none. */
static size_t packed_len(const char *name)
{
	static const char *const endings[] = { ".gz", ".xz", ".bz2", ".zst",
		".lz4", ".Z" };
	const size_t len = strlen(name);

	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		const size_t n = strlen(endings[i]);

		if (len > n && strcmp(name + len - n, endings[i]) == 0)
			return n;
	}
	return 0;
}

/* ".1", ".2.gz", "-20261120", "-20261120.xz", "-20261120-1767225600.gz" */
static bool is_rotation(const char *suffix)
{
	char number[32];
	const size_t len = strlen(suffix) - packed_len(suffix);

	if (len < 2 || len >= sizeof number)
		return false;
	memcpy(number, suffix, len);
	number[len] = '\0';
	if (number[0] == '.')
		return is_one_of(number + 1, "0123456789", 1);
	return number[0] == '-' && number[1] != '-' &&
		is_one_of(number + 1, "0123456789-", 8);
}

/* gzip removes what it has packed last: half a copy stands beside it. */
static bool is_being_packed(struct arena *arena, const char *path)
{
	const size_t n = packed_len(path);

	return n > 0 &&
		access(arena_strndup(arena, path, strlen(path) - n), F_OK) == 0;
}

/* The log of that name with what was rotated away. */
static bool find_rotated(struct log_files *files, struct names *names,
	const char *folder, const char *name)
{
	DIR *dir = opendir(folder);
	const size_t len = strlen(name);

	if (dir == NULL)
		return false;
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		char *path;

		if (strncmp(e->d_name, name, len) != 0 ||
			(e->d_name[len] != '\0' &&
				!is_rotation(e->d_name + len)))
			continue;
		path = arena_printf(files->arena, "%s/%s", folder, e->d_name);
		if (!is_being_packed(files->arena, path))
			names_add(names, path);
	}
	closedir(dir);
	if (names->n == 0)
		return false;
	files->newest = arena_printf(files->arena, "%s/%s", folder, name);
	return true;
}

static const char *folder_of(const struct log_sources *sources)
{
	return sources->log_folder == NULL ? log_folder : sources->log_folder;
}

static void find_system_log(struct log_files *files, struct names *names,
	const struct log_sources *sources)
{
	for (size_t i = 0; i < sizeof log_names / sizeof log_names[0]; i++)
		if (find_rotated(
			    files, names, folder_of(sources), log_names[i]))
			return;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void find_names(struct log_files *files, struct names *names,
	const struct log_sources *sources)
{
	for (size_t i = 0; i < sources->n_files; i++)
		names_add(names, sources->files[i]);
	if (names->n > 0 || sources->journal)
		return;
	find_system_log(files, names, sources);
	if (names->n > 0)
		qsort(names->at, names->n, sizeof *names->at, by_name);
}

/* A year of a file a day, and what else is open, is near the usual limit. */
static void allow_files(size_t n)
{
	struct rlimit limit;
	const rlim_t others = 64;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
		n + others <= limit.rlim_cur)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* The first date in the first bytes. */
static bool find_first(struct log_input *input, struct slice bytes, int year)
{
	struct log_clock clock;

	log_clock_init(&clock, input->written, year);
	while (bytes.len > 0) {
		const char *end = memchr(bytes.bytes, '\n', bytes.len);
		struct log_line line;

		if (end == NULL)
			return false;
		const size_t len = (size_t)(end - bytes.bytes);

		if (log_line_parse(&line, (struct slice){ bytes.bytes, len }) &&
			log_clock_read(&clock, line.stamp, &input->first_us))
			return true;
		bytes = slice_after(bytes, len + 1);
	}
	return false;
}

static void look_into(struct log_input *input, int year)
{
	char *bytes = memory_must(malloc(LOG_LINE_MAX));
	struct slice seen = { bytes, 0 };
	size_t len;

	input->latest = log_file_modified(input->file);
	input->written = log_file_packed(input->file);
	input->first_us = (int64_t)input->latest * 1000 * 1000;
	while (seen.len < LOG_LINE_MAX &&
		log_file_read(input->file, bytes + seen.len,
			LOG_LINE_MAX - seen.len, &len, NULL) == LOG_BYTES_SOME)
		seen.len += len;
	if (!find_first(input, seen, year))
		input->first_us = (int64_t)input->latest * 1000 * 1000;
	log_file_rewind(input->file);
	free(bytes);
}

static bool open_input(struct log_input *input, const char *name,
	const struct log_sources *sources, struct err *err)
{
	if (strcmp(name, "-") == 0)
		input->file = log_file_of(dup(STDIN_FILENO), "standard input");
	else
		input->file = log_file_open(name, err);
	if (input->file == NULL)
		return false;
	input->is_stream = strcmp(name, "-") == 0 ||
		!log_file_is_regular(input->file);
	if (!input->is_stream)
		look_into(input, sources->first_year);
	return true;
}

/*
 * Among what was found, not named: gone since the folder was read, since it
 * was rotated just now; or not to be unpacked here, which is told.
 */
static bool may_be_left_out(struct log_files *files,
	const struct log_sources *sources, const char *name,
	const struct err *why)
{
	struct stat stat_;

	if (sources->n_files > 0)
		return false;
	if (stat(name, &stat_) != 0)
		return errno == ENOENT;
	const size_t n = packed_len(name);

	if (n == 0 || strcmp(name + strlen(name) - n, ".gz") == 0)
		return false;
	if (stat_.st_mtime >= sources->since && files->left_out++ == 0)
		files->why = arena_strdup(files->arena, why->text);
	return true;
}

static bool open_journal(struct log_files *files,
	const struct log_sources *sources, struct err *err)
{
	struct log_input *input = &files->inputs[files->n];
	struct err failed = { 0 };

	input->journal = log_journal_open(
		&(struct log_journal_wish){ sources->journal_folder,
			sources->since, sources->follow },
		&failed);
	if (input->journal == NULL && sources->journal)
		return err_set(err, "%s", failed.text);
	if (input->journal == NULL)
		return err_set(err, "no %s and no %s in %s, and %s",
			log_names[0], log_names[1], folder_of(sources),
			failed.text);
	input->file =
		log_file_of(log_journal_fd(input->journal), "the journal");
	input->is_stream = true;
	input->named = files->n++;
	return true;
}

static bool open_all(struct log_files *files, const struct names *names,
	const struct log_sources *sources, struct err *err)
{
	struct err failed = { 0 };

	/* One more for the journal. */
	files->inputs =
		memory_must(calloc(names->n + 1, sizeof *files->inputs));
	allow_files(names->n);
	for (size_t i = 0; i < names->n; i++) {
		struct log_input *input = &files->inputs[files->n];

		input->named = i;
		if (open_input(input, names->at[i], sources, &failed))
			files->n++;
		else if (!may_be_left_out(
				 files, sources, names->at[i], &failed))
			return err_set(err, "%s", failed.text);
	}
	if (sources->journal || names->n == 0)
		return open_journal(files, sources, err);
	return true;
}

/* Streams come last; else by the first date; equal ones as named. */
static int by_age(const void *a, const void *b)
{
	const struct log_input *x = a;
	const struct log_input *y = b;

	if (x->is_stream != y->is_stream)
		return x->is_stream ? 1 : -1;
	if (!x->is_stream && x->first_us != y->first_us)
		return x->first_us < y->first_us ? -1 : 1;
	return (x->named > y->named) - (x->named < y->named);
}

/* Equal files have equal dates. */
static void drop_twins(struct log_files *files, struct log_input *input)
{
	struct log_input *end = files->inputs + files->n;

	for (struct log_input *twin = input + 1; twin < end; twin++) {
		if (twin->first_us != input->first_us || twin->file == NULL ||
			!log_file_is_same(input->file, twin->file))
			continue;
		input->remark = arena_printf(files->arena,
			"%s and %s are the same file: read once",
			log_file_name(input->file), log_file_name(twin->file));
		log_file_close(&twin->file);
	}
}

static void close_gaps(struct log_files *files)
{
	size_t n = 0;

	for (size_t i = 0; i < files->n; i++)
		if (files->inputs[i].file != NULL)
			files->inputs[n++] = files->inputs[i];
	files->n = n;
}

/* What will be followed stays, however old. */
static void drop_old(struct log_files *files, const struct log_sources *sources)
{
	for (size_t i = 0; i < files->n; i++) {
		struct log_input *input = &files->inputs[i];
		const bool is_last = i + 1 == files->n;

		if (!input->is_stream && input->latest < sources->since &&
			!(sources->follow && is_last))
			log_file_close(&input->file);
	}
}

static void find_newest(struct log_files *files)
{
	for (size_t i = files->n; i > 0 && files->newest == NULL; i--)
		if (!files->inputs[i - 1].is_stream)
			files->newest =
				log_file_name(files->inputs[i - 1].file);
}

bool log_files_open(struct log_files *out, const struct log_sources *sources,
	struct err *err)
{
	struct names names = { 0 };

	*out = (struct log_files){ .arena = arena_open() };
	find_names(out, &names, sources);
	const bool is_open = open_all(out, &names, sources, err);

	free(names.at);
	if (!is_open)
		return false;
	qsort(out->inputs, out->n, sizeof *out->inputs, by_age);
	for (size_t i = 0; i < out->n; i++)
		if (out->inputs[i].file != NULL)
			drop_twins(out, &out->inputs[i]);
	close_gaps(out);
	find_newest(out);
	drop_old(out, sources);
	close_gaps(out);
	return true;
}

void log_input_close(struct log_input *input)
{
	log_file_close(&input->file);
	log_journal_close(&input->journal);
}

void log_files_close(struct log_files *files)
{
	for (size_t i = 0; i < files->n; i++)
		log_input_close(&files->inputs[i]);
	free(files->inputs);
	if (files->arena != NULL)
		arena_close(&files->arena);
	*files = (struct log_files){ 0 };
}
