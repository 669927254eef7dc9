/* Poly1305, as RFC 8439 has it. */
#include "base/fingerprint.h"

#include "unit_main.h"

#include <string.h>

/* RFC 8439, 2.5.2 */
static const unsigned char KEY[] =
	"\x85\xd6\xbe\x78\x57\x55\x6d\x33\x7f\x44\x52\xfe\x42\xd5\x06\xa8"
	"\x01\x03\x80\x8a\xfb\x0d\xb2\xfd\x4a\xbf\xf6\xaf\x41\x49\xf5\x1b";
static const char TEXT[] = "Cryptographic Forum Research Group";
static const unsigned char PRINT[] =
	"\xa8\x06\x1d\xc1\x30\x51\x36\xc6\xc2\x2b\x8b\xaf\x0c\x01\x27\xa9";

/* In two pieces, cut at each place. */
START_TEST(it_is_poly1305)
{
	unsigned char out[FINGERPRINT_SIZE];
	const size_t cut = (size_t)_i;
	struct fingerprint *fingerprint = fingerprint_open(KEY);

	ck_assert_ptr_nonnull(fingerprint);
	fingerprint_add(fingerprint, TEXT, cut);
	fingerprint_add(fingerprint, TEXT + cut, sizeof TEXT - 1 - cut);
	fingerprint_finish(fingerprint, out);
	ck_assert_mem_eq(out, PRINT, sizeof out);
	fingerprint_close(&fingerprint);
	ck_assert_ptr_null(fingerprint);
	fingerprint_close(&fingerprint);
}
END_TEST

START_TEST(keys_differ)
{
	unsigned char a[FINGERPRINT_KEY_SIZE], b[FINGERPRINT_KEY_SIZE];

	ck_assert(fingerprint_draw_key(a));
	ck_assert(fingerprint_draw_key(b));
	ck_assert_mem_ne(a, b, sizeof a);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fingerprint");
	TCase *tcase = tcase_create("fingerprint");

	tcase_add_loop_test(tcase, it_is_poly1305, 0, (int)sizeof TEXT);
	tcase_add_test(tcase, keys_differ);
	return unit_run(suite, tcase);
}
