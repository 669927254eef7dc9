/* Which generation is in force, what is judged by it, and what is said. */
#include "policyd/keeper.h"

#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#include "base/file.h"
#include "policyd/journal.h"
#include "policyd/metrics.h"
#include "snapshot/files.h"
#include "snapshot/manifest.h"

#include <fcntl.h>

static const char config[] =
	"accepted-domain 'd.example' { type = authoritative }\n"
	"connector 'ex' { smart-hosts = '10.0.0.1'\n"
	" clients = { '10.0.0.9' } address-spaces = 'd.example' }\n"
	"directory 'staff' { path = s max-age = 1d }\n";

struct watch {
	struct model_case c;
	int log[2]; /* a pipe */
	struct journal *journal;
	struct metrics *metrics;
	struct keeper *keeper;
	struct judge judge;
};

/* number 0: nothing was published yet. */
static void set_up_with(struct watch *w, unsigned number, const char *entries)
{
	w->metrics = NULL;
	model_case_sound(&w->c, config, entries);
	if (number != 0)
		model_case_write(&w->c, number);
	ck_assert_int_eq(pipe2(w->log, O_NONBLOCK), 0);
	w->journal = journal_open_stream(w->log[1]);
	w->keeper = keeper_open(w->c.folder, w->journal, NULL);
	keeper_judge(&w->judge, w->keeper, (struct keeper_manner){ 0 });
}

static void set_up(struct watch *w, unsigned number)
{
	set_up_with(w, number, "staff ann@d.example");
}

/* Somebody watches, and one was published at a known time. */
static void set_up_watched(struct watch *w)
{
	struct manifest_directory directories[] = { { "gone", 9, 0 },
		{ "staff", 17, MODEL_NOW } };
	const struct manifest manifest = { .generation = 7,
		.time = MODEL_NOW - 60,
		.configuration = "",
		.directories = directories,
		.n_directories = 2 };

	set_up(w, 0);
	keeper_close(&w->keeper);
	ck_assert(manifest_write(&manifest, model_case_write(&w->c, 7), NULL));
	w->metrics = metrics_open();
	w->keeper = keeper_open(w->c.folder, w->journal, w->metrics);
	keeper_judge(&w->judge, w->keeper, (struct keeper_manner){ 0 });
}

static void tear_down(struct watch *w)
{
	keeper_close(&w->keeper);
	ck_assert_ptr_null(w->keeper);
	keeper_close(&w->keeper);
	metrics_close(&w->metrics);
	journal_close(&w->journal);
	close(w->log[0]);
	close(w->log[1]);
	model_case_close(&w->c);
}

/* What was logged since it was last asked. */
static const char *said(struct watch *w)
{
	char bytes[4096];
	const ssize_t n = read(w->log[0], bytes, sizeof bytes);

	return arena_strndup(w->c.arena, bytes, n < 0 ? 0 : (size_t)n);
}

static unsigned count_of(const char *text, const char *words)
{
	unsigned count = 0;

	while ((text = strstr(text, words)) != NULL) {
		text += strlen(words);
		count++;
	}
	return count;
}

static bool ask(struct watch *w, const char *recipient, const char *client,
	struct judgement *out)
{
	const struct request request = {
		.state = { "RCPT", 4 },
		.client = { client, strlen(client) },
		.recipient = { recipient, strlen(recipient) },
	};

	*out = (struct judgement){ .verdict = NULL };
	return w->judge.decide(
		w->judge.context, out, &request, MODEL_NOW, w->c.arena);
}

static unsigned long in_force(struct watch *w)
{
	struct judgement judgement;

	return ask(w, "ann@d.example", "", &judgement) ? judgement.generation
						       : 0;
}

START_TEST(a_recipient_is_judged)
{
	static const struct {
		const char *recipient, *client, *verdict, *reason, *nexthop;
	} cases[] = {
		{ "ann@d.example", "192.0.2.1", "accept", "listed",
			"smtp:[10.0.0.1]" },
		{ "bob@d.example", "192.0.2.1", "reject", "unknown", "" },
		{ "ann@d.example", "10.0.0.9", "reject", "loop",
			"smtp:[10.0.0.1]" },
		{ "ann@d.example", "unknown", "accept", "listed",
			"smtp:[10.0.0.1]" },
		{ "ann@e.example", "", "pass", "not-ours", "" },
	};
	struct watch w;
	struct judgement got;

	set_up(&w, 7);
	for (int i = 0; i < COUNT(cases); i++) {
		ck_assert(ask(&w, cases[i].recipient, cases[i].client, &got));
		ck_assert_str_eq(got.verdict, cases[i].verdict);
		ck_assert_str_eq(got.reason, cases[i].reason);
		ck_assert_str_eq(got.nexthop, cases[i].nexthop);
		ck_assert_uint_eq(got.generation, 7);
	}
	tear_down(&w);
}
END_TEST

