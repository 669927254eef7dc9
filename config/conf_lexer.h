/*
 * The tokens of a configuration file, exactly as libConfuse 3.3 would see
 * them, with the line on which each begins.
 */
#ifndef CONFIG_CONF_LEXER_H
#define CONFIG_CONF_LEXER_H

#include "base/faults.h"

/* libConfuse makes room for a longer value a few bytes at a time. */
enum { TOKEN_SIZE_MAX = 65536 };

enum token_type {
	TOKEN_END,
	TOKEN_WORD, /* without quotes; ${X} too */
	TOKEN_STRING, /* in quotes of either kind */
	TOKEN_MARK, /* { } ( ) = , and += */
};

/*
 * start and len: the raw text, quotes included, at most TOKEN_SIZE_MAX of it;
 * within the file's bytes.
 */
struct token {
	enum token_type type;
	const char *start;
	size_t len;
	unsigned line;
};

struct lexer {
	const char *at;
	const char *end;
	struct place place; /* of at */
};

/* Text of a file; a byte order mark in front is skipped. */
void lexer_init(
	struct lexer *lexer, const char *file, const char *text, size_t len);
/*
 * False: a fault of syntax, or a token that is too long, reported.  Comments
 * and blanks are skipped, however many;
 * after the last token comes TOKEN_END, as often as asked.
 */
bool lexer_next(
	struct lexer *lexer, struct token *token, struct faults *faults);

bool token_is(const struct token *token, const char *mark);

#endif
