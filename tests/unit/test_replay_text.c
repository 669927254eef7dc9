/* What a replay counts of a log, and how it shows that. */
#include "changes/replay.h"

#include "changes/replay_json.h"
#include "changes/replay_text.h"
#include "tests/unit/model_case.h"
#include "tests/unit/sink_text.h"
#include "tests/unit/unit_main.h"
#include "verdicts/log_reader.h"

#include <jansson.h>

static const char config[] =
	"accepted-domain \"#company.example\" { type = authoritative }\n"
	"connector \"exchange\" { address-spaces = { \"company.example\" } "
	"smart-hosts = { \"[10.8.0.25]:25\" } }\n"
	"accepted-domain \"#example.com\" { type = authoritative }\n"
	"directory \"ad\" { type = file path = \"ad.txt\" connector = "
	"\"exchange\" }\n";

#define AT(time, text) "2025-11-21T" time "+00:00 mx postfix/" text "\n"
#define TAKEN(time, id) AT(time, "smtpd[81]: " id ": client=u[192.0.2.7]")
#define GIVEN(time, id, to, host) \
	AT(time, \
		"smtp[6]: " id ": to=<" to ">, relay=" host "[" host \
		"]:25, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (ok)")
#define GONE(time, id) AT(time, "qmgr[2]: " id ": removed")
#define DENIED(time, to, words) \
	AT(time, \
		"smtpd[81]: NOQUEUE: reject: RCPT from u[192.0.2.7]: " words \
		"; from=<s@e.example> to=<" to "> proto=ESMTP helo=<h>")

static const char log_text[] = TAKEN("09:00:00", "A0001") GIVEN("09:00:01",
	"A0001", "ann@company.example", "10.8.0.25") GIVEN("09:00:01", "A0001",
	"leaver@company.example", "10.8.0.25") GIVEN("09:00:01", "A0001",
	"gone@company.example", "10.8.0.25") GIVEN("09:00:01", "A0001",
	"x@outside.example", "10.8.0.25") GONE("09:00:01",
	"A0001") TAKEN("10:00:00", "A0002") GIVEN("10:00:01", "A0002",
	"Leaver@Company.example", "10.8.0.25") GONE("10:00:01",
	"A0002") DENIED("11:00:00", "bob@company.example",
	"550 5.1.1 <bob@company.example>: Recipient address rejected: "
	"User unknown in relay recipient table") DENIED("11:00:01",
	"bob@company.example",
	"554 5.7.1 Service unavailable; blocked") DENIED("11:00:02",
	"\"a\\\\b\"@company.example",
	"450 4.1.1 <a\\b@company.example>: Recipient address "
	"rejected: User unknown") AT("11:00:03",
	"policyd[1]: verdict=accept reason=listed recip") "what is no log\n"
							  "-- Boot 3f2a --\n";

static struct model_case the_case;
static struct generation *generation;
static char *path;

static char *write_log(const char *name, const char *text)
{
	char *file =
		arena_printf(the_case.arena, "%s/%s", the_case.folder, name);
	FILE *out = fopen(file, "w");

	ck_assert_ptr_nonnull(out);
	fputs(text, out);
	ck_assert_int_eq(fclose(out), 0);
	return file;
}

static void setup(void)
{
	model_case_sound(&the_case, config,
		"ad ann@company.example\nad bob@company.example\n"
		"ad goodguy@example.com\nad hostmaster@example.com\n"
		"ad sxhcpltqhpex@example.com\nad spameri@example.com");
	model_case_write(&the_case, 1);
	generation = model_case_generation(&the_case);
	path = write_log("mail.log", log_text);
}

static void teardown(void)
{
	generation_close(&generation);
	model_case_close(&the_case);
}

static void say(void *context, const char *text)
{
	(void)context;
	ck_assert_ptr_nonnull(strstr(text, "--year"));
}

static void show_progress(void *context, unsigned long lines)
{
	(void)context;
	(void)lines;
}

static struct replay *replay_of(
	const char *file, int64_t since_us, int64_t until_us)
{
	const char *files[] = { file };
	const struct log_sources sources = { .files = files, .n_files = 1 };
	const struct replay_asked asked = {
		.views = { .against = generation_view(generation),
			.now = MODEL_NOW },
		.since_us = since_us,
		.until_us = until_us,
	};
	const struct replay_hooks hooks = { say, show_progress, NULL };
	struct err err = { 0 };
	struct log_reader *reader = log_reader_open(&sources, &err);
	struct replay *replay = replay_open(&asked);

	ck_assert_msg(reader != NULL, "%s", err.text);
	ck_assert(replay_read(replay, reader, &hooks));
	log_reader_close(&reader);
	return replay;
}

