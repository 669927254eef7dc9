/*
 * libConfuse's scanner drops characters that it does not know, keeps the
 * state of an unclosed quote for the next file, reads ${...} past the end
 * of its quote, and lets \0 cut a value short.  So what it would misread is
 * refused here, with the line where it began; a quote ends on its line, for
 * no value of this language holds a line break.
 *
 * A comment begins where a token may; "//" within a word is part of it, as
 * in /var//lib.
 */
#include "config/conf_lexer.h"

#include <string.h>

static const char MARKS[] = "{}()=,";
static const char WORD_ENDS[] = " #\"'\t\n\r={}()+,*";
/* Behind a backslash within double quotes, besides numbers; of any other
 * character libConfuse drops the backslash and says nothing. */
static const char ESCAPED[] = "abefnrtv\\\"'$\r\n";
#define ESCAPE_ADVICE \
	"write two backslashes for one, or put the text into single quotes"
static const char VARIABLE_ADVICE[] =
	"\"${\" begins the name of an environment variable and is not closed; "
	"write ${NAME}, or put the text into single quotes";

static bool is_in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* 0 past the end; the bytes hold no NUL. */
static char peek(const struct lexer *lexer, size_t ahead)
{
	return ahead < (size_t)(lexer->end - lexer->at) ? lexer->at[ahead]
							: '\0';
}

static void skip(struct lexer *lexer, size_t count)
{
	for (; count > 0; count--) {
		if (*lexer->at++ == '\n')
			lexer->place.line++;
	}
}

void lexer_init(
	struct lexer *lexer, const char *file, const char *text, size_t len)
{
	*lexer = (struct lexer){ text, text + len, { file, 1 } };
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		lexer->at += 3;
}

static void skip_line(struct lexer *lexer)
{
	while (lexer->at < lexer->end && *lexer->at != '\n')
		lexer->at++;
}

static bool skip_long_comment(struct lexer *lexer, struct faults *faults)
{
	const struct place place = lexer->place;

	skip(lexer, 2);
	while (lexer->at < lexer->end) {
		if (peek(lexer, 0) == '*' && peek(lexer, 1) == '/') {
			skip(lexer, 2);
			return true;
		}
		skip(lexer, 1);
	}
	faults_error(faults, place,
		"the comment that begins here with \"/*\" is never closed; "
		"write \"*/\" after it");
	return false;
}

/* Blanks and comments. */
static bool skip_gap(struct lexer *lexer, struct faults *faults)
{
	while (lexer->at < lexer->end) {
		const char c = peek(lexer, 0);
		const char next = peek(lexer, 1);

		if (is_in(c, " \t\r\n")) {
			skip(lexer, 1);
		} else if (c == '#' || (c == '/' && next == '/')) {
			skip_line(lexer);
		} else if (c == '/' && next == '*') {
			if (!skip_long_comment(lexer, faults))
				return false;
		} else {
			break;
		}
	}
	return true;
}

/* The length of "${...}"; 0 where it is not closed before stop or its line's
   end. */
