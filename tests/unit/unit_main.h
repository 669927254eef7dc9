/* The main() of a test: one suite of one case. */
#ifndef TESTS_UNIT_UNIT_MAIN_H
#define TESTS_UNIT_UNIT_MAIN_H

#include <check.h>
#include <stdlib.h>

#define COUNT(table) (int)(sizeof table / sizeof table[0])

static inline int unit_run(Suite *suite, TCase *tcase)
{
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);

	srunner_run_all(runner, CK_NORMAL);
	const int failed = srunner_ntests_failed(runner);

	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
