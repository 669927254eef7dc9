/* What check --directories tells, line by line. */
#include "transport-map-gen/directories_detail.h"

#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#define CONFIG \
	"accepted-domain '#d.example' { }\n" \
	"connector ex { smart-hosts = h address-spaces = '*' }\n" \
	"connector unix { smart-hosts = u }\n" \
	"directory ad { path = '/l/ad' connector = ex }\n" \
	"directory off { path = '/l/off' enabled = no }\n" \
	"directory staff { path = '/l/staff' connector = unix }\n"

static const char *detail(
	struct model_case *c, struct load *loads, const char *state)
{
	const struct gathered g = { .arena = c->arena,
		.faults = c->faults,
		.ns = c->ns,
		.recipients = c->recipients,
		.loads = loads,
		.model = c->model,
		.now = MODEL_NOW };
	char *bytes = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&bytes, &len);

	directories_detail(&g, state, file);
	ck_assert_int_eq(fclose(file), 0);
	const char *result = arena_strndup(c->arena, bytes, len);

	free(bytes);
	return result;
}

static void remember(const struct model_case *c, time_t age_s)
{
	const struct freshness list = { "ad", MODEL_NOW - age_s };

	ck_assert(freshness_write(c->folder, &list, 1, NULL));
}

START_TEST(all_is_told)
{
	struct model_case c;
	struct load loads[3] = { { .n_entries = 6, .n_bad = 2 }, { 0 },
		{ .end = LOAD_NEVER } };

	model_case_sound(&c, CONFIG,
		"ad ann@d.example\nad j.smith@d.example\nstaff ann@d.example\n"
		"staff jsmith@d.example\nstaff \xd0\xb0nn@d.example\n"
		"staff x@m.\xd4\x81.example");
	class_counts_init(&loads[0].classes, c.arena);
	class_counts_add(&loads[0].classes, "user", 5);
	class_counts_add(&loads[0].classes, "group", 1);
	remember(&c, 2 * MODEL_DAY);
	ck_assert_str_eq(detail(&c, loads, c.folder),
		"directory ad: 6 recipients; 5 user, 1 group; 2 bad\n"
		"  source: /l/ad\n"
		"  last-good copy: read 2 days ago\n"
		"  conflicts: 0\n"
		"  look-alikes: 0\n"
		"directory staff: 0 recipients, never read\n"
		"  source: /l/staff\n"
		"  last-good copy: none that is known\n"
		"  conflicts: 1\n"
		"    ann@d.example (/l/staff line 3) is listed by directory ad "
		"too (/l/ad line 1), which wins\n"
		"  look-alikes: 3\n"
		"    \xd0\xb0nn@d.example (/l/staff line 5) looks like "
		"ann@d.example of directory ad (/l/ad line 1)\n"
		"    jsmith@d.example (/l/staff line 4) is nearly "
		"j.smith@d.example of directory ad (/l/ad line 2)\n"
		"    the domain of x@m.xn--76a.example (/l/staff line 6) looks "
		"like accepted domain d.example\n");
	model_case_close(&c);
}
END_TEST

static const struct {
	time_t age_s;
	const char *expect;
} ages[] = {
	{ 0, "read 0 seconds ago" }, { 1, "read 1 second ago" },
	{ 59, "read 59 seconds ago" }, { 60, "read 1 minute ago" },
	{ 7199, "read 1 hour ago" }, { MODEL_DAY, "read 1 day ago" },
	{ -5, "read 0 seconds ago" }, /* the clock was put back */
};

START_TEST(ages_are_whole)
{
	struct model_case c;
	struct load loads[3] = { { .n_entries = 0 } };

	model_case_sound(&c, CONFIG, "");
	remember(&c, ages[_i].age_s);
	ck_assert_ptr_nonnull(
		strstr(detail(&c, loads, c.folder), ages[_i].expect));
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("directories_detail");

	tcase_add_test(tcase, all_is_told);
	tcase_add_loop_test(tcase, ages_are_whole, 0, COUNT(ages));
	return unit_run(suite_create("directories_detail"), tcase);
}
