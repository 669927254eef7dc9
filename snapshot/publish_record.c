/*
 * Lines "field=value", all of them each time, replaced by rename.  A record
 * that can not be read is an error for the operator: guessing would switch
 * recipients before their routes are in force.
 */
#include "snapshot/publish_record.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "snapshot/files.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char *const steps[] = {
	[PUBLISH_ROUTES] = "routes",
	[PUBLISH_WAIT] = "wait",
	[PUBLISH_RECIPIENTS] = "recipients",
	[PUBLISH_DONE] = "done",
};

enum { N_STEPS = sizeof steps / sizeof *steps };

enum field {
	FIELD_STEP,
	FIELD_GENERATION,
	FIELD_RETIRED_ROUTES,
	FIELD_RETIRED_CURRENT,
	FIELD_ROUTES_SWITCHED,
	FIELD_ROUTES_SWITCHED_STEADY, /* none in a record before that clock */
	FIELDS,
};

/* In the order in which they stand. */
static const char *const names[FIELDS] = {
	[FIELD_STEP] = "step",
	[FIELD_GENERATION] = "generation",
	[FIELD_RETIRED_ROUTES] = "retired-routes",
	[FIELD_RETIRED_CURRENT] = "retired-current",
	[FIELD_ROUTES_SWITCHED] = "routes-switched-ms",
	[FIELD_ROUTES_SWITCHED_STEADY] = "routes-switched-steady-ms",
};

static bool step_parse(enum publish_step *out, const char *word)
{
	for (size_t i = 0; i < N_STEPS; i++) {
		if (strcmp(word, steps[i]) == 0) {
			*out = (enum publish_step)i;
			return true;
		}
	}
	return false;
}

static bool field_parse(
	struct publish_record *out, enum field field, const char *value)
{
	unsigned long number;

	if (field == FIELD_STEP)
		return step_parse(&out->step, value);
	if (!text_to_ulong(&number, value))
		return false;
	switch (field) {
	case FIELD_GENERATION: out->generation = number; break;
	case FIELD_RETIRED_ROUTES: out->retired_routes = number; break;
	case FIELD_RETIRED_CURRENT: out->retired_current = number; break;
	case FIELD_ROUTES_SWITCHED:
		out->routes_switched_ms = (long long)number;
		break;
	case FIELD_ROUTES_SWITCHED_STEADY:
		out->routes_switched_steady_ms = (long long)number;
		break;
	case FIELD_STEP:
	case FIELDS: return false;
	}
	return true;
}

static bool fields_parse(struct publish_record *out, char *rest)
{
	unsigned n_fields = 0;
	char *line;

	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		const char *name = strsep(&line, "=");

		if (line == NULL || n_fields == FIELDS ||
			strcmp(name, names[n_fields]) != 0 ||
			!field_parse(out, (enum field)n_fields, line))
			return false;
		n_fields++;
	}
	return n_fields > FIELD_ROUTES_SWITCHED;
}

static bool read_from(
	struct publish_record *out, const char *path, struct err *err)
{
	struct arena *arena = arena_open();
	size_t len;
	char *bytes = file_read_small(path, &len, arena, err);
	const bool is_good = bytes != NULL &&
		(fields_parse(out, bytes) ||
			err_set(err,
				"%s: not the record of a publish; remove it "
				"to publish anew",
				path));

	arena_close(&arena);
	return is_good;
}

bool publish_record_read(
	struct publish_record *out, const char *state, struct err *err)
{
	struct text path = { 0 };
	bool is_good = true;

	*out = (struct publish_record){ .step = PUBLISH_DONE };
	text_addf(&path, "%s/" FILES_PUBLISH, state);
	if (access(path.data, F_OK) == 0)
		is_good = read_from(out, path.data, err);
	else if (errno != ENOENT)
		is_good = err_sys(err, "open %s", path.data);
	text_fini(&path);
	return is_good;
}

bool publish_record_write(
	const struct publish_record *record, const char *state, struct err *err)
{
	struct text path = { 0 };
	struct text text = { 0 };

	text_addf(&path, "%s/" FILES_PUBLISH, state);
	text_addf(&text, "step=%s\n", steps[record->step]);
	text_addf(&text, "generation=%lu\n", record->generation);
	text_addf(&text, "retired-routes=%lu\n", record->retired_routes);
	text_addf(&text, "retired-current=%lu\n", record->retired_current);
	text_addf(
		&text, "routes-switched-ms=%lld\n", record->routes_switched_ms);
	text_addf(&text, "routes-switched-steady-ms=%lld\n",
		record->routes_switched_steady_ms);
	const bool is_written = files_replace(path.data, &text, err);

	text_fini(&text);
	text_fini(&path);
	return is_written;
}
