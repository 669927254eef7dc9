#include "directory/dn.h"

#include "base/arena.h"
#include "tests/unit/unit_main.h"

#include <stdlib.h>
#include <string.h>

#define TEXT(text) text, sizeof text - 1

static const struct dn_case {
	const char *name, *bytes;
	size_t len;
	const char *shown;
} CASES[] = {
	{ "plain", TEXT("cn=ann,dc=company"), "cn=ann,dc=company" },
	{ "root", TEXT(""), "" },
	{ "special characters stay escaped",
		TEXT("cn=a\\,b\\+c\\\"\\<\\>\\;\\#"),
		"cn=a\\,b\\+c\\\"\\<\\>\\;\\#" },
	{ "a backslash", TEXT("cn=a\\\\b"), "cn=a\\\\b" },
	{ "a backslash before digits", TEXT("cn=\\\\C3\\\\BC"),
		"cn=\\\\C3\\\\BC" },
	{ "escaped UTF-8", TEXT("cn=J\\C3\\BCrgen"), "cn=J\xC3\xBCrgen" },
	{ "in small letters", TEXT("cn=J\\c3\\bcrgen"), "cn=J\xC3\xBCrgen" },
	{ "UTF-8", TEXT("cn=J\xC3\xBCrgen"), "cn=J\xC3\xBCrgen" },
	{ "four octets", TEXT("cn=\xF0\x9F\x93\xAC"), "cn=\xF0\x9F\x93\xAC" },
	{ "half a character", TEXT("cn=\xC3"), "cn=\\C3" },
	{ "half an escaped one", TEXT("cn=\\C3x"), "cn=\\C3x" },
	{ "overlong", TEXT("cn=\xC0\xAF"), "cn=\\C0\\AF" },
	{ "surrogate", TEXT("cn=\xED\xA0\x80"), "cn=\\ED\\A0\\80" },
	{ "line feed", TEXT("cn=a\nb"), "cn=a\\0Ab" },
	{ "escaped line feed", TEXT("cn=a\\0Ab"), "cn=a\\0Ab" },
	{ "escape character", TEXT("cn=\033[2J"), "cn=\\1B[2J" },
	{ "C1 control", TEXT("cn=\xC2\x9B"), "cn=\\C2\\9B" },
	{ "NUL", TEXT("cn=a\0b"), "cn=a\\00b" },
	{ "escaped NUL", TEXT("cn=a\\00b"), "cn=a\\00b" },
	{ "ends in a backslash", TEXT("cn=a\\"), "cn=a\\" },
	{ "ends in half a pair", TEXT("cn=a\\C"), "cn=a\\C" },
	{ "filter's characters", TEXT("cn=*)(objectClass=*"),
		"cn=*)(objectClass=*" },
};

START_TEST(names_are_shown)
{
	const struct dn_case *c = &CASES[_i];
	struct arena *arena = arena_open();
	/* A block of its own, so that reading past it is noticed. */
	char *bytes = malloc(c->len == 0 ? 1 : c->len);

	ck_assert_ptr_nonnull(bytes);
	memcpy(bytes, c->bytes, c->len);
	const char *shown = dn_show(bytes, c->len, arena);

	ck_assert_msg(strcmp(shown, c->shown) == 0, "%s: %s", c->name, shown);
	free(bytes);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, names_are_shown, 0, COUNT(CASES));
	return unit_run(suite_create("dn"), tcase);
}
