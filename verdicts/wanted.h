/*
 * The verdicts whose fates will be asked for, in order, numbered from 0 since
 * the beginning; those that are given up keep their numbers.
 */
#ifndef VERDICTS_WANTED_H
#define VERDICTS_WANTED_H

#include "verdicts/record.h"

struct filter;
struct wanted;

struct wanted *wanted_open(void);
void wanted_close(struct wanted **wanted);

/*
 * Those that the filter does not take, once their queue IDs are known, are
 * dropped.  Borrowed until wanted_close().
 */
void wanted_set_filter(struct wanted *wanted, struct filter *filter);

/* A copy of the record; its number. */
size_t wanted_add(struct wanted *wanted, const struct record *record);
/* Appends a copy of a fate; none where the verdict was given up or dropped. */
void wanted_add_fate(
	struct wanted *wanted, size_t number, const struct fate *fate);
void wanted_set_queue_id(
	struct wanted *wanted, size_t number, const char *queue_id);
/* Nothing will tell more about its queue ID. */
void wanted_settle(struct wanted *wanted, size_t number);

size_t wanted_first(const struct wanted *wanted);
/* One more than the last number. */
size_t wanted_end(const struct wanted *wanted);
/*
 * first <= number < end; its fates may still grow, in another place.  NULL: it
 * was dropped.
 */
const struct record *wanted_record(const struct wanted *wanted, size_t number);
void wanted_give_up(struct wanted *wanted, size_t first);

#endif
