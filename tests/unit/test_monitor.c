/* What is told of a generation and its directories, and when that is 503. */
#include "policyd/monitor.h"

#include "policyd/journal.h"
#include "policyd/keeper.h"
#include "policyd/metrics.h"
#include "snapshot/files.h"
#include "snapshot/manifest.h"
#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#include <fcntl.h>

static const char config[] =
	"accepted-domain 'd.example' { type = authoritative }\n"
	"connector 'ex' { smart-hosts = '10.0.0.1'\n"
	" address-spaces = 'd.example' }\n"
	"directory 'staff' { path = s max-age = 1d }\n"
	"directory 'guests' { path = g }\n";

struct scene {
	struct model_case c;
	int log; /* nobody reads it */
	struct journal *journal;
	struct metrics *metrics;
	struct keeper *keeper;
	struct monitor monitor;
	struct text out;
};

static void publish(struct scene *s)
{
	struct manifest_directory directories[] = { { "staff", 17, 0 },
		{ "guests", 3, 0 } };
	const struct manifest manifest = { .generation = 7,
		.time = MODEL_NOW - 60,
		.configuration = "",
		.directories = directories,
		.n_directories = 2 };

	ck_assert(manifest_write(&manifest, model_case_write(&s->c, 7), NULL));
}

static void set_up(struct scene *s, const char *entries)
{
	model_case_sound(&s->c, config, entries);
	s->log = open("/dev/null", O_WRONLY);
	ck_assert_int_ge(s->log, 0);
	s->journal = journal_open_stream(s->log);
	s->metrics = metrics_open();
	s->keeper = keeper_open(s->c.folder, s->journal, s->metrics);
	s->monitor = (struct monitor){ s->keeper, s->journal, s->metrics,
		MODEL_NOW - 3600 };
	text_init(&s->out);
}

static void tear_down(struct scene *s)
{
	text_fini(&s->out);
	keeper_close(&s->keeper);
	metrics_close(&s->metrics);
	journal_close(&s->journal);
	close(s->log);
	model_case_close(&s->c);
}

static bool has_line(const struct text *out, const char *line)
{
	const size_t len = strlen(line);

	for (const char *at = out->data; (at = strstr(at, line)) != NULL;
		at += len) {
		if ((at == out->data || at[-1] == '\n') && at[len] == '\n')
			return true;
	}
	return false;
}

START_TEST(all_is_told_of_a_generation)
{
	static const char *const lines[] = {
		"postshare_generation 7",
		"postshare_generation_problems 0",
		"postshare_generation_timestamp_seconds 1699999940.000000",
		"postshare_generation_age_seconds 60.000000",
		"postshare_directory_recipients{directory=\"staff\"} 17",
		"postshare_directory_recipients{directory=\"guests\"} 3",
		("postshare_directory_loaded_timestamp_seconds"
		 "{directory=\"staff\"} 1700000000.000000"),
		("postshare_directory_age_seconds{directory=\"staff\"} "
		 "0.000000"),
		("postshare_directory_max_age_seconds{directory=\"staff\"} "
		 "86400.000000"),
		"postshare_directory_stale{directory=\"staff\"} 0",
		"postshare_directory_stale{directory=\"guests\"} 1",
		"postshare_directory_never_loaded{directory=\"staff\"} 0",
		"postshare_directory_never_loaded{directory=\"guests\"} 1",
		"postshare_log_lines_lost_total 0",
		"postshare_log_lines_waiting 0",
		"process_start_time_seconds 1699996400.000000",
	};
	struct scene s;

	set_up(&s, "staff ann@d.example\nguests never");
	publish(&s);
	keeper_look(s.keeper);
	monitor_metrics(&s.out, &s.monitor, MODEL_NOW);
	for (int i = 0; i < COUNT(lines); i++)
		ck_assert_msg(has_line(&s.out, lines[i]), "no %s in\n%s",
			lines[i], s.out.data);
	/* What is not known is absent. */
	ck_assert_ptr_null(strstr(
		s.out.data, "loaded_timestamp_seconds{directory=\"guests\"}"));
	ck_assert_ptr_null(
		strstr(s.out.data, "_age_seconds{directory=\"guests\"}"));
	tear_down(&s);
}
END_TEST

START_TEST(without_a_generation_that_is_told)
{
	struct scene s;

	set_up(&s, "staff ann@d.example");
	monitor_metrics(&s.out, &s.monitor, MODEL_NOW);
	ck_assert(has_line(&s.out, "postshare_generation 0"));
	ck_assert(has_line(&s.out, "postshare_generation_problems 1"));
	ck_assert_ptr_null(strstr(s.out.data, "generation_age"));
	ck_assert_ptr_null(strstr(s.out.data, "directory"));
	text_clear(&s.out);
	ck_assert(!monitor_health(&s.out, &s.monitor, MODEL_NOW));
	ck_assert(text_starts(s.out.data,
		"failing\nno generation is in force\n"
		"a generation can not be opened, or is damaged: read "));
	tear_down(&s);
}
END_TEST

