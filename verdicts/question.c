/* Quotes as sh(1) knows them: between single ones everything is itself. */
#include "verdicts/question.h"

#include "base/slice.h"
#include "base/text.h"
#include "verdicts/verdict.h"

#include <string.h>

static bool is_plain(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789%+,-./:=@_";

	return word[0] != '\0' && word[strspn(word, plain)] == '\0';
}

static void add_quoted(struct text *out, const char *word)
{
	text_adds(out, "'");
	for (;;) {
		const size_t len = strcspn(word, "'");

		verdict_show(out, (struct slice){ word, len });
		word += len;
		if (*word == '\0')
			break;
		text_adds(out, "'\\''");
		word++;
	}
	text_adds(out, "'");
}

void question_format(struct text *out, char *const *words)
{
	text_adds(out, "policyd");
	for (; *words != NULL; words++) {
		text_adds(out, " ");
		if (is_plain(*words))
			text_adds(out, *words);
		else
			add_quoted(out, *words);
	}
}
