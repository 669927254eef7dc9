/*
 * The grammar of namespace.conf(5), a token ahead:
 *
 *	file = { include "(" value ")" | key | word title "{" { key } "}" }
 *	key = word ( "=" | "+=" ) ( value | "{" [ value { "," value } ] "}" )
 *
 * What passes here libConfuse takes, so every fault of syntax has a
 * sentence that says what would be right, and libConfuse's scanner (which
 * keeps its state over a failure) never stops halfway.
 */
#include "config/conf_outline.h"

#include "base/arena.h"
#include "base/digest.h"
#include "config/conf_lexer.h"
#include "config/conf_source.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	struct conf_outline *outline;
	struct conf_tree *tree;
	struct arena *config;
	struct faults *faults;
	struct digest *digest;
	unsigned n_included;
	/* of the file at hand */
	const struct source *source;
	struct lexer lexer;
	struct token token;
};

static bool read_file(
	struct reader *reader, struct source *source, struct place named_at);

/* Room for one more, in the arena: the older array is left behind. */
static void *grown(struct arena *arena, const void *array, size_t count,
	size_t *room, size_t size)
{
	if (count < *room)
		return (void *)array;
	*room = *room == 0 ? 8 : *room * 2;
	void *result = arena_array(arena, *room, size);

	if (count > 0)
		memcpy(result, array, count * size);
	return result;
}

static struct place place_of(
	const struct reader *reader, const struct token *token)
{
	return (struct place){ reader->source->file, token->line };
}

static void emit(
	struct reader *reader, const struct token *token, bool is_muted)
{
	if (!is_muted)
		conf_buffer_add(&reader->outline->buffer, token->start,
			token->len, place_of(reader, token));
}

static bool next(struct reader *reader)
{
	return lexer_next(&reader->lexer, &reader->token, reader->faults);
}

/* Emits the token at hand and goes on. */
static bool pass(struct reader *reader, bool is_muted)
{
	emit(reader, &reader->token, is_muted);
	return next(reader);
}

static bool is_value(const struct token *token)
{
	return token->type == TOKEN_WORD || token->type == TOKEN_STRING;
}

static bool is_assignment(const struct token *token)
{
	return token_is(token, "=") || token_is(token, "+=");
}

static bool is_include(const struct token *token)
{
	return token->len == 7 && memcmp(token->start, "include", 7) == 0;
}

static const char *copy(struct reader *reader, const struct token *token)
{
	return arena_strndup(reader->outline->arena, token->start, token->len);
}

/* Not for TOKEN_END.  In one line, though a string may have several. */
static const char *described(struct reader *reader, const struct token *token)
{
	struct arena *arena = reader->outline->arena;
	const char *mark = token->type == TOKEN_STRING ? "" : "\"";
	char *text = arena_printf(
		arena, "%s%.*s%s", mark, (int)token->len, token->start, mark);

	for (char *at = text; *at != '\0'; at++)
		if (*at == '\n' || *at == '\r')
			*at = ' ';
	return text;
}

/* For a token that can not stand where it stands. */
static bool misplaced(struct reader *reader, const char *advice)
{
	faults_error(reader->faults, place_of(reader, &reader->token), "%s %s",
		described(reader, &reader->token), advice);
	return false;
}

static bool list_unclosed(
	struct reader *reader, const char *name, struct place opened)
{
	if (reader->token.type == TOKEN_END) {
		faults_error(reader->faults, opened,
			"the list of \"%s\" is never closed; write \"}\" "
			"after its last value",
			name);
		return false;
	}
	faults_error(reader->faults, place_of(reader, &reader->token),
		"%s stands in the list of \"%s\" (line %u), where values are "
		"separated by commas and \"}\" closes it",
		described(reader, &reader->token), name, opened.line);
	return false;
}

/* After the opening brace; up to and with the closing one. */
static bool list(struct reader *reader, const char *name, bool is_muted)
{
	const struct place opened = place_of(reader, &reader->token);

	do {
		if (!pass(reader, is_muted))
			return false;
		if (token_is(&reader->token, "}"))
			break;
		if (!is_value(&reader->token))
			return list_unclosed(reader, name, opened);
		if (!pass(reader, is_muted))
			return false;
	} while (token_is(&reader->token, ","));
	if (!token_is(&reader->token, "}"))
		return list_unclosed(reader, name, opened);
	return pass(reader, is_muted);
}

static bool value(struct reader *reader, const char *name, struct place place,
	bool is_muted)
{
	if (token_is(&reader->token, "{"))
		return list(reader, name, is_muted);
	if (is_value(&reader->token))
		return pass(reader, is_muted);
	faults_error(reader->faults, place,
		"\"%s\" has no value; write one after the equal sign", name);
	return false;
}