static char *print(const char *file, const struct replay_heading *heading,
	void (*print_as)(const struct replay_result *result,
		const struct replay_heading *heading, FILE *out))
{
	struct replay *replay = replay_of(file, INT64_MIN, INT64_MAX);
	char *shown = NULL;
	size_t len;
	FILE *out = open_memstream(&shown, &len);

	print_as(replay_finish(replay), heading, out);
	ck_assert_int_eq(fclose(out), 0);
	replay_close(&replay);
	ck_assert_ptr_null(replay);
	replay_close(&replay);
	return shown;
}

static const char shown_text[] =
	"log -> candidate: 15 lines, 2025-11-21 09:00:00 to 2025-11-21 "
	"11:00:02\n"
	"\n"
	"                                        RCPTs   messages recipients\n"
	"  resolved                                  7          4          6\n"
	"  unchanged                                 1          1          1\n"
	"  not ours                                  1          1          1\n"
	"  newly accepted                            1          1          1\n"
	"  newly refused                             4          3          3\n"
	"  newly deferred                            0          0          0\n"
	"  rerouted                                  0          0          0\n"
	"  refused for other reasons                 1\n"
	"  damaged verdict lines                     1\n"
	"  lines of something else                   1\n"
	"\n"
	"     RCPTs   messages recipients  by answers\n"
	"         1          1          1  accepted: reject unknown -> "
	"exchange smtp:[10.8.0.25]:25\n"
	"         3          2          2  refused: by "
	"10.8.0.25[10.8.0.25]:25 -> reject unknown\n"
	"  ... and 1 more (--limit 0 shows all)\n"
	"\n"
	"  messages  first                last                 whose\n"
	"         2  2025-11-21 09:00:00  2025-11-21 10:00:00  "
	"leaver@company.example  refused: by 10.8.0.25[10.8.0.25]:25 -> "
	"reject unknown\n"
	"         1  2025-11-21 11:00:02  2025-11-21 11:00:02  "
	"a\\x5cb@company.example  refused: defer unknown -> reject unknown\n"
	"  ... and 2 more (--limit 0 shows all)\n";

START_TEST(people_see_counts_then_whose)
{
	char *shown = print(path, &(struct replay_heading){ .limit = 2 },
		replay_print_text);

	ck_assert_str_eq(shown, shown_text);
	free(shown);
}
END_TEST

START_TEST(programs_get_all)
{
	char *shown = print(path,
		&(struct replay_heading){ .against = 7, .published = 6 },
		replay_print_json);
	json_error_t error;
	json_t *json = json_loads(shown, 0, &error);
	int against, first_rcpts;
	const char *recipient, *first, *change;

	ck_assert_msg(json != NULL, "%s\n%s", error.text, shown);
	ck_assert_int_eq(
		json_unpack(json, "{s:i, s:s, s:{s:i}, s:[{s:s, s:s}]}",
			"against", &against, "first", &first, "refused",
			"rcpts", &first_rcpts, "recipients", "recipient",
			&recipient, "change", &change),
		0);
	ck_assert_int_eq(against, 7);
	ck_assert_int_eq(first_rcpts, 4);
	ck_assert_str_eq(first, "2025-11-21T09:00:00.000000+00:00");
	ck_assert_str_eq(recipient, "leaver@company.example");
	ck_assert_str_eq(change, "refused");
	ck_assert_uint_eq(
		json_array_size(json_object_get(json, "recipients")), 4);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "groups")), 3);
	json_decref(json);
	free(shown);
}
END_TEST

START_TEST(programs_get_what_they_ask_for)
{
	char *shown = print(path, &(struct replay_heading){ .limit = 1 },
		replay_print_json);
	json_t *json = json_loads(shown, 0, NULL);

	ck_assert_msg(json != NULL, "%s", shown);
	ck_assert_uint_eq(
		json_array_size(json_object_get(json, "recipients")), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "groups")), 1);
	json_decref(json);
	free(shown);
}
END_TEST

START_TEST(programs_get_no_times_of_nothing)
{
	const char *file = write_log("empty.log", "");
	char *shown =
		print(file, &(struct replay_heading){ 0 }, replay_print_json);
	json_t *json = json_loads(shown, 0, NULL);

	ck_assert_msg(json != NULL, "%s", shown);
	ck_assert(json_is_null(json_object_get(json, "first")));
	ck_assert(json_is_null(json_object_get(json, "last")));
	ck_assert(json_is_null(json_object_get(json, "published")));
	ck_assert_str_eq(json_string_value(json_object_get(json, "against")),
		"candidate");
	json_decref(json);
	free(shown);
}
END_TEST

