/* Faults of meaning in keys, domains and contacts, each at its own line. */
#include "tests/unit/config_case.h"

#include "tests/unit/unit_main.h"

#define SECONDARY_SENTENCE \
	"can not stand in a secondary domain, which takes all from its " \
	"primary; write it there\n"
#define EXTENSION_SENTENCE \
	"error: \"extension\" is made of marks such as + or -, without " \
	"letters, digits, blanks and @ . \" % !; not "
#define ONE_SENTENCE "takes one value and no list; write it without braces\n"
#define CONTROL_SENTENCE \
	"error: the value holds a control character; in double quotes a " \
	"backslash makes one, in single quotes it stands for itself\n"
#define OFF_SENTENCE \
	"error: an authoritative domain knows its recipients and can not " \
	"have its recipient-filter off; write directories or verify, or make " \
	"it internal-relay\n"
#define DURATION_SENTENCE "must be a time such as 90s, 15m, 12h, 2d or 1w, not "
#define SECOND(name, primary) \
	"accepted-domain " name " { secondary-of = " primary " }\n"
#define FOUR(a, b, c, d, e) SECOND(b, a) SECOND(c, b) SECOND(d, c) SECOND(e, d)
#define SIXTEEN_NAMES \
	"accepted-domain d0 { }\n" FOUR("d0", "d1", "d2", "d3", "d4") \
		FOUR("d4", "d5", "d6", "d7", "d8") \
			FOUR("d8", "d9", "d10", "d11", "d12") \
				FOUR("d12", "d13", "d14", "d15", "d16")

static const struct config_case words[] = {
	{ "nothing wrong", "# nothing\n", "" },
	{ "mistyped key",
		"connector \"a\" {\n\n\tsmarthosts = { \"h.example\",\n "
		"\"i.example\" }\n\ttransport = \"virtual:\"\n}\n",
		"@3: error: no such key \"smarthosts\" in a connector; did you "
		"mean \"smart-hosts\"?\n" },
	{ "key of another block", "\ntarget = x@d.example\n",
		"@2: error: no such key \"target\" at the top level; it "
		"belongs to a contact\n" },
	{ "key of the top level in a block",
		"contact \"a@base.example\" {\n target = b@d.example\n linger "
		"= 5d }\n",
		"@3: error: no such key \"linger\" in a contact; it belongs to "
		"the top level\n" },
	{ "key like no other",
		"contact \"a@base.example\" {\n forwarding = { x, y }\n target "
		"= b@d.example }\n",
		"@2: error: no such key \"forwarding\" in a contact; it takes "
		"target and enabled\n" },
	{ "key longer than any",
		"a-key-that-is-much-longer-than-any-word-of-ours = 1\n",
		"@1: error: no such key "
		"\"a-key-that-is-much-longer-than-any-word-of-ours\" at the "
		"top level; it takes contacts, postmaster, extension, "
		"on-conflict, keep, linger and deadline\n" },
	{ "key that is the buffer's own",
		"connector \"a\" {\n title = b\n transport = 'virtual:' }\n",
		"@2: error: no such key \"title\" in a connector; it "
		"takes address-spaces, smart-hosts, transport, clients, tls, "
		"unknowns, backup, loop and enabled\n" },
	{ "mistyped block", "\naccepted_domain \"x.example\" {\n}\n",
		"@2: error: no such block \"accepted_domain\"; did you mean "
		"\"accepted-domain\"?\n" },
	{ "block like no other",
		"server \"x\" { clients = { \"1.2.3.4\" } a = b }\nroute { }\n",
		"@1: error: no such block \"server\"; there are "
		"accepted-domain, connector, directory and contact\n"
		"@2: error: no such block \"route\"; there are "
		"accepted-domain, connector, directory and contact\n" },
	{ "key twice",
		"linger = 1d\n/* again\n*/ linger = { 2d }\nlinger = x\n",
		"@3: error: \"linger\" stands already at @1; keep one of the "
		"two\n"
		"@4: error: \"linger\" stands already at @1; keep one of the "
		"two\n" },
	{ "list twice",
		"connector \"a\" {\n transport = 'virtual:'\n clients = { "
		"\"10.0.0.1\" }\n clients = { x } }\n",
		"@4: error: \"clients\" stands already at @3; keep one of the "
		"two\n" },
	{ "list added to",
		"connector \"a\" {\n transport = 'virtual:'\n clients = { "
		"\"10.0.0.1\" }\n clients += { \"10.0.0.2\",\n x } }\n",
		"@5: error: clients: an IP address or a network such as "
		"10.8.0.0/24 is wanted, not \"x\"\n" },
	{ "value added to", "linger += 5d\n",
		"@1: error: \"linger\" takes one value; \"+=\" adds to a list, "
		"write \"=\"\n" },
	{ "list for a value", "\nlinger = { 5d }\nextension = { }\n",
		"@3: error: \"extension\" " ONE_SENTENCE
		"@2: error: \"linger\" " ONE_SENTENCE },
	{ "control character in a value",
		"\npostmaster = \"a\\tb@d.example\"\n",
		"@2: " CONTROL_SENTENCE },
	{ "control character in a list",
		"contacts = { a,\n\"b\\n\",\nc, \"d\\177\" }\n",
		"@2: " CONTROL_SENTENCE "@3: " CONTROL_SENTENCE },
	{ "control character in a title",
		"connector\n\"a\\t\" { transport = 'virtual:' }\n"
		"contact \"a\\e@b\" { target = a@b }\n"
		"accepted-domain \"\\a\" { }\ndirectory \"\\b\" { path = x }\n",
		"@2: " CONTROL_SENTENCE "@3: " CONTROL_SENTENCE
		"@4: " CONTROL_SENTENCE "@5: " CONTROL_SENTENCE },
	{ "value of two lines, and what follows",
		"extension = \"+\\\n-\"\nlinger = x\n",
		"@3: error: \"linger\" " DURATION_SENTENCE "\"x\"\n" },
	{ "invalid UTF-8 by an escape", "\nextension = \"\\xfc\"\n",
		"@2: error: the value is not valid UTF-8; write its characters "
		"as they are, without \\x\n" },
};

