#include "directory/stage.h"

#include "sink_text.h"

struct fixture {
	struct arena *arena;
	struct directory directory;
	struct faults *faults;
	struct stage *stage;
};

static void fixture_init(struct fixture *f)
{
	*f = (struct fixture){
		.arena = arena_open(),
		.directory = { .name = "ad", .source = "ad.csv" },
		.faults = faults_open(),
	};
	f->stage = stage_open(&f->directory, "+", f->faults);
}

static void fixture_fini(struct fixture *f)
{
	stage_close(&f->stage);
	ck_assert_ptr_null(f->stage);
	stage_close(&f->stage);
	faults_close(&f->faults);
	arena_close(&f->arena);
}

static void put(const struct fixture *f, const char *address,
	const char *target, const char *origin)
{
	const struct entry entry = { address, target, origin };
	const struct sink sink = stage_sink(f->stage);

	sink.entry(sink.context, &entry);
}

/* "origin key [-> target]" lines. */
static const char *entries_of(const struct fixture *f)
{
	struct text text;

	text_init(&text);
	for (size_t i = 0; i < stage_count(f->stage); i++) {
		struct entry entry;

		stage_get(f->stage, i, &entry);
		sink_text_entry(&text, &entry);
	}
	const char *result = arena_strdup(f->arena, text_of(&text));

	text_fini(&text);
	return result;
}

START_TEST(addresses_become_keys)
{
	struct fixture f;

	fixture_init(&f);
	put(&f, "Ann@D.example", NULL, "1");
	put(&f, "bob+x@d.example", NULL, "2");
	put(&f, "crm@d.example", "CRM@E.example", "row 3");
	ck_assert_str_eq(entries_of(&f),
		"1 ann@d.example\n2 bob+x@d.example\n"
		"row 3 crm@d.example -> crm@e.example\n");
	ck_assert_uint_eq(stage_lines(f.stage), 3);
	ck_assert_uint_eq(stage_bad(f.stage), 0);
	struct entry crm;

	ck_assert(stage_find(f.stage, "crm@d.example", &crm));
	ck_assert_str_eq(crm.target, "crm@e.example");
	ck_assert_str_eq(crm.origin, "row 3");
	ck_assert(!stage_find(f.stage, "bob@d.example", &crm));
	fixture_fini(&f);
}
END_TEST

