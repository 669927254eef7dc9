/*
 * Counts come from metrics, the rest is looked at when it is asked for.  A
 * number that is not known is absent, never a zero that looks like one.
 */
#include "policyd/monitor.h"

#include "base/exposition.h"
#include "base/text.h"
#include "base/version.h"
#include "policyd/journal.h"
#include "policyd/keeper.h"
#include "policyd/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { UNAVAILABLE = 503 };

static int64_t micros(time_t seconds)
{
	return (int64_t)seconds * 1000000;
}

static void add_gauge(
	struct text *out, const char *name, const char *help, uint64_t value)
{
	exposition_family(out, name, EXPOSITION_GAUGE, help);
	exposition_integer(
		out, &(struct exposition_series){ .name = name }, value);
}

static void add_seconds(
	struct text *out, const char *name, const char *help, int64_t us)
{
	exposition_family(out, name, EXPOSITION_GAUGE, help);
	exposition_micros(out, &(struct exposition_series){ .name = name }, us);
}

static void add_generation(
	struct text *out, const struct keeper_facts *facts, time_t now)
{
	add_gauge(out, "postshare_generation",
		"Number of the generation in force, 0 for none.",
		facts->generation);
	add_gauge(out, "postshare_generation_problems",
		"1 while a new generation, or the first, can not be opened, or "
		"the one in force is damaged.",
		facts->problem[0] != '\0');
	if (facts->made == 0)
		return;
	add_seconds(out, "postshare_generation_timestamp_seconds",
		"When the generation in force was made.", micros(facts->made));
	add_seconds(out, "postshare_generation_age_seconds",
		"Time since the generation in force was made.",
		micros(now - facts->made));
}

/* What can be said of one directory. */
struct sight {
	const struct keeper_facts *facts;
	const struct directory *directory;
	time_t loaded; /* 0 = never */
	time_t now;
};

/* False: not known, or there is no such thing. */
typedef bool tell_directory(int64_t *value, const struct sight *sight);

static bool tell_recipients(int64_t *value, const struct sight *sight)
{
	if (sight->facts->entries == NULL)
		return false;
	*value = (int64_t)sight->facts->entries[sight->directory->index];
	return true;
}

static bool tell_loaded(int64_t *value, const struct sight *sight)
{
	*value = sight->loaded;
	return sight->loaded != 0;
}

static bool tell_age(int64_t *value, const struct sight *sight)
{
	*value = sight->now - sight->loaded;
	return sight->loaded != 0;
}

static bool tell_max_age(int64_t *value, const struct sight *sight)
{
	*value = (int64_t)sight->directory->max_age_s;
	return sight->directory->max_age_s != 0;
}

static bool tell_stale(int64_t *value, const struct sight *sight)
{
	*value = directory_is_stale(
		sight->facts->view, sight->directory, sight->now);
	return true;
}

static bool tell_never(int64_t *value, const struct sight *sight)
{
	*value = sight->loaded == 0;
	return true;
}

static const struct {
	const char *name, *help;
	tell_directory *tell;
	bool is_time;
} directory_families[] = {
	{ "postshare_directory_recipients",
		"Entries that the directory brought to the generation in "
		"force.",
		tell_recipients, false },
	{ "postshare_directory_loaded_timestamp_seconds",
		"When the directory last loaded.", tell_loaded, true },
	{ "postshare_directory_age_seconds",
		"Time since the directory last loaded.", tell_age, true },
	{ "postshare_directory_max_age_seconds",
		"The max-age of the directory, where it has one.", tell_max_age,
		true },
	{ "postshare_directory_stale",
		"1 while unlisted recipients are deferred for the directory's "
		"age.",
		tell_stale, false },
	{ "postshare_directory_never_loaded",
		"1 for a directory that has never loaded.", tell_never, false },
};

enum {
	N_DIRECTORY_FAMILIES =
		sizeof directory_families / sizeof directory_families[0]
};

static struct sight look_at(
	const struct keeper_facts *facts, size_t i, time_t now)
{
	return (struct sight){ facts, &facts->view->directories[i],
		facts->view->loaded[i], now };
}

static void add_directory(
	struct text *out, size_t family, const struct sight *sight)
{
	const struct exposition_label label = { "directory",
		sight->directory->name };
	const struct exposition_series series = {
		directory_families[family].name, &label, 1
	};
	int64_t value;

	if (!directory_families[family].tell(&value, sight))
		return;
	if (directory_families[family].is_time)
		exposition_micros(out, &series, micros(value));
	else
		exposition_integer(out, &series, (uint64_t)value);
}

static void add_directories(
	struct text *out, const struct keeper_facts *facts, time_t now)
{
	for (size_t f = 0; f < N_DIRECTORY_FAMILIES; f++) {
		exposition_family(out, directory_families[f].name,
			EXPOSITION_GAUGE, directory_families[f].help);
		for (size_t i = 0; i < facts->view->n_directories; i++) {
			const struct sight sight = look_at(facts, i, now);

			add_directory(out, f, &sight);
		}
	}
}