static const struct config_case top[] = {
	{ "extension is a letter", "extension = x\n",
		"@1: " EXTENSION_SENTENCE "\"x\"\n" },
	{ "extension has a blank", "\nextension = \"+ \"\n",
		"@2: " EXTENSION_SENTENCE "\"+ \"\n" },
	{ "extension has a dot", "extension = '.'\n",
		"@1: " EXTENSION_SENTENCE "\".\"\n" },
	{ "extension has a quote", "extension = '\"'\n",
		"@1: " EXTENSION_SENTENCE "\"\"\"\n" },
	{ "extension has a percent sign", "extension = '+%'\n",
		"@1: " EXTENSION_SENTENCE "\"+%\"\n" },
	{ "extension has an exclamation mark", "extension = '!'\n",
		"@1: " EXTENSION_SENTENCE "\"!\"\n" },
	{ "extension is beyond ASCII", "extension = '\xc2\xa7'\n",
		"@1: " EXTENSION_SENTENCE "\"\xc2\xa7\"\n" },
	{ "on-conflict", "\non-conflict = last\n",
		"@2: error: \"on-conflict\" must be first or error, not "
		"\"last\"\n" },
	{ "keep nothing", "keep = 0\n",
		"@1: error: \"keep\" must be a number of 1 to 1000, not "
		"\"0\"\n" },
	{ "keep too much", "keep = 1001\n",
		"@1: error: \"keep\" must be a number of 1 to 1000, not "
		"\"1001\"\n" },
	{ "keep a word", "keep = all\n",
		"@1: error: \"keep\" must be a number of 1 to 1000, not "
		"\"all\"\n" },
	{ "linger", "linger = 5y\n",
		"@1: error: \"linger\" " DURATION_SENTENCE "\"5y\"\n" },
	{ "postmaster without domain", "\npostmaster = postmaster\n",
		"@2: error: postmaster: \"postmaster\" has no domain: write it "
		"as \"postmaster@DOMAIN\"\n" },
	{ "empty path of contacts", "contacts = { a.csv,\n\n \"\" }\n",
		"@3: error: \"contacts\" holds an empty path; write that of a "
		"CSV file\n" },
};

