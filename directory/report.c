/*
 * Texts, each ended by a NUL: a first word, end, n_bad, the sentence, the
 * number of faults, of each its kind, file, line and sentence, a last word.
 * The process that wrote it may have crashed anywhere, so it is believed only
 * as a whole.
 */
#include "directory/report.h"

#include "base/arena.h"
#include "base/text.h"
#include "directory/workers.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char FIRST[] = "postshare-report 2";
static const char LAST[] = "end of report";

static void put(struct text *text, const char *string)
{
	text_add(text, string, strlen(string) + 1);
}

static void put_number(struct text *text, size_t number)
{
	char digits[32];

	snprintf(digits, sizeof digits, "%zu", number);
	put(text, digits);
}

void report_format(struct text *text, const struct report *report,
	const struct faults *faults)
{
	put(text, FIRST);
	put_number(text, (size_t)report->end);
	put_number(text, report->n_bad);
	put(text, report->err.text);
	put_number(text, faults_count(faults));
	for (size_t i = 0; i < faults_count(faults); i++) {
		const struct fault *fault = faults_get(faults, i);

		put_number(text, (size_t)fault->kind);
		put(text, fault->place.file);
		put_number(text, fault->place.line);
		put(text, fault->text);
	}
	put(text, LAST);
}

struct parser {
	const char *at, *end;
	bool is_whole; /* so far */
};

/* "" where there is none. */
static const char *take(struct parser *parser)
{
	const char *start = parser->at;
	const char *nul = memchr(start, '\0', (size_t)(parser->end - start));

	if (nul == NULL) {
		parser->is_whole = false;
		return "";
	}
	parser->at = nul + 1;
	return start;
}

static unsigned long take_number(struct parser *parser)
{
	unsigned long number = 0;

	if (!text_to_ulong(&number, take(parser)))
		parser->is_whole = false;
	return number;
}

static void take_word(struct parser *parser, const char *word)
{
	if (strcmp(take(parser), word) != 0)
		parser->is_whole = false;
}

/* faults NULL: only looks whether it is whole. */
static bool parse(
	struct report *out, struct parser parser, struct faults *faults)
{
	*out = (struct report){ 0 };
	take_word(&parser, FIRST);
	const unsigned long end = take_number(&parser);

	out->n_bad = take_number(&parser);
	err_set(&out->err, "%s", take(&parser));
	for (size_t n = take_number(&parser); n > 0 && parser.is_whole; n--) {
		struct fault fault = { .kind = (enum fault_kind)take_number(
					       &parser) };

		fault.place.file = take(&parser);
		fault.place.line = (unsigned)take_number(&parser);
		fault.text = take(&parser);
		if (fault.kind > FAULT_ADVICE)
			parser.is_whole = false;
		if (faults != NULL)
			faults_add(faults, &fault);
	}
	take_word(&parser, LAST);
	out->end = (enum report_end)end;
	return parser.is_whole && end <= REPORT_SAME && parser.at == parser.end;
}

bool report_parse(struct report *out, const char *bytes, size_t len,
	struct faults *faults)
{
	const struct parser parser = { bytes, bytes + len, true };

	return parse(out, parser, NULL) && parse(out, parser, faults);
}

/* A file without a name, which no one else writes to any more. */
static bool parse_file(struct report *out, int fd, struct faults *faults)
{
	struct stat status;

	if (fstat(fd, &status) != 0 || status.st_size == 0)
		return false;
	const size_t len = (size_t)status.st_size;
	char *bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);

	if (bytes == MAP_FAILED)
		return false;
	const bool is_whole = report_parse(out, bytes, len, faults);

	munmap(bytes, len);
	return is_whole;
}

static bool explain_status(int status, const char *source, struct err *err)
{
	if (WIFSIGNALED(status)) {
		const int number = WTERMSIG(status);
		const char *name = sigabbrev_np(number);

		return err_set(err,
			"%s: its reader was ended by signal %d (SIG%s)%s",
			source, number, name == NULL ? "?" : name,
			number == SIGKILL
				? ", as the kernel does when memory is short"
				: "");
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	return err_set(err, "%s: its reader ended with status %d", source,
		WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

/* False where there is no report to expect. */
static bool check_worker(
	const struct worker *worker, const char *source, struct err *err)
{
	switch (worker->end) {
	case WORKER_ENDED: return explain_status(worker->status, source, err);
	case WORKER_OVERDUE:
		return err_set(err,
			"%s: still being read after %lu s, deadline = %lus",
			source, worker->deadline_s, worker->deadline_s);
	case WORKER_STOPPED:
		errno = worker->error;
		return errno == 0
			? err_set(err, "%s: reading it was interrupted", source)
			: err_sys(err, "%s: reading it was interrupted",
				  source);
	case WORKER_NOT_STARTED: break;
	}
	errno = worker->error;
	return err_sys(err, "%s: start a process to read it", source);
}

void report_collect(struct report *out, const struct worker *worker, int fd,
	const char *source, struct faults *faults)
{
	struct err err = { 0 };

	if (check_worker(worker, source, &err)) {
		if (parse_file(out, fd, faults))
			return;
		err_set(&err, "%s: its reader ended without a whole report",
			source);
	}
	*out = (struct report){ .end = REPORT_FAILED, .err = err };
}
