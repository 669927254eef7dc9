/* An array that grows; the texts live in an arena beside it. */
#include "base/faults.h"

#include "base/arena.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct faults {
	struct arena *arena;
	struct fault *list;
	size_t count, room, errors;
};

struct faults *faults_open(void)
{
	struct faults *faults = memory_must(calloc(1, sizeof *faults));

	faults->arena = arena_open();
	return faults;
}

void faults_close(struct faults **faults)
{
	if (*faults == NULL)
		return;
	arena_close(&(*faults)->arena);
	free((*faults)->list);
	free(*faults);
	*faults = NULL;
}

static void add(struct faults *faults, struct fault fault)
{
	if (faults->count == faults->room) {
		const size_t room = faults->room == 0 ? 16 : faults->room * 2;

		faults->list = memory_must(
			reallocarray(faults->list, room, sizeof *faults->list));
		faults->room = room;
	}
	fault.place.file = arena_strdup(faults->arena,
		fault.place.file == NULL ? "" : fault.place.file);
	fault.text = arena_strdup(faults->arena, fault.text);
	faults->list[faults->count++] = fault;
	faults->errors += fault.kind == FAULT_ERROR;
}

void faults_error(
	struct faults *faults, struct place place, const char *format, ...)
{
	char text[ERR_TEXT_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	add(faults, (struct fault){ FAULT_ERROR, place, text });
}

void faults_advice(
	struct faults *faults, struct place place, const char *format, ...)
{
	char text[ERR_TEXT_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	add(faults, (struct fault){ FAULT_ADVICE, place, text });
}

size_t faults_count(const struct faults *faults)
{
	return faults->count;
}

size_t faults_errors(const struct faults *faults)
{
	return faults->errors;
}

const struct fault *faults_get(const struct faults *faults, size_t index)
{
	return &faults->list[index];
}
