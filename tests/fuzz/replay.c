/*
 * Feeds files to a target, whatever it was compiled with: its seeds, and what
 * once broke it.  A child does it, so that one that dies is told by name.
 */
#include "tests/fuzz/target.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child has done, seen by both. */
struct progress {
	size_t done;
	size_t unreached;
};

/* By stdio: for one target file_read() is another. */
static char *read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "r");
	char *bytes = NULL;

	*len = 0;
	if (file != NULL && fseek(file, 0, SEEK_END) == 0) {
		*len = (size_t)ftell(file);
		rewind(file);
		bytes = malloc(*len == 0 ? 1 : *len);
	}
	if (bytes == NULL || fread(bytes, 1, *len, file) != *len) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	fclose(file);
	return bytes;
}

static void replay_file(const char *path)
{
	size_t len;
	char *bytes = read_file(path, &len);

	LLVMFuzzerTestOneInput((const uint8_t *)bytes, len);
	free(bytes);
}

static void count_unreached(struct progress *progress, const char *name)
{
	for (size_t i = 0; target_goal(i) != NULL; i++) {
		if (goals_count(i) > 0)
			continue;
		fprintf(stderr, "%s: no input reaches: %s\n", name,
			target_goal(i));
		progress->unreached++;
	}
}

static void replay_all(
	struct progress *progress, int count, char **paths, const char *name)
{
	for (int i = 0; i < count; i++) {
		replay_file(paths[i]);
		progress->done++;
	}
	count_unreached(progress, name);
}

int main(int argc, char **argv)
{
	const char *name = basename(argv[0]);
	const size_t count = (size_t)argc - 1;
	struct progress *progress = mmap(NULL, sizeof *progress,
		PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;

	if (progress == MAP_FAILED)
		return EXIT_FAILURE;
	const pid_t child = fork();

	if (child == 0) {
		replay_all(progress, argc - 1, argv + 1, name);
		exit(EXIT_SUCCESS);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return EXIT_FAILURE;
	size_t failed = progress->unreached;

	if (status != 0) {
		failed++;
		fprintf(stderr, "%s: status %#x at %s\n", name,
			(unsigned)status,
			progress->done < count ? argv[progress->done + 1]
					       : "its end");
	}
	printf("corpus %s: %zu passed, %zu failed\n", name, progress->done,
		failed);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
