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

#include <stdbool.h>
#include <string.h>

static const char parting[] = ", \t\r\n";

static size_t word_len(const char *text)
{
	size_t depth = 0;
	size_t len = 0;

	for (; text[len] != '\0'; len++) {
		if (text[len] == '{')
			depth++;
		else if (text[len] == '}' && depth > 0)
			depth--;
		else if (depth == 0 && strchr(parting, text[len]) != NULL)
			break;
	}
	return len;
}

/* The next word, and *rest behind it; NULL at the end. */
static const char *next_word(const char **rest, struct arena *arena)
{
	const char *begin = *rest + strspn(*rest, parting);
	const size_t len = word_len(begin);

	*rest = begin + len;
	return len == 0 ? NULL : arena_strndup(arena, begin, len);
}

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

static void add(
	struct parameter *parameter, const char *written, const char *value)
{
	parameter->words[parameter->count++] =
		(struct parameter_word){ written, value };
}

static size_t room_for(const char *text)
{
	return strlen(text) / 2 + 1;
}

/* More room than words can come of it. */
static void make_room(struct parameter *parameter, const char *value)
{
	struct parameter_word *old = parameter->words;
	const size_t room = parameter->count + room_for(value);

	parameter->words = arena_array(parameter->arena, room, sizeof *old);
	if (old != NULL)
		memcpy(parameter->words, old, parameter->count * sizeof *old);
}

static void add_all(struct parameter *parameter, const char *value)
{
	const char *word;

	make_room(parameter, value);
	while ((word = next_word(&value, parameter->arena)) != NULL)
		add(parameter, word, word);
}

static bool add_written(struct parameter *parameter,
	const struct instance *instance, const char *word)
{
	struct arena *arena = parameter->arena;
	const char *value = expand(word, instance, arena);
	const char *rest = value;

	if (value == NULL)
		return false;
	const char *first = next_word(&rest, arena);

	if (first == NULL)
		return true;
	if (next_word(&rest, arena) != NULL) {
		add_all(parameter, value);
		return true;
	}
	make_room(parameter, value);
	add(parameter, word, first);
	return true;
}

void parameter_read(struct parameter *out, const struct instance *instance,
	const char *name, struct arena *arena)
{
	const char *written = instance_written(instance, name);
	const char *value = instance_value(instance, name);
	const char *word;

	*out = (struct parameter){ .name = name, .arena = arena };
	while (written != NULL && (word = next_word(&written, arena)) != NULL)
		if (!add_written(out, instance, word)) {
			out->count = 0;
			written = NULL;
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
	make_room(parameter, word);
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
