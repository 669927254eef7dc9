/* What b2sum(1) prints, however the bytes come. */
#include "base/digest.h"

#include "base/arena.h"
#include "tests/unit/unit_main.h"

#include <string.h>

/* RFC 7693, appendix A, and what b2sum(1) says of /dev/null. */
static const struct {
	const char *name, *bytes, *digest;
} cases[] = {
	{ "abc", "abc",
		"ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2"
		"d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd400"
		"9923" },
	{ "nothing", "",
		"786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f54"
		"19d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9b"
		"e2ce" },
};

START_TEST(digest_is_that_of_b2sum)
{
	const size_t len = strlen(cases[_i].bytes);
	struct arena *arena = arena_open();
	struct err err = { 0 };

	for (size_t step = 1; step <= 3; step++) {
		struct digest *digest = digest_open(&err);

		ck_assert_msg(digest != NULL, "%s", err.text);
		for (size_t at = 0; at < len; at += step)
			digest_add(digest, cases[_i].bytes + at,
				len - at < step ? len - at : step);
		ck_assert_str_eq(
			digest_format(digest, arena), cases[_i].digest);
		digest_close(&digest);
		ck_assert_ptr_null(digest);
		digest_close(&digest);
	}
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("digest");

	tcase_add_loop_test(tc, digest_is_that_of_b2sum, 0, COUNT(cases));
	return unit_run(suite_create("digest"), tc);
}
