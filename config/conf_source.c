/*
 * What is not text is refused before a scanner sees it: a NUL would end the
 * configuration early, and other control characters are invisible.
 */
#include "config/conf_source.h"

#include "base/arena.h"
#include "base/file.h"
#include "namespace/fold.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char *byte_fault(unsigned char c)
{
	if (c == '\0')
		return "a NUL byte; is this a text file?";
	if ((c < ' ' && strchr("\t\r\n", c) == NULL) || c == 0x7f)
		return "a control character; only tabs and line ends may "
		       "stand in the text";
	return NULL;
}

static const char *line_fault(
	const char *line, size_t len, struct arena *scratch)
{
	bool is_ascii = true;

	for (size_t i = 0; i < len; i++) {
		const unsigned char c = (unsigned char)line[i];
		const char *why = byte_fault(c);

		if (why != NULL)
			return why;
		is_ascii &= c < 0x80;
	}
	if (!is_ascii && fold(line, len, scratch) == NULL)
		return "not valid UTF-8; save the file as UTF-8";
	return NULL;
}

static bool check_text(const struct source *source, struct faults *faults)
{
	struct arena *scratch = arena_open();
	const char *end = source->text + source->len;
	struct place place = { source->file, 1 };
	const char *why = NULL;

	for (const char *at = source->text; at < end; place.line++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline == NULL ? end : newline;

		why = line_fault(at, (size_t)(stop - at), scratch);
		if (why != NULL)
			break;
		arena_reset(scratch);
		at = stop + 1;
	}
	if (why != NULL)
		faults_error(faults, place, "%s", why);
	arena_close(&scratch);
	return why == NULL;
}

static bool check_chain(
	const struct source *source, struct place at, struct faults *faults)
{
	for (const struct source *s = source->parent; s; s = s->parent) {
		if (strcmp(s->real, source->real) != 0)
			continue;
		faults_error(faults, at,
			"%s is being read already and would include itself; "
			"take this line out",
			source->file);
		return false;
	}
	if (source->depth <= INCLUDES_DEEP)
		return true;
	faults_error(faults, at,
		"includes are nested deeper than %d files; include %s from a "
		"file further up",
		(int)INCLUDES_DEEP, source->file);
	return false;
}

bool conf_source_read(struct source *source, struct place at,
	struct arena *scratch, struct faults *faults)
{
	char real[PATH_MAX];
	struct err err = { 0 };

	source->text = file_read(source->file, &source->len, scratch, &err);
	if (source->text == NULL) {
		faults_error(faults, at, "%s", err.text);
		return false;
	}
	source->real = arena_strdup(scratch,
		realpath(source->file, real) == NULL ? source->file : real);
	return check_chain(source, at, faults) && check_text(source, faults);
}

const char *conf_path_join(
	const char *file, const char *name, struct arena *arena)
{
	const char *slash = strrchr(file, '/');

	if (name[0] == '/' || slash == NULL)
		return arena_strdup(arena, name);
	return arena_printf(arena, "%.*s/%s", (int)(slash - file), file, name);
}
