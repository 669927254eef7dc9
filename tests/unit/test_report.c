#include "directory/report.h"

#include "base/text.h"
#include "directory/workers.h"

#include "unit_main.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A report of an advice and a warning. */
static void write_report(struct text *text)
{
	struct report report = { .end = REPORT_REFUSED, .n_bad = 17 };
	struct faults *faults = faults_open();

	err_set(&report.err, "ad.csv: too few");
	faults_advice(faults, (struct place){ "ad.csv", 3 }, "no %s", "domain");
	faults_warning(faults, (struct place){ "ad.csv", 0 }, "more");
	text_init(text);
	report_format(text, &report, faults);
	faults_close(&faults);
}

static void check_report(
	const struct report *report, const struct faults *faults)
{
	ck_assert_int_eq(report->end, REPORT_REFUSED);
	ck_assert_uint_eq(report->n_bad, 17);
	ck_assert_str_eq(report->err.text, "ad.csv: too few");
	ck_assert_uint_eq(faults_count(faults), 2);
	ck_assert_uint_eq(faults_errors(faults), 0);
	ck_assert_str_eq(faults_get(faults, 0)->place.file, "ad.csv");
	ck_assert_uint_eq(faults_get(faults, 0)->place.line, 3);
	ck_assert_str_eq(faults_get(faults, 0)->text, "no domain");
	ck_assert_int_eq(faults_get(faults, 0)->kind, FAULT_ADVICE);
	ck_assert_uint_eq(faults_get(faults, 1)->place.line, 0);
	ck_assert_str_eq(faults_get(faults, 1)->text, "more");
	ck_assert_int_eq(faults_get(faults, 1)->kind, FAULT_WARNING);
}

START_TEST(what_was_written_is_read)
{
	struct faults *faults = faults_open();
	struct report report;
	struct text text;

	write_report(&text);
	ck_assert(report_parse(&report, text.data, text.len, faults));
	check_report(&report, faults);
	text_fini(&text);
	faults_close(&faults);
}
END_TEST

START_TEST(no_part_of_a_report_is_one)
{
	struct faults *faults = faults_open();
	struct report report;
	struct text text;

	write_report(&text);
	for (size_t len = 0; len < text.len; len++)
		ck_assert(!report_parse(&report, text.data, len, faults));
	text_add(&text, "x", 1);
	ck_assert(!report_parse(&report, text.data, text.len, faults));
	ck_assert_uint_eq(faults_count(faults), 0);
	text_fini(&text);
	faults_close(&faults);
}
END_TEST

#define BYTES(literal) literal, sizeof literal

static const struct nonsense_case {
	const char *name, *bytes;
	size_t len;
} NONSENSE[] = {
	{ "other version",
		BYTES("postshare-report 1\0"
		      "0\0"
		      "0\0"
		      "\0"
		      "0\0"
		      "end of report") },
	{ "no such end",
		BYTES("postshare-report 2\0"
		      "4\0"
		      "0\0"
		      "\0"
		      "0\0"
		      "end of report") },
	{ "no number",
		BYTES("postshare-report 2\0"
		      "0\0"
		      "x\0"
		      "\0"
		      "0\0"
		      "end of report") },
	{ "no such kind of fault",
		BYTES("postshare-report 2\0"
		      "0\0"
		      "0\0"
		      "\0"
		      "1\0"
		      "3\0"
		      "ad.csv\0"
		      "1\0"
		      "what\0"
		      "end of report") },
	{ "fewer faults",
		BYTES("postshare-report 2\0"
		      "0\0"
		      "0\0"
		      "\0"
		      "999999999999\0"
		      "end of report") },
};

START_TEST(nonsense_is_no_report)
{
	struct faults *faults = faults_open();
	struct report report;

	ck_assert_msg(!report_parse(&report, NONSENSE[_i].bytes,
			      NONSENSE[_i].len, faults),
		"%s", NONSENSE[_i].name);
	faults_close(&faults);
}
END_TEST

