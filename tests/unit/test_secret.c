#include "directory/secret.h"

#include "sink_text.h"
#include "unit_main.h"

#include <sys/stat.h>

/* One byte more than a line may have. */
#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define THOUSAND \
	HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED \
		HUNDRED HUNDRED
#define LONGEST \
	THOUSAND THOUSAND THOUSAND THOUSAND TEN TEN TEN TEN TEN TEN TEN TEN \
		TEN "123456"

#define TEXT(text) text, sizeof text - 1

static const struct secret_case {
	const char *name, *bytes;
	size_t len;
	mode_t mode;
	const char *secret, *err;
} CASES[] = {
	{ "a line", TEXT("pass word\n"), 0600, "pass word", NULL },
	{ "no end of line", TEXT("pass"), 0600, "pass", NULL },
	{ "from Windows", TEXT("pass\r\nmore\r\n"), 0600, "pass", NULL },
	{ "first line alone", TEXT("one\ntwo\n"), 0640, "one", NULL },
	{ "blanks are its own", TEXT(" a \n"), 0400, " a ", NULL },
	{ "as long as may be", TEXT(LONGEST "\n"), 0600, LONGEST, NULL },
	{ "too long", TEXT(LONGEST "x"), 0600, NULL,
		": its first line is longer than 4096 bytes" },
	{ "NUL", TEXT("a\0b\n"), 0600, NULL, ": a NUL in its first line" },
	{ "empty line", TEXT("\nsecond\n"), 0600, NULL,
		": its first line is empty, and should be the password" },
	{ "empty", TEXT(""), 0600, NULL,
		": its first line is empty, and should be the password" },
	{ "open to all", TEXT("pass\n"), 0644, NULL,
		" holds a password and is open to everybody (mode 0644): "
		"chmod o= " },
	{ "writable by all", TEXT("pass\n"), 0602, NULL,
		" holds a password and is open to everybody (mode 0602): "
		"chmod o= " },
};

START_TEST(secrets_are_read_or_refused)
{
	const struct secret_case *c = &CASES[_i];
	struct arena *arena = arena_open();
	const char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/secret", folder);
	struct err err = { 0 };

	test_write(path, c->bytes, c->len);
	ck_assert_int_eq(chmod(path, c->mode), 0);
	const char *secret = secret_read(path, arena, &err);

	ck_assert_msg((secret == NULL) == (c->secret == NULL), "%s: %s",
		c->name, err.text);
	if (c->secret != NULL)
		ck_assert_str_eq(secret, c->secret);
	else
		ck_assert_msg(strncmp(err.text, path, strlen(path)) == 0 &&
				strncmp(err.text + strlen(path), c->err,
					strlen(c->err)) == 0,
			"%s: %s", c->name, err.text);
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
	struct arena *arena = arena_open();
	struct err err = { 0 };

	ck_assert_ptr_null(secret_read("/no/such", arena, &err));
	ck_assert_str_eq(err.text, "open /no/such: No such file or directory");
	ck_assert_ptr_null(secret_read("/", arena, &err));
	ck_assert_str_eq(err.text, "read /: not a regular file");
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(
		tcase, secrets_are_read_or_refused, 0, COUNT(CASES));
	tcase_add_test(tcase, what_is_no_file_is_refused);
	return unit_run(suite_create("secret"), tcase);
}
