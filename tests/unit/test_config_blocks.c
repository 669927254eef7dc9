/* Faults of meaning in connectors and directories, each at its own line. */
#include "tests/unit/config_case.h"

#define X64 "x123456789x123456789x123456789x123456789x123456789x123456789x123"
#define NAME_SENTENCE(phrase) \
	"can not be the name of " phrase ": up to 64 letters a to z, digits, " \
	"dots, underscores and hyphens, first a letter or a digit\n"
#define ONE_SENTENCE "takes one value and no list; write it without braces\n"
#define CSV_SENTENCE \
	"error: a csv directory needs the headers of its address columns: " \
	"columns = { \"PrimarySmtpAddress\" }\n"
#define NOWHERE_SENTENCE \
	"error: this connector leads nowhere; give it smart-hosts = { " \
	"\"HOST\" } or, for delivery on this machine, a transport\n"
#define DURATION_SENTENCE "must be a time such as 90s, 15m, 12h, 2d or 1w, not "
#define COST_SENTENCE(space) \
	"error: address-spaces: the cost in " space \
	" must be 1 to 100, right " \
	"after the semicolon\n"
#define LIMIT_SENTENCE "must be a number such as 50, or 0% to 100%, not "

static const struct config_case connectors[] = {
	{ "empty name", "\nconnector \"\" { transport = 'virtual:' }\n",
		"@2: error: \"\" " NAME_SENTENCE("a connector") },
	{ "name with a blank", "connector 'a b' { transport = 'virtual:' }\n",
		"@1: error: \"a b\" " NAME_SENTENCE("a connector") },
	{ "name with a dot in front", "directory '.a' { path = x }\n",
		"@1: error: \".a\" " NAME_SENTENCE("a directory") },
	{ "name at its limit", "connector " X64 " { transport = 'virtual:' }\n",
		"" },
	{ "name too long", "connector " X64 "x { transport = 'virtual:' }\n",
		"@1: error: \"" X64 "x\" " NAME_SENTENCE("a connector") },
	{ "twice",
		"connector a { transport = 'virtual:' }\n\n# again\nconnector "
		"a { transport = 'virtual:'\n enabled = no }\n",
		"@4: error: connector \"a\" stands already at @1; keep one of "
		"the two\n" },
	{ "space that is no domain",
		"connector a { transport = 'virtual:'\n address-spaces = { "
		"b,\n c;2,\n 'd e' } }\n",
		"@4: error: address-spaces: \"d e\" has a blank in it: a name "
		"has none\n" },
	{ "cost of nothing",
		"connector a { transport = 'virtual:'\n address-spaces = { "
		"'b;' } }\n",
		"@2: " COST_SENTENCE("\"b;\"") },
	{ "cost of 0",
		"connector a { transport = 'virtual:'\n address-spaces = 'b;0' "
		"}\n",
		"@2: " COST_SENTENCE("\"b;0\"") },
	{ "cost of 101",
		"connector a { transport = 'virtual:'\n address-spaces = { "
		"'b;101' } }\n",
		"@2: " COST_SENTENCE("\"b;101\"") },
	{ "cost behind a blank",
		"connector a { transport = 'virtual:'\n address-spaces = { 'b; "
		"5' } }\n",
		"@2: " COST_SENTENCE("\"b; 5\"") },
	{ "space twice",
		"connector a { transport = 'virtual:'\n address-spaces = { "
		"b,\n \"*\", '#b', '*.b',\n 'B.;5',\n '*;2' } }\n",
		"@4: error: address space \"B.;5\" stands already at @2; keep "
		"one of the two\n"
		"@5: error: address space \"*;2\" stands already at @3; keep "
		"one of the two\n" },
	{ "no way out", "\nconnector a {\n tls = may }\n",
		"@2: " NOWHERE_SENTENCE },
	{ "two ways out",
		"connector a {\n smart-hosts = { b }\n transport = 'virtual:' "
		"}\n",
		"@3: error: a connector leaves by smart-hosts (line @@2) or by "
		"a transport; keep one of the two\n" },
	{ "no smart host", "connector a {\n smart-hosts = { } }\n",
		"@2: error: \"smart-hosts\" is empty; write one host at "
		"least\n" },
	{ "bad smart host", "connector a {\n smart-hosts = { b,\n 'c:0' } }\n",
		"@3: error: smart-hosts: the port must be a number from 1 to "
		"65535, not \"0\"\n" },
	{ "bad transport", "connector a {\n transport = 'virtual' }\n",
		"@2: error: transport: \"virtual\" has no colon: write a "
		"transport as lmtp:unix:PATH, smtp:[host]:25 or virtual:\n" },
	{ "two transports", "connector a {\n transport = { 'virtual:', b } }\n",
		"@2: error: \"transport\" " ONE_SENTENCE },
	{ "bad client",
		"connector a { smart-hosts = b\n clients = { \"10.0.0.1\",\n "
		"\"10.0.0.1/24\" } }\n",
		"@3: error: clients: bits are set behind the prefix: the "
		"network is 10.0.0.0/24\n" },
	{ "unknown tls", "connector a { smart-hosts = b\n tls = must }\n",
		"@2: error: \"tls\" must be none, may, encrypt, verify or "
		"secure, not \"must\"\n" },
	{ "verify an address",
		"connector a { smart-hosts = { b,\n \"10.0.0.1\" }\n tls = "
		"verify }\n",
		"@3: error: no certificate names the address [10.0.0.1], so "
		"tls = verify would stop all mail; write the host's name, or "
		"tls = encrypt\n" },
	{ "secure an address in a transport",
		"connector a { tls = secure\n transport = 'smtp:[10.0.0.1]:25' "
		"}\n",
		"@1: error: no certificate names the address [10.0.0.1]:25, so "
		"tls = secure would stop all mail; write the host's name, or "
		"tls = encrypt\n" },
	{ "tls on a socket",
		"connector a {\n tls = may\n transport = 'lmtp:unix:b' }\n",
		"@2: error: \"tls\" is for SMTP and LMTP over the network, and "
		"the transport at line @@3 is not; take \"tls\" out\n" },
	{ "tls on a service",
		"connector a {\n transport = 'virtual:'\n tls = may }\n",
		"@3: error: \"tls\" is for SMTP and LMTP over the network, and "
		"the transport at line @@2 is not; take \"tls\" out\n" },
	{ "backup", "connector a { smart-hosts = b\n backup = 1 }\n",
		"@2: error: \"backup\" must be yes or no, not \"1\"\n" },
	{ "loop", "connector a { smart-hosts = b\n loop = no }\n",
		"@2: error: \"loop\" must be reject or off, not \"no\"\n" },
	{ "unknowns to nobody",
		"connector a { smart-hosts = b\n unknowns = bsae }\n",
		"@2: error: no such connector \"bsae\"; did you mean "
		"\"base\"?\n" },
	{ "unknowns to something else",
		"connector a { smart-hosts = b\n unknowns = everything }\n",
		"@2: error: no such connector \"everything\"\n" },
	{ "unknowns to itself",
		"connector a { smart-hosts = b\n unknowns = a }\n",
		"@2: error: connector \"a\" can not hand its unknowns to "
		"itself; write reject, return or another connector\n" },
	{ "unknowns to a disabled one",
		"connector a { smart-hosts = b\n unknowns = c }\nconnector c { "
		"smart-hosts = b\n enabled = no\n unknowns = nobody }\n",
		"@2: error: connector \"c\" is disabled at @3; enable it, or "
		"name another\n" },
};

static const struct config_case directories[] = {
	{ "twice", "directory a { path = b }\ndirectory a { path = c }\n",
		"@2: error: directory \"a\" stands already at @1; keep one of "
		"the two\n" },
	{ "type of later", "directory a { path = b\n type = ldap }\n",
		"@2: error: type ldap is not built in yet; export that "
		"directory to a list of type file, postfix or csv\n" },
	{ "type of no time", "directory a {\n type = text }\n",
		"@2: error: \"type\" must be file, postfix or csv, not "
		"\"text\"\n" },
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
		"the column, or take the key out\n" },
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

CONFIG_CASES(connectors)
CONFIG_CASES(directories)

int main(void)
{
	Suite *suite = suite_create("config_blocks");
	TCase *tcase = tcase_create("faults");
	SRunner *runner = srunner_create(suite);

	CONFIG_ADD(tcase, connectors);
	CONFIG_ADD(tcase, directories);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	const int failed = srunner_ntests_failed(runner);

	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