/* len bytes of a report in a file without a name. */
static int file_of_report(size_t missing)
{
	const int fd = memfd_create("report", MFD_CLOEXEC);
	struct text text;

	write_report(&text);
	ck_assert_int_eq(write(fd, text.data, text.len - missing),
		(ssize_t)(text.len - missing));
	text_fini(&text);
	return fd;
}

START_TEST(ended_worker_has_its_report)
{
	const struct worker worker = { .end = WORKER_ENDED };
	struct faults *faults = faults_open();
	const int fd = file_of_report(0);
	struct report report;

	report_collect(&report, &worker, fd, "ad.csv", faults);
	check_report(&report, faults);
	close(fd);
	faults_close(&faults);
}
END_TEST

/* A wait status of that signal, or of that exit status. */
#define SIGNAL(number) (number)
#define STATUS(number) ((number) << 8)

static const struct end_case {
	struct worker worker;
	const char *err;
	size_t missing; /* bytes of the report */
} ENDS[] = {
	{ { .end = WORKER_ENDED },
		"ad.csv: its reader ended without a whole report", 1 },
	{ { .end = WORKER_ENDED, .status = SIGNAL(SIGSEGV) },
		"ad.csv: its reader was ended by signal 11 (SIGSEGV)", 0 },
	{ { .end = WORKER_ENDED, .status = SIGNAL(SIGKILL) },
		"ad.csv: its reader was ended by signal 9 (SIGKILL), as the "
		"kernel does when memory is short",
		0 },
	{ { .end = WORKER_ENDED, .status = STATUS(71) },
		"ad.csv: its reader ended with status 71", 0 },
	{ { .end = WORKER_OVERDUE, .deadline_s = 90 },
		"ad.csv: still being read after 90 s, deadline = 90s", 0 },
	{ { .end = WORKER_STOPPED }, "ad.csv: reading it was interrupted", 0 },
	{ { .end = WORKER_STOPPED, .error = ENOMEM },
		"ad.csv: reading it was interrupted: Cannot allocate memory",
		0 },
	{ { .end = WORKER_NOT_STARTED, .error = EAGAIN },
		"ad.csv: start a process to read it: Resource temporarily "
		"unavailable",
		0 },
};

START_TEST(any_other_end_is_a_failed_read)
{
	const struct end_case *c = &ENDS[_i];
	struct faults *faults = faults_open();
	const int fd = file_of_report(c->missing);
	struct report report;

	report_collect(&report, &c->worker, fd, "ad.csv", faults);
	ck_assert_int_eq(report.end, REPORT_FAILED);
	ck_assert_str_eq(report.err.text, c->err);
	ck_assert_uint_eq(report.n_bad, 0);
	ck_assert_uint_eq(faults_count(faults), 0);
	close(fd);
	faults_close(&faults);
}
END_TEST

START_TEST(worker_without_a_report_is_a_failed_read)
{
	const struct worker worker = { .end = WORKER_ENDED };
	const int empty = memfd_create("report", MFD_CLOEXEC);
	const int fds[] = { -1, empty };
	struct faults *faults = faults_open();
	struct report report;

	for (size_t i = 0; i < 2; i++) {
		report_collect(&report, &worker, fds[i], "ad", faults);
		ck_assert_int_eq(report.end, REPORT_FAILED);
		ck_assert_str_eq(report.err.text,
			"ad: its reader ended without a whole report");
	}
	close(empty);
	faults_close(&faults);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, what_was_written_is_read);
	tcase_add_test(tcase, no_part_of_a_report_is_one);
	tcase_add_loop_test(tcase, nonsense_is_no_report, 0, COUNT(NONSENSE));
	tcase_add_test(tcase, ended_worker_has_its_report);
	tcase_add_loop_test(
		tcase, any_other_end_is_a_failed_read, 0, COUNT(ENDS));
	tcase_add_test(tcase, worker_without_a_report_is_a_failed_read);
	return unit_run(suite_create("report"), tcase);
}
