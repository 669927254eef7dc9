/* A generation that is damaged, gone or of another version: never a guess. */
#include "snapshot/generation.h"

#include "base/file.h"
#include "snapshot/cdb_reader.h"
#include "snapshot/cdb_writer.h"
#include "snapshot/files.h"
#include "snapshot/sums.h"
#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#include <fcntl.h>

#define CONFIG \
	"accepted-domain 'd.example' { }\n" \
	"connector ex { smart-hosts = h address-spaces = 'd.example' }\n" \
	"directory ad { path = p }\n" \
	"contact 'c@d.example' { target = 'x@far.example' }\n"

static struct model_case c;
static const char *folder;

static void setup(void)
{
	model_case_sound(&c, CONFIG, "ad bob@d.example");
	folder = model_case_write(&c, 1);
}

static void teardown(void)
{
	model_case_close(&c);
}

struct change {
	struct cdb_writer *writer;
	const char *key, *value; /* NULL: left out */
};

static bool copy(void *context, const char *key, size_t key_len,
	const char *value, size_t value_len)
{
	const struct change *change = context;
	const char *name = arena_strndup(c.arena, key, key_len);

	if (strcmp(name, change->key) == 0)
		return true;
	return cdb_writer_add(change->writer, name,
		arena_strndup(c.arena, value, value_len), NULL);
}

/* The map once more, with one record changed, as if it were written so. */
static void change_record(const char *map, const char *key, const char *value)
{
	const char *path = arena_printf(c.arena, "%s/%s", folder, map);
	const char *other = arena_printf(c.arena, "%s.new", path);
	struct change change = { .writer = cdb_writer_open(other, NULL),
		.key = key,
		.value = value };
	struct cdb_reader *reader = cdb_reader_open(path, NULL);

	ck_assert(reader != NULL && change.writer != NULL);
	ck_assert(cdb_reader_walk(reader, copy, &change));
	if (value != NULL)
		ck_assert(cdb_writer_add(change.writer, key, value, NULL));
	ck_assert(cdb_writer_close(&change.writer, NULL));
	cdb_reader_close(&reader);
	ck_assert_int_eq(rename(other, path), 0);
	ck_assert(sums_write(folder, NULL, NULL));
}

static const struct {
	const char *map, *key, *value;
} unopenable[] = {
	{ FILES_POLICY, "settings", NULL },
	{ FILES_POLICY, "settings", "9\t+\t" },
	{ FILES_POLICY, "connector:0", "ex" },
	{ FILES_POLICY, "directory:0", "ad" },
};

START_TEST(what_is_damaged_does_not_open)
{
	struct err err = { 0 };

	change_record(
		unopenable[_i].map, unopenable[_i].key, unopenable[_i].value);
	ck_assert_ptr_null(generation_open(c.folder, &err));
	ck_assert_ptr_nonnull(strstr(err.text,
		"/generations/1/policy.cdb: damaged, or of another version"));
}
END_TEST

START_TEST(sums_that_are_gone_are_missed)
{
	struct err err = { 0 };
	const char *sums = arena_printf(c.arena, "%s/" FILES_SUMS, folder);

	ck_assert_int_eq(unlink(sums), 0);
	ck_assert_ptr_null(generation_open(c.folder, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "/policyd.sums: missing"));
}
END_TEST

/* Sums vouch for it, and its length leads nowhere. */
START_TEST(a_contact_that_can_not_be_read_is_not_absent)
{
	static const unsigned char huge[4] = { 255, 255, 255, 255 };
	static const char key[] = "contact:c@d.example";
	const char *path = arena_printf(c.arena, "%s/" FILES_POLICY, folder);
	const int fd = open(path, O_WRONLY);
	size_t len = 0;
	const char *map = file_read(path, &len, c.arena, NULL);
	const char *at = memmem(map, len, key, strlen(key));

	ck_assert_ptr_nonnull(at);
	ck_assert_int_eq(pwrite(fd, huge, 4, at - map - 4), 4);
	close(fd);
	ck_assert(sums_write(folder, NULL, NULL));
	struct generation *generation = model_case_generation(&c);
	const struct view *view = generation_view(generation);

	ck_assert_int_eq(view_ask(view, "c@d.example", NULL, c.arena).reason,
		REASON_LOOKUP_FAILED);
	generation_close(&generation);
}
END_TEST

