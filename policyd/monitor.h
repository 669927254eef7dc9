/*
 * What those who watch are told: all numbers at /metrics, and at /healthz
 * whether policyd is sound.  No file is read for it but the process's own
 * in /proc.
 */
#ifndef POLICYD_MONITOR_H
#define POLICYD_MONITOR_H

#include "policyd/http.h"

#include <time.h>

struct journal;
struct keeper;
struct metrics;

struct monitor {
	const struct keeper *keeper;
	const struct journal *journal;
	const struct metrics *metrics;
	time_t started;
};

/* Appends all families. */
void monitor_metrics(
	struct text *out, const struct monitor *monitor, time_t now);
/*
 * "ok" or "failing", then a fact a line.  False, which is 503: no generation
 * is in force, it is damaged, or a new one can not be opened.  A stale
 * directory is told and is no failure: that policyd is as good as any other.
 */
bool monitor_health(
	struct text *out, const struct monitor *monitor, time_t now);

/* For struct http_host; context is a struct monitor. */
bool monitor_answer(void *context, const char *path, struct http_reply *reply);

#endif
