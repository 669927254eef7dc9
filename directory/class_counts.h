/* How many objects of each class a source has: users, groups, rooms. */
#ifndef DIRECTORY_CLASS_COUNTS_H
#define DIRECTORY_CLASS_COUNTS_H

#include <stddef.h>

struct arena;

enum { CLASS_COUNTS_MAX = 64, CLASS_NAME_MAX = 64 };

struct class_count {
	const char *class; /* as first spelled; printable (printable.h) */
	size_t count;
};

/* Open, for it is small. */
struct class_counts {
	struct arena *arena; /* of the names */
	struct class_count list[CLASS_COUNTS_MAX + 1]; /* in order of arrival */
	size_t n_classes;
};

void class_counts_init(struct class_counts *counts, struct arena *arena);
/*
 * Whatever its case it is one class.  Those past CLASS_COUNTS_MAX, and one
 * whose name has more than CLASS_NAME_MAX bytes, are summed as "other".
 */
void class_counts_add(
	struct class_counts *counts, const char *class, size_t n_objects);
/* 0 where there is none. */
size_t class_counts_find(const struct class_counts *counts, const char *class);

#endif