START_TEST(the_first_generation_that_appears_is_taken)
{
	struct watch w;

	set_up(&w, 0);
	keeper_look(w.keeper);
	ck_assert_uint_eq(in_force(&w), 0);
	ck_assert_uint_eq(count_of(said(&w), "no generation to judge by"), 1);
	model_case_write(&w.c, 1);
	keeper_look(w.keeper);
	ck_assert_uint_eq(in_force(&w), 1);
	ck_assert_uint_eq(count_of(said(&w), "generation 1 is in force"), 1);
	tear_down(&w);
}
END_TEST

START_TEST(a_new_generation_is_taken_at_the_next_look)
{
	struct watch w;

	set_up(&w, 1);
	model_case_write(&w.c, 2);
	ck_assert_uint_eq(in_force(&w), 1);
	keeper_look(w.keeper);
	ck_assert_uint_eq(in_force(&w), 2);
	keeper_look(w.keeper);
	ck_assert_uint_eq(count_of(said(&w), "is in force"), 2);
	tear_down(&w);
}
END_TEST

START_TEST(one_that_does_not_open_leaves_the_old_in_force)
{
	struct watch w;

	set_up(&w, 1);
	const char *folder = model_case_write(&w.c, 2);
	const char *policy =
		arena_printf(w.c.arena, "%s/" FILES_POLICY, folder);

	ck_assert_int_eq(truncate(policy, 3), 0);
	said(&w);
	keeper_look(w.keeper);
	keeper_look(w.keeper);
	ck_assert_uint_eq(in_force(&w), 1);
	const char *text = said(&w);

	ck_assert_uint_eq(count_of(text, "generation 1 stays in force"), 1);
	ck_assert_uint_eq(count_of(text, "generations/2"), 1);
	model_case_write(&w.c, 3);
	keeper_look(w.keeper);
	ck_assert_uint_eq(in_force(&w), 3);
	tear_down(&w);
}
END_TEST

START_TEST(newer_times_of_directories_are_taken)
{
	const struct freshness old = { "staff", MODEL_NOW - 2 * 86400 };
	const struct freshness new = { "staff", MODEL_NOW };
	struct watch w;
	struct judgement got;

	set_up(&w, 1);
	ck_assert(freshness_write(w.c.folder, &old, 1, NULL));
	keeper_look(w.keeper);
	ck_assert(ask(&w, "bob@d.example", "", &got));
	ck_assert_str_eq(got.reason, "directory-stale");
	ck_assert_str_eq(got.directory, "staff");
	ck_assert(freshness_write(w.c.folder, &new, 1, NULL));
	keeper_look(w.keeper);
	ck_assert(ask(&w, "bob@d.example", "", &got));
	ck_assert_str_eq(got.reason, "unknown");
	tear_down(&w);
}
END_TEST

START_TEST(times_that_can_not_be_read_are_told_once)
{
	struct watch w;
	struct judgement got;

	set_up(&w, 1);
	const char *path =
		arena_printf(w.c.arena, "%s/" FILES_FRESHNESS, w.c.folder);

	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	said(&w);
	keeper_look(w.keeper);
	keeper_look(w.keeper);
	ck_assert_uint_eq(
		count_of(said(&w), "the times that this generation knew"), 1);
	ck_assert(ask(&w, "bob@d.example", "", &got));
	ck_assert_str_eq(got.reason, "unknown");
	tear_down(&w);
}
END_TEST

START_TEST(who_watches_is_told_what_is_in_force)
{
	struct keeper_facts facts;
	struct watch w;

	set_up_watched(&w);
	keeper_find_facts(w.keeper, &facts);
	ck_assert_uint_eq(facts.generation, 7);
	ck_assert_int_eq(facts.made, MODEL_NOW - 60);
	ck_assert_uint_eq(facts.view->n_directories, 1);
	ck_assert_uint_eq(facts.entries[0], 17);
	ck_assert_str_eq(facts.problem, "");
	tear_down(&w);
}
END_TEST

START_TEST(a_manifest_that_can_not_be_read_is_told)
{
	struct keeper_facts facts;
	struct watch w;

	set_up_watched(&w);
	model_case_write(&w.c, 8);
	keeper_look(w.keeper);
	ck_assert_uint_eq(in_force(&w), 8);
	keeper_find_facts(w.keeper, &facts);
	ck_assert_uint_eq(facts.generation, 8);
	ck_assert_int_eq(facts.made, 0);
	ck_assert_ptr_null(facts.entries);
	ck_assert_uint_eq(count_of(said(&w),
				  "the age and the counts of "
				  "generation 8 are not known to "
				  "the metrics: open "),
		1);
	tear_down(&w);
}
END_TEST

