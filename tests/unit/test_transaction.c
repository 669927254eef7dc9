/* The instance that Postfix gives a transaction, and what is none. */
#include "verdicts/transaction.h"

#include "base/arena.h"
#include "tests/unit/unit_main.h"
#include "verdicts/verdict.h"

#define HEX_58 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789"

static const struct {
	const char *name;
	const char *instance;
	bool is_one;
	unsigned long pid, s, us;
} cases[] = {
	{ "Postfix's", "1a2b.65f0c3d1.e4a1f.3", true, 0x1a2b, 0x65f0c3d1,
		0xe4a1f },
	{ "without a number", "1.2.3", true, 1, 2, 3 },
	{ "none: VRFY outside of a transaction", "-", false, 0, 0, 0 },
	{ "a part too few", "1a2b.65f0c3d1", false, 0, 0, 0 },
	{ "an empty part", "1a2b..e4a1f.3", false, 0, 0, 0 },
	{ "not hexadecimal", "1a2b.65f0x3d1.e4a1f.3", false, 0, 0, 0 },
	{ "as long as can be", "1.2.3." HEX_58, true, 1, 2, 3 },
	{ "too long", "1.2.3." HEX_58 "a", false, 0, 0, 0 },
};

START_TEST(instance_is_read_whole_or_not_at_all)
{
	struct arena *arena = arena_open();
	const char *message = arena_printf(arena,
		"verdict=accept reason=listed recipient=<a@c.example> "
		"domain=c.example type=authoritative connector=one "
		"nexthop=smtp:[10.8.0.25]:25 directory=one client=192.0.2.7 "
		"sender=<s@e.example> queue_id=- instance=%s generation=1 "
		"reply=DUNNO us=5",
		cases[_i].instance);
	struct verdict_line verdict;
	struct transaction found;

	ck_assert(verdict_parse(&verdict, slice_of(message)));
	ck_assert_msg(transaction_of(&found, &verdict) == cases[_i].is_one,
		"%s", cases[_i].name);
	if (cases[_i].is_one) {
		ck_assert_str_eq(found.instance, cases[_i].instance);
		ck_assert_uint_eq(found.pid, cases[_i].pid);
		ck_assert_uint_eq(found.began.s, cases[_i].s);
		ck_assert_uint_eq(found.began.us, cases[_i].us);
	}
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("transaction");

	tcase_add_loop_test(
		tcase, instance_is_read_whole_or_not_at_all, 0, COUNT(cases));
	return unit_run(suite_create("transaction"), tcase);
}
