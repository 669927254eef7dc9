/*
 * The page is a file of its own, verdicts/report_page.html, which the build
 * puts into the program.  It has marks; each is replaced by what this
 * log has to say.
 */
#include "verdicts/report_output.h"

#include "base/file.h"
#include "base/memory.h"
#include "verdicts/report_data.h"
#include "verdicts/report_json.h"
#include "verdicts/report_tables.h"

#include <assert.h>
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE_MODE = 0640 };

/* Of report_page.S. */
extern const char report_page[], report_page_end[];

struct report {
	struct report_options options;
	struct report_data data;
};

static const struct {
	const char *mark;
	void (*write)(struct text *out, const struct report_data *data);
} marks[] = {
	/* in the order of the page */
	{ "@PERIOD@", report_period },
	{ "@PERIOD@", report_period },
	{ "@QUESTION@", report_question },
	{ "@TABLES@", report_tables },
	{ "@DATA@", report_json },
};

static void write_page(struct text *out, const struct report_data *data)
{
	const char *at = report_page;

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		const size_t len = strlen(marks[i].mark);
		const char *mark = memmem(
			at, (size_t)(report_page_end - at), marks[i].mark, len);

		assert(mark != NULL);
		text_add(out, at, (size_t)(mark - at));
		marks[i].write(out, data);
		at = mark + len;
	}
	text_add(out, at, (size_t)(report_page_end - at));
}

static void take(void *context, const struct record *record)
{
	struct report *report = context;

	report_data_take(&report->data, record);
}

static void flush(void *context)
{
	(void)context;
}

static bool finish(void *context, struct err *err)
{
	struct report *report = context;
	const time_t now = report->options.now;
	struct text page;

	report_data_conclude(&report->data, now != 0 ? now : time(NULL));
	text_init(&page);
	write_page(&page, &report->data);
	const bool is_written = file_replace(
		report->options.path, page.data, page.len, PAGE_MODE, err);

	text_fini(&page);
	return is_written;
}

static void close_report(void *context)
{
	struct report *report = context;

	report_data_fini(&report->data);
	free(report);
}

/* Before an hour of reading, not after it. */
static bool can_write(const char *path, struct err *err)
{
	struct stat status;

	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
		return err_set(err, "%s is no regular file", path);
	char *copy = memory_must(strdup(path));
	const char *folder = dirname(copy);
	const bool is_writable = access(folder, W_OK | X_OK) == 0 ||
		err_sys(err, "can not write %s: %s", path, folder);

	free(copy);
	return is_writable;
}

bool report_output_open(struct output *out,
	const struct report_options *options, struct err *err)
{
	if (!can_write(options->path, err))
		return false;
	struct report *report = memory_must(calloc(1, sizeof *report));

	report->options = *options;
	report_data_init(&report->data, options->state);
	report->data.question = options->question;
	*out = (struct output){ take, flush, finish, close_report, report };
	return true;
}
