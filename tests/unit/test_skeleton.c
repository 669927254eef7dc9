/* What looks alike has one skeleton, whatever way it is made. */
#include "namespace/skeleton.h"

#include "base/arena.h"
#include "tests/unit/unit_main.h"

#include <string.h>

static const struct {
	const char *a, *b;
	bool is_same;
} cases[] = {
	{ "company", "company", true },
	{ "company", "cornpany", true },
	{ "paypal", "paypa1", true },
	{ "google", "g00gle", true },
	{ "company", "c\xd0\xbempany", true }, /* Cyrillic o */
	{ "coco", "\xd1\x81\xd0\xbe\xd1\x81\xd0\xbe", true }, /* all Cyrillic */
	{ "bob", "\xef\xbd\x82\xef\xbd\x8f\xef\xbd\x82",
		true }, /* full width */
	{ "company", "companies", false },
	{ "jurgen", "j\xc3\xbcrgen", false },
};

START_TEST(compares)
{
	struct arena *arena = arena_open();
	struct skeleton *skeleton = skeleton_open();
	const char *a =
		skeleton_of(skeleton, cases[_i].a, strlen(cases[_i].a), arena);
	const char *b =
		skeleton_of(skeleton, cases[_i].b, strlen(cases[_i].b), arena);

	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_nonnull(b);
	ck_assert_msg((strcmp(a, b) == 0) == cases[_i].is_same, "%s %s: %s %s",
		cases[_i].a, cases[_i].b, a, b);
	skeleton_close(&skeleton);
	arena_close(&arena);
}
END_TEST

START_TEST(beyond_all_measure_is_none)
{
	static char huge[4096];
	struct arena *arena = arena_open();
	struct skeleton *skeleton = skeleton_open();

	memset(huge, 'm', sizeof huge);
	ck_assert_ptr_null(skeleton_of(skeleton, huge, sizeof huge, arena));
	for (size_t i = 0; i + 1 < sizeof huge; i += 2)
		memcpy(huge + i, "\xc3\xbc", 2);
	ck_assert_ptr_null(skeleton_of(skeleton, huge, sizeof huge, arena));
	ck_assert_ptr_null(skeleton_of(skeleton, "", 0, arena));
	skeleton_close(&skeleton);
	ck_assert_ptr_null(skeleton);
	skeleton_close(&skeleton);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("skeleton");

	tcase_add_loop_test(tcase, compares, 0, COUNT(cases));
	tcase_add_test(tcase, beyond_all_measure_is_none);
	return unit_run(suite_create("skeleton"), tcase);
}
