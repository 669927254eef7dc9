#include "directory/key.h"

#include "sink_text.h"

static const struct key_case {
	const char *name, *text, *key, *err;
} CASES[] = {
	{ "folded", "Ann@Company.Example", "ann@company.example", NULL },
	{ "extension kept", "ann+x@b.example", "ann+x@b.example", NULL },
	{ "quoted", "\"two words\"@b.example", "\"two words\"@b.example",
		NULL },
	{ "empty", "", NULL, "the address is empty" },
	{ "shown by its reason", "bob", NULL,
		"\"bob\" has no domain: write it as \"bob@DOMAIN\"" },
	{ "shown in front", "bob@", NULL,
		"\"bob@\": the address has nothing behind the @" },
	{ "escape character", "\033[2Jbob@b.example", NULL,
		"\"?[2Jbob@b.example\": the address has a control character in "
		"it (octet 1)" },
	{ "second set of control characters", "b\xC2\x9Bx@b.example", NULL,
		"\"b??x@b.example\": the address has a control character in it "
		"(octet 2)" },
};

START_TEST(addresses_become_keys)
{
	const struct key_case *c = &CASES[_i];
	struct arena *arena = arena_open();
	struct err err = { 0 };
	const char *key = key_parse(c->text, "+", arena, &err);

	ck_assert_msg(
		(key == NULL) == (c->key == NULL), "%s: %s", c->name, err.text);
	if (key != NULL)
		ck_assert_str_eq(key, c->key);
	else
		ck_assert_str_eq(err.text, c->err);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("key");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(
		tcase, addresses_become_keys, 0, sizeof CASES / sizeof *CASES);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);

	srunner_run_all(runner, CK_NORMAL);
	const int failed = srunner_ntests_failed(runner);

	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
