#include "directory/usn_mark.h"

#include "sink_text.h"
#include "unit_main.h"

#define ID "000102030405060708090a0b0c0d0eff"

START_TEST(mark_survives_its_text)
{
	struct usn_mark mark = { .usn = UINT64_MAX }, read;
	struct text text;

	for (unsigned char i = 0; i < 16; i++)
		mark.invocation_id[i] = i < 15 ? i : 0xff;
	text_init(&text);
	usn_mark_format(&text, &mark);
	ck_assert_str_eq(text_of(&text), "usn " ID " 18446744073709551615");
	ck_assert(usn_mark_parse(&read, text.data, text.len));
	ck_assert_mem_eq(read.invocation_id, mark.invocation_id, 16);
	ck_assert(read.usn == mark.usn);
	text_fini(&text);
}
END_TEST

static const char *const NO_MARKS[] = { "", "usn ", "usn " ID, "usn " ID " ",
	"usn " ID " x", "usn " ID " 1 ", "usn " ID "  1", "usn " ID " -1",
	"usn " ID " 18446744073709551616", "csn " ID " 1", "usn 0" ID " 1",
	"usn 0001020304050607 8090a0b0c0d0eff 1",
	"usn 000102030405060708090A0B0C0D0EFF 1" };

START_TEST(what_is_no_mark_is_refused)
{
	struct usn_mark mark;
	const char *text = NO_MARKS[_i];

	ck_assert_msg(!usn_mark_parse(&mark, text, strlen(text)), "%s", text);
}
END_TEST

static const struct known_case {
	const char *name, *value, *dn; /* NULL: not that one */
} KNOWN[] = {
	{ "deleted objects",
		"B:32:18E2EA80684F11D2B9AA00C04F79F805:"
		"CN=Deleted Objects,DC=company,DC=example",
		.dn = "CN=Deleted Objects,DC=company,DC=example" },
	{ "lower case", "b:32:18e2ea80684f11d2b9aa00c04f79f805:CN=x",
		.dn = "CN=x" },
	{ "users", "B:32:A9D1CA15768811D1ADED00C04FD8D5CD:CN=Users,DC=company",
		.dn = NULL },
	{ "no name", "B:32:18E2EA80684F11D2B9AA00C04F79F805:", .dn = NULL },
	{ "empty", "", .dn = NULL },
};

START_TEST(container_is_known_by_its_guid)
{
	const struct known_case *c = &KNOWN[_i];
	const char *dn = NULL;
	size_t len = 0;

	ck_assert_msg(usn_deleted_objects(&dn, &len, c->value,
			      strlen(c->value)) == (c->dn != NULL),
		"%s", c->name);
	if (c->dn == NULL)
		return;
	ck_assert_uint_eq(len, strlen(c->dn));
	ck_assert_mem_eq(dn, c->dn, len);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, mark_survives_its_text);
	tcase_add_loop_test(
		tcase, what_is_no_mark_is_refused, 0, COUNT(NO_MARKS));
	tcase_add_loop_test(
		tcase, container_is_known_by_its_guid, 0, COUNT(KNOWN));
	return unit_run(suite_create("usn_mark"), tcase);
}
