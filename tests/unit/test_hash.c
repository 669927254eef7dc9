#include "base/hash.h"

#include "tests/unit/unit_main.h"

#include <check.h>

/* Every byte and the length tell; at each length up to three steps. */
START_TEST(each_byte_counts)
{
	const struct hash_secret secret = hash_secret();
	char bytes[49] = { 0 };

	for (size_t len = 0; len + 1 < sizeof bytes; len++) {
		const uint64_t hash = hash_bytes(&secret, bytes, len);

		ck_assert_uint_ne(hash, hash_bytes(&secret, bytes, len + 1));
		for (size_t i = 0; i < len; i++) {
			bytes[i] = 1;
			ck_assert_uint_ne(
				hash, hash_bytes(&secret, bytes, len));
			bytes[i] = 0;
		}
	}
}
END_TEST

START_TEST(another_secret_gives_other_numbers)
{
	const struct hash_secret secret = hash_secret();

	for (size_t i = 0; i < 2; i++) {
		struct hash_secret other = secret;

		other.words[i] ^= 1;
		ck_assert_uint_ne(hash_bytes(&secret, "ann", 3),
			hash_bytes(&other, "ann", 3));
	}
}
END_TEST

/* A secret of 0 would let a text of 8 zero bytes hide the others. */
START_TEST(secret_is_one)
{
	const struct hash_secret secret = hash_secret();

	ck_assert(secret.words[0] != 0 && secret.words[1] != 0);
	ck_assert(secret.words[0] != secret.words[1]);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("hash");

	tcase_add_test(tcase, each_byte_counts);
	tcase_add_test(tcase, another_secret_gives_other_numbers);
	tcase_add_test(tcase, secret_is_one);
	return unit_run(suite_create("hash"), tcase);
}
