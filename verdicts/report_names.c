/* A table of numbers, which are places in the order of arrival. */
#include "verdicts/report_names.h"

#include "base/arena.h"
#include "base/table.h"

static unsigned add(struct report_names *names, const char *name)
{
	unsigned *index = arena_alloc(names->arena, sizeof *index);

	*index = (unsigned)table_count(names->table);
	table_put(names->table, arena_strdup(names->arena, name), index);
	return *index;
}

void report_names_init(
	struct report_names *names, size_t max, struct arena *arena)
{
	*names = (struct report_names){ arena, table_open(), max };
	add(names, "-");
	add(names, REPORT_NAME_OTHER);
}

void report_names_fini(struct report_names *names)
{
	table_close(&names->table);
}

unsigned report_names_take(struct report_names *names, const char *name)
{
	const unsigned *index = table_find(names->table, name);

	if (index != NULL)
		return *index;
	if (table_count(names->table) == names->max)
		return REPORT_OTHER;
	return add(names, name);
}

size_t report_names_count(const struct report_names *names)
{
	return table_count(names->table);
}

const char *report_names_get(const struct report_names *names, size_t index)
{
	return table_key(names->table, index);
}