static const struct config_case domains[] = {
	{ "bad name", "\naccepted-domain \"a b\" { }\n",
		"@2: error: \"a b\" has a blank in it: a name has none\n" },
	{ "bad name on a line of its own",
		"accepted-domain\n\n\"*\"\n{ type = x }\n",
		"@3: error: \"*\" is an address space and no domain: write a "
		"name, or \"*.d\" for the subdomains of d\n"
		"@4: error: \"type\" must be authoritative, internal-relay or "
		"external-relay, not \"x\"\n" },
	{ "filter", "accepted-domain a {\n recipient-filter = on }\n",
		"@2: error: \"recipient-filter\" must be directories, off or "
		"verify, not \"on\"\n" },
	{ "accept-from", "accepted-domain a {\n accept-from = all }\n",
		"@2: error: \"accept-from\" must be anyone or trusted, not "
		"\"all\"\n" },
	{ "enabled", "accepted-domain a {\n enabled = maybe }\n",
		"@2: error: \"enabled\" must be yes or no, not \"maybe\"\n" },
	{ "catch-all", "accepted-domain a {\n catch-all = \"@a\" }\n",
		"@2: error: catch-all: \"@a\" has nothing in front of "
		"the @\n" },
	{ "authoritative and off by default",
		"accepted-domain a {\n recipient-filter = off }\n",
		"@2: " OFF_SENTENCE },
	{ "authoritative and off",
		"accepted-domain a {\n recipient-filter = off\n type = "
		"authoritative }\n",
		"@2: " OFF_SENTENCE },
	{ "twice", "accepted-domain a { }\n\naccepted-domain a { }\n",
		"@3: error: accepted-domain \"a\" stands already at @1; keep "
		"one of the two\n" },
	{ "twice in another spelling",
		"accepted-domain '#b\xc3\xbc"
		"cher.example' { }\naccepted-domain "
		"'#XN--BCHER-KVA.Example.' { }\n",
		"@2: error: accepted-domain \"#XN--BCHER-KVA.Example.\" stands "
		"already at @1; keep one of the two\n" },
	{ "exact and inclusive",
		"accepted-domain a { }\naccepted-domain '#a' { }\n"
		"accepted-domain '*.a' { }\n",
		"" },
	{ "disabled frees its name",
		"accepted-domain a { enabled = no }\naccepted-domain a { }\n"
		"accepted-domain a { enabled = off }\n",
		"" },
	{ "disabled is checked",
		"accepted-domain a {\n enabled = FALSE\n type = b }\n",
		"@3: error: \"type\" must be authoritative, internal-relay or "
		"external-relay, not \"b\"\n" },

	{ "keys of a secondary",
		"accepted-domain a {\n secondary-of = base.example\n type = "
		"authoritative\n enabled = yes\n catch-all = x@y\n "
		"recipient-filter = off\n accept-from = anyone }\n",
		"@3: error: \"type\" " SECONDARY_SENTENCE
		"@5: error: \"catch-all\" " SECONDARY_SENTENCE
		"@6: error: \"recipient-filter\" " SECONDARY_SENTENCE
		"@7: error: \"accept-from\" " SECONDARY_SENTENCE },
	{ "secondary of a mark",
		"accepted-domain a {\n secondary-of = '#base.example' }\n",
		"@2: error: secondary-of: \"#base.example\" has a mark where a "
		"plain name is wanted: write \"base.example\"\n" },
	{ "secondary of a list",
		"accepted-domain a {\n secondary-of = { base.example } }\n",
		"@2: error: \"secondary-of\" " ONE_SENTENCE },
	{ "secondary of nothing",
		"accepted-domain a {\n secondary-of = B.Example }\n",
		"@2: error: \"B.Example\" is no accepted domain here; "
		"secondary-of wants one that stands in a block accepted-domain "
		"\"b.example\"\n" },
	{ "secondary of subdomains alone",
		"accepted-domain '*.b' { }\naccepted-domain a {\n secondary-of "
		"= b }\n",
		"@3: error: \"b\" is no accepted domain here; secondary-of "
		"wants one that stands in a block accepted-domain \"b\"\n" },
	{ "secondary of a disabled domain",
		"accepted-domain b { enabled = no }\naccepted-domain a {\n "
		"secondary-of = b }\n",
		"@3: error: the primary \"b\" is disabled at @1; enable it, or "
		"disable its secondary domains too\n" },
	{ "secondary of itself", "accepted-domain a {\n secondary-of = A }\n",
		"@2: error: \"A\" can not be secondary of itself; name the "
		"domain whose recipients it shares\n" },
	{ "circle of secondaries",
		"accepted-domain x { secondary-of = a }\n"
		"accepted-domain c { secondary-of = a }\n"
		"accepted-domain b { secondary-of = c }\n"
		"accepted-domain a { secondary-of = b }\n",
		"@2: error: secondary domains run in a circle: c -> a -> b -> "
		"c; one of them must be a domain of its own, without "
		"secondary-of\n" },
	{ "sixteen names on the way to a primary", SIXTEEN_NAMES, "" },
	{ "more of them, told once",
		SIXTEEN_NAMES SECOND("d17", "d16") SECOND("d18", "d17"),
		"@18: error: the way from \"d17\" to \"d0\" leads through more "
		"than 16 names; write secondary-of = \"d0\"\n" },
	{ "secondary open by its own name",
		"accepted-domain '#b' { }\n"
		"accepted-domain b { accept-from = trusted }\n"
		"accepted-domain a { secondary-of = b }\n",
		"@3: error: \"a\" stands for @1, which takes mail from anyone, "
		"and the names below it for @2, which takes it from trusted: "
		"write \"#a\" and \"*.a\", a block for each\n" },
	{ "secondary of one that is open below",
		"accepted-domain '#b' { accept-from = trusted }\n"
		"accepted-domain b { }\n"
		"accepted-domain c { secondary-of = b\n enabled = no }\n"
		"accepted-domain '#c' { secondary-of = b }\n"
		"accepted-domain '*.c' { secondary-of = b }\n"
		"accepted-domain a { secondary-of = c }\n",
		"@7: error: \"a\" stands for @1, which takes mail from "
		"trusted, and the names below it for @2, which takes it from "
		"anyone: write \"#a\" and \"*.a\", a block for each\n" },
	{ "disabled secondary of nothing",
		"accepted-domain a { secondary-of = b\n enabled = no }\n", "" },
};

