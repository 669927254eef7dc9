/* In an arena of their own, in the order in which they came. */
#include "doctor/findings.h"

#include "base/arena.h"
#include "base/memory.h"
#include "base/printable.h"

#include <stdlib.h>
#include <string.h>

struct findings {
	struct arena *arena;
	struct finding *list;
	size_t count, room;
};

struct findings *findings_open(void)
{
	struct findings *findings = memory_must(calloc(1, sizeof *findings));

	findings->arena = arena_open();
	return findings;
}

void findings_close(struct findings **findings)
{
	if (*findings == NULL)
		return;
	arena_close(&(*findings)->arena);
	free((*findings)->list);
	free(*findings);
	*findings = NULL;
}

/* What may not be shown becomes "?". */
static const char *copy_text(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);

	printable_mask(copy);
	return copy;
}

/* A line that is not what it looks like is none to run. */
static const char *copy_fix(struct arena *arena, const char *fix)
{
	size_t left = strlen(fix);

	for (const char *at = fix; left != 0;) {
		const size_t len = *at == '\n' ? 1 : printable_len(at, left);

		if (len == 0)
			return "";
		at += len;
		left -= len;
	}
	return arena_strdup(arena, fix);
}

void findings_add(struct findings *findings, const struct finding *finding)
{
	struct arena *arena = findings->arena;

	if (findings->count == findings->room) {
		findings->room = findings->room == 0 ? 16 : findings->room * 2;
		findings->list = memory_must(reallocarray(findings->list,
			findings->room, sizeof *findings->list));
	}
	findings->list[findings->count++] = (struct finding){
		.check = arena_strdup(arena, finding->check),
		.severity = finding->severity,
		.subject = copy_text(arena, finding->subject),
		.text = copy_text(arena, finding->text),
		.fix = copy_fix(arena, finding->fix),
	};
}

size_t findings_count(const struct findings *findings)
{
	return findings->count;
}

const struct finding *findings_get(
	const struct findings *findings, size_t index)
{
	return &findings->list[index];
}

const char *severity_format(enum severity severity)
{
	switch (severity) {
	case SEVERITY_ERROR: return "error";
	case SEVERITY_WARNING: return "warning";
	case SEVERITY_UNKNOWN: return "unknown";
	}
	return "";
}
