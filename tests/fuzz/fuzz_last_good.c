/*
 * The last-good copy of a directory: nobody hears of an entry of a damaged
 * one, and what was read and written again is read as the same.
 */
#include "tests/fuzz/target.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "directory/class_counts.h"
#include "directory/last_good.h"
#include "directory/source.h"

#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

enum goal { WHOLE, CONTACT, CLASSES, DAMAGED };

const char *target_goal(size_t goal)
{
	static const char *const goals[] = {
		[WHOLE] = "a whole copy",
		[CONTACT] = "a contact",
		[CLASSES] = "classes",
		[DAMAGED] = "a damaged copy",
		NULL,
	};

	return goals[goal];
}

struct copy {
	struct last_good_writer *writer;
	size_t entries;
};

static void take_entry(void *context, const struct entry *entry)
{
	struct copy *copy = context;

	assert(entry->address != NULL && entry->origin != NULL);
	if (entry->target != NULL)
		goals_reach(CONTACT);
	last_good_add(copy->writer, entry);
	copy->entries++;
}

static int memory_file(struct slice bytes)
{
	const int fd = memfd_create("copy", MFD_CLOEXEC);

	assert(fd >= 0 && file_write(fd, bytes.bytes, bytes.len));
	return fd;
}

/* Read and written anew; false where it is damaged. */
static bool copy_anew(int to, int from, struct arena *arena)
{
	struct class_counts classes;
	struct err err = { 0 };
	struct copy copy = { .writer = last_good_open(to, &err) };
	const struct last_good_reader reader = { take_entry, &copy, &classes };

	assert(copy.writer != NULL);
	class_counts_init(&classes, arena);
	const bool is_whole = last_good_read_fd(from, &reader, &err);

	assert(last_good_close(&copy.writer, &classes, NULL));
	assert(is_whole == (err.text[0] == '\0'));
	assert(is_whole || copy.entries == 0);
	if (classes.n_classes > 0)
		goals_reach(CLASSES);
	return is_whole;
}

static bool is_same(int a, int b)
{
	const off_t len = lseek(a, 0, SEEK_END);
	const size_t size = (size_t)len;
	char *first = mmap(NULL, size, PROT_READ, MAP_PRIVATE, a, 0);
	char *second = mmap(NULL, size, PROT_READ, MAP_PRIVATE, b, 0);

	assert(first != MAP_FAILED && second != MAP_FAILED);
	const bool is_same = lseek(b, 0, SEEK_END) == len &&
		memcmp(first, second, size) == 0;

	munmap(first, size);
	munmap(second, size);
	return is_same;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice nothing = { "", 0 };
	const int from =
		memory_file((struct slice){ (const char *)data, size });
	const int once = memory_file(nothing);
	const int twice = memory_file(nothing);
	struct arena *arena = arena_open();

	if (copy_anew(once, from, arena)) {
		goals_reach(WHOLE);
		const bool is_whole = copy_anew(twice, once, arena);

		assert(is_whole && is_same(once, twice));
	} else {
		goals_reach(DAMAGED);
	}
	close(from);
	close(once);
	close(twice);
	arena_close(&arena);
	return 0;
}