START_TEST(a_problem_is_over_when_the_old_is_current_again)
{
	struct keeper_facts facts;
	struct watch w;

	set_up_watched(&w);
	const char *current =
		arena_printf(w.c.arena, "%s/" FILES_CURRENT, w.c.folder);

	ck_assert_int_eq(unlink(current), 0);
	ck_assert_int_eq(symlink("generations/none", current), 0);
	keeper_look(w.keeper);
	keeper_find_facts(w.keeper, &facts);
	ck_assert_uint_eq(facts.generation, 7);
	ck_assert_ptr_nonnull(strstr(facts.problem, "no generation"));
	ck_assert_int_eq(unlink(current), 0);
	ck_assert_int_eq(symlink("generations/7", current), 0);
	keeper_look(w.keeper);
	keeper_find_facts(w.keeper, &facts);
	ck_assert_str_eq(facts.problem, "");
	tear_down(&w);
}
END_TEST

START_TEST(what_is_judged_is_counted_though_nothing_logs_it)
{
	struct judgement got;
	struct text out;
	struct watch w;

	set_up_watched(&w);
	keeper_judge(&w.judge, w.keeper,
		(struct keeper_manner){ .is_silent = true });
	ck_assert_ptr_null(w.judge.record);
	ck_assert(ask(&w, "ann@d.example", "", &got));
	ck_assert(ask(&w, "ann@d.example", "10.0.0.9", &got));
	ck_assert(ask(&w, "bob@d.example", "", &got));
	ck_assert(ask(&w, "bob@d.example", "", &got));
	text_init(&out);
	metrics_format(&out, w.metrics);
	ck_assert_ptr_nonnull(strstr(out.data,
		"{verdict=\"accept\",reason=\"listed\","
		"type=\"authoritative\",connector=\"ex\"} 1\n"));
	ck_assert_ptr_nonnull(strstr(out.data,
		"{verdict=\"reject\",reason=\"loop\","
		"type=\"authoritative\",connector=\"ex\"} 1\n"));
	ck_assert_ptr_nonnull(strstr(out.data,
		"{verdict=\"reject\",reason=\"unknown\","
		"type=\"authoritative\",connector=\"-\"} 2\n"));
	text_fini(&out);
	tear_down(&w);
}
END_TEST

/* So many that their map is not copied, but mapped. */
static void set_up_many(struct watch *w)
{
	struct text entries;

	text_init(&entries);
	text_adds(&entries, "staff ann@d.example");
	for (unsigned i = 0; i < 1500; i++)
		text_addf(&entries, "\nstaff user%u@d.example", i);
	set_up_with(w, 1, entries.data);
	text_fini(&entries);
}

static const char *map(struct watch *w, const char *name)
{
	return arena_printf(
		w->c.arena, "%s/generations/1/%s", w->c.folder, name);
}

static const char *reason(struct watch *w, const char *recipient)
{
	struct judgement got;

	return ask(w, recipient, "", &got) ? got.reason : "nothing";
}

START_TEST(damage_is_told_once_deferred_and_over_when_mended)
{
	struct watch w;
	size_t len;

	set_up_many(&w);
	const char *path = map(&w, FILES_RELAY_RECIPIENTS);
	const char *sound = file_read(path, &len, w.c.arena, NULL);
	struct keeper_facts facts;

	ck_assert_str_eq(reason(&w, "bob@d.example"), "unknown");
	said(&w);
	ck_assert_int_eq(truncate(path, 4096), 0);
	ck_assert_str_eq(reason(&w, "bob@d.example"), "lookup-failed");
	ck_assert_str_eq(reason(&w, "ann@d.example"), "lookup-failed");
	ck_assert_str_eq(reason(&w, "ann@e.example"), "not-ours");
	keeper_look(w.keeper);
	keeper_look(w.keeper);
	ck_assert_uint_eq(count_of(said(&w), "generation 1 is damaged"), 1);
	keeper_find_facts(w.keeper, &facts);
	ck_assert_ptr_nonnull(strstr(facts.problem, "damaged: not as it was"));
	const int fd = open(path, O_WRONLY);

	ck_assert_int_eq(pwrite(fd, sound, len, 0), (ssize_t)len);
	close(fd);
	keeper_look(w.keeper);
	ck_assert_str_eq(reason(&w, "bob@d.example"), "unknown");
	ck_assert_uint_eq(count_of(said(&w), "generation 1 is in force"), 1);
	keeper_find_facts(w.keeper, &facts);
	ck_assert_str_eq(facts.problem, "");
	tear_down(&w);
}
END_TEST

