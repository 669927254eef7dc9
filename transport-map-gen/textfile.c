/*
 * A run that fails tells so and keeps the time of the last that did not, by
 * reading the file that it replaces: nothing else knows of a run that
 * changed nothing.  A directory that the run did not come to is not told of,
 * rather than wrongly.
 */
#include "transport-map-gen/textfile.h"

#include "base/arena.h"
#include "base/exposition.h"
#include "base/file.h"
#include "base/text.h"
#include "transport-map-gen/gather.h"

#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MODE = 0644 };

#define LAST_SUCCESS "postshare_build_last_success_timestamp_seconds"

bool textfile_check(const char *path, struct err *err)
{
	struct arena *arena = arena_open();
	const char *folder = dirname(arena_strdup(arena, path));
	struct stat status;
	bool is_possible = true;

	if (access(folder, W_OK | X_OK) != 0)
		is_possible = err_sys(
			err, "--textfile %s: the folder %s", path, folder);
	else if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
		is_possible = err_set(err,
			"--textfile %s is no file; name one that is to be "
			"written, such as postshare.prom",
			path);
	arena_close(&arena);
	return is_possible;
}

/* The value on the line of a series without labels; 0: none. */
static time_t value_of(const char *text, const char *series)
{
	const size_t len = strlen(series);
	unsigned long value = 0;

	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		char digits[32] = "";

		line += *line == '\n';
		if (!text_starts(line, series) || line[len] != ' ')
			continue;
		const size_t n = strspn(line + len + 1, "0123456789");

		if (n < sizeof digits)
			memcpy(digits, line + len + 1, n);
		return text_to_ulong(&value, digits) ? (time_t)value : 0;
	}
	return 0;
}

time_t textfile_last_success(const char *path)
{
	struct arena *arena = arena_open();
	size_t len;
	const char *text = access(path, F_OK) == 0
		? file_read(path, &len, arena, NULL)
		: NULL;
	const time_t value = text == NULL ? 0 : value_of(text, LAST_SUCCESS);

	arena_close(&arena);
	return value;
}

static void add_one(
	struct text *out, const char *name, const char *help, uint64_t value)
{
	exposition_family(out, name, EXPOSITION_GAUGE, help);
	exposition_integer(
		out, &(struct exposition_series){ .name = name }, value);
}

static void add_run(struct text *out, const struct textfile_run *run)
{
	static const char duration[] = "postshare_build_duration_seconds";
	const bool is_success = run->status == 0;
	const time_t last = is_success ? run->now : run->last_success;

	add_one(out, "postshare_build_timestamp_seconds",
		"When the last run of build ended.", (uint64_t)run->now);
	if (last != 0)
		add_one(out, LAST_SUCCESS,
			"When a run of build last ended with status 0.",
			(uint64_t)last);
	add_one(out, "postshare_build_success",
		"Whether the last run of build ended with status 0.",
		is_success);
	add_one(out, "postshare_build_exit_status",
		"The exit status of the last run of build.",
		(uint64_t)run->status);
	exposition_family(out, duration, EXPOSITION_GAUGE,
		"How long the last run of build took.");
	exposition_micros(out, &(struct exposition_series){ .name = duration },
		run->duration_us);
}

static void add_generation(struct text *out, const struct textfile_run *run)
{
	add_one(out, "postshare_build_held",
		"Whether a rollback holds, so that nothing was published.",
		run->is_held);
	add_one(out, "postshare_build_generation",
		"The generation whose recipients are in force, 0 for none.",
		run->generation);
	if (run->generation_time != 0)
		add_one(out, "postshare_build_generation_timestamp_seconds",
			"When that generation was built.",
			(uint64_t)run->generation_time);
}

/* What is told of each directory. */
enum { SUCCESS, RECIPIENTS, LOADED, BAD_LINES, FAMILIES };

static const struct {
	const char *name, *help;
} families[FAMILIES] = {
	[SUCCESS] = { "postshare_build_directory_success",
		"Whether the directory was read whole by the last run." },
	[RECIPIENTS] = { "postshare_build_directory_recipients",
		"Recipients in what serves of the directory." },
	[LOADED] = { "postshare_build_directory_loaded_timestamp_seconds",
		"When the directory was last read whole, 0 for never." },
	[BAD_LINES] = { "postshare_build_directory_bad_lines",
		"Bad entries of the directory in the last run." },
};

static uint64_t value_in(const struct gathered *g, size_t index, int family)
{
	const struct load *load = &g->loads[index];

	switch (family) {
	case SUCCESS: return load->end == LOAD_FRESH;
	case RECIPIENTS: return load->n_entries;
	case LOADED: return (uint64_t)g->loaded[index];
	case BAD_LINES: return load->n_bad;
	default: return 0;
	}
}

static void add_directories(struct text *out, const struct gathered *g)
{
	for (int family = 0; family < FAMILIES; family++) {
		exposition_family(out, families[family].name, EXPOSITION_GAUGE,
			families[family].help);
		for (size_t i = 0; i < g->ns->n_directories; i++) {
			const struct exposition_label label = { "directory",
				g->ns->directories[i].name };

			if (g->ns->directories[i].is_enabled)
				exposition_integer(out,
					&(struct exposition_series){
						families[family].name, &label,
						1 },
					value_in(g, i, family));
		}
	}
}

static void add_findings(struct text *out, const struct gathered *g)
{
	uint64_t n_warnings = 0;

	for (size_t i = 0; i < faults_count(g->faults); i++)
		n_warnings += faults_get(g->faults, i)->kind == FAULT_WARNING;
	add_one(out, "postshare_build_conflicts",
		"Mailboxes that an earlier directory lists too.",
		g->n_conflicts);
	add_one(out, "postshare_build_warnings",
		"Warnings of the last run of build.", n_warnings);
}

void textfile_format(struct text *out, const struct textfile_run *run)
{
	const struct gathered *g = run->gathered;

	add_run(out, run);
	if (run->has_state)
		add_generation(out, run);
	if (!g->has_loads)
		return;
	add_directories(out, g);
	add_findings(out, g);
}

bool textfile_write(
	const char *path, const struct textfile_run *run, struct err *err)
{
	struct text text;

	text_init(&text);
	textfile_format(&text, run);
	const bool is_written =
		file_replace(path, text.data, text.len, FILE_MODE, err);

	text_fini(&text);
	return is_written;
}
