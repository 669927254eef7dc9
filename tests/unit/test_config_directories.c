/* Faults of meaning in directories, each at its own line. */
#include "tests/unit/config_case.h"

#include "tests/unit/unit_main.h"

#define ONE_SENTENCE "takes one value and no list; write it without braces\n"
#define DURATION_SENTENCE "must be a time such as 90s, 15m, 12h, 2d or 1w, not "
#define LIMIT_SENTENCE "must be a number such as 50, or 0% to 100%, not "
#define CSV_SENTENCE \
	"error: this directory names no columns that hold addresses; write " \
	"columns = { \"PrimarySmtpAddress\" }, or preset = exchange or " \
	"exchange-5.5\n"
#define ATTRIBUTES_SENTENCE \
	"error: this directory names no attributes that hold addresses; " \
	"write attributes = { \"mail\" }, or preset = active-directory or " \
	"openldap\n"
#define ATTRIBUTE_SENTENCE \
	" is no name of an attribute: letters, digits and hyphens alone, no " \
	"options\n"
#define LOCAL_SENTENCE \
	"error: this directory has no local-domain; write to which domain " \
	"its names belong: local-domain = \"DOMAIN\"\n"
#define COMMAND_SENTENCE \
	"error: \"command\" names no program; write command = { " \
	"\"PROGRAM\", \"ARGUMENT\" }\n"

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

/* The keys that one type has and another has not. */
static const struct config_case types[] = {
	{ "path of what is no file",
		"directory a { type = command command = b\n path = c }\n",
		"@2: error: \"path\" is for directories of type file, postfix, "
		"csv, ldif, passwd or aliases, not command with output = "
		"file; take it out\n" },
	{ "key of two types",
		"directory a { type = passwd local-domain = d\n attributes = "
		"{ mail }\n tls-ca-file = c }\n",
		"@2: error: \"attributes\" is for directories of type ldif or "
		"ldap, not passwd; take it out\n"
		"@3: error: \"tls-ca-file\" is for directories of type ldap or "
		"sql, not passwd; take it out\n" },
	{ "keys of servers in a file",
		"directory a { path = b\n uri = x\n query = y\n timeout = 1m "
		"}\n",
		"@2: error: \"uri\" is for directories of type ldap, not "
		"file; take it out\n"
		"@3: error: \"query\" is for directories of type sql, not "
		"file; take it out\n"
		"@4: error: \"timeout\" is for directories of type ldap, sql "
		"or command, not file; take it out\n" },
	{ "preset in a list", "directory a { path = b\n preset = exchange }\n",
		"@2: error: \"preset\" is for directories of type csv, ldif or "
		"ldap, not file; take it out\n" },
	{ "key of another output",
		"directory a { type = command command = b output = ldif "
		"preset = openldap\n columns = { c } }\n",
		"@2: error: \"columns\" is for directories of type csv, not "
		"command with output = ldif; take it out\n" },
	{ "output of a file", "directory a { path = b\n output = csv }\n",
		"@2: error: \"output\" is for directories of type command, not "
		"file; take it out\n" },
	{ "mistyped key", "directory a { path = b\n password = c }\n",
		"@2: error: no such key \"password\" in a directory; did you "
		"mean \"password-file\"?\n" },
	{ "key like no other",
		"directory a { path = b\n ssl-version-max = 3 }\n",
		"@2: error: no such key \"ssl-version-max\" in a directory; "
		"namespace.conf(5) says which it takes\n" },

};