static const struct config_case contacts[] = {
	{ "bad address and no target", "\ncontact a { }\n",
		"@2: error: \"a\" has no domain: write it as \"a@DOMAIN\"\n"
		"@2: error: this contact stands for nobody; write the address "
		"that it stands for: target = \"ADDRESS\"\n" },
	{ "bad target", "contact a@b {\n target = c }\n",
		"@2: error: target: \"c\" has no domain: write it as "
		"\"c@DOMAIN\"\n" },
	{ "twice in another spelling",
		"contact a@b { target = c@d }\n\ncontact A@B. { target = e@f "
		"}\n",
		"@3: error: contact \"A@B.\" stands already at @1; keep one of "
		"the two\n" },
	{ "disabled frees its address",
		"contact a@b { target = c@d\n enabled = no }\ncontact a@b { "
		"target = e@f }\n",
		"" },
	{ "disabled is checked", "contact a@b { enabled = no\n target = '' }\n",
		"@2: error: target: the address is empty\n" },
	{ "all in one run",
		"linger = x\ncontact a@b { target = c }\nconnector a { tls = "
		"x\n smart-hosts = { } }\ndirectory b { }\naccepted-domain "
		"'c d' { }\n",
		"@1: error: \"linger\" " DURATION_SENTENCE "\"x\"\n"
		"@4: error: \"smart-hosts\" is empty; write one host at "
		"least\n"
		"@3: error: \"tls\" must be none, may, encrypt, verify or "
		"secure, not \"x\"\n"
		"@5: error: this directory has no path; write where its list "
		"is: path = \"FILE\"\n"
		"@6: error: \"c d\" has a blank in it: a name has none\n"
		"@2: error: target: \"c\" has no domain: write it as "
		"\"c@DOMAIN\"\n" },
};

CONFIG_CASES(words)
CONFIG_CASES(top)
CONFIG_CASES(domains)
CONFIG_CASES(contacts)

int main(void)
{
	TCase *tcase = tcase_create("faults");

	CONFIG_ADD(tcase, words);
	CONFIG_ADD(tcase, top);
	CONFIG_ADD(tcase, domains);
	CONFIG_ADD(tcase, contacts);
	return unit_run(suite_create("config_faults"), tcase);
}
