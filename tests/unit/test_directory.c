/* Which domains a directory may list. */
#include "namespace/directory.h"

#include "base/arena.h"
#include "tests/unit/unit_main.h"

START_TEST(without_domains_it_may_own_all)
{
	const struct directory directory = { .n_domains = 0 };

	ck_assert(directory_may_own(&directory, "any.example"));
}
END_TEST

START_TEST(with_domains_it_may_own_those)
{
	struct arena *arena = arena_open();
	struct domain_pattern patterns[2];
	const struct directory directory = { .domains = patterns,
		.n_domains = 2 };

	ck_assert(domain_pattern_parse(
		&patterns[0], "#company.example", arena, NULL));
	ck_assert(domain_pattern_parse(&patterns[1],
		"*.b\xc3\xbc"
		"cher.example",
		arena, NULL));
	ck_assert(directory_may_own(&directory, "company.example"));
	ck_assert(!directory_may_own(&directory, "x.company.example"));
	ck_assert(directory_may_own(&directory, "x.xn--bcher-kva.example"));
	ck_assert(directory_may_own(&directory,
		"x.b\xc3\xbc"
		"cher.example"));
	ck_assert(!directory_may_own(&directory, "xn--bcher-kva.example"));
	ck_assert(!directory_may_own(&directory, "other.example"));
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("directory");

	tcase_add_test(tcase, without_domains_it_may_own_all);
	tcase_add_test(tcase, with_domains_it_may_own_those);
	return unit_run(suite_create("directory"), tcase);
}