#define BOUNCED(time, id, to) \
	AT(time, \
		"smtp[6]: " id ": to=<" to \
		">, relay=10.8.0.25[10.8.0.25]:25, " \
		"delay=1, delays=1/0/0/0, dsn=5.1.1, status=bounced (no)")

START_TEST(bounces_are_counted_of_ours_alone)
{
	const char *file = write_log("bounced.log",
		TAKEN("09:00:00", "A0001") BOUNCED("09:00:01", "A0001",
			"ann@company.example") BOUNCED("09:00:01", "A0001",
			"leaver@company.example")
			BOUNCED("09:00:01", "A0001", "x@outside.example"));
	struct replay *replay = replay_of(file, INT64_MIN, INT64_MAX);
	const struct replay_result *result = replay_finish(replay);

	ck_assert_uint_eq(result->all.rcpts, 3);
	ck_assert_uint_eq(result->bounced, 2);
	ck_assert_uint_eq(result->bounced_refused, 1);
	replay_close(&replay);
}
END_TEST

/* The message that was taken first is gone last. */
START_TEST(what_is_said_of_somebody_is_of_the_last_time)
{
	const char *file = write_log("crossing.log",
		TAKEN("09:00:00", "A0001") TAKEN("10:00:00", "A0002") GIVEN(
			"10:00:01", "A0002", "leaver@company.example",
			"10.8.0.26") GONE("10:00:01", "A0002") GIVEN("10:05:00",
			"A0001", "leaver@company.example", "10.8.0.25")
			GONE("10:05:00", "A0001"));
	struct replay *replay = replay_of(file, INT64_MIN, INT64_MAX);
	const struct replay_result *result = replay_finish(replay);

	ck_assert_uint_eq(result->n_whose, 1);
	ck_assert_uint_eq(result->n_groups, 2);
	ck_assert_str_eq(
		result->whose[0]->group->from, "by 10.8.0.26[10.8.0.26]:25");
	ck_assert_int_lt(result->whose[0]->first_us, result->whose[0]->last_us);
	replay_close(&replay);
}
END_TEST

START_TEST(times_are_of_the_question)
{
	/* 2025-11-21 10:00 and 11:00 UTC; the message of 9 is left out */
	struct replay *replay = replay_of(path, 1763719200 * INT64_C(1000000),
		1763722800 * INT64_C(1000000));
	const struct replay_result *result = replay_finish(replay);

	ck_assert_uint_eq(result->all.rcpts, 1);
	ck_assert_uint_eq(result->changes[CHANGE_REFUSED].rcpts, 1);
	ck_assert_uint_eq(result->other_refusals, 0);
	ck_assert_uint_eq(result->lines, 15);
	replay_close(&replay);
}
END_TEST

START_TEST(nothing_is_said_of_nothing)
{
	struct replay *replay = replay_of(path, 0, 1);
	const struct replay_result *result = replay_finish(replay);
	char *shown = NULL;
	size_t len;
	FILE *out = open_memstream(&shown, &len);

	replay_print_text(result,
		&(struct replay_heading){ .against = 3, .limit = 50 }, out);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_ptr_nonnull(strstr(
		shown, "log -> generation 3: 15 lines\nno difference\n"));
	free(shown);
	replay_close(&replay);
}
END_TEST

/* People of whom the log says nothing are listed, who it knows not are not. */
START_TEST(a_real_log_makes_no_difference)
{
	const char *sample = test_sample("mail-rejects.log", the_case.arena);

	if (sample == NULL)
		return;
	struct replay *replay = replay_of(sample, INT64_MIN, INT64_MAX);
	const struct replay_result *result = replay_finish(replay);

	ck_assert_uint_eq(result->n_groups, 0);
	ck_assert_uint_ge(result->all.rcpts, 2);
	ck_assert_uint_ge(result->other_refusals, 10);
	replay_close(&replay);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("replay_text");

	setenv("TZ", "UTC", 1);
	tcase_add_unchecked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, people_see_counts_then_whose);
	tcase_add_test(tcase, programs_get_all);
	tcase_add_test(tcase, programs_get_what_they_ask_for);
	tcase_add_test(tcase, programs_get_no_times_of_nothing);
	tcase_add_test(tcase, bounces_are_counted_of_ours_alone);
	tcase_add_test(tcase, what_is_said_of_somebody_is_of_the_last_time);
	tcase_add_test(tcase, times_are_of_the_question);
	tcase_add_test(tcase, nothing_is_said_of_nothing);
	tcase_add_test(tcase, a_real_log_makes_no_difference);
	return unit_run(suite_create("replay_text"), tcase);
}
