/* The arguments are user=NAME[:GROUP] argv=PROGRAM WORD..., as in spawn(8). */
#include "doctor/spawned.h"

#include "base/arena.h"
#include "base/text.h"
#include "doctor/fix.h"
#include "doctor/instance.h"

#include <stdbool.h>
#include <string.h>

static void parse_user(
	struct spawned *out, const char *word, struct arena *arena)
{
	const char *colon = strchr(word, ':');

	out->user = colon == NULL
		? word
		: arena_strndup(arena, word, (size_t)(colon - word));
	out->group = colon == NULL || colon[1] == '\0' ? NULL : colon + 1;
}

/* "-s DIR", "-sDIR", "--state DIR", "--state=DIR" */
static void parse_state(struct spawned *out, const char *word, const char *next)
{
	static const char lengthy[] = "--state=";

	if (strcmp(word, "-s") == 0 || strcmp(word, "--state") == 0)
		out->state = next;
	else if (text_starts(word, lengthy))
		out->state = word + sizeof lengthy - 1;
	else if (text_starts(word, "-s") && word[2] != '\0')
		out->state = word + 2;
}

void spawned_parse(
	struct spawned *out, const struct service *service, struct arena *arena)
{
	*out = (struct spawned){ .user = "", .program = "" };
	restrictions_parse(&out->arguments, service->arguments, arena);
	for (size_t i = 0; i < out->arguments.count; i++) {
		const char *word = out->arguments.words[i];
		const char *next = i + 1 < out->arguments.count
			? out->arguments.words[i + 1]
			: NULL;

		if (text_starts(word, "user="))
			parse_user(out, word + strlen("user="), arena);
		else if (text_starts(word, "argv="))
			out->program = word + strlen("argv=");
		else
			parse_state(out, word, next);
	}
}

static bool runs_policyd(const struct service *service)
{
	const char *argv = strstr(service->arguments, "argv=");

	if (strcmp(service->command, "spawn") != 0 || argv == NULL)
		return false;
	argv += strlen("argv=");
	const size_t len = strcspn(argv, " ");
	static const char name[] = "policyd";
	const size_t n = sizeof name - 1;

	return len >= n && memcmp(argv + len - n, name, n) == 0 &&
		(len == n || argv[len - n - 1] == '/');
}

const struct service *spawned_find(const struct instance *instance)
{
	for (size_t i = 0; i < instance_n_services(instance); i++)
		if (runs_policyd(instance_service(instance, i)))
			return instance_service(instance, i);
	return NULL;
}

const char *spawned_endpoint(const struct service *service, struct arena *arena)
{
	if (strcmp(service->type, "inet") == 0)
		return arena_printf(arena, "inet:%s", service->name);
	return arena_printf(arena, "unix:%s/%s",
		service->is_private ? "private" : "public", service->name);
}

const char *spawned_fix(const struct service *service, const char *word,
	const char *new, struct arena *arena)
{
	struct text line;
	struct restrictions arguments;

	text_init(&line);
	restrictions_parse(&arguments, service->arguments, arena);
	text_addf(&line, "%s/%s/command=%s", service->name, service->type,
		service->command);
	if (word == NULL)
		text_addf(&line, " %s", new);
	for (size_t i = 0; i < arguments.count; i++)
		text_addf(&line, " %s",
			word != NULL && strcmp(arguments.words[i], word) == 0
				? new
				: arguments.words[i]);
	const char *fix = arena_printf(
		arena, "postconf -Fe %s", fix_quote(line.data, arena));

	text_fini(&line);
	return fix;
}
