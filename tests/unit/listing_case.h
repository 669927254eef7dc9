/* Listings in tests: written down, read from a file, kept as a copy. */
#ifndef TESTS_UNIT_LISTING_CASE_H
#define TESTS_UNIT_LISTING_CASE_H

#include "directory/class_counts.h"
#include "directory/last_good.h"
#include "directory/listing.h"

#include "sink_text.h"

#include <sys/stat.h>

/* "origin key [-> target]" lines of a whole one; false: it is not whole. */
HELPER bool listing_show(
	struct text *out, struct slice listing, struct class_counts *classes)
{
	struct arena *arena = arena_open();
	struct listing_entry at;
	struct listing_walk walk;
	size_t seen = 0;
	size_t count = 0;
	bool is_begun = listing_begin(&walk, listing, &count);

	for (; is_begun && listing_next(&walk, &at); seen++) {
		const struct entry entry = {
			arena_strndup(arena, at.address.bytes, at.address.len),
			at.target.len == 0
				? NULL
				: arena_strndup(arena, at.target.bytes,
					  at.target.len),
			arena_strndup(arena, at.origin.bytes, at.origin.len),
		};

		sink_text_entry(out, &entry);
	}
	arena_close(&arena);
	return is_begun && seen == count &&
		listing_finish(&walk, count, classes);
}

HELPER struct slice listing_of_fd(int fd, struct arena *arena)
{
	struct stat status;

	ck_assert_int_eq(fstat(fd, &status), 0);
	const size_t len = (size_t)status.st_size;
	char *bytes = arena_alloc(arena, len + 1);

	ck_assert_int_eq(pread(fd, bytes, len, 0), (ssize_t)len);
	return (struct slice){ bytes, len };
}

HELPER bool listing_keep(struct slice listing, const char *state,
	const char *name, struct err *err)
{
	struct arena *arena = arena_open();
	struct last_good_new copy;
	const char *path = last_good_path(state, name, arena);
	const bool is_kept = last_good_write(listing, path, arena, err) &&
		last_good_adopt(&copy, path, arena, err) &&
		last_good_commit(&copy, err);

	arena_close(&arena);
	return is_kept;
}

#endif
