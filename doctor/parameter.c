/*
 * A fix should leave "$mydomain" where an administrator wrote it, and yet a
 * word can only be judged by what it comes to.  So each has both.  Postfix's
 * conditional forms, "${name?value}", are not taken apart: a list with one
 * of these is written as it is expanded.
 */
#include "doctor/parameter.h"

#include "base/arena.h"
#include "base/text.h"
#include "doctor/fix.h"
#include "doctor/instance.h"
#include "doctor/restrictions.h"

#include <stdbool.h>
#include <string.h>

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '_';
}

/* "$name", "${name}", "$(name)"; false for any other form. */
static bool expand_one(
	struct text *out, const char **at, const struct instance *instance)
{
	const char *begin = *at + 1;
	const char open = *begin;
	const char close = open == '{' ? '}' : open == '(' ? ')' : '\0';
	char name[128];
	size_t len = 0;

	if (close != '\0')
		begin++;
	while (is_name(begin[len]))
		len++;
	if (len == 0 || len >= sizeof name ||
		(close != '\0' && begin[len] != close))
		return false;
	memcpy(name, begin, len);
	name[len] = '\0';
	const char *value = instance_value(instance, name);

	text_adds(out, value == NULL ? "" : value);
	*at = begin + len + (close != '\0');
	return true;
}

/* NULL: can not be told. */
static const char *expand(
	const char *word, const struct instance *instance, struct arena *arena)
{
	struct text text;
	bool is_told = true;

	text_init(&text);
	text_adds(&text, "");
	while (*word != '\0' && is_told) {
		if (*word == '$')
			is_told = expand_one(&text, &word, instance);
		else
			text_add(&text, word++, 1);
	}
	const char *result = is_told
		? arena_strdup(arena, text.data == NULL ? "" : text.data)
		: NULL;

	text_fini(&text);
	return result;
}

/* For so many words more. */
static void make_room(struct parameter *parameter, size_t more)
{
	struct parameter_word *old = parameter->words;

	parameter->words = arena_array(
		parameter->arena, parameter->count + more, sizeof *old);
	if (old != NULL)
		memcpy(parameter->words, old, parameter->count * sizeof *old);
}

static void add_all(struct parameter *parameter, const char *value)
{
	struct restrictions words;

	restrictions_parse(&words, value, parameter->arena);
	make_room(parameter, words.count);
	for (size_t i = 0; i < words.count; i++)
		parameter->words[parameter->count++] =
			(struct parameter_word){ words.words[i],
				words.words[i] };
}

/* A word that is several when it is expanded can not be kept as it is. */
static bool add_written(struct parameter *parameter,
	const struct instance *instance, const char *word)
{
	const char *value = expand(word, instance, parameter->arena);
	const size_t place = parameter->count;

	if (value == NULL)
		return false;
	add_all(parameter, value);
	if (parameter->count == place + 1)
		parameter->words[place].written = word;
	return true;
}

void parameter_read(struct parameter *out, const struct instance *instance,
	const char *name, struct arena *arena)
{
	const char *written = instance_written(instance, name);
	const char *value = instance_value(instance, name);
	struct restrictions words;

	*out = (struct parameter){ .name = name, .arena = arena };
	restrictions_parse(&words, written == NULL ? "" : written, arena);
	for (size_t i = 0; i < words.count; i++)
		if (!add_written(out, instance, words.words[i])) {
			out->count = 0;
			break;
		}
	if (out->count == 0 && value != NULL)
		add_all(out, value);
}

size_t parameter_find(const struct parameter *parameter, const char *value)
{
	size_t i = 0;

	while (i < parameter->count &&
		strcmp(parameter->words[i].value, value) != 0)
		i++;
	return i;
}

void parameter_insert(
	struct parameter *parameter, size_t place, const char *word)
{
	make_room(parameter, 1);
	memmove(&parameter->words[place + 1], &parameter->words[place],
		(parameter->count - place) * sizeof *parameter->words);
	parameter->words[place] = (struct parameter_word){ word, word };
	parameter->count++;
}

void parameter_remove(struct parameter *parameter, size_t place)
{
	parameter->count--;
	memmove(&parameter->words[place], &parameter->words[place + 1],
		(parameter->count - place) * sizeof *parameter->words);
}

const char *parameter_fix(const struct parameter *parameter)
{
	struct text value;

	text_init(&value);
	text_adds(&value, "");
	for (size_t i = 0; i < parameter->count; i++)
		text_addf(&value, "%s%s", i == 0 ? "" : ", ",
			parameter->words[i].written);
	const char *fix = fix_set(NULL, parameter->name,
		value.data == NULL ? "" : value.data, parameter->arena);

	text_fini(&value);
	return fix;
}
