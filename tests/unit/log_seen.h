/* What a reader of logs shows and tells, written down. */
#ifndef TESTS_UNIT_LOG_SEEN_H
#define TESTS_UNIT_LOG_SEEN_H

#include "tests/unit/log_case.h"
#include "verdicts/log_reader.h"

/* "name:line text" for a line, or what else was told; false at the end. */
HELPER bool log_case_step(struct log_case *test, struct log_reader *reader)
{
	struct slice line;
	struct place place;

	switch (log_reader_next(reader, &line, &test->err)) {
	case LOG_READ_LINE:
		place = log_reader_place(reader);
		text_addf(&test->seen, "%s:%u ",
			log_case_short(test, place.file), place.line);
		text_add(&test->seen, line.bytes, line.len);
		text_adds(&test->seen, "\n");
		return true;
	case LOG_READ_QUIET: text_adds(&test->seen, "quiet\n"); return true;
	case LOG_READ_DAMAGED:
		text_addf(&test->seen, "DAMAGED %s\n",
			log_case_short(test, test->err.text));
		return true;
	case LOG_READ_WARNING:
		text_addf(&test->seen, "WARNING %s\n",
			log_case_short(test, test->err.text));
		return true;
	case LOG_READ_END: return false;
	}
	return false;
}

/* Everything, or "ERROR ..." where it can not be opened. */
HELPER const char *log_case_read(
	struct log_case *test, const struct log_sources *sources)
{
	struct log_reader *reader = log_reader_open(sources, &test->err);

	text_clear(&test->seen);
	if (reader == NULL)
		text_addf(&test->seen, "ERROR %s\n",
			log_case_short(test, test->err.text));
	while (reader != NULL && log_case_step(test, reader))
		;
	log_reader_close(&reader);
	return text_of(&test->seen);
}

#endif