/* Nobody has asked for what is missing. */
START_TEST(a_map_cut_short_is_told_before_anybody_asks)
{
	struct watch w;

	set_up_many(&w);
	said(&w);
	ck_assert_int_eq(truncate(map(&w, FILES_RELAY_RECIPIENTS), 70000), 0);
	keeper_look(w.keeper);
	ck_assert_uint_eq(count_of(said(&w), "generation 1 is damaged"), 1);
	tear_down(&w);
}
END_TEST

static const struct {
	const char *damaged[3]; /* files that are cut short, or gone */
	bool is_gone;
	const char *listed, *unknown, *foreign; /* reasons */
	const char *said;
} at_start[] = {
	{ { FILES_RELAY_RECIPIENTS }, false, "lookup-failed", "lookup-failed",
		"not-ours", "generation 1 is damaged, and what can not be" },
	{ { FILES_RELAY_RECIPIENTS }, true, "lookup-failed", "lookup-failed",
		"not-ours", "generation 1 is damaged, and what can not be" },
	{ { FILES_POLICY }, false, "nothing", "nothing", "nothing",
		"every answer is DUNNO" },
	{ { FILES_POLICY }, true, "nothing", "nothing", "nothing",
		"every answer is DUNNO" },
	{ { FILES_POLICY, FILES_RELAY_RECIPIENTS }, false, "lookup-failed",
		"lookup-failed", "lookup-failed", "every answer is 450 4.3.0" },
	{ { FILES_POLICY, FILES_RELAY_RECIPIENTS }, true, "nothing", "nothing",
		"nothing", "every answer is DUNNO" },
	{ { FILES_SUMS }, false, "nothing", "nothing", "nothing",
		"every answer is DUNNO" },
	{ { FILES_SUMS }, true, "nothing", "nothing", "nothing",
		"policyd.sums: missing" },
};

START_TEST(what_is_damaged_at_the_start_refuses_nobody)
{
	struct watch w;

	set_up(&w, 1);
	keeper_close(&w.keeper);
	said(&w);
	for (int i = 0; at_start[_i].damaged[i] != NULL; i++) {
		const char *path = map(&w, at_start[_i].damaged[i]);

		ck_assert_int_eq(at_start[_i].is_gone ? unlink(path)
						      : truncate(path, 20),
			0);
	}
	w.keeper = keeper_open(w.c.folder, w.journal, NULL);
	keeper_judge(&w.judge, w.keeper, (struct keeper_manner){ 0 });
	keeper_look(w.keeper);
	ck_assert_str_eq(reason(&w, "ann@d.example"), at_start[_i].listed);
	ck_assert_str_eq(reason(&w, "bob@d.example"), at_start[_i].unknown);
	ck_assert_str_eq(reason(&w, "ann@e.example"), at_start[_i].foreign);
	ck_assert_uint_eq(count_of(said(&w), at_start[_i].said), 1);
	model_case_write(&w.c, 2);
	keeper_look(w.keeper);
	ck_assert_str_eq(reason(&w, "ann@d.example"), "listed");
	ck_assert_str_eq(reason(&w, "bob@d.example"), "unknown");
	tear_down(&w);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("keeper");
	TCase *tcase = tcase_create("core");

	tcase_add_test(tcase, a_recipient_is_judged);
	tcase_add_test(tcase, the_first_generation_that_appears_is_taken);
	tcase_add_test(tcase, a_new_generation_is_taken_at_the_next_look);
	tcase_add_test(tcase, one_that_does_not_open_leaves_the_old_in_force);
	tcase_add_test(tcase, newer_times_of_directories_are_taken);
	tcase_add_test(tcase, times_that_can_not_be_read_are_told_once);
	tcase_add_test(tcase, who_watches_is_told_what_is_in_force);
	tcase_add_test(tcase, a_manifest_that_can_not_be_read_is_told);
	tcase_add_test(tcase, a_problem_is_over_when_the_old_is_current_again);
	tcase_add_test(
		tcase, damage_is_told_once_deferred_and_over_when_mended);
	tcase_add_test(tcase, a_map_cut_short_is_told_before_anybody_asks);
	tcase_add_loop_test(tcase, what_is_damaged_at_the_start_refuses_nobody,
		0, COUNT(at_start));
	tcase_add_test(tcase, what_is_judged_is_counted_though_nothing_logs_it);
	return unit_run(suite, tcase);
}
