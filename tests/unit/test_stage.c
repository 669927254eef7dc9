#include "directory/stage.h"

#include "listing_case.h"
#include "unit_main.h"

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
	stage_finish(f->stage);
	ck_assert(listing_show(&text, stage_listing(f->stage), NULL));
	const char *result = arena_strdup(f->arena, text_of(&text));

	text_fini(&text);
	return result;
}

static bool vouches(const struct fixture *f, const char *key, size_t hint)
{
	return stage_vouches(f->stage, slice_of(key), &hint);
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
	put(&f, "bob@d.example", "bob@d.example", "2");
	put(&f, "bob@d.example", NULL, "3");
	ck_assert_str_eq(entries_of(&f),
		"1 ann@d.example -> ann@d.example\n3 bob@d.example\n");
	ck_assert_uint_eq(stage_count(f.stage), 2);
	ck_assert_uint_eq(stage_somebodies(f.stage), 1);
	ck_assert(!vouches(&f, "ann@d.example", 0));
	ck_assert(vouches(&f, "bob@d.example", 0));
	fixture_fini(&f);
}
END_TEST

START_TEST(who_is_there_is_found_from_anywhere)
{
	struct fixture f;

	fixture_init(&f);
	put(&f, "ann@d.example", NULL, "1");
	put(&f, "ann@d.example.org", NULL, "2");
	put(&f, "\"a b\"@d.example", "c@e.example", "3");
	stage_finish(f.stage);
	for (size_t hint = 0; hint < 5; hint++) {
		ck_assert(vouches(&f, "ann@d.example", hint));
		ck_assert(vouches(&f, "ann@d.example.org", hint));
		ck_assert(vouches(&f, "\"a b\"@d.example", hint));
		ck_assert(!vouches(&f, "ann@d.exampl", hint));
		ck_assert(!vouches(&f, "bob@d.example", hint));
	}
	size_t hint = 0;

	ck_assert(stage_vouches(f.stage, slice_of("ann@d.example.org"), &hint));
	ck_assert_uint_eq(hint, 2);
	fixture_fini(&f);
}
END_TEST

START_TEST(origin_is_one_word_of_a_line)
{
	struct fixture f;

	fixture_init(&f);
	put(&f, "ann@d.example", NULL, "cn=a\tb\nc");
	ck_assert_str_eq(entries_of(&f), "cn=a b c ann@d.example\n");
	fixture_fini(&f);
}
END_TEST

/* A name of a server's own choice; none is cut within a character. */
START_TEST(long_origin_is_cut)
{
	enum { MOST = 1024 };
	static const struct {
		char of;
		size_t len;
		const char *end;
		size_t kept;
	} origins[] = { { 'x', MOST - 1, "", MOST - 1 },
		{ 'x', MOST, "", MOST }, { 'x', MOST + 1, "", MOST },
		{ 'x', MOST - 1, "\xC3\xBC", MOST - 1 },
		{ 'x', MOST - 2, "\xC3\xBC", MOST },
		{ 'x', MOST - 3, "\xF0\x9F\x93\xAE", MOST - 3 },
		{ 'x', 3 * MOST, "", MOST },
		{ '\x80', 3 * MOST, "", MOST - 3 } };

	for (size_t i = 0; i < COUNT(origins); i++) {
		struct fixture f;

		fixture_init(&f);
		char *origin = arena_alloc(f.arena, 4 * MOST);

		memset(origin, origins[i].of, origins[i].len);
		memcpy(origin + origins[i].len, origins[i].end,
			strlen(origins[i].end) + 1);
		put(&f, "a@x.y", NULL, origin);
		const char *found = entries_of(&f);
		const char *end = strchr(found, ' ');

		ck_assert_uint_eq((size_t)(end - found), origins[i].kept);
		fixture_fini(&f);
	}
}
END_TEST

/* Past the first room for everything, and with gaps. */
START_TEST(many_keep_their_order)
{
	enum { MANY = 20000 };
	struct text wanted;
	struct fixture f;

	fixture_init(&f);
	text_init(&wanted);
	for (unsigned i = 0; i < MANY; i++) {
		const char *origin = arena_printf(f.arena, "%u", i);
		const char *address = arena_printf(f.arena, "u%u@d.example", i);
		const bool is_contact = i % 3 == 0;

		put(&f, address, is_contact ? "x@e.example" : NULL, origin);
		put(&f, address, NULL, "again");
		text_addf(&wanted, "%s %s\n", is_contact ? "again" : origin,
			address);
	}
	ck_assert_str_eq(entries_of(&f), text_of(&wanted));
	ck_assert_uint_eq(stage_count(f.stage), MANY);
	ck_assert_uint_eq(stage_lines(f.stage), 2 * (size_t)MANY);
	text_fini(&wanted);
	fixture_fini(&f);
}
END_TEST

