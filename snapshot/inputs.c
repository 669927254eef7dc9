/*
 * The first line is the digest of all that follows, so that a file that was
 * cut or changed is seen to be none; the rest is one JSON object.  What the
 * builds of other versions wrote has another "format", or none.
 */
#include "snapshot/inputs.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/text.h"
#include "snapshot/files.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FORMAT = 1 };

static json_t *fault_to_json(const struct fault *fault)
{
	return json_pack("{s:b, s:s, s:I, s:s}", "warning",
		fault->kind == FAULT_WARNING, "file", fault->place.file, "line",
		(json_int_t)fault->place.line, "text", fault->text);
}

/* NULL where a text is not UTF-8. */
static json_t *to_json(const struct inputs *inputs)
{
	json_t *faults = json_array();

	for (size_t i = 0; i < inputs->n_faults; i++)
		json_array_append_new(
			faults, fault_to_json(&inputs->faults[i]));
	if (json_array_size(faults) != inputs->n_faults) {
		json_decref(faults);
		return NULL;
	}
	return json_pack("{s:i, s:s, s:I, s:I, s:I, s:o}", "format", FORMAT,
		"digest", inputs->digest, "made", (json_int_t)inputs->made,
		"due", (json_int_t)inputs->due, "conflicts",
		(json_int_t)inputs->n_conflicts, "faults", faults);
}

/* NULL where there is no BLAKE2. */
static const char *digest_of(
	const char *bytes, size_t len, struct arena *arena, struct err *err)
{
	struct digest *digest = digest_open(err);
	const char *text = NULL;

	if (digest != NULL) {
		digest_add(digest, bytes, len);
		text = digest_format(digest, arena);
	}
	digest_close(&digest);
	return text;
}

static bool write_body(const char *body, const char *path, struct arena *arena,
	struct err *err)
{
	const char *digest = digest_of(body, strlen(body), arena, err);
	struct text text = { 0 };

	if (digest == NULL)
		return false;
	text_adds(&text, digest);
	text_adds(&text, "\n");
	text_adds(&text, body);
	const bool is_written = files_replace(path, &text, err);

	text_fini(&text);
	return is_written;
}

bool inputs_write(
	const struct inputs *inputs, const char *state, struct err *err)
{
	struct arena *arena = arena_open();
	const char *path = arena_printf(arena, "%s/" FILES_INPUTS, state);
	json_t *json = to_json(inputs);
	char *body = json == NULL ? NULL : json_dumps(json, JSON_INDENT(1));
	const bool is_written = body == NULL
		? err_set(err, "%s: a name in it is not UTF-8", path)
		: write_body(body, path, arena, err);

	free(body);
	json_decref(json);
	arena_close(&arena);
	return is_written;
}

static bool fault_of_json(
	struct fault *out, const json_t *json, struct arena *arena)
{
	const char *file, *text;
	json_int_t line;
	int is_warning;

	/* The parts that it takes are those that it is given. */
	if (json_unpack((json_t *)json, "{s:b, s:s, s:I, s:s}", "warning",
		    &is_warning, "file", &file, "line", &line, "text",
		    &text) != 0)
		return false;
	*out = (struct fault){
		.kind = is_warning ? FAULT_WARNING : FAULT_ADVICE,
		.place = { arena_strdup(arena, file), (unsigned)line },
		.text = arena_strdup(arena, text),
	};
	return true;
}

static bool of_json(struct inputs *out, json_t *json, struct arena *arena)
{
	json_int_t made, due, n_conflicts;
	const char *digest;
	json_t *faults;
	int format;

	if (json_unpack(json, "{s:i, s:s, s:I, s:I, s:I, s:o}", "format",
		    &format, "digest", &digest, "made", &made, "due", &due,
		    "conflicts", &n_conflicts, "faults", &faults) != 0 ||
		format != FORMAT)
		return false;
	const size_t count = json_array_size(faults);
	struct fault *list = arena_array(arena, count, sizeof *list);

	for (size_t i = 0; i < count; i++)
		if (!fault_of_json(&list[i], json_array_get(faults, i), arena))
			return false;
	*out = (struct inputs){ .digest = arena_strdup(arena, digest),
		.made = (time_t)made,
		.due = (time_t)due,
		.n_conflicts = (unsigned long)n_conflicts,
		.faults = list,
		.n_faults = count };
	return true;
}

/* The JSON behind a first line that is its digest; NULL. */
static const char *body_of(char *bytes, size_t len, struct arena *arena)
{
	char *end = memchr(bytes, '\n', len);

	if (end == NULL)
		return NULL;
	const char *body = end + 1;
	const char *digest =
		digest_of(body, len - (size_t)(body - bytes), arena, NULL);

	*end = '\0';
	return digest != NULL && strcmp(digest, bytes) == 0 ? body : NULL;
}

bool inputs_read(struct inputs *out, const char *state, struct arena *arena)
{
	const char *path = arena_printf(arena, "%s/" FILES_INPUTS, state);
	size_t len = 0;
	char *bytes = file_read_small(path, &len, arena, NULL);
	const char *body = bytes == NULL ? NULL : body_of(bytes, len, arena);
	json_t *json = body == NULL ? NULL : json_loads(body, 0, NULL);
	const bool is_read = json != NULL && of_json(out, json, arena);

	json_decref(json);
	return is_read;
}