START_TEST(same_key_is_one_entry)
{
	struct fixture f;

	fixture_init(&f);
	put(&f, "ann@d.example", NULL, "1");
	put(&f, "ANN@d.example", NULL, "2");
	put(&f, "ann@d.example", "x@e.example", "3");
	put(&f, "c@d.example", "x@e.example", "4");
	put(&f, "c@d.example", "X@E.example", "5");
	ck_assert_str_eq(entries_of(&f),
		"1 ann@d.example\n4 c@d.example -> x@e.example\n");
	ck_assert_uint_eq(stage_lines(f.stage), 5);
	ck_assert_uint_eq(stage_bad(f.stage), 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(mailbox_replaces_contact)
{
	struct fixture f;

	fixture_init(&f);
	put(&f, "ann@d.example", "x@e.example", "1");
	put(&f, "ann@d.example", NULL, "2");
	ck_assert_str_eq(entries_of(&f), "2 ann@d.example\n");
	fixture_fini(&f);
}
END_TEST

START_TEST(contact_for_itself_is_a_mailbox)
{
	struct fixture f;

	fixture_init(&f);
	put(&f, "ann@d.example", "Ann@D.example.", "1");
	ck_assert_str_eq(entries_of(&f), "1 ann@d.example\n");
	fixture_fini(&f);
}
END_TEST

/* There it is the mailbox of another system. */
START_TEST(but_not_in_an_organisation_of_exchange)
{
	struct fixture f;

	fixture_init(&f);
	f.directory.preset = PRESET_ACTIVE_DIRECTORY;
	put(&f, "ann@d.example", "Ann@D.example.", "1");
	ck_assert_str_eq(entries_of(&f), "1 ann@d.example -> ann@d.example\n");
	put(&f, "ann@d.example", NULL, "2");
	ck_assert_str_eq(entries_of(&f), "2 ann@d.example\n");
	fixture_fini(&f);
}
END_TEST

START_TEST(bad_lines_are_told_with_their_place)
{
	static const struct fault WANTED[] = {
		{ .place.line = 17,
			.text = "\"bob\" has no domain: write it as "
				"\"bob@DOMAIN\"" },
		{ .text = "row 3: target: \"x\" has no domain: write it as "
			  "\"x@DOMAIN\"" },
		{ .text = "row?4: cut?short" },
		{ .text = "row 6: contact c@d.example has another target "
			  "already (x@e.example, at row 5)" },
	};
	struct fixture f;

	fixture_init(&f);
	put(&f, "bob", NULL, "17");
	put(&f, "bob@d.example", "x", "row 3");
	const struct sink sink = stage_sink(f.stage);

	sink.bad(sink.context, "row\n4", "cut\033short");
	put(&f, "c@d.example", "x@e.example", "row 5");
	put(&f, "c@d.example", "y@e.example", "row 6");
	ck_assert_str_eq(entries_of(&f), "row 5 c@d.example -> x@e.example\n");
	ck_assert_uint_eq(stage_lines(f.stage), 5);
	ck_assert_uint_eq(stage_bad(f.stage), 4);
	ck_assert_uint_eq(faults_count(f.faults), 4);
	ck_assert_uint_eq(faults_errors(f.faults), 0);
	for (size_t i = 0; i < 4; i++) {
		const struct fault *fault = faults_get(f.faults, i);

		ck_assert_str_eq(fault->place.file, "ad.csv");
		ck_assert_uint_eq(fault->place.line, WANTED[i].place.line);
		ck_assert_str_eq(fault->text, WANTED[i].text);
	}
	fixture_fini(&f);
}
END_TEST

START_TEST(only_the_first_hundred_are_shown)
{
	struct fixture f;

	fixture_init(&f);
	for (size_t i = 0; i < STAGE_FAULTS_MAX; i++)
		put(&f, "", NULL, "1");
	stage_finish_faults(f.stage);
	ck_assert_uint_eq(faults_count(f.faults), STAGE_FAULTS_MAX);
	put(&f, "", NULL, "1");
	put(&f, "", NULL, "1");
	stage_finish_faults(f.stage);
	ck_assert_uint_eq(faults_count(f.faults), STAGE_FAULTS_MAX + 1);
	ck_assert_str_eq(faults_get(f.faults, STAGE_FAULTS_MAX)->text,
		"2 more bad lines are not shown");
	ck_assert_uint_eq(stage_bad(f.stage), STAGE_FAULTS_MAX + 2);
	fixture_fini(&f);
}
END_TEST

START_TEST(objects_are_counted_by_class)
{
	struct fixture f;

	fixture_init(&f);
	const struct sink sink = stage_sink(f.stage);

	sink.object(sink.context, "Mailbox");
	sink.object(sink.context, "dl");
	sink.object(sink.context, "mailbox");
	ck_assert_uint_eq(stage_classes(f.stage)->n_classes, 2);
	ck_assert_uint_eq(
		class_counts_find(stage_classes(f.stage), "Mailbox"), 2);
	ck_assert_uint_eq(class_counts_find(stage_classes(f.stage), "DL"), 1);
	ck_assert_uint_eq(stage_lines(f.stage), 0);
	fixture_fini(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stage");
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, addresses_become_keys);
	tcase_add_test(tcase, same_key_is_one_entry);
	tcase_add_test(tcase, mailbox_replaces_contact);
	tcase_add_test(tcase, contact_for_itself_is_a_mailbox);
	tcase_add_test(tcase, but_not_in_an_organisation_of_exchange);
	tcase_add_test(tcase, bad_lines_are_told_with_their_place);
	tcase_add_test(tcase, only_the_first_hundred_are_shown);
	tcase_add_test(tcase, objects_are_counted_by_class);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);

	srunner_run_all(runner, CK_NORMAL);
	const int failed = srunner_ntests_failed(runner);

	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
