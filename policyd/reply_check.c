/*
 * The last gate before the wire (access(5)).  What fails here is our own
 * bug, and an answer that Postfix misreads can open a relay.
 */
#include "policyd/reply_check.h"

#include <stddef.h>
#include <string.h>

static const char *const keywords[] = {
	"DUNNO",
	"reject_unverified_recipient",
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One to three digits; returns what follows, NULL where there are none. */
static const char *skip_number(const char *text)
{
	size_t len = 0;

	while (len < 3 && is_digit(text[len]))
		len++;
	return len == 0 ? NULL : text + len;
}

/* "X.Y.Z " with X the given class; returns what follows, else NULL. */
static const char *skip_enhanced(const char *text, char class)
{
	if (text[0] != class || text[1] != '.')
		return NULL;
	text = skip_number(text + 2);
	if (text == NULL || *text != '.')
		return NULL;
	text = skip_number(text + 1);
	return text == NULL || *text != ' ' ? NULL : text + 1;
}

static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < ' ' || *text > '~')
			return false;
	}
	return true;
}

static bool is_smtp_reply(const char *reply)
{
	if (reply[0] != '4' && reply[0] != '5')
		return false;
	if (!is_digit(reply[1]) || !is_digit(reply[2]) || reply[3] != ' ')
		return false;
	if (memcmp(reply + 1, "21", 2) == 0)
		return false;
	const char *text = skip_enhanced(reply + 4, reply[0]);

	return text != NULL && *text != '\0' && *text != ' ' &&
		is_printable(text);
}

bool reply_is_valid(const char *reply)
{
	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
		if (strcmp(reply, keywords[i]) == 0)
			return true;
	}
	return strlen(reply) <= REPLY_SIZE_MAX && is_smtp_reply(reply);
}