static const struct config_case texts[] = {
	{ "csv with a preset of something else",
		"directory a { path = b type = csv\n preset = openldap }\n",
		"@2: error: \"preset\" must be exchange or exchange-5.5, not "
		"\"openldap\"\n" },
	{ "csv with a preset and no columns",
		"directory a { path = b type = csv preset = exchange\n columns "
		"= { } }\n",
		"@2: " CSV_SENTENCE },
	{ "ldif without attributes", "\ndirectory a { path = b type = ldif }\n",
		"@2: " ATTRIBUTES_SENTENCE },
	{ "ldif with no attributes",
		"directory a { path = b type = ldif\n attributes = { } }\n",
		"@2: " ATTRIBUTES_SENTENCE },
	{ "ldif with a preset of something else",
		"directory a { path = b type = ldif\n preset = exchange }\n",
		"@2: error: \"preset\" must be active-directory or openldap, "
		"not \"exchange\"\n" },
	{ "ldif with names that are none",
		"directory a { path = b type = ldif\n attributes = { 'mail',\n"
		" '', '*',\n 'mail;lang-de' }\n target-attribute = '-a' }\n",
		"@3: error: \"attributes\" holds an empty name; write the name "
		"of an attribute\n"
		"@3: error: attributes: \"*\"" ATTRIBUTE_SENTENCE
		"@4: error: attributes: \"mail;lang-de\"" ATTRIBUTE_SENTENCE
		"@5: error: target-attribute: \"-a\"" ATTRIBUTE_SENTENCE },
	{ "ldif with an empty target",
		"directory a { path = b type = ldif preset = openldap\n "
		"target-attribute = '' }\n",
		"@2: error: \"target-attribute\" is empty; write the name of "
		"an attribute, or take the key out\n" },
	{ "disabled accounts elsewhere",
		"directory a { path = b type = ldif preset = openldap\n "
		"disabled-accounts = skip }\n",
		"@2: error: \"disabled-accounts\" is for preset = "
		"active-directory; take it out\n" },
	{ "disabled accounts",
		"directory a { path = b type = ldif preset = "
		"active-directory\n disabled-accounts = no }\n",
		"@2: error: \"disabled-accounts\" must be keep or skip, not "
		"\"no\"\n" },

	{ "passwd without domain", "\ndirectory a { type = passwd }\n",
		"@2: " LOCAL_SENTENCE },
	{ "aliases without domain",
		"\ndirectory a { type = aliases path = b }\n",
		"@2: " LOCAL_SENTENCE },
	{ "program without domain",
		"directory a { type = command command = b output = aliases "
		"}\n",
		"@1: " LOCAL_SENTENCE },
	{ "domain with a mark",
		"directory a { type = aliases\n local-domain = '#b' }\n",
		"@2: error: local-domain: \"#b\" has a mark where a plain name "
		"is wanted: write \"b\"\n" },
	{ "empty domain",
		"directory a { type = aliases\n local-domain = '' }\n",
		"@2: error: local-domain: the name is empty: a domain such as "
		"company.example is wanted\n" },
	{ "uid that is none",
		"directory a { type = passwd local-domain = d\n min-uid = "
		"ann\n max-uid = 4294967295 }\n",
		"@2: error: \"min-uid\" must be a user's number of 0 to "
		"4294967294, not \"ann\"\n"
		"@3: error: \"max-uid\" must be a user's number of 0 to "
		"4294967294, not \"4294967295\"\n" },
	{ "first uid behind the last by default",
		"directory a { type = passwd local-domain = d\n min-uid = "
		"100000 }\n",
		"@2: error: \"min-uid\" is 100000 and \"max-uid\" is 60000, so "
		"nobody is between the two; raise \"max-uid\"\n" },
	{ "last uid before the first by default",
		"directory a { type = passwd local-domain = d\n max-uid = 999 "
		"}\n",
		"@2: error: \"min-uid\" is 1000 and \"max-uid\" is 999, so "
		"nobody is between the two; raise \"max-uid\"\n" },

	{ "no program", "\ndirectory a { type = command }\n",
		"@2: error: this directory has no command; write the program "
		"to run: command = { \"PROGRAM\", \"ARGUMENT\" }\n" },
	{ "empty command", "directory a { type = command\n command = { } }\n",
		"@2: " COMMAND_SENTENCE },
	{ "empty program",
		"directory a { type = command\n command = { '', b } }\n",
		"@2: " COMMAND_SENTENCE },
	{ "program and arguments in one",
		"directory a { type = command\n command = '/bin/list --all' "
		"}\ndirectory b { type = command\n enabled = no command = "
		"'/bin/list --all' }\n",
		"@2: advice: \"/bin/list --all\" is taken for the name of a "
		"program, blanks and all; each argument wants quotes of its "
		"own: command = { \"PROGRAM\", \"ARGUMENT\" }\n" },
	{ "output of no time",
		"directory a { type = command command = b\n output = json "
		"columns = c }\n",
		"@2: error: \"output\" must be file, postfix, csv, ldif, "
		"passwd or aliases, not \"json\"\n" },
	{ "output of a server",
		"directory a { type = command command = b\n output = ldap }\n",
		"@2: error: \"output\" must be file, postfix, csv, ldif, "
		"passwd or aliases, not \"ldap\"\n" },
	{ "timeouts of none",
		"directory a { type = command command = b\n timeout = 0 }\n"
		"directory c { type = command command = b\n timeout = 8d }\n"
		"deadline = 0s\n",
		"@5: error: \"deadline\" must be a time of 1s to 1w, not "
		"\"0s\"\n"
		"@2: error: \"timeout\" must be a time of 1s to 1w, not "
		"\"0\"\n"
		"@4: error: \"timeout\" must be a time of 1s to 1w, not "
		"\"8d\"\n" },
};

CONFIG_CASES(directories)
CONFIG_CASES(types)
CONFIG_CASES(texts)

int main(void)
{
	TCase *tcase = tcase_create("faults");

	CONFIG_ADD(tcase, directories);
	CONFIG_ADD(tcase, types);
	CONFIG_ADD(tcase, texts);
	return unit_run(suite_create("config_directories"), tcase);
}
