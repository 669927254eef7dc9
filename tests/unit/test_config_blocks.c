/* Faults of meaning in connectors, each at its own line. */
#include "tests/unit/config_case.h"

#include "tests/unit/unit_main.h"

#define X64 "x123456789x123456789x123456789x123456789x123456789x123456789x123"
#define NAME_SENTENCE(phrase) \
	"can not be the name of " phrase ": up to 64 letters a to z, digits, " \
	"dots, underscores and hyphens, first a letter or a digit\n"
#define ONE_SENTENCE "takes one value and no list; write it without braces\n"
#define NOWHERE_SENTENCE \
	"error: this connector leads nowhere; give it smart-hosts = { " \
	"\"HOST\" } or, for delivery on this machine, a transport\n"
#define COST_SENTENCE(space) \
	"error: address-spaces: the cost in " space \
	" must be 1 to 100, right " \
	"after the semicolon\n"

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

CONFIG_CASES(connectors)

int main(void)
{
	TCase *tcase = tcase_create("faults");

	CONFIG_ADD(tcase, connectors);
	return unit_run(suite_create("config_blocks"), tcase);
}
