#include "directory/passwd_file.h"

#include "directory/text_decode.h"

#include "sink_text.h"
#include "unit_main.h"

#define ANN "ann:x:1000:1000:Ann Lee,,,:/home/ann:/bin/sh\n"
#define FOUND_ANN "class user\n1 ann@unix.example\n"

static const struct line_case {
	const char *name, *text, *found;
} CASES[] = {
	{ "empty", "", "" },
	{ "a user", ANN, FOUND_ANN },
	{ "crlf", "ann:x:1000:1000:::\r\nbob:x:1001:1::/:/bin/sh\r\n",
		FOUND_ANN "class user\n2 bob@unix.example\n" },
	{ "lowest and highest",
		"a:x:999::::\nb:x:1000::::\nc:x:2000::::\nd:x:2001::::\n",
		"class user\n2 b@unix.example\n"
		"class user\n3 c@unix.example\n" },
	{ "comments, empty lines and NIS",
		ANN "\n \t\n# x:x:1000::::\n+\n+@staff::::::\n-bob::::::\n",
		FOUND_ANN },
	{ "quoted where SMTP wants it", "EXAMPLE\\ann:x:1500:1::/:\n",
		"class user\n1 \"EXAMPLE\\\\ann\"@unix.example\n" },
	{ "realm in the name", "ann@realm:x:1500:1::/:\n" ANN,
		"1 BAD \"ann@realm\": a user's name has no \"@\"; the domain "
		"is that of \"local-domain\"\n"
		"class user\n2 ann@unix.example\n" },
	{ "realm in the name of a system user", "ann@realm:x:15:1::/:\n", "" },
	{ "too few fields", "ann:x:1000\n",
		"1 BAD 7 fields between \":\" expected, 3 found\n" },
	{ "too many fields", "ann:x:1000:1:a:b:c:/:/bin/sh\n",
		"1 BAD 7 fields between \":\" expected, 9 found\n" },
	{ "another file", "ann@company.example\n",
		"1 BAD 7 fields between \":\" expected, 1 found\n" },
	{ "no name", ":x:1000:1::/:\n", "1 BAD a user without a name\n" },
	{ "no uid", "ann:x::1::/:\n",
		"1 BAD \"ann\": the uid must be a number, not \"\"\n" },
	{ "negative uid", "ann:x:-2:1::/:\n",
		"1 BAD \"ann\": the uid must be a number, not \"-2\"\n" },
	{ "cut off", ANN "bob:x:10",
		FOUND_ANN "2 BAD 7 fields between \":\" expected, 3 found\n" },
};

static void read_text(const char *text, size_t len, struct text *found)
{
	struct arena *arena = arena_open();
	const struct directory directory = { .type = DIRECTORY_PASSWD,
		.local_domain = "unix.example",
		.min_uid = 1000,
		.max_uid = 2000 };
	struct decoded decoded = { .text = arena_strndup(arena, text, len),
		.len = len };
	struct sink sink = sink_text(found);

	sink.object = sink_text_object;
	ck_assert(passwd_file_read(&directory, &decoded, &sink, NULL));
	arena_close(&arena);
}

START_TEST(users_are_listed)
{
	const struct line_case *c = &CASES[_i];
	struct text found;

	text_init(&found);
	read_text(c->text, strlen(c->text), &found);
	ck_assert_msg(strcmp(text_of(&found), c->found) == 0, "%s: %s", c->name,
		text_of(&found));
	text_fini(&found);
}
END_TEST

START_TEST(truncations_are_borne)
{
	for (size_t len = 0; len <= strlen(CASES[_i].text); len++) {
		struct text found;

		text_init(&found);
		read_text(CASES[_i].text, len, &found);
		text_fini(&found);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("passwd_file");

	tcase_add_loop_test(tcase, users_are_listed, 0, COUNT(CASES));
	tcase_add_loop_test(tcase, truncations_are_borne, 0, COUNT(CASES));
	return unit_run(suite_create("passwd_file"), tcase);
}
