/*
 * Output is taken whole before its first line is looked at: only the end of
 * the program says whether what it printed is a list.
 */
#include "directory/command.h"

#include "base/arena.h"
#include "base/program.h"
#include "directory/key.h"
#include "directory/text_decode.h"

#include <assert.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

static const size_t OUTPUT_MAX = (size_t)1 << 30;

static bool fail(const struct directory *directory, const struct err *why,
	const struct text *complaint, struct err *err)
{
	struct arena *arena = arena_open();
	const char *line = key_printable(
		arena_strndup(arena, complaint->data, complaint->len), arena);

	err_set(err, "%s: %s%s%s", directory->source, why->text,
		*line == '\0' ? "" : "; it said: ", line);
	arena_close(&arena);
	return false;
}

/*
 * Programs run in "/", so a path from where we are becomes a whole one; its
 * last words are the program's as before.
 */
static const char *const *absolute_argv(
	const char *const *command, struct arena *arena)
{
	char here[PATH_MAX];
	size_t count = 0;

	if (strchr(command[0], '/') == NULL || command[0][0] == '/' ||
		getcwd(here, sizeof here) == NULL)
		return command;
	while (command[count] != NULL)
		count++;
	const char **argv = arena_array(arena, count + 1, sizeof *argv);

	memcpy(argv, command, count * sizeof *argv);
	argv[0] = arena_printf(arena, "%s/%s", here, command[0]);
	return argv;
}

static bool read_output(const struct directory *directory,
	const struct text *printed, struct arena *whole,
	const struct sink *sink, struct err *err)
{
	char nothing[] = "";
	char *bytes = printed->data == NULL ? nothing : printed->data;
	struct decoded text;
	struct err why = { 0 };

	if (!text_decode(&text, bytes, printed->len, whole, &why))
		return err_at(err,
			(struct place){ directory->source, text.line },
			"its output: %s", why.text);
	if (text.len > 0 && text.text[text.len - 1] != '\n')
		return err_set(err,
			"%s: its output ends within a line: either it was cut "
			"off, or the last line has to be ended too",
			directory->source);
	return source_read_text(directory->output, directory, &text, sink, err);
}

bool command_read(const struct directory *directory,
	const struct source_options *options, const struct sink *sink,
	struct err *err)
{
	struct arena *whole = arena_open();
	const struct program program = {
		.argv = absolute_argv(directory->command, whole),
		.timeout_s = directory->timeout_s,
		.output_max = OUTPUT_MAX,
	};
	struct program_output output;
	struct err why = { 0 };

	(void)options;
	assert(directory->command[0] != NULL);
	const bool is_read = program_run(&program, &output, &why)
		? read_output(directory, &output.printed, whole, sink, err)
		: fail(directory, &why, &output.complaint, err);

	program_output_fini(&output);
	arena_close(&whole);
	return is_read;
}
