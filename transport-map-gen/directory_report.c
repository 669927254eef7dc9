/* One line, so that grep(1) and a mail from cron show it whole. */
#include "transport-map-gen/directory_report.h"

#include "base/arena.h"
#include "base/text.h"

static void add_classes(struct text *text, const struct class_counts *classes)
{
	for (size_t i = 0; i < classes->n_classes; i++)
		text_addf(text, "%s %zu %s", i == 0 ? ";" : ",",
			classes->list[i].count, classes->list[i].class);
}

static const char *state_of(enum load_end end)
{
	switch (end) {
	case LOAD_FRESH: return "";
	case LOAD_KEPT:
	case LOAD_REFUSED: return " as last read";
	case LOAD_NEVER: return ", never read";
	}
	return "";
}

const char *directory_report_format(const struct directory *directory,
	const struct load *load, struct arena *arena)
{
	struct text text;

	text_init(&text);
	text_addf(&text, "directory %s: %zu recipient%s%s", directory->name,
		load->n_entries, load->n_entries == 1 ? "" : "s",
		state_of(load->end));
	add_classes(&text, &load->classes);
	if (load->n_bad != 0)
		text_addf(&text, "; %zu bad", load->n_bad);
	const char *line = arena_strndup(arena, text.data, text.len);

	text_fini(&text);
	return line;
}