static void add_log(struct text *out, const struct journal *journal)
{
	static const char lost[] = "postshare_log_lines_lost_total";

	exposition_family(out, lost, EXPOSITION_COUNTER,
		"Lines that the log did not take.");
	exposition_integer(out, &(struct exposition_series){ .name = lost },
		journal_lost(journal));
	add_gauge(out, "postshare_log_lines_waiting",
		"Lines that wait for the log.", journal_waiting(journal));
}

static int64_t cpu_us(void)
{
	struct rusage used;

	if (getrusage(RUSAGE_SELF, &used) != 0)
		return 0;
	return micros(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
		used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

/* 0 = not known. */
static uint64_t resident_bytes(void)
{
	char line[256] = "";
	char *rest;
	FILE *file = fopen("/proc/self/statm", "re");

	if (file == NULL)
		return 0;
	const bool is_read = fgets(line, sizeof line, file) != NULL;

	fclose(file);
	if (!is_read)
		return 0;
	/* The whole, then what is resident: in pages (proc(5)). */
	strtoul(line, &rest, 10);
	return (uint64_t)strtoul(rest, NULL, 10) *
		(uint64_t)sysconf(_SC_PAGESIZE);
}

/* By the names that every exporter gives them. */
static void add_process(struct text *out, time_t started)
{
	static const char cpu[] = "process_cpu_seconds_total";
	static const struct exposition_label version = { "version", VERSION };
	const uint64_t resident = resident_bytes();

	exposition_family(out, "postshare_build_info", EXPOSITION_GAUGE,
		"1, with the version of policyd.");
	exposition_integer(out,
		&(struct exposition_series){
			"postshare_build_info", &version, 1 },
		1);
	add_seconds(out, "process_start_time_seconds",
		"When the process started.", micros(started));
	exposition_family(out, cpu, EXPOSITION_COUNTER,
		"Time of the processor that the process took.");
	exposition_micros(
		out, &(struct exposition_series){ .name = cpu }, cpu_us());
	if (resident > 0)
		add_gauge(out, "process_resident_memory_bytes",
			"Memory in use, the pages of mapped files too.",
			resident);
}

void monitor_metrics(
	struct text *out, const struct monitor *monitor, time_t now)
{
	struct keeper_facts facts;

	keeper_find_facts(monitor->keeper, &facts);
	metrics_format(out, monitor->metrics);
	add_generation(out, &facts, now);
	if (facts.view != NULL)
		add_directories(out, &facts, now);
	add_log(out, monitor->journal);
	add_process(out, monitor->started);
}

static void add_stale(
	struct text *out, const struct keeper_facts *facts, time_t now)
{
	for (size_t i = 0; i < facts->view->n_directories; i++) {
		const struct sight sight = look_at(facts, i, now);
		int64_t is_stale, age;

		if (!tell_stale(&is_stale, &sight) || !is_stale)
			continue;
		if (tell_age(&age, &sight) && age < 0)
			text_addf(out,
				"warning: directory %s is stale, it loaded by "
				"a clock that was %lld s ahead of this one\n",
				sight.directory->name, -(long long)age);
		else if (tell_age(&age, &sight))
			text_addf(out,
				"warning: directory %s is stale, it loaded "
				"%lld s ago\n",
				sight.directory->name, (long long)age);
		else
			text_addf(out,
				"warning: directory %s is stale, it never "
				"loaded\n",
				sight.directory->name);
	}
}

bool monitor_health(struct text *out, const struct monitor *monitor, time_t now)
{
	struct keeper_facts facts;

	keeper_find_facts(monitor->keeper, &facts);
	const bool is_sound = facts.view != NULL && facts.problem[0] == '\0';

	text_adds(out, is_sound ? "ok\n" : "failing\n");
	if (facts.view == NULL)
		text_adds(out, "no generation is in force\n");
	else
		text_addf(
			out, "generation %lu is in force\n", facts.generation);
	if (facts.problem[0] != '\0')
		text_addf(out,
			"a generation can not be opened, or is damaged: %s\n",
			facts.problem);
	if (facts.view != NULL)
		add_stale(out, &facts, now);
	return is_sound;
}

bool monitor_answer(void *context, const char *path, struct http_reply *reply)
{
	const struct monitor *monitor = context;
	const time_t now = time(NULL);

	if (strcmp(path, "/metrics") == 0) {
		reply->content_type = EXPOSITION_CONTENT_TYPE;
		monitor_metrics(reply->body, monitor, now);
		return true;
	}
	if (strcmp(path, "/healthz") != 0)
		return false;
	if (!monitor_health(reply->body, monitor, now))
		reply->status = UNAVAILABLE;
	return true;
}
