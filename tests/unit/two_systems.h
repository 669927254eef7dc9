/* Configurations that the tests of the resolver have in common. */
#ifndef TESTS_UNIT_TWO_SYSTEMS_H
#define TESTS_UNIT_TWO_SYSTEMS_H

/* Two systems, one of them the way out for all. */
#define SYSTEMS \
	"connector ex { smart-hosts = { '10.0.0.1', '[mx.ex]:587' }\n" \
	" clients = { '10.0.0.9' } address-spaces = { 'd.example' } }\n" \
	"connector unix { smart-hosts = '10.0.1.1' }\n" \
	"connector out { smart-hosts = '10.0.2.1' address-spaces = '*' }\n"
#define EX "smtp:[10.0.0.1], [mx.ex]:587"
#define UNIX "smtp:[10.0.1.1]"
#define OUT "smtp:[10.0.2.1]"
#define LISTS \
	"directory ad { path = ad connector = ex }\n" \
	"directory staff { path = s connector = unix max-age = 2d }\n" \
	"directory own { path = o }\n"
#define D(text) "accepted-domain 'd.example' {" text "}\n" SYSTEMS LISTS
#define RELAY D("type = internal-relay")
#define STRICT D("type = authoritative")

#define VERIFIED D("recipient-filter = verify")
#define CATCH D("catch-all = 'all@saas.example'")
#define CATCH_RELAY D("catch-all = 'all@saas.example' type = internal-relay")
#define ANOTHER "accepted-domain 'e.example' { type = authoritative }\n"
#define CATCHING \
	"accepted-domain 'e.example' { catch-all = 'all@saas.example' }\n"
#define ANY "accepted-domain 'f.example' { }\n"
/* For whom the next hop is asked, through somebody with an extension. */
#define ASKED \
	"accepted-domain 'v.example' { recipient-filter = verify }\n" \
	"contact 'eve+s@e.example' { target = 'no@v.example' }\n"
#define OLD "accepted-domain 'old.example' { secondary-of = 'd.example' }\n"
#define OLDER \
	"accepted-domain 'older.example' { secondary-of = 'old.example' }\n"
#define SECOND STRICT OLD OLDER
#define LATE(domains) "directory late { path = l domains = { '" domains "' } }"

#endif
