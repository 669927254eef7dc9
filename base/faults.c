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

void faults_add(struct faults *faults, const struct fault *fault)
{
	struct fault copy = *fault;

	if (faults->count == faults->room) {
		const size_t room = faults->room == 0 ? 16 : faults->room * 2;

		faults->list = memory_must(
			reallocarray(faults->list, room, sizeof *faults->list));
		faults->room = room;
	}
	copy.place.file = arena_strdup(
		faults->arena, copy.place.file == NULL ? "" : copy.place.file);
	copy.text = arena_strdup(faults->arena, copy.text);
	faults->list[faults->count++] = copy;
	faults->errors += copy.kind == FAULT_ERROR;
}

static void add(struct faults *faults, enum fault_kind kind, struct place place,
	const char *format, va_list args) __attribute__((format(printf, 4, 0)));

static void add(struct faults *faults, enum fault_kind kind, struct place place,
	const char *format, va_list args)
{
	char text[ERR_TEXT_SIZE];

	vsnprintf(text, sizeof text, format, args);
	faults_add(faults, &(struct fault){ kind, place, text });
}

void faults_error(
	struct faults *faults, struct place place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(faults, FAULT_ERROR, place, format, args);
	va_end(args);
}

void faults_warning(
	struct faults *faults, struct place place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(faults, FAULT_WARNING, place, format, args);
	va_end(args);
}

void faults_advice(
	struct faults *faults, struct place place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(faults, FAULT_ADVICE, place, format, args);
	va_end(args);
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