static struct conf_key *add_key(struct reader *reader, struct conf_block *block,
	const struct conf_word *word, struct place place)
{
	block->keys = grown(reader->outline->arena, block->keys, block->n_keys,
		&block->room, sizeof *block->keys);
	struct conf_key *key = &block->keys[block->n_keys++];

	*key = (struct conf_key){ .word = word, .place = place };
	return key;
}

/* NULL: reported, and libConfuse shall not see it. */
static struct conf_key *admit(struct reader *reader, struct conf_block *block,
	const char *name, struct place place)
{
	const struct conf_word *word = conf_word_find(block->kind, name);
	const bool adds = token_is(&reader->token, "+=");

	if (word == NULL) {
		faults_error(reader->faults, place,
			"no such key \"%s\" %s %s%s", name,
			block->kind == CONF_TOP ? "at" : "in",
			conf_kind_phrase(block->kind),
			conf_key_advice(
				block->kind, name, reader->outline->arena));
		return NULL;
	}
	if (adds && !word->is_list) {
		faults_error(reader->faults, place,
			"\"%s\" takes one value; \"+=\" adds to a list, write "
			"\"=\"",
			name);
		return NULL;
	}
	const struct conf_key *found = conf_block_find(block, name);

	if (found == NULL)
		return add_key(reader, block, word, place);
	if (adds)
		return &block->keys[found - block->keys];
	faults_error(reader->faults, place,
		"\"%s\" stands already at %s:%u; keep one of the two", name,
		found->place.file, found->place.line);
	return NULL;
}

/* block NULL: within a block that is not known. */
static bool key(struct reader *reader, struct conf_block *block,
	const struct token *first)
{
	const char *name = copy(reader, first);
	const struct place place = place_of(reader, first);
	struct conf_key *key = NULL;

	if (block != NULL)
		key = admit(reader, block, name, place);
	emit(reader, first, key == NULL);
	if (!pass(reader, key == NULL))
		return false;
	if (key != NULL && token_is(&reader->token, "{"))
		key->is_braced = true;
	return value(reader, name, place, key == NULL);
}

static bool word_without_sign(struct reader *reader, const struct token *first)
{
	enum conf_kind kind;
	const char *name = copy(reader, first);
	const struct place place = place_of(reader, first);

	if (is_include(first))
		faults_error(reader->faults, place,
			"include stands outside of all blocks: "
			"include(\"FILE\")");
	else if (conf_kind_parse(&kind, name))
		faults_error(reader->faults, place,
			"%s can not stand within another block; close that "
			"one with \"}\" first",
			conf_kind_phrase(kind));
	else
		faults_error(reader->faults, place,
			"\"%s\" is not followed by \"=\"; a value of several "
			"words stands in quotes",
			name);
	return false;
}

static bool block_keys(
	struct reader *reader, struct conf_block *block, struct place opened)
{
	while (!token_is(&reader->token, "}")) {
		const struct token first = reader->token;

		if (first.type == TOKEN_END) {
			faults_error(reader->faults, opened,
				"the block that begins here is never closed; "
				"write \"}\" after its last line");
			return false;
		}
		if (first.type != TOKEN_WORD)
			return misplaced(reader,
				"stands where a key belongs; a key is a word "
				"without quotes, \"=\" and a value");
		if (!next(reader))
			return false;
		if (!is_assignment(&reader->token))
			return word_without_sign(reader, &first);
		if (!key(reader, block, &first))
			return false;
	}
	return pass(reader, block == NULL);
}

static struct conf_block *add_block(
	struct reader *reader, enum conf_kind kind, struct place place)
{
	struct conf_tree *tree = reader->tree;

	tree->blocks = grown(reader->outline->arena, tree->blocks,
		tree->n_blocks, &tree->room, sizeof *tree->blocks);
	struct conf_block *block = &tree->blocks[tree->n_blocks++];

	*block = (struct conf_block){ .kind = kind, .place = place };
	return block;
}

/* What libConfuse is to read instead of: word title "{" */
static void emit_head(struct reader *reader, const struct token *first,
	const struct token *title)
{
	static const char *const between[] = { "{", OUTLINE_TITLE, "=" };

	emit(reader, first, false);
	for (size_t i = 0; i < sizeof between / sizeof between[0]; i++)
		conf_buffer_add(&reader->outline->buffer, between[i],
			strlen(between[i]), place_of(reader, title));
	emit(reader, title, false);
}

static bool bad_include(struct reader *reader, struct place place)
{
	faults_error(reader->faults, place,
		"include takes the name of one file: include(\"FILE\")");
	return false;
}

