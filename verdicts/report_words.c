/* The words are the resolver's own. */
#include "verdicts/report_words.h"

#include "namespace/resolver.h"

const char *report_verdict_word(unsigned number)
{
	if (number <= VERDICT_PASS)
		return verdict_format((enum verdict)number);
	return number == VERDICT_PASS + 1 ? "(other)" : NULL;
}

const char *report_reason_word(unsigned number)
{
	if (number <= REASON_LOOKUP_FAILED)
		return reason_format((enum reason)number);
	return number == REASON_LOOKUP_FAILED + 1 ? "(other)" : NULL;
}

static unsigned number_of(
	struct slice word, const char *(*format)(unsigned number))
{
	const char *known = format(0);
	unsigned i = 0;

	while (known != NULL && !slice_is(word, known))
		known = format(++i);
	return known != NULL ? i : i - 1; /* the last is for all others */
}

unsigned report_verdict_number(struct slice word)
{
	return number_of(word, report_verdict_word);
}

unsigned report_reason_number(struct slice word)
{
	return number_of(word, report_reason_word);
}

enum report_list report_reason_list(unsigned number)
{
	switch (number) {
	case REASON_UNKNOWN: return REPORT_LIST_UNKNOWN;
	case REASON_LOOP: return REPORT_LIST_LOOP;
	case REASON_DIRECTORY_STALE: return REPORT_LIST_STALE;
	case REASON_LOOKUP_FAILED: return REPORT_LIST_FAILED;
	default: return REPORT_LIST_NONE;
	}
}