static size_t variable_len(const char *at, const char *end, char stop)
{
	for (size_t len = 2; at + len < end; len++) {
		if (at[len] == '}')
			return len + 1;
		if (at[len] == '\n' || at[len] == stop)
			break;
	}
	return 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* \NNN as libConfuse reads it: all digits that follow. */
static bool is_octal_sound(const char *digits, size_t len)
{
	int value = 0;

	for (size_t i = 0; i < len && i < 4; i++) {
		if (digits[i] > '7')
			return false;
		value = value * 8 + (digits[i] - '0');
	}
	return len <= 3 && value > 0 && value <= 0xff;
}

/* A backslash within double quotes and what belongs to it; 0: unsound. */
static size_t escape_len(const char *at, const char *end)
{
	size_t len = 1;

	while (at + len < end && is_digit(at[len]))
		len++;
	if (len > 1)
		return is_octal_sound(at + 1, len - 1) ? len : 0;
	if (at + 2 < end && at[1] == 'x' && is_hex(at[2])) {
		len = at + 3 < end && is_hex(at[3]) ? 4 : 3;
		return at[2] == '0' && at[len - 1] == '0' ? 0 : len;
	}
	if (at + 1 == end)
		return 1;
	return is_in(at[1], ESCAPED) ? 2 : 0;
}

/* One element within double quotes: its length; 0: unsound, with why. */
static size_t double_quoted(const char *at, const char *end, const char **why)
{
	if (*at == '\\') {
		*why = at + 1 < end && (is_digit(at[1]) || at[1] == 'x')
			? "no character has the number after this "
			  "backslash; " ESCAPE_ADVICE
			: "this backslash would be lost, for what is behind "
			  "it is no escape; " ESCAPE_ADVICE;
		return escape_len(at, end);
	}
	if (*at == '$' && at + 1 < end && at[1] == '{') {
		*why = VARIABLE_ADVICE;
		return variable_len(at, end, '"');
	}
	return 1;
}

static size_t single_quoted(const char *at, const char *end)
{
	return *at == '\\' && at + 1 < end ? 2 : 1;
}

static bool fail(
	const struct lexer *lexer, struct faults *faults, const char *why)
{
	faults_error(faults, lexer->place, "%s", why);
	return false;
}

static bool quoted(struct lexer *lexer, struct faults *faults)
{
	const struct place place = lexer->place;
	const char quote = *lexer->at;
	const char *why = NULL;

	skip(lexer, 1);
	while (lexer->at < lexer->end && *lexer->at != '\n') {
		if (*lexer->at == quote) {
			skip(lexer, 1);
			return true;
		}
		const size_t len = quote == '"'
			? double_quoted(lexer->at, lexer->end, &why)
			: single_quoted(lexer->at, lexer->end);

		if (len == 0)
			return fail(lexer, faults, why);
		skip(lexer, len);
	}
	faults_error(faults, place,
		"the quote that opens here is not closed on its line; write "
		"%c after the text",
		quote);
	return false;
}

static bool word(struct lexer *lexer, struct faults *faults)
{
	if (peek(lexer, 0) == '$' && peek(lexer, 1) == '{') {
		const size_t len = variable_len(lexer->at, lexer->end, '\n');

		if (len == 0)
			return fail(lexer, faults, VARIABLE_ADVICE);
		skip(lexer, len);
		return true;
	}
	while (lexer->at < lexer->end && !is_in(peek(lexer, 0), WORD_ENDS)) {
		if (peek(lexer, 0) == '/' && peek(lexer, 1) == '*')
			break;
		skip(lexer, 1);
	}
	return true;
}

static bool stray(struct lexer *lexer, struct faults *faults)
{
	faults_error(faults, lexer->place,
		"\"%c\" stands outside of quotes; a value that holds it is "
		"written in quotes",
		peek(lexer, 0));
	return false;
}

static bool scan(
	struct lexer *lexer, struct token *token, struct faults *faults)
{
	const char c = peek(lexer, 0);

	if (lexer->at == lexer->end) {
		token->type = TOKEN_END;
		return true;
	}
	if (c == '"' || c == '\'') {
		token->type = TOKEN_STRING;
		return quoted(lexer, faults);
	}
	token->type = TOKEN_MARK;
	if (is_in(c, MARKS)) {
		skip(lexer, 1);
		return true;
	}
	if (c == '+' && peek(lexer, 1) == '=') {
		skip(lexer, 2);
		return true;
	}
	if (is_in(c, "+*"))
		return stray(lexer, faults);
	token->type = TOKEN_WORD;
	return word(lexer, faults);
}

static bool check_size(
	const struct token *token, struct place start, struct faults *faults)
{
	if (token->len <= TOKEN_SIZE_MAX)
		return true;
	faults_error(faults, start,
		"what begins here has %zu bytes, and no value has more than "
		"%d; is a blank or a quote missing, or is this another file?",
		token->len, (int)TOKEN_SIZE_MAX);
	return false;
}

bool lexer_next(struct lexer *lexer, struct token *token, struct faults *faults)
{
	if (!skip_gap(lexer, faults))
		return false;
	const struct place start = lexer->place;

	token->start = lexer->at;
	token->line = start.line;
	if (!scan(lexer, token, faults))
		return false;
	token->len = (size_t)(lexer->at - token->start);
	return check_size(token, start, faults);
}

bool token_is(const struct token *token, const char *mark)
{
	return token->type == TOKEN_MARK && token->len == strlen(mark) &&
		memcmp(token->start, mark, token->len) == 0;
}
