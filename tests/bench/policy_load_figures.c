/*
 * schedstat counts each nanosecond that a thread ran, where stat rounds to
 * ticks; the sum is over all threads, as one may end and take its count along.
 */
#include "tests/bench/policy_load_figures.h"

#include <dirent.h>
#include <err.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t figures_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* The first line of a file of /proc; false: it is gone. */
static bool read_line(char *line, int size, const char *path)
{
	FILE *file = fopen(path, "r");

	if (file == NULL)
		return false;
	const bool is_read = fgets(line, size, file) != NULL;

	fclose(file);
	return is_read;
}

static uint64_t ran_ns(int pid)
{
	char path[300], line[256];
	uint64_t sum = 0;

	snprintf(path, sizeof path, "/proc/%d/task", pid);
	DIR *tasks = opendir(path);

	if (tasks == NULL)
		err(1, "%s", path);
	for (const struct dirent *task; (task = readdir(tasks)) != NULL;) {
		snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", pid,
			task->d_name);
		if (task->d_name[0] != '.' &&
			read_line(line, sizeof line, path))
			sum += strtoull(line, NULL, 10);
	}
	closedir(tasks);
	return sum;
}

/* The fields 14 and 15 of proc(5), of which the second ends with ")". */
static void read_ticks(uint64_t *user, uint64_t *system, int pid)
{
	char path[64], line[1024];

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	if (!read_line(line, sizeof line, path))
		err(1, "%s", path);
	char *at = strrchr(line, ')');

	for (int i = 2; i < 14 && at != NULL; i++)
		at = strchr(at + 1, ' ');
	if (at == NULL)
		errx(1, "%s: not understood", path);
	*user = strtoull(at, &at, 10);
	*system = strtoull(at, NULL, 10);
}

void figures_begin(struct figures *figures, int pid)
{
	if (pid != 0) {
		figures->cpu_ns = ran_ns(pid);
		read_ticks(&figures->user_ticks, &figures->system_ticks, pid);
	}
	figures->begin_ns = figures_now_ns();
}

void figures_end(struct figures *figures, int pid)
{
	uint64_t user, system;

	figures->end_ns = figures_now_ns();
	if (pid == 0)
		return;
	figures->cpu_ns = ran_ns(pid) - figures->cpu_ns;
	read_ticks(&user, &system, pid);
	figures->user_ticks = user - figures->user_ticks;
	figures->system_ticks = system - figures->system_ticks;
}

/* The power of two, and the six bits behind its highest. */
static size_t cell_of(uint64_t ns)
{
	if (ns < FIGURES_PARTS)
		return ns;
	const unsigned shift = 63U - 6U - (unsigned)__builtin_clzll(ns);

	return (shift + 1U) * FIGURES_PARTS + (ns >> shift) - FIGURES_PARTS;
}

static uint64_t upper_ns(size_t cell)
{
	if (cell < FIGURES_PARTS)
		return cell;
	const size_t shift = cell / FIGURES_PARTS - 1;

	return ((FIGURES_PARTS + cell % FIGURES_PARTS + 1) << shift) - 1;
}

void figures_add(struct figures *figures, uint64_t ns)
{
	figures->cells[cell_of(ns)]++;
	figures->count++;
	if (ns > figures->longest_ns)
		figures->longest_ns = ns;
}

void figures_add_wrong(struct figures *figures, const char *reply)
{
	for (size_t i = 0;; i++) {
		char *text = figures->wrong[i].text;

		if (text[0] == '\0' && i < FIGURES_KINDS_MAX - 1)
			snprintf(text, FIGURES_KIND_SIZE, "%s", reply);
		else if (text[0] == '\0')
			snprintf(text, FIGURES_KIND_SIZE, "any other");
		if (i == FIGURES_KINDS_MAX - 1 ||
			strncmp(text, reply, FIGURES_KIND_SIZE - 1) == 0) {
			figures->wrong[i].count++;
			return;
		}
	}
}

double figures_seconds(const struct figures *figures)
{
	return (double)(figures_now_ns() - figures->begin_ns) / 1e9;
}

static double quantile_us(const struct figures *figures, double share)
{
	const double rank = (double)figures->count * share;
	uint64_t seen = 0;

	for (size_t i = 0; i < FIGURES_CELLS; i++) {
		seen += figures->cells[i];
		if ((double)seen >= rank)
			return (double)upper_ns(i) / 1e3;
	}
	return (double)figures->longest_ns / 1e3;
}

void figures_print(const struct figures *figures, size_t connections)
{
	const double count = (double)figures->count;
	const double tick_us = 1e6 / (double)sysconf(_SC_CLK_TCK);
	const double seconds =
		(double)(figures->end_ns - figures->begin_ns) / 1e9;
	uint64_t wrong = 0;

	for (size_t i = 0; i < FIGURES_KINDS_MAX; i++)
		wrong += figures->wrong[i].count;
	printf("connections=%zu requests=%" PRIu64 " seconds=%.3f rate=%.0f "
	       "cpu_us=%.3f user_us=%.3f system_us=%.3f "
	       "p50_us=%.1f p99_us=%.1f p999_us=%.1f max_us=%.1f "
	       "wrong=%" PRIu64 "\n",
		connections, figures->count, seconds, count / seconds,
		(double)figures->cpu_ns / 1e3 / count,
		(double)figures->user_ticks * tick_us / count,
		(double)figures->system_ticks * tick_us / count,
		quantile_us(figures, 0.5), quantile_us(figures, 0.99),
		quantile_us(figures, 0.999), (double)figures->longest_ns / 1e3,
		wrong);
	for (size_t i = 0; i < FIGURES_KINDS_MAX; i++)
		if (figures->wrong[i].count > 0)
			printf("wrong %" PRIu64 " %s\n",
				figures->wrong[i].count,
				figures->wrong[i].text);
}