/* Nobody is looked up until a contact comes, if one does. */
START_TEST(mailboxes_alone_keep_their_order)
{
	enum { MANY = 20000 };
	const bool has_contact = _i == 1;
	struct text wanted;
	struct fixture f;

	fixture_init(&f);
	text_init(&wanted);
	for (unsigned i = 0; i < MANY; i++) {
		const char *origin = arena_printf(f.arena, "%u", i);
		const char *address = arena_printf(f.arena, "u%u@d.example", i);

		put(&f, address, NULL, origin);
		put(&f, arena_printf(f.arena, "u%u@d.example", i / 2), NULL,
			"again");
		text_addf(&wanted, "%s %s\n", origin, address);
	}
	if (has_contact) {
		put(&f, "u7@d.example", "x@e.example", "again");
		put(&f, "c@d.example", "x@e.example", "last");
		put(&f, "u8@d.example", NULL, "again");
		text_adds(&wanted, "last c@d.example -> x@e.example\n");
	}
	ck_assert_str_eq(entries_of(&f), text_of(&wanted));
	ck_assert_uint_eq(stage_count(f.stage), MANY + has_contact);
	ck_assert_uint_eq(stage_somebodies(f.stage), MANY + has_contact);
	stage_index(f.stage);
	ck_assert_uint_eq(stage_count(f.stage), MANY + has_contact);
	ck_assert_uint_eq(stage_somebodies(f.stage), MANY + has_contact);
	ck_assert(vouches(&f, "u19999@d.example", 0));
	ck_assert(!vouches(&f, "u20000@d.example", 0));
	text_fini(&wanted);
	fixture_fini(&f);
}
END_TEST

/* What is expected, and how much of it comes: the entries are the same. */
static const struct {
	size_t seen, all;
} expected[] = {
	{ 1000, 2000 },
	{ 1000, 1001 },
	{ 1000, 100000 },
	{ 2000, 1000 },
	{ 1, SIZE_MAX },
	{ 1000, 0 },
};

START_TEST(what_is_expected_changes_nothing)
{
	enum { MANY = 4000 };
	struct fixture f;
	char address[32];
	size_t hint = 0;

	fixture_init(&f);
	for (int i = 0; i < MANY; i++) {
		if (i % 1500 == 0)
			stage_expect(
				f.stage, expected[_i].seen, expected[_i].all);
		snprintf(address, sizeof address, "u%d@d.example", i);
		put(&f, address, NULL, "1");
		put(&f, address, NULL, "2");
	}
	stage_finish(f.stage);
	ck_assert_uint_eq(stage_count(f.stage), MANY);
	for (int i = 0; i < MANY; i++) {
		snprintf(address, sizeof address, "u%d@d.example", i);
		ck_assert(stage_vouches(f.stage, slice_of(address), &hint));
	}
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

static const struct bad_case {
	size_t bad;
	const char *rest; /* NULL: all are shown */
} BAD_LINES[] = {
	{ STAGE_FAULTS_MAX - 1, NULL },
	{ STAGE_FAULTS_MAX, NULL },
	{ STAGE_FAULTS_MAX + 1, "1 more bad line is not shown" },
	{ STAGE_FAULTS_MAX + 2, "2 more bad lines are not shown" },
};

START_TEST(only_the_first_hundred_are_shown)
{
	const struct bad_case *c = &BAD_LINES[_i];
	struct fixture f;

	fixture_init(&f);
	for (size_t i = 0; i < c->bad; i++)
		put(&f, "", NULL, "1");
	stage_finish(f.stage);
	ck_assert_uint_eq(stage_bad(f.stage), c->bad);
	if (c->rest == NULL) {
		ck_assert_uint_eq(faults_count(f.faults), c->bad);
	} else {
		ck_assert_uint_eq(faults_count(f.faults), STAGE_FAULTS_MAX + 1);
		ck_assert_str_eq(
			faults_get(f.faults, STAGE_FAULTS_MAX)->text, c->rest);
	}
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
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, addresses_become_keys);
	tcase_add_test(tcase, same_key_is_one_entry);
	tcase_add_test(tcase, mailbox_replaces_contact);
	tcase_add_test(tcase, contact_for_itself_is_a_mailbox);
	tcase_add_test(tcase, but_not_in_an_organisation_of_exchange);
	tcase_add_test(tcase, who_is_there_is_found_from_anywhere);
	tcase_add_test(tcase, origin_is_one_word_of_a_line);
	tcase_add_test(tcase, long_origin_is_cut);
	tcase_add_test(tcase, many_keep_their_order);
	tcase_add_loop_test(tcase, mailboxes_alone_keep_their_order, 0, 2);
	tcase_add_loop_test(
		tcase, what_is_expected_changes_nothing, 0, COUNT(expected));
	tcase_add_test(tcase, bad_lines_are_told_with_their_place);
	tcase_add_loop_test(
		tcase, only_the_first_hundred_are_shown, 0, COUNT(BAD_LINES));
	tcase_add_test(tcase, objects_are_counted_by_class);
	return unit_run(suite_create("stage"), tcase);
}
