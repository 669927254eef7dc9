/* The rules of resolution, sentence by sentence. */
#include "namespace/resolver.h"

#include "tests/unit/model_case.h"
#include "tests/unit/two_systems.h"
#include "tests/unit/unit_main.h"

struct resolver_case {
	const char *name, *config, *entries, *recipient, *client;
	const char *expect; /* "verdict reason final by route [directory]" */
};

static const struct resolver_case cases[] = {
	/* 0. Parse. */
	{ "no address", STRICT, "", "bob", NULL, "pass not-an-address - by -" },
	{ "nothing behind the @", STRICT, "", "bob@", NULL,
		"pass not-an-address - by -" },
	{ "split at the last @", RELAY, "", "a@b@d.example", NULL,
		"relay unlisted \"a@b\"@d.example by " EX },
	{ "folded, a trailing dot dropped", STRICT, "ad bob@d.example",
		"BOB@D.Example.", NULL,
		"accept listed bob@d.example by " EX " [ad]" },
	{ "no UTF-8", STRICT, "", "\xff@d.example", NULL,
		"pass not-an-address - by -" },
	/* 1. Domain, longest match. */
	{ "none", STRICT, "", "bob@other.example", NULL,
		"pass not-ours bob@other.example by -" },
	{ "suffix is no subdomain", STRICT, "", "bob@xd.example", NULL,
		"pass not-ours bob@xd.example by -" },
	{ "subdomain of an inclusive one", RELAY, "", "bob@a.b.d.example", NULL,
		"relay unlisted bob@a.b.d.example by " EX },
	{ "exact has no subdomains",
		"accepted-domain '#d.example' { type = internal-relay "
		"}\n" SYSTEMS,
		"", "bob@b.d.example", NULL,
		"pass not-ours bob@b.d.example by -" },
	{ "subdomains alone",
		"accepted-domain '*.d.example' { type = internal-relay "
		"}\n" SYSTEMS,
		"", "bob@d.example", NULL, "pass not-ours bob@d.example by -" },
	{ "longer one wins",
		RELAY "accepted-domain 'b.d.example' { type = authoritative }",
		"", "bob@a.b.d.example", NULL,
		"reject unknown bob@a.b.d.example by -" },
	{ "exact one takes its name out",
		RELAY "accepted-domain '#b.d.example' { type = authoritative }",
		"", "bob@b.d.example", NULL,
		"reject unknown bob@b.d.example by -" },
	{ "and leaves what is below",
		RELAY "accepted-domain '#b.d.example' { type = authoritative }",
		"", "bob@x.b.d.example", NULL,
		"relay unlisted bob@x.b.d.example by " EX },
	{ "exact beside inclusive has the name",
		RELAY "accepted-domain '#d.example' { type = authoritative }",
		"", "bob@d.example", NULL,
		"reject unknown bob@d.example by -" },
	{ "a disabled domain is none",
		RELAY "accepted-domain 'e.example' { type = internal-relay "
		      "enabled = no }",
		"", "bob@e.example", NULL, "pass not-ours bob@e.example by -" },
	/* 2. Contact of the configuration. */
	{ "contact",
		STRICT "contact 'sales@d.example' { target = "
		       "'crm@saas.example' }",
		"", "sales@d.example", NULL,
		"accept contact crm@saas.example by " OUT },
	{ "contact without extension",
		STRICT "contact 'sales@d.example' { target = "
		       "'crm@saas.example' }",
		"", "Sales+Tag@d.example", NULL,
		"accept contact crm+tag@saas.example by " OUT },
	{ "an extension longer than any list holds",
		STRICT "contact 'sales@d.example' { target = "
		       "'crm@saas.example' }",
		"",
		"sales+123456789012345678901234567890123456789012345678901234"
		"5678901234567890@d.example",
		NULL,
		"accept contact crm+1234567890123456789012345678901234567890"
		"123456789012345678901234567890@saas.example by " OUT },
	{ "contact over a listed mailbox",
		STRICT "contact 'bob@d.example' { target = 'x@saas.example' }",
		"ad bob@d.example", "bob@d.example", NULL,
		"accept contact x@saas.example by " OUT },
	{ "contact of a listed mailbox",
		STRICT "contact 'sales@d.example' { target = 'bob@d.example' }",
		"staff bob@d.example", "sales@d.example", NULL,
		"accept contact bob@d.example by " UNIX " [staff]" },
	{ "contact of a mailbox that is listed with an extension",
		STRICT "contact 'sales@d.example' { target = 'eve+s@d.example' "
		       "}",
		"staff eve+s@d.example", "sales+x@d.example", NULL,
		"accept contact eve+s+x@d.example by " EX },
	{ "and of one whose name is split but with an extension",
		STRICT "extension = '+-'\n"
		       "contact 'sales@d.example' { target = "
		       "'all-request@d.example' }",
		"staff all-request@d.example", "sales+x@d.example", NULL,
		"accept contact all-request+x@d.example by " EX },
	{ "and of one in a verified domain",
		VERIFIED "contact 'sales@d.example' { target = "
			 "'eve+s@d.example' }",
		"staff eve+s@d.example", "sales+x@d.example", NULL,
		"accept contact eve+s+x@d.example by " EX },
	{ "and of one under his secondary name there",
		VERIFIED OLD "contact 'sales@d.example' { target = "
			     "'eve+s@old.example' }",
		"staff eve+s@d.example", "sales+x@d.example", NULL,
		"accept contact eve+s+x@d.example by " EX },
	{ "but of nobody who would be asked for himself",
		VERIFIED OLD "contact 'sales@d.example' { target = "
			     "'eve+s@old.example' }",
		"", "sales+x@d.example", NULL,
		"relay verify eve+s+x@d.example by " EX },
	{ "and of one who is listed without it, too",
		STRICT "contact 'sales@d.example' { target = 'eve+s@d.example' "
		       "}",
		"staff eve+s@d.example\nad eve@d.example", "sales+x@d.example",
		NULL, "accept contact eve+s+x@d.example by " EX " [ad]" },
	{ "contact with nobody behind",
		STRICT "contact 'sales@d.example' { target = 'no@d.example' }",
		"", "sales@d.example", NULL,
		"reject unknown no@d.example by -" },
	{ "a ring of contacts",
		STRICT "contact 'a@d.example' { target = 'b@d.example' }\n"
		       "contact 'b@d.example' { target = 'a@d.example' }",
		"", "a@d.example", NULL,
		"defer lookup-failed a@d.example by -" },
	/* 3. Directories. */
	{ "listed leaves by the directory's connector", STRICT,
		"staff bob@d.example", "bob@d.example", NULL,
		"accept listed bob@d.example by " UNIX " [staff]" },
	{ "else by the domain's", STRICT, "own bob@d.example", "bob@d.example",
		NULL, "accept listed bob@d.example by " EX " [own]" },
	{ "listed without extension", STRICT, "ad bob@d.example",
		"bob+x@d.example", NULL,
		"accept listed bob+x@d.example by " EX " [ad]" },
	{ "listed with extension first", STRICT,
		"ad bob@d.example\nstaff bob+x@d.example", "bob+x@d.example",
		NULL, "accept listed bob+x@d.example by " UNIX " [staff]" },
	{ "no extension declared", STRICT "extension = ''", "ad bob@d.example",
		"bob+x@d.example", NULL,
		"reject unknown bob+x@d.example by -" },
	{ "listed twice, the first wins", STRICT,
		"ad bob@d.example\nstaff bob@d.example", "bob@d.example", NULL,
		"accept listed bob@d.example by " EX " [ad]" },
	{ "a directory outside its domains",
		STRICT "directory few { path = f domains = { 'e.example' "
		       "} }",
		"few bob@d.example", "bob@d.example", NULL,
		"reject unknown bob@d.example by -" },
	/* 4. Contact of a directory, postmaster. */
	{ "contact of a directory", STRICT,
		"ad ann@d.example > ann@saas.example", "ann+x@d.example", NULL,
		"accept contact ann+x@saas.example by " OUT },
	{ "one of a mailbox that is listed with an extension", STRICT,
		"ad ann@d.example > eve+s@d.example\nstaff eve+s@d.example",
		"ann+x@d.example", NULL,
		"accept contact eve+s+x@d.example by " EX },
	{ "one of somebody with an extension who is asked for",
		STRICT ANOTHER ASKED, "ad ann@d.example > eve+s@e.example",
		"ann+x@d.example", NULL,
		"relay verify eve+s+x@e.example by " OUT },
	{ "who is put off while a directory may list him",
		STRICT ANOTHER ASKED LATE("e.example"),
		"ad ann@d.example > eve+s@e.example\nlate never",
		"ann+x@d.example", NULL,
		"defer directory-stale eve+s+x@e.example by - [late]" },
	{ "who is caught with another one, yet asked for",
		STRICT CATCHING ASKED, "ad ann@d.example > eve+s@e.example",
		"ann+x@d.example", NULL,
		"relay verify all@saas.example by " OUT },
	{ "who is caught with another one, yet put off",
		STRICT CATCHING ANY LATE(
			"f.example") "contact 'eve+s@e.example' { target = "
				     "'no@f.example' }",
		"ad ann@d.example > eve+s@e.example\nlate never",
		"ann+x@d.example", NULL,
		"defer directory-stale no@f.example by - [late]" },
	{ "who leads back to it, caught with another one", STRICT CATCHING,
		"ad ann@d.example > eve+s@e.example\n"
		"ad eve+s@e.example > ann@d.example",
		"ann+x@d.example", NULL,
		"reject unknown ann+x@d.example by -" },
	{ "a mailbox that any directory lists wins over it", STRICT,
		"ad ann@d.example > ann@saas.example\nstaff ann@d.example",
		"ann@d.example", NULL,
		"accept listed ann@d.example by " UNIX " [staff]" },
	{ "one with nobody behind is left out", RELAY ANOTHER,
		"ad ann@d.example > no@e.example", "ann@d.example", NULL,
		"relay unlisted ann@d.example by " EX },
	{ "one whose target can not be judged", RELAY ANOTHER,
		"ad ann@d.example > no@e.example\nown never", "ann@d.example",
		NULL, "defer directory-stale no@e.example by - [own]" },
	{ "one for its own address, under its secondary name", RELAY OLD,
		"ad ann@d.example > ann@old.example", "ann@d.example", NULL,
		"relay unlisted ann@d.example by " EX },
	{ "the secondary name of one for its own address", RELAY OLD,
		"ad ann@d.example > ann@old.example", "ann@old.example", NULL,
		"relay secondary ann@d.example by " EX },
	{ "one for its own address in a filtered domain", STRICT OLD,
		"ad ann@d.example > ann@old.example", "ann@d.example", NULL,
		"reject unknown ann@d.example by -" },
	{ "one in a ring of them", RELAY,
		"ad a@d.example > b@d.example\nad b@d.example > a@d.example",
		"a@d.example", NULL, "relay unlisted a@d.example by " EX },
	{ "one that leads into a ring of them", RELAY,
		"ad a@d.example > b@d.example\nad b@d.example > a@d.example\n"
		"ad c@d.example > a@d.example",
		"c@d.example", NULL, "relay contact a@d.example by " EX },
	{ "one in a ring that grows", RELAY,
		"ad a@d.example > b+x@d.example\nad b@d.example > a@d.example",
		"a@d.example", NULL, "relay unlisted a@d.example by " EX },
	{ "postmaster, not listed", STRICT, "", "PostMaster@d.example", NULL,
		"accept postmaster postmaster@d.example by " EX },
	{ "postmaster of a subdomain, with extension", STRICT, "",
		"postmaster+x@b.d.example", NULL,
		"accept postmaster postmaster+x@b.d.example by " EX },
	{ "postmaster's address", STRICT "postmaster = 'pm@d.example'",
		"staff pm@d.example", "postmaster@d.example", NULL,
		"accept postmaster pm@d.example by " UNIX " [staff]" },
	{ "postmaster listed", STRICT "postmaster = 'pm@d.example'",
		"staff postmaster@d.example", "postmaster@d.example", NULL,
		"accept listed postmaster@d.example by " UNIX " [staff]" },
	{ "postmaster stands for himself",
		STRICT "postmaster = 'postmaster@d.example'", "",
		"postmaster@d.example", NULL,
		"accept postmaster postmaster@d.example by " EX },
	{ "postmaster while his own address is stale",
		STRICT "postmaster = 'pm@d.example'", "own never",
		"postmaster@d.example", NULL,
		"accept postmaster postmaster@d.example by " EX },
	{ "postmaster's contact whose target can not be judged",
		STRICT ANOTHER LATE(
			"e.example") "contact 'postmaster@d.example' "
				     "{ target = 'no@e.example' }",
		"late never", "postmaster+x@d.example", NULL,
		"accept postmaster postmaster+x@d.example by " EX },
	{ "nor that of a directory", STRICT ANOTHER LATE("e.example"),
		"ad postmaster@d.example > no@e.example\nlate never",
		"postmaster@d.example", NULL,
		"accept postmaster postmaster@d.example by " EX },
	{ "postmaster's address that is asked for",
		VERIFIED "postmaster = 'no@d.example'", "",
		"postmaster@d.example", NULL,
		"relay postmaster no@d.example by " EX },
	{ "postmaster who is listed with an extension",
		STRICT "postmaster = 'eve+s@d.example'",
		"staff eve+s@d.example", "postmaster+x@d.example", NULL,
		"accept postmaster eve+s+x@d.example by " EX },
	{ "postmaster in a ring",
		STRICT "postmaster = 'x@e.example'\n"
		       "accepted-domain 'e.example' { type = authoritative\n"
		       "catch-all = 'postmaster@d.example' }",
		"", "postmaster@d.example", NULL,
		"defer lookup-failed postmaster@d.example by -" },
	{ "postmaster of a secondary domain", STRICT OLD,
		"staff postmaster@d.example", "postmaster@old.example", NULL,
		"accept secondary postmaster@d.example by " UNIX " [staff]" },
	{ "postmaster below a secondary domain", STRICT OLD,
		"ad bob@b.old.example", "postmaster@b.old.example", NULL,
		"accept postmaster postmaster@b.old.example by " EX },
	{ "postmaster where only a directory has a connector",
		"accepted-domain 'd.example' { type = authoritative }\n"
		"connector a { smart-hosts = '10.0.0.1' }\n"
		"directory ad { path = ad connector = a }",
		"", "postmaster@d.example", NULL,
		"accept postmaster postmaster@d.example by smtp:[10.0.0.1]" },
	{ "postmaster of a name that no directory may list",
		"accepted-domain 'd.example' { type = authoritative }\n"
		"contact 'c@b.d.example' { target = 'x@saas.example' }\n"
		"connector a { smart-hosts = '10.0.0.1' }\n"
		"directory ad { path = ad connector = a domains = "
		"'#d.example' }",
		"", "postmaster@b.d.example", NULL,
		"accept postmaster postmaster@b.d.example by smtp:[10.0.0.1]" },
	{ "postmaster below a secondary domain that none may list",
		"accepted-domain 'd.example' { type = authoritative }\n" OLD
		"connector a { smart-hosts = '10.0.0.1' }\n"
		"directory ad { path = ad connector = a domains = "
		"'d.example' }",
		"ad bob@b.d.example", "postmaster@b.old.example", NULL,
		"accept postmaster postmaster@b.old.example by "
		"smtp:[10.0.0.1]" },
	/* 5. Secondary domain. */
	{ "listed in the primary", SECOND, "staff bob@d.example",
		"bob+x@old.example", NULL,
		"accept secondary bob+x@d.example by " UNIX " [staff]" },
	{ "a chain of them", SECOND, "staff bob@d.example", "bob@older.example",
		NULL, "accept secondary bob@d.example by " UNIX " [staff]" },
	{ "as unknown as in the primary", SECOND, "", "nobody@old.example",
		NULL, "reject unknown nobody@d.example by -" },
	{ "the empty local part is unknown too", SECOND, "", "@old.example",
		NULL, "reject unknown \"\"@d.example by -" },
	{ "listed under the secondary name itself", SECOND,
		"ad bob@old.example\nstaff bob@d.example", "bob@old.example",
		NULL, "accept listed bob@old.example by " EX " [ad]" },
	{ "a subdomain that has entries", SECOND, "staff bob@b.d.example",
		"bob@b.old.example", NULL,
		"accept secondary bob@b.d.example by " UNIX " [staff]" },
	{ "a subdomain by a chain of them", SECOND, "staff bob@b.d.example",
		"bob@b.older.example", NULL,
		"accept secondary bob@b.d.example by " UNIX " [staff]" },
	{ "a subdomain that has none, by a chain", SECOND,
		"staff bob@d.example", "bob@b.older.example", NULL,
		"reject unknown bob@b.older.example by -" },
	{ "a subdomain that the middle of a chain has to itself",
		SECOND "accepted-domain '#b.old.example' { }\n",
		"staff bob@b.d.example", "bob@b.older.example", NULL,
		"reject unknown bob@b.older.example by -" },
	{ "below a secondary domain that is below its primary",
		STRICT "accepted-domain 'old.d.example' { secondary-of = "
		       "'d.example' }\n",
		"staff bob@b.d.example", "bob@b.old.old.d.example", NULL,
		"reject unknown bob@b.old.old.d.example by -" },
	{ "a subdomain that has none", SECOND, "staff bob@d.example",
		"bob@b.old.example", NULL,
		"reject unknown bob@b.old.example by -" },
	{ "a subdomain of an exact primary",
		"accepted-domain '#d.example' { type = authoritative }\n" OLD
			SYSTEMS LISTS,
		"staff bob@b.d.example", "bob@b.old.example", NULL,
		"reject unknown bob@b.old.example by -" },
	{ "both label forms",
		STRICT "accepted-domain 'b\xc3\xbc"
		       "cher.example' { secondary-of = 'd.example' }",
		"staff bob@d.example",
		"bob@B\xc3\x9c"
		"CHER.example",
		NULL, "accept secondary bob@d.example by " UNIX " [staff]" },
	{ "below, in either label form", SECOND,
		"staff bob@gr\xc3\xbcn.d.example",
		"bob@xn--grn-ioa.old.example", NULL,
		"accept secondary bob@xn--grn-ioa.d.example by " UNIX
		" [staff]" },
	{ "below, decomposed, which is in no map", SECOND,
		"staff bob@gr\xc3\xbcn.d.example",
		"bob@gru\xcc\x88n.old.example", NULL,
		"reject unknown bob@gru\xcc\x88n.old.example by -" },
	{ "below, half in either label form, which is in no map",
		STRICT "accepted-domain 'b\xc3\xbc"
		       "cher.example' { secondary-of = 'd.example' }",
		"staff bob@gr\xc3\xbcn.d.example",
		"bob@xn--grn-ioa.b\xc3\xbc"
		"cher.example",
		NULL,
		"reject unknown bob@xn--grn-ioa.b\xc3\xbc"
		"cher.example by -" },
	{ "unfiltered", RELAY OLD, "", "bob@old.example", NULL,
		"relay secondary bob@d.example by " EX },
	{ "while what may list the secondary name is stale",
		SECOND LATE("old.example"), "late never", "bob@old.example",
		NULL, "defer directory-stale bob@d.example by - [late]" },
	{ "while what may list the name below the primary is stale",
		SECOND LATE("*.d.example"), "late never", "bob@b.old.example",
		NULL, "defer directory-stale bob@b.old.example by - [late]" },
	{ "and where a chain leads there", SECOND LATE("*.d.example"),
		"late never", "bob@b.older.example", NULL,
		"defer directory-stale bob@b.older.example by - [late]" },
	/* 6. Catch-all. */
	{ "only after every directory", CATCH, "staff bob@d.example",
		"bob+x@d.example", NULL,
		"accept listed bob+x@d.example by " UNIX " [staff]" },
	{ "for whoever is not listed, without extension", CATCH, "",
		"no+x@d.example", NULL,
		"accept catch-all all@saas.example by " OUT },
	{ "for subdomains that have entries", CATCH, "ad bob@b.d.example",
		"no@b.d.example", NULL,
		"accept catch-all all@saas.example by " OUT },
	{ "for no others", CATCH, "ad bob@b.d.example", "no@c.d.example", NULL,
		"reject unknown no@c.d.example by -" },
	{ "not while a directory is stale", CATCH, "staff stale",
		"no@d.example", NULL,
		"defer directory-stale no@d.example by - [staff]" },
	{ "through a secondary name", CATCH OLD, "", "no@old.example", NULL,
		"accept secondary all@saas.example by " OUT },
	{ "not through one whose directory is stale",
		CATCH_RELAY OLD LATE("old.example"), "late never",
		"no@old.example", NULL,
		"defer directory-stale no@d.example by - [late]" },
	{ "left out of the primary, and so of its secondary names",
		CATCH_RELAY OLD, "staff stale", "no@old.example", NULL,
		"relay secondary no@d.example by " EX },
	{ "whose target can not be judged now",
		D("catch-all = 'no@e.example'") ANOTHER LATE("e.example"),
		"late never", "no@d.example", NULL,
		"defer directory-stale no@e.example by - [late]" },
	{ "left out of an unfiltered domain then",
		D("catch-all = 'no@e.example' type = internal-relay")
			ANOTHER LATE("e.example"),
		"late never", "no@d.example", NULL,
		"relay unlisted no@d.example by " EX },
	/* 7. Not listed. */
	{ "filter off", RELAY, "", "no@d.example", NULL,
		"relay unlisted no@d.example by " EX },
	{ "filter verify", VERIFIED, "", "no@d.example", NULL,
		"relay verify no@d.example by " EX },
	{ "contact into a verified domain",
		VERIFIED ANOTHER
		"contact 'c@e.example' { target = 'no@d.example' }",
		"", "c@e.example", NULL, "relay verify no@d.example by " EX },
	{ "internal relay, filtered",
		D("type = internal-relay recipient-filter = directories"), "",
		"no@d.example", NULL, "reject unknown no@d.example by -" },
	{ "external relay, filtered",
		D("type = external-relay recipient-filter = directories"), "",
		"no@d.example", NULL, "reject unknown no@d.example by -" },
	{ "external relay", D("type = external-relay"), "", "no@d.example",
		NULL, "relay unlisted no@d.example by " EX },
	{ "a directory that never loaded", STRICT, "own never", "no@d.example",
		NULL, "defer directory-stale no@d.example by - [own]" },
	{ "one older than its max-age", STRICT, "staff stale", "no@d.example",
		NULL, "defer directory-stale no@d.example by - [staff]" },
	{ "one that loaded when the clock was far ahead", STRICT, "staff ahead",
		"no@d.example", NULL,
		"defer directory-stale no@d.example by - [staff]" },
	{ "one that loaded before all time", STRICT, "staff damaged",
		"no@d.example", NULL,
		"defer directory-stale no@d.example by - [staff]" },
	{ "one without a max-age", STRICT, "ad stale", "no@d.example", NULL,
		"reject unknown no@d.example by -" },
	{ "known recipients of a stale one stay", STRICT,
		"staff stale\nstaff bob@d.example", "bob@d.example", NULL,
		"accept listed bob@d.example by " UNIX " [staff]" },
	{ "one that may not own the domain", STRICT LATE("e.example"),
		"late never", "no@d.example", NULL,
		"reject unknown no@d.example by -" },
	/* 9. Loop. */
	{ "handed back by its own system", RELAY, "", "no@d.example",
		"10.0.0.9", "reject loop no@d.example by " EX },
	{ "a smart host is a client", RELAY, "", "no@d.example", "10.0.0.1",
		"reject loop no@d.example by " EX },
	{ "listed ones too", STRICT, "ad bob@d.example", "bob@d.example",
		"10.0.0.9", "reject loop bob@d.example by " EX " [ad]" },
	{ "not one of another system's", STRICT, "staff bob@d.example",
		"bob@d.example", "10.0.0.9",
		"accept listed bob@d.example by " UNIX " [staff]" },
	{ "not the postmaster", RELAY, "", "postmaster+x@d.example", "10.0.0.9",
		"accept postmaster postmaster+x@d.example by " EX },
	{ "not what was rewritten", SECOND, "ad bob@d.example",
		"bob@old.example", "10.0.0.9",
		"accept secondary bob@d.example by " EX " [ad]" },
	{ "a refused one is unknown first", STRICT, "", "no@d.example",
		"10.0.0.9", "reject unknown no@d.example by -" },
	{ "foreign mail is none of ours", RELAY, "", "x@far.example",
		"10.0.0.9", "pass not-ours x@far.example by -" },
	{ "loop = off",
		"accepted-domain 'd.example' { type = internal-relay }\n"
		"connector a { smart-hosts = '10.0.0.1' loop = off\n"
		"address-spaces = 'd.example' }",
		"", "no@d.example", "10.0.0.1",
		"relay unlisted no@d.example by smtp:[10.0.0.1]" },
	{ "the failover's client",
		"accepted-domain 'd.example' { type = internal-relay }\n"
		"connector a { smart-hosts = '10.0.0.1' address-spaces = "
		"'d.example' }\n"
		"connector b { smart-hosts = '10.0.0.2' address-spaces = "
		"'d.example;2' backup = yes }",
		"", "no@d.example", "10.0.0.2",
		"reject loop no@d.example by smtp:[10.0.0.1], [10.0.0.2]" },
};

static const char *describe(const struct resolution *r, struct arena *arena)
{
	const char *route = route_format(&r->route, arena);

	return arena_printf(arena, "%s %s %s by %s%s%s%s",
		verdict_format(r->verdict), reason_format(r->reason),
		r->final == NULL ? "-" : r->final,
		route[0] == '\0' ? "-" : route,
		r->directory == NULL ? "" : " [",
		r->directory == NULL ? "" : r->directory->name,
		r->directory == NULL ? "" : "]");
}

START_TEST(resolves)
{
	const struct resolver_case *t = &cases[_i];
	struct model_case c;

	model_case_sound(&c, t->config, t->entries);
	const struct resolution r =
		view_ask(model_view(c.model), t->recipient, t->client, c.arena);
	const char *said = describe(&r, c.arena);

	ck_assert_msg(strcmp(said, t->expect) == 0, "%s: %s\nbut expected %s",
		t->name, said, t->expect);
	model_case_close(&c);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("resolver");

	tcase_add_loop_test(tcase, resolves, 0, COUNT(cases));
	return unit_run(suite_create("resolver"), tcase);
}
