#include "changes/way.h"

#include "base/arena.h"
#include "tests/unit/unit_main.h"

struct way_case {
	const char *name;
	const char *relay, *nexthop;
	enum way expected;
};

#define A "smtp:[10.8.0.25]:25"

static const struct way_case CASES[] = {
	{ "the same address", "10.8.0.25[10.8.0.25]:25", A, WAY_SAME },
	{ "the same address by a name", "mx.c.example[10.8.0.25]:25", A,
		WAY_SAME },
	{ "the port that is meant", "10.8.0.25[10.8.0.25]:25",
		"smtp:[10.8.0.25]", WAY_SAME },
	{ "another port", "10.8.0.25[10.8.0.25]:26", A, WAY_OTHER },
	{ "another address", "10.8.0.26[10.8.0.26]:25", A, WAY_OTHER },
	{ "another address by a name", "mx.c.example[10.8.0.26]:25", A,
		WAY_UNKNOWN },
	{ "the second hop", "10.8.0.26[10.8.0.26]:25", A ", [10.8.0.26]:25",
		WAY_SAME },
	{ "neither hop", "10.8.0.27[10.8.0.27]:25", A ", [10.8.0.26]:25",
		WAY_OTHER },
	{ "one hop is a name", "10.8.0.27[10.8.0.27]:25", A ", [mx.c.example]",
		WAY_UNKNOWN },
	{ "the same name", "MX.c.example[10.8.0.26]:25",
		"smtp:[mx.c.example]:25", WAY_SAME },
	{ "the same name, another port", "mx.c.example[10.8.0.26]:587",
		"smtp:[mx.c.example]:25", WAY_OTHER },
	{ "another name", "mx.c.example[10.8.0.26]:25",
		"smtp:[mail.c.example]:25", WAY_UNKNOWN },
	{ "IPv6", "2001:db8::1[2001:db8::1]:25", "relay:[2001:db8:0::1]:25",
		WAY_SAME },
	{ "another IPv6", "2001:db8::2[2001:db8::2]:25",
		"relay:[2001:db8:0::1]:25", WAY_OTHER },
	{ "as DNS says", "mx.c.example[10.8.0.26]:25", "", WAY_UNKNOWN },
	{ "none was asked", "none", A, WAY_UNKNOWN },
	{ "nothing is known", NULL, A, WAY_UNKNOWN },
	{ "the same socket", "mx.c.example[private/two]",
		"lmtp:unix:private/two", WAY_SAME },
	{ "another socket", "mx.c.example[private/two]",
		"lmtp:unix:private/one", WAY_OTHER },
	{ "from a socket to a host", "mx.c.example[private/two]", A,
		WAY_OTHER },
	{ "from a host to a socket", "mx.c.example[10.8.0.26]:25",
		"lmtp:unix:private/one", WAY_OTHER },
	{ "LMTP over TCP", "127.0.0.1[127.0.0.1]:24", "lmtp:[127.0.0.1]",
		WAY_SAME },
	{ "LMTP over inet", "127.0.0.1[127.0.0.1]:24",
		"lmtp:inet:[127.0.0.1]:24", WAY_SAME },
	{ "mailboxes here", "virtual", "virtual:", WAY_SAME },
	{ "mailboxes here go elsewhere", "virtual", A, WAY_OTHER },
	{ "accounts here go elsewhere", "local", A, WAY_OTHER },
	{ "to mailboxes here", "10.8.0.25[10.8.0.25]:25",
		"virtual:", WAY_OTHER },
	{ "a pipe of that name", "dovecot", "dovecot:", WAY_SAME },
	{ "a pipe that may be a filter", "spam", A, WAY_UNKNOWN },
	{ "a service of its own", "10.8.0.25[10.8.0.25]:25",
		"slow:", WAY_UNKNOWN },
	{ "a hop that is none", "10.8.0.25[10.8.0.25]:25", "slow:[",
		WAY_UNKNOWN },
};

START_TEST(a_delivery_is_compared)
{
	const struct way_case *c = &CASES[_i];
	struct arena *arena = arena_open();
	const enum way way = way_compare(c->relay, c->nexthop, arena);

	ck_assert_msg(way == c->expected, "%s: %d", c->name, way);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("way");

	tcase_add_loop_test(tcase, a_delivery_is_compared, 0, COUNT(CASES));
	return unit_run(suite_create("way"), tcase);
}
