/*
 * The words of verdicts and reasons by number, in the order in which pages
 * show them.  (The resolver has enums of the same names as structs of this
 * room, so one file alone meets both.)
 */
#ifndef VERDICTS_REPORT_WORDS_H
#define VERDICTS_REPORT_WORDS_H

#include "base/slice.h"

/* Which list of a report the verdicts of a reason belong to. */
enum report_list {
	REPORT_LIST_NONE,
	REPORT_LIST_UNKNOWN,
	REPORT_LIST_LOOP,
	REPORT_LIST_STALE,
	REPORT_LIST_FAILED,
};

/* NULL past the last, which is "(other)": a word that policyd has not. */
const char *report_verdict_word(unsigned number);
const char *report_reason_word(unsigned number);
unsigned report_verdict_number(struct slice word);
unsigned report_reason_number(struct slice word);
enum report_list report_reason_list(unsigned number);

#endif
