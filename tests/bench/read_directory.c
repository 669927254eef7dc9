/*
 * One directory of a namespace.conf, read as the compiler reads it, without
 * what follows: what its source brings goes to stdout, how long that took
 * and the memory at its largest to stderr ("seconds 0.012 kilobytes 8123").
 *
 *     read_directory CONF STATE NAME NOW [dry] [quiet]
 *
 * quiet: what it brings is only counted, as if it cost nothing to take.
 */
#include "base/arena.h"
#include "config/config.h"
#include "directory/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static void put_entry(void *context, const struct entry *entry)
{
	(void)context;
	fputs(entry->address, stdout);
	putchar('\t');
	fputs(entry->target == NULL ? "" : entry->target, stdout);
	putchar('\t');
	puts(entry->origin);
}

static void put_bad(void *context, const char *origin, const char *why)
{
	(void)context;
	printf("bad\t%s\t%s\n", origin, why);
}

static void put_object(void *context, const char *class)
{
	(void)context;
	puts(class);
}

static void count_entry(void *context, const struct entry *entry)
{
	(void)entry;
	++*(size_t *)context;
}

static void count_bad(void *context, const char *origin, const char *why)
{
	(void)origin;
	(void)why;
	++*(size_t *)context;
}

static void count_object(void *context, const char *class)
{
	(void)class;
	++*(size_t *)context;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void print_faults(const struct faults *faults)
{
	for (size_t i = 0; i < faults_count(faults); i++) {
		const struct fault *fault = faults_get(faults, i);

		if (fault->kind == FAULT_ERROR)
			fprintf(stderr, "%s:%u: %s\n", fault->place.file,
				fault->place.line, fault->text);
	}
}

static const struct directory *find(
	const struct namespace *ns, const char *name)
{
	for (size_t i = 0; ns != NULL && i < ns->n_directories; i++)
		if (strcmp(ns->directories[i].name, name) == 0)
			return &ns->directories[i];
	return NULL;
}

/* fork() and exec() keep the peak of whoever started us; VmHWM does not. */
static unsigned long kilobytes(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	unsigned long peak = 0;
	char line[256];

	while (status != NULL && fgets(line, sizeof line, status) != NULL)
		if (strncmp(line, "VmHWM:", 6) == 0)
			peak = strtoul(line + 6, NULL, 10);
	if (status != NULL)
		fclose(status);
	return peak;
}

static int read_it(const struct directory *directory,
	const struct source_options *options, bool is_quiet)
{
	size_t count = 0;
	const struct sink putter = { put_entry, put_bad, put_object, NULL };
	const struct sink counter = { count_entry, count_bad, count_object,
		&count };
	const struct sink sink = is_quiet ? counter : putter;
	struct err err = { 0 };
	const double start = seconds();
	const bool is_read = source_read(directory, options, &sink, &err);
	const double end = seconds();

	if (!is_read) {
		fprintf(stderr, "%s\n", err.text);
		return EXIT_FAILURE;
	}
	fprintf(stderr, "seconds %.6f kilobytes %lu\n", end - start,
		kilobytes());
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static bool has_word(char **argv, const char *word)
{
	for (; *argv != NULL; argv++)
		if (strcmp(*argv, word) == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	if (argc < 5) {
		fputs("read_directory CONF STATE NAME NOW [dry] [quiet]\n",
			stderr);
		return EXIT_FAILURE;
	}
	struct arena *config = arena_open();
	struct faults *faults = faults_open();
	const struct directory *directory =
		find(config_read(argv[1], config, faults), argv[3]);
	const struct source_options options = {
		.state = argv[2],
		.is_dry = has_word(argv + 5, "dry"),
		.now = (time_t)strtoll(argv[4], NULL, 10),
	};
	int status = EXIT_FAILURE;

	print_faults(faults);
	if (directory == NULL)
		fprintf(stderr, "%s: no directory %s\n", argv[1], argv[3]);
	else
		status = read_it(
			directory, &options, has_word(argv + 5, "quiet"));
	faults_close(&faults);
	arena_close(&config);
	return status;
}
