/* Single quotes, in which sh(1) takes everything but a single quote as is. */
#include "doctor/fix.h"

#include "base/arena.h"
#include "base/text.h"
#include "doctor/instance.h"

#include <string.h>

const char *fix_quote(const char *word, struct arena *arena)
{
	struct text text;

	text_init(&text);
	text_adds(&text, "'");
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			text_adds(&text, "'\\''");
		else
			text_add(&text, word, 1);
	}
	text_adds(&text, "'");
	const char *result = arena_strdup(arena, text.data);

	text_fini(&text);
	return result;
}

/*
 * postconf -Pe takes no white space, and where values are lists it need not:
 * a comma parts as well.  NULL where blanks mean themselves.
 */
static const char *without_blanks(const char *value, struct arena *arena)
{
	char *result = arena_strdup(arena, value);
	char *to = result;

	if (strstr(value, " = ") != NULL)
		return NULL;
	for (const char *at = value; *at != '\0'; at++) {
		if (*at != ' ')
			*to++ = *at;
		else if (to != result && strchr(",{", to[-1]) == NULL &&
			strchr(",}", at[1]) == NULL)
			*to++ = ',';
	}
	*to = '\0';
	return result;
}

const char *fix_set(const struct service *service, const char *name,
	const char *value, struct arena *arena)
{
	if (service == NULL)
		return arena_printf(arena, "postconf -e %s",
			fix_quote(arena_printf(arena, "%s = %s", name, value),
				arena));
	value = without_blanks(value, arena);
	if (value == NULL)
		return "";
	return arena_printf(arena, "postconf -Pe %s",
		fix_quote(arena_printf(arena, "%s/%s/%s=%s", service->name,
				  service->type, name, value),
			arena));
}

const char *fix_unset(
	const struct service *service, const char *name, struct arena *arena)
{
	if (service == NULL)
		return arena_printf(
			arena, "postconf -X %s", fix_quote(name, arena));
	return arena_printf(arena, "postconf -PX %s",
		fix_quote(arena_printf(arena, "%s/%s/%s", service->name,
				  service->type, name),
			arena));
}

const char *fix_path(const char *command, const char *path, struct arena *arena)
{
	return arena_printf(arena, "%s %s", command, fix_quote(path, arena));
}

const char *fix_compiler(const char *config, const char *state,
	const char *command, struct arena *arena)
{
	return arena_printf(arena, "transport-map-gen -c %s -s %s %s",
		fix_quote(config, arena), fix_quote(state, arena), command);
}
