/* Faults of meaning in directories, each at its own line. */
#include "tests/unit/config_case.h"

#define ONE_SENTENCE "takes one value and no list; write it without braces\n"
#define DURATION_SENTENCE "must be a time such as 90s, 15m, 12h, 2d or 1w, not "
#define LIMIT_SENTENCE "must be a number such as 50, or 0% to 100%, not "
#define CSV_SENTENCE \
	"error: this directory names no columns that hold addresses; write " \
	"columns = { \"PrimarySmtpAddress\" }, or preset = exchange or " \
	"exchange-5.5\n"

static const struct config_case directories[] = {
	{ "twice", "directory a { path = b }\ndirectory a { path = c }\n",
		"@2: error: directory \"a\" stands already at @1; keep one of "
		"the two\n" },
	{ "type of no time", "directory a {\n type = text }\n",
		"@2: error: \"type\" must be file, postfix, csv, ldif, "
		"passwd, aliases, ldap, sql or command, not \"text\"\n" },
	{ "type of two", "directory a {\n type = { file, csv } }\n",
		"@2: error: \"type\" " ONE_SENTENCE },
	{ "no path", "\ndirectory a { }\n",
		"@2: error: this directory has no path; write where its list "
		"is: path = \"FILE\"\n" },
	{ "empty path", "directory a {\n path = '' }\n",
		"@2: error: \"path\" is empty; write the path of the list\n" },
	{ "connector that is not there",
		"directory a { path = b\n connector = bas }\n",
		"@2: error: no such connector \"bas\"; did you mean "
		"\"base\"?\n" },
	{ "connector that is disabled",
		"directory a { path = b\n connector = c }\nconnector c { "
		"smart-hosts = b\n enabled = no }\n",
		"@2: error: connector \"c\" is disabled at @3; enable it, or "
		"name another\n" },
	{ "disabled with a connector that is not there",
		"directory a { path = b\n connector = d\n enabled = no }\n",
		"" },
	{ "domains", "directory a { path = b\n domains = { c,\n '' } }\n",
		"@3: error: domains: the name is empty: a domain such as "
		"company.example is wanted\n" },
	{ "no domains", "directory a { path = b\n domains = { } }\n",
		"@2: error: \"domains\" is empty; write the domains that this "
		"directory may list, or take the key out for all\n" },
	{ "max-age", "directory a { path = b\n max-age = '2 d' }\n",
		"@2: error: \"max-age\" " DURATION_SENTENCE "\"2 d\"\n" },
	{ "max-age of nothing", "directory a { path = b\n max-age = 0h }\n",
		"@2: error: \"max-age\" of 0 would make the directory stale at "
		"once; take it out for one that never is\n" },
	{ "max-shrink over all",
		"directory a { path = b\n max-shrink = 101% }\n",
		"@2: error: \"max-shrink\" " LIMIT_SENTENCE "\"101%\"\n" },
	{ "max-shrink of a word",
		"directory a { path = b\n max-shrink = ten }\n",
		"@2: error: \"max-shrink\" " LIMIT_SENTENCE "\"ten\"\n" },
	{ "max-bad of nothing", "directory a { path = b\n max-bad = '' }\n",
		"@2: error: \"max-bad\" " LIMIT_SENTENCE "\"\"\n" },
	{ "max-bad of a percent sign",
		"directory a { path = b\n max-bad = '%' }\n",
		"@2: error: \"max-bad\" " LIMIT_SENTENCE "\"%\"\n" },
	{ "max-bad without bounds",
		"directory a { path = b\n max-bad = 1000000000000000000000000 "
		"}\n",
		"@2: error: \"max-bad\" " LIMIT_SENTENCE
		"\"1000000000000000000000000\"\n" },
	{ "csv without columns", "\ndirectory a { path = b\n type = csv }\n",
		"@2: " CSV_SENTENCE },
	{ "csv with no columns",
		"directory a { path = b\n type = csv\n columns = { } }\n",
		"@3: " CSV_SENTENCE },
	{ "csv with empty names",
		"directory a { path = b\n type = csv\n columns = { c,\n '' }\n "
		"target-column = '' }\n",
		"@4: error: \"columns\" holds an empty name; write the header "
		"of a column\n"
		"@5: error: \"target-column\" is empty; write the header of "
		"a column, or take the key out\n" },
	{ "csv with a separator",
		"directory a { path = b\n type = csv\n columns = { c }\n "
		"separator = '|' }\n",
		"@4: error: \"separator\" must be \",\", \";\" or \"tab\", not "
		"\"|\"\n" },
	{ "csv keys in a file",
		"directory a { path = b\n columns = { c }\n separator = ';' "
		"}\n",
		"@2: error: \"columns\" is for directories of type csv, not "
		"file; take it out\n"
		"@3: error: \"separator\" is for directories of type csv, not "
		"file; take it out\n" },
	{ "csv key in a postfix map",
		"directory a { path = b\n type = postfix\n target-column = c "
		"}\n",
		"@3: error: \"target-column\" is for directories of type csv, "
		"not postfix; take it out\n" },
};

CONFIG_CASES(directories)

int main(void)
{
	Suite *suite = suite_create("config_directories");
	TCase *tcase = tcase_create("faults");
	SRunner *runner = srunner_create(suite);

	CONFIG_ADD(tcase, directories);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	const int failed = srunner_ntests_failed(runner);

	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
