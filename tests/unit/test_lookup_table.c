/* Tables as main.cf names them. */
#include "doctor/lookup_table.h"

#include "tests/unit/postconf_case.h"
#include "tests/unit/unit_main.h"

static const struct {
	const char *word;
	bool is_table, is_local, has_patterns;
	const char *file;
} cases[] = {
	{ "company.example", false, false, false, NULL },
	{ "/x", true, true, false, "/x" },
	{ "cdb:/x", true, true, false, "/x.cdb" },
	{ "proxy:hash:/x", true, true, false, "/x.db" },
	{ "lmdb:/x", true, true, false, "/x.lmdb" },
	{ "texthash:/x", true, true, false, "/x" },
	{ "regexp:/x", true, true, true, "/x" },
	{ "proxy:pcre:/x", true, true, true, "/x" },
	{ "inline:{ a=b }", true, true, false, NULL },
	{ "regexp:{ {/a/ b} }", true, true, true, NULL },
	{ "proxy:pcre:{{/a/ b}}", true, true, true, NULL },
	{ "static:x", true, true, false, NULL },
	{ "ldap:/x", true, false, false, NULL },
	{ "proxy:mysql:/x", true, false, false, NULL },
};

START_TEST(is_known_by_its_type)
{
	struct arena *arena = arena_open();
	const char *word = cases[_i].word;
	const char *file = lookup_table_file(word, arena);

	ck_assert_msg(
		lookup_table_is_table(word) == cases[_i].is_table, "%s", word);
	ck_assert_msg(
		lookup_table_is_local(word) == cases[_i].is_local, "%s", word);
	ck_assert_msg(lookup_table_has_patterns(word) == cases[_i].has_patterns,
		"%s", word);
	ck_assert_pstr_eq(file, cases[_i].file);
	arena_close(&arena);
}
END_TEST

/* Not proxymap(8), which may not run. */
START_TEST(is_asked_itself)
{
	struct postconf_case p;
	struct text found;

	postconf_case_open(&p);
	postconf_case_program(&p, "postmap",
		"while IFS= read -r key; do echo \"$key\t$1 $2 $3\"; done\n");
	text_init(&found);
	lookup_table_ask("proxy:hash:/x", "a\nb\n", &found);
	ck_assert_str_eq(found.data, "a\t-q - hash:/x\nb\t-q - hash:/x\n");
	text_clear(&found);
	postconf_case_program(&p, "postmap", "echo a; exit 1\n");
	lookup_table_ask("hash:/x", "a\n", &found);
	ck_assert_uint_eq(found.len, 0);
	text_fini(&found);
	postconf_case_close(&p);
}
END_TEST

START_TEST(is_gone_through)
{
	struct postconf_case p;
	struct text found;

	postconf_case_open(&p);
	postconf_case_program(&p, "postmap", "echo \"a\t$1 $2\"\n");
	text_init(&found);
	lookup_table_list("proxy:hash:/x", &found);
	ck_assert_str_eq(found.data, "a\t-s hash:/x\n");
	text_clear(&found);
	lookup_table_list("ldap:/x", &found);
	lookup_table_list("a.example", &found);
	lookup_table_list("/none/such", &found);
	ck_assert_uint_eq(found.len, 0);
	text_fini(&found);
	postconf_case_close(&p);
}
END_TEST

START_TEST(file_of_names_is_asked)
{
	static const char names[] = "# b\na.example, b.example\n\nx\tc";
	struct postconf_case p;
	struct text found;

	postconf_case_open(&p);
	const char *path = arena_printf(p.arena, "%s/names", p.folder);

	test_write(path, names, strlen(names));
	text_init(&found);
	lookup_table_ask(path, "b\nb.example\nc\nx.example\n", &found);
	ck_assert_str_eq(found.data, "b.example\tb.example\nc\tc\n");
	text_clear(&found);
	lookup_table_ask("/none/such", "b\n", &found);
	ck_assert_uint_eq(found.len, 0);
	text_fini(&found);
	postconf_case_close(&p);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("lookup_table");

	tcase_add_loop_test(tcase, is_known_by_its_type, 0, COUNT(cases));
	tcase_add_test(tcase, is_asked_itself);
	tcase_add_test(tcase, is_gone_through);
	tcase_add_test(tcase, file_of_names_is_asked);
	return unit_run(suite_create("lookup_table"), tcase);
}