static bool headless(
	struct reader *reader, const struct token *first, bool is_known)
{
	const char *word = copy(reader, first);
	const struct place place = place_of(reader, first);

	if (is_include(first))
		return bad_include(reader, place);
	if (is_known)
		faults_error(reader->faults, place,
			"a block begins with a title and a brace: %s \"TITLE\" "
			"{",
			word);
	else
		faults_error(reader->faults, place,
			"\"%s\" is not followed by \"=\"; a value of several "
			"words stands in quotes",
			word);
	return false;
}

/* At what follows the word of a block. */
static bool block(struct reader *reader, const struct token *first)
{
	const char *word = copy(reader, first);
	const struct token title = reader->token;
	const struct place place = place_of(reader, first);
	struct conf_block *block = NULL;
	enum conf_kind kind;
	const bool is_known = conf_kind_parse(&kind, word);

	if (is_value(&title) && !next(reader))
		return false;
	if (!token_is(&reader->token, "{") || (is_known && !is_value(&title)))
		return headless(reader, first, is_known);
	if (is_known) {
		block = add_block(reader, kind, place);
		emit_head(reader, first, &title);
	} else {
		faults_error(reader->faults, place, "no such block \"%s\"%s",
			word, conf_kind_advice(word, reader->outline->arena));
	}
	return next(reader) && block_keys(reader, block, place);
}

/* At the opening parenthesis. */
static bool include(struct reader *reader, const struct token *first)
{
	const struct place place = place_of(reader, first);
	const struct source *outer = reader->source;
	const char *name = NULL;

	if (!next(reader))
		return false;
	if (is_value(&reader->token))
		name = conf_token_value(
			reader->token.start, reader->token.len, reader->config);
	if (name == NULL || name[0] == '\0')
		return bad_include(reader, place);
	if (!next(reader))
		return false;
	if (!token_is(&reader->token, ")"))
		return bad_include(reader, place);
	const struct lexer rest = reader->lexer;
	struct source source = {
		.file = conf_path_join(place.file, name, reader->config),
		.parent = reader->source,
		.depth = reader->source->depth + 1,
	};

	if (reader->n_included++ == INCLUDES_MAX) {
		faults_error(reader->faults, place,
			"more than %d files are included; take out what "
			"includes %s again and again",
			(int)INCLUDES_MAX, name);
		return false;
	}
	if (!read_file(reader, &source, place))
		return false;
	reader->source = outer;
	reader->lexer = rest;
	return next(reader);
}

static bool statement(struct reader *reader)
{
	const struct token first = reader->token;

	if (token_is(&first, "}"))
		return misplaced(reader, "closes no block; take it out");
	if (first.type != TOKEN_WORD)
		return misplaced(reader,
			"stands where a key or a block begins; both begin "
			"with a word without quotes");
	if (!next(reader))
		return false;
	if (is_assignment(&reader->token))
		return key(reader, &reader->tree->blocks[0], &first);
	if (token_is(&reader->token, "(") && is_include(&first))
		return include(reader, &first);
	return block(reader, &first);
}

static bool read_file(
	struct reader *reader, struct source *source, struct place named_at)
{
	if (!conf_source_read(
		    source, named_at, reader->outline->arena, reader->faults))
		return false;
	digest_add(reader->digest, source->text, source->len);
	reader->source = source;
	lexer_init(&reader->lexer, source->file, source->text, source->len);
	if (!next(reader))
		return false;
	while (reader->token.type != TOKEN_END) {
		if (!statement(reader))
			return false;
	}
	return true;
}

void conf_outline_init(struct conf_outline *outline)
{
	*outline = (struct conf_outline){ .arena = arena_open() };
	conf_buffer_init(&outline->buffer);
}

void conf_outline_fini(struct conf_outline *outline)
{
	conf_buffer_fini(&outline->buffer);
	arena_close(&outline->arena);
}

bool conf_outline_read(struct conf_outline *outline, struct conf_tree *tree,
	const char *path, struct arena *config, struct faults *faults)
{
	struct reader reader = { .outline = outline,
		.tree = tree,
		.config = config,
		.faults = faults };
	struct source source = { .file = arena_strdup(config, path) };
	const struct place whole = { source.file, 0 };

	struct err err = { 0 };

	add_block(&reader, CONF_TOP, whole);
	reader.digest = digest_open(&err);
	if (reader.digest == NULL) {
		faults_error(faults, whole, "%s", err.text);
		return false;
	}
	const bool is_sound = read_file(&reader, &source, whole);

	if (is_sound)
		outline->digest = digest_format(reader.digest, config);
	digest_close(&reader.digest);
	return is_sound;
}