/* One of a version that knew no sums: read as ever. */
START_TEST(a_generation_without_sums_is_sound)
{
	change_record(FILES_POLICY, "sums", NULL);
	const char *sums = arena_printf(c.arena, "%s/" FILES_SUMS, folder);

	ck_assert_int_eq(unlink(sums), 0);
	struct generation *generation = model_case_generation(&c);
	const struct view *view = generation_view(generation);

	ck_assert_int_eq(view_ask(view, "bob@d.example", NULL, c.arena).reason,
		REASON_LISTED);
	ck_assert_int_eq(view_ask(view, "no@d.example", NULL, c.arena).reason,
		REASON_UNKNOWN);
	ck_assert(!generation_is_damaged(generation, NULL));
	/* And cut short it ends no process. */
	ck_assert_int_eq(truncate(arena_printf(c.arena,
					  "%s/" FILES_RELAY_RECIPIENTS, folder),
				 0),
		0);
	ck_assert_int_eq(view_ask(view, "bob@d.example", NULL, c.arena).reason,
		REASON_LOOKUP_FAILED);
	ck_assert(generation_is_damaged(generation, NULL));
	generation_close(&generation);
}
END_TEST

static const struct {
	const char *map, *key, *value, *recipient;
} unanswerable[] = {
	{ FILES_POLICY, "domain:d.example", "d", "no@d.example" },
	{ FILES_POLICY, "space:d.example", "7:1", "bob@d.example" },
	{ FILES_RELAY_RECIPIENTS, "bob@d.example", "ex", "bob@d.example" },
	{ FILES_RELAY_RECIPIENTS, "bob@d.example", "ex gone", "bob@d.example" },
};

START_TEST(what_can_not_be_decoded_is_deferred)
{
	change_record(unanswerable[_i].map, unanswerable[_i].key,
		unanswerable[_i].value);
	struct generation *generation = model_case_generation(&c);
	const struct resolution r = view_ask(generation_view(generation),
		unanswerable[_i].recipient, NULL, c.arena);

	ck_assert_int_eq(r.verdict, VERDICT_DEFER);
	ck_assert_int_eq(r.reason, REASON_LOOKUP_FAILED);
	generation_close(&generation);
}
END_TEST

static void lead_to(const char *target)
{
	const char *link = arena_printf(c.arena, "%s/current", c.folder);

	unlink(link);
	if (target != NULL)
		ck_assert_int_eq(symlink(target, link), 0);
}

static const struct {
	const char *target; /* of current; NULL = there is none */
	const char *gone; /* a map to be removed */
	const char *err;
} missing[] = {
	{ NULL, NULL, "no generation is published" },
	{ "generations/x", NULL, "leads to generations/x, no generation" },
	{ "generations/9", NULL, "generations/9/policy.cdb" },
	{ "generations/1", FILES_POLICY, "generations/1/policy.cdb" },
	{ "generations/1", FILES_RELAY_RECIPIENTS,
		"generations/1/relay_recipients.cdb" },
};

START_TEST(what_is_missing_is_named)
{
	struct err err = { 0 };

	lead_to(missing[_i].target);
	if (missing[_i].gone != NULL)
		ck_assert_int_eq(unlink(arena_printf(c.arena, "%s/%s", folder,
					 missing[_i].gone)),
			0);
	ck_assert_ptr_null(generation_open(c.folder, &err));
	ck_assert_msg(
		strstr(err.text, missing[_i].err) != NULL, "%s", err.text);
}
END_TEST

START_TEST(it_notices_that_another_is_current)
{
	struct generation *generation = model_case_generation(&c);

	ck_assert_uint_eq(generation_number(generation), 1);
	ck_assert(generation_is_current(generation));
	lead_to("generations/2");
	ck_assert(!generation_is_current(generation));
	lead_to(NULL);
	ck_assert(!generation_is_current(generation));
	generation_close(&generation);
	generation_close(&generation);
}
END_TEST

START_TEST(what_is_longer_than_any_name_is_not_there)
{
	struct generation *generation = model_case_generation(&c);
	const struct view *view = generation_view(generation);
	const char *name = arena_printf(c.arena, "%02000d.example", 0);
	const struct domain *domain;

	ck_assert_int_eq(view->ops->domain(view, name, &domain), LOOKUP_NONE);
	ck_assert_int_eq(view->ops->has_entries(view, name), LOOKUP_NONE);
	/* Asked twice: the second time from memory. */
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
			view_ask(view, "bob@d.example", NULL, c.arena).verdict,
			VERDICT_ACCEPT);
	generation_close(&generation);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("generation_damage");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(
		tcase, what_is_damaged_does_not_open, 0, COUNT(unopenable));
	tcase_add_test(tcase, sums_that_are_gone_are_missed);
	tcase_add_test(tcase, a_contact_that_can_not_be_read_is_not_absent);
	tcase_add_test(tcase, a_generation_without_sums_is_sound);
	tcase_add_loop_test(tcase, what_can_not_be_decoded_is_deferred, 0,
		COUNT(unanswerable));
	tcase_add_loop_test(tcase, what_is_missing_is_named, 0, COUNT(missing));
	tcase_add_test(tcase, it_notices_that_another_is_current);
	tcase_add_test(tcase, what_is_longer_than_any_name_is_not_there);
	return unit_run(suite_create("generation_damage"), tcase);
}
