/*
 * As policy_client_register() of smtpd reads it: each option is one word,
 * name=value, or braces around one.  A blank around "=" outside of braces
 * makes words of their own, and smtpd ends with "malformed option".
 */
#include "doctor/policy_service.h"

#include "base/arena.h"
#include "base/text.h"
#include "doctor/restrictions.h"

#include <stdbool.h>
#include <string.h>

static bool is_known(const char *name)
{
	static const char *const names[] = { "default_action", "max_idle",
		"max_ttl", "policy_context", "request_limit", "retry_delay",
		"timeout", "try_limit" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Without blanks at its ends. */
static char *trim(const char *text, size_t len, struct arena *arena)
{
	while (len > 0 && strchr(" \t\r\n", *text) != NULL) {
		text++;
		len--;
	}
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		len--;
	return arena_strndup(arena, text, len);
}

/* What stands between braces; the text itself where there are none. */
static const char *unbrace(const char *text, struct arena *arena)
{
	const size_t len = strlen(text);

	if (len < 2 || text[0] != '{' || text[len - 1] != '}')
		return text;
	return trim(text + 1, len - 2, arena);
}

static void note(struct policy_service *service, const char *word)
{
	if (service->fault == NULL)
		service->fault = word;
}

/* A word that is no option by itself begins, or goes on with, a torn one. */
static void add_torn(
	struct policy_service *service, const char *word, struct arena *arena)
{
	struct policy_option *last = service->n_options == 0
		? NULL
		: &service->options[service->n_options - 1];
	const char *equals = strchr(word, '=');

	note(service, word);
	if (equals != NULL && equals != word)
		policy_service_set(service,
			trim(word, (size_t)(equals - word), arena), "");
	else if (last == NULL || (equals == NULL && last->value[0] != '\0'))
		policy_service_set(service, word, "");
	else if (equals == NULL || equals[1] != '\0')
		last->value = equals == NULL ? word : equals + 1;
}

static void add_option(
	struct policy_service *service, const char *word, struct arena *arena)
{
	const char *inner = unbrace(word, arena);
	const char *equals = strchr(inner, '=');

	if (equals == NULL || equals == inner ||
		(inner == word && equals[1] == '\0')) {
		add_torn(service, word, arena);
		return;
	}
	const char *name = trim(inner, (size_t)(equals - inner), arena);

	if (!is_known(name))
		note(service, word);
	policy_service_set(
		service, name, trim(equals + 1, strlen(equals + 1), arena));
}

void policy_service_parse(
	struct policy_service *out, const char *argument, struct arena *arena)
{
	struct restrictions words;

	restrictions_parse(&words, unbrace(argument, arena), arena);
	*out = (struct policy_service){
		.endpoint = words.count == 0 ? "" : words.words[0],
	};
	for (size_t i = 1; i < words.count; i++)
		add_option(out, words.words[i], arena);
}

/* n_options where it is not set. */
static size_t find(const struct policy_service *service, const char *name)
{
	size_t i = 0;

	while (i < service->n_options &&
		strcmp(service->options[i].name, name) != 0)
		i++;
	return i;
}

const char *policy_service_option(
	const struct policy_service *service, const char *name)
{
	const size_t at = find(service, name);

	return at == service->n_options ? NULL : service->options[at].value;
}

void policy_service_set(
	struct policy_service *service, const char *name, const char *value)
{
	const size_t at = find(service, name);

	if (at == POLICY_OPTIONS_MAX)
		return;
	if (at == service->n_options)
		service->n_options++;
	service->options[at] = (struct policy_option){ name, value };
}

const char *policy_service_format(
	const struct policy_service *service, struct arena *arena)
{
	struct text text;

	text_init(&text);
	text_addf(&text, "{ %s", service->endpoint);
	for (size_t i = 0; i < service->n_options; i++) {
		const struct policy_option *option = &service->options[i];

		if (!is_known(option->name))
			continue;
		text_addf(&text,
			strpbrk(option->value, ", \t{}") == NULL
				? ", %s=%s"
				: ", { %s = %s }",
			option->name, option->value);
	}
	text_adds(&text, " }");
	const char *result = arena_strdup(arena, text.data);

	text_fini(&text);
	return result;
}
