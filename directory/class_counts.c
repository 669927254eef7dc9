/* A handful of names, walked one by one. */
#include "directory/class_counts.h"

#include "base/arena.h"
#include "base/printable.h"

#include <string.h>
#include <strings.h>

static const char OTHER[] = "other";

void class_counts_init(struct class_counts *counts, struct arena *arena)
{
	*counts = (struct class_counts){ .arena = arena };
}

/* In the caller's buffer: there may be millions of objects. */
static const char *clean(char *buffer, const char *class)
{
	const size_t len = strlen(class);

	if (len > CLASS_NAME_MAX)
		return OTHER;
	memcpy(buffer, class, len + 1);
	printable_mask(buffer);
	return buffer;
}

static struct class_count *find(struct class_counts *counts, const char *class)
{
	for (size_t i = 0; i < counts->n_classes; i++)
		if (strcasecmp(counts->list[i].class, class) == 0)
			return &counts->list[i];
	return NULL;
}

static struct class_count *append(
	struct class_counts *counts, const char *class)
{
	struct class_count *added = &counts->list[counts->n_classes++];

	added->class = arena_strdup(counts->arena, class);
	return added;
}

void class_counts_add(
	struct class_counts *counts, const char *class, size_t n_objects)
{
	char buffer[CLASS_NAME_MAX + 1];
	const char *name = clean(buffer, class);
	struct class_count *found = find(counts, name);

	if (found == NULL && counts->n_classes >= CLASS_COUNTS_MAX) {
		name = OTHER;
		found = find(counts, name);
	}
	if (found == NULL)
		found = append(counts, name);
	found->count += n_objects;
}

size_t class_counts_find(const struct class_counts *counts, const char *class)
{
	for (size_t i = 0; i < counts->n_classes; i++)
		if (strcasecmp(counts->list[i].class, class) == 0)
			return counts->list[i].count;
	return 0;
}
