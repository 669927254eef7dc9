#include "directory/key.h"

#include "sink_text.h"
#include "unit_main.h"

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

static const struct printable_case {
	const char *name, *text, *shown;
} PRINTABLE[] = {
	{ "nothing", "", "" },
	{ "letters", "J\xC3\xBCrgen \xF0\x9F\x98\x80",
		"J\xC3\xBCrgen \xF0\x9F\x98\x80" },
	{ "controls", "a\033[2J\n\x7F", "a?[2J??" },
	{ "second set", "\xC2\x80\xC2\x9F\xC2\xA0", "????\xC2\xA0" },
	{ "no UTF-8", "a\xFF\xC3 b", "a?? b" },
	{ "half a character", "a\xE2\x82", "a??" },
	{ "turned and broken lines", "\xE2\x80\xAE\xE2\x80\xA8x", "??????x" },
	{ "surrogate", "\xED\xA0\x80x", "???x" },
};

START_TEST(what_can_not_be_shown_is_replaced)
{
	const struct printable_case *c = &PRINTABLE[_i];
	struct arena *arena = arena_open();
	const char *shown = key_printable(c->text, arena);

	ck_assert_msg(strcmp(shown, c->shown) == 0, "%s: %s", c->name, shown);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, addresses_become_keys, 0, COUNT(CASES));
	tcase_add_loop_test(
		tcase, what_can_not_be_shown_is_replaced, 0, COUNT(PRINTABLE));
	return unit_run(suite_create("key"), tcase);
}