START_TEST(a_sound_one_is_ok)
{
	struct scene s;

	set_up(&s, "staff ann@d.example");
	publish(&s);
	keeper_look(s.keeper);
	ck_assert(monitor_health(&s.out, &s.monitor, MODEL_NOW));
	ck_assert_str_eq(s.out.data, "ok\ngeneration 7 is in force\n");
	tear_down(&s);
}
END_TEST

START_TEST(a_stale_directory_is_a_warning)
{
	struct scene s;

	set_up(&s, "staff stale\nguests never");
	publish(&s);
	keeper_look(s.keeper);
	ck_assert(monitor_health(&s.out, &s.monitor, MODEL_NOW));
	ck_assert_str_eq(s.out.data,
		"ok\ngeneration 7 is in force\n"
		"warning: directory staff is stale, it loaded 864000 s ago\n"
		"warning: directory guests is stale, it never loaded\n");
	tear_down(&s);
}
END_TEST

/* Which was set back since. */
START_TEST(one_from_the_future_is_a_warning)
{
	struct scene s;

	set_up(&s, "staff ahead");
	publish(&s);
	keeper_look(s.keeper);
	ck_assert(monitor_health(&s.out, &s.monitor, MODEL_NOW));
	ck_assert_str_eq(s.out.data,
		"ok\ngeneration 7 is in force\n"
		"warning: directory staff is stale, it loaded by a clock that "
		"was 864000 s ahead of this one\n");
	tear_down(&s);
}
END_TEST

START_TEST(one_that_waits_and_can_not_be_opened_is_503)
{
	struct scene s;

	set_up(&s, "staff ann@d.example");
	publish(&s);
	keeper_look(s.keeper);
	const char *current =
		arena_printf(s.c.arena, "%s/" FILES_CURRENT, s.c.folder);
	struct http_reply reply = { .status = 200, .body = &s.out };

	ck_assert_int_eq(unlink(current), 0);
	ck_assert_int_eq(symlink("generations/8", current), 0);
	keeper_look(s.keeper);
	ck_assert(monitor_answer(&s.monitor, "/healthz", &reply));
	ck_assert_int_eq(reply.status, 503);
	ck_assert(text_starts(s.out.data,
		"failing\ngeneration 7 is in force\n"
		"a generation can not be opened, or is damaged: open "));
	tear_down(&s);
}
END_TEST

START_TEST(one_in_force_that_is_damaged_is_503)
{
	struct scene s;
	struct text entries = { 0 };

	text_adds(&entries, "staff ann@d.example");
	for (unsigned i = 0; i < 1500; i++) /* too many to be copied */
		text_addf(&entries, "\nstaff user%u@d.example", i);
	set_up(&s, entries.data);
	text_fini(&entries);
	publish(&s);
	keeper_look(s.keeper);
	ck_assert_int_eq(truncate(arena_printf(s.c.arena, "%s/generations/7/%s",
					  s.c.folder, FILES_RELAY_RECIPIENTS),
				 70000),
		0);
	keeper_look(s.keeper);
	monitor_metrics(&s.out, &s.monitor, MODEL_NOW);
	ck_assert(has_line(&s.out,
		"# HELP postshare_generation_problems 1 while a new "
		"generation, or the first, can not be opened, or the one in "
		"force is damaged."));
	ck_assert(has_line(&s.out, "postshare_generation_problems 1"));
	text_clear(&s.out);
	ck_assert(!monitor_health(&s.out, &s.monitor, MODEL_NOW));
	ck_assert(text_starts(s.out.data,
		"failing\ngeneration 7 is in force\n"
		"a generation can not be opened, or is damaged: "));
	tear_down(&s);
}
END_TEST

START_TEST(there_are_two_paths)
{
	static const char *const others[] = { "/", "", "/metrics/", "/Metrics",
		"/healthz2" };
	struct scene s;
	struct http_reply reply = { .status = 200, .body = &s.out };

	set_up(&s, "staff ann@d.example");
	for (int i = 0; i < COUNT(others); i++)
		ck_assert(!monitor_answer(&s.monitor, others[i], &reply));
	ck_assert(monitor_answer(&s.monitor, "/metrics", &reply));
	ck_assert_str_eq(
		reply.content_type, "text/plain; version=0.0.4; charset=utf-8");
	tear_down(&s);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("monitor");
	TCase *tcase = tcase_create("core");

	tcase_add_test(tcase, all_is_told_of_a_generation);
	tcase_add_test(tcase, without_a_generation_that_is_told);
	tcase_add_test(tcase, a_sound_one_is_ok);
	tcase_add_test(tcase, a_stale_directory_is_a_warning);
	tcase_add_test(tcase, one_from_the_future_is_a_warning);
	tcase_add_test(tcase, one_that_waits_and_can_not_be_opened_is_503);
	tcase_add_test(tcase, one_in_force_that_is_damaged_is_503);
	tcase_add_test(tcase, there_are_two_paths);
	return unit_run(suite, tcase);
}
