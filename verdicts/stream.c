/* stdio remembers that a write failed; nobody has to ask after each line. */
#include "verdicts/stream.h"

#include "base/text.h"

void stream_put(FILE *to, struct text *text)
{
	if (text->len > 0)
		fwrite(text->data, 1, text->len, to);
	text_clear(text);
}

bool stream_finish(FILE *to, struct err *err)
{
	const bool had_failed = ferror(to) != 0;

	if (fflush(to) != 0)
		return err_sys(err, "the output can not be written");
	return !had_failed || err_set(err, "the output can not be written");
}
