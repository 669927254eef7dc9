/*
 * Words are cut as mystrtokq() of Postfix cuts them: a separator counts
 * outside of braces alone.  What a word means is left to who asks.
 */
#include "doctor/restrictions.h"

#include "base/arena.h"
#include "base/text.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define SEPARATORS ", \t\r\n"

/* The end of the word that begins here. */
static const char *word_end(const char *at)
{
	int depth = 0;

	for (; *at != '\0'; at++) {
		if (*at == '{')
			depth++;
		else if (*at == '}' && depth > 0)
			depth--;
		else if (depth == 0 && strchr(SEPARATORS, *at) != NULL)
			break;
	}
	return at;
}

static size_t count_words(const char *text)
{
	size_t count = 0;

	while (*(text += strspn(text, SEPARATORS)) != '\0') {
		text = word_end(text);
		count++;
	}
	return count;
}

void restrictions_parse(
	struct restrictions *out, const char *text, struct arena *arena)
{
	*out = (struct restrictions){
		.words = arena_array(
			arena, count_words(text), sizeof *out->words),
	};
	while (*(text += strspn(text, SEPARATORS)) != '\0') {
		const char *end = word_end(text);

		out->words[out->count++] =
			arena_strndup(arena, text, (size_t)(end - text));
		text = end;
	}
}

size_t restrictions_find(
	const struct restrictions *list, const char *name, size_t from)
{
	while (from < list->count && strcasecmp(list->words[from], name) != 0)
		from++;
	return from;
}

void restrictions_replace(struct restrictions *list, size_t at, size_t n,
	const struct restrictions *with, struct arena *arena)
{
	const size_t n_new = with == NULL ? 0 : with->count;
	const char **words = arena_array(
		arena, list->count - n + n_new, sizeof *list->words);

	for (size_t i = 0; i < at; i++)
		words[i] = list->words[i];
	for (size_t i = 0; i < n_new; i++)
		words[at + i] = with->words[i];
	for (size_t i = at + n; i < list->count; i++)
		words[i - n + n_new] = list->words[i];
	list->words = words;
	list->count = list->count - n + n_new;
}

/* What stands behind it belongs to it. */
static bool takes_argument(const char *word)
{
	static const char *const names[] = { "check_", "reject_rbl_client",
		"reject_rhsbl_", "permit_dnswl_client", "permit_rhswl_client",
		"warn_if_reject", "sleep" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strncasecmp(word, names[i], strlen(names[i])) == 0)
			return strchr(word, ':') == NULL;
	return false;
}

const char *restrictions_format(
	const struct restrictions *list, struct arena *arena)
{
	struct text text;

	text_init(&text);
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			text_adds(&text,
				takes_argument(list->words[i - 1]) ? " "
								   : ", ");
		text_adds(&text, list->words[i]);
	}
	const char *result =
		arena_strdup(arena, text.data == NULL ? "" : text.data);

	text_fini(&text);
	return result;
}
