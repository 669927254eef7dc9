/*
 * RFC 5321 4.1.2: only within quotes or a domain literal can a > stand that
 * does not end the path, so a local part that looks like fields of the log
 * forges none.
 */
#include "verdicts/log_address.h"

#include "base/arena.h"
#include "base/text.h"
#include "namespace/fold.h"

#include <string.h>

/* Behind the quoted string or the literal that opens at `at`. */
static size_t skip_enclosed(struct slice rest, size_t at, char end)
{
	for (at++; at < rest.len && rest.bytes[at] != end; at++) {
		if (rest.bytes[at] == '\\' && at + 1 < rest.len)
			at++;
	}
	return at < rest.len ? at + 1 : at;
}

size_t log_address_len(struct slice rest)
{
	size_t i = 0;

	while (i < rest.len && rest.bytes[i] != '>') {
		const char c = rest.bytes[i];

		if (c == '"')
			i = skip_enclosed(rest, i, '"');
		else if (c == '[' && i > 0 && rest.bytes[i - 1] == '@')
			i = skip_enclosed(rest, i, ']');
		else
			i++;
	}
	return i;
}

void log_address_unquote(struct text *out, struct slice external)
{
	bool is_quoted = false;

	/* as in nearly all */
	if (memchr(external.bytes, '"', external.len) == NULL) {
		text_add(out, external.bytes, external.len);
		return;
	}
	for (size_t i = 0; i < external.len; i++) {
		char c = external.bytes[i];

		if (c == '"') {
			is_quoted = !is_quoted;
			continue;
		}
		if (is_quoted && c == '\\' && i + 1 < external.len)
			c = external.bytes[++i];
		text_add(out, &c, 1);
	}
}

static bool is_ascii(struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		if ((unsigned char)bytes.bytes[i] >= 0x80)
			return false;
	}
	return true;
}

/* ICU's folding, as Postfix has it for what it looks up. */
static bool add_folded(struct text *out, struct slice bytes)
{
	struct arena *scratch = arena_open();
	const char *folded = fold(bytes.bytes, bytes.len, scratch);

	if (folded != NULL)
		text_adds(out, folded);
	arena_close(&scratch);
	return folded != NULL;
}

static void fold_rest(char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const char c = bytes[i];

		if ((unsigned char)c < 0x20 || c == 0x7f)
			bytes[i] = '?';
		else if (c >= 'A' && c <= 'Z')
			bytes[i] = (char)(c - 'A' + 'a');
	}
}

char *log_address_key(struct slice internal)
{
	struct text key;

	text_init(&key);
	text_adds(&key, "");
	if (internal.len > 0 && internal.bytes[internal.len - 1] == '.')
		internal.len--;
	if (is_ascii(internal) || !add_folded(&key, internal))
		text_add(&key, internal.bytes, internal.len);
	fold_rest(key.data, key.len);
	return key.data;
}

char *log_address_key_external(struct slice external)
{
	struct text plain;

	text_init(&plain);
	text_adds(&plain, "");
	log_address_unquote(&plain, external);
	char *key = log_address_key((struct slice){ plain.data, plain.len });

	text_fini(&plain);
	return key;
}
