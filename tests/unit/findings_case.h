/* What a part of the doctor's checks finds, as it is printed. */
#ifndef TESTS_UNIT_FINDINGS_CASE_H
#define TESTS_UNIT_FINDINGS_CASE_H

#include "doctor/checks.h"
#include "doctor/findings_text.h"
#include "tests/unit/sink_text.h"

/* All checks of that part; findings are made here, the arena is there. */
HELPER const char *findings_case_run(struct examination *examination,
	const struct check *(*get)(size_t index))
{
	struct check_list checks = { .count = 0 };
	char *printed = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	ck_assert_ptr_nonnull(out);
	examination->findings = findings_open();
	for (size_t i = 0; get(i) != NULL; i++)
		checks.list[checks.count++] = get(i);
	checks_run(examination, &checks);
	findings_text(examination->findings, checks.count, false, out);
	ck_assert_int_eq(fclose(out), 0);
	const char *result = arena_strdup(examination->arena, printed);

	free(printed);
	findings_close(&examination->findings);
	return result;
}

/* "" where nothing is wrong; else what is, without the line that counts. */
HELPER void findings_case_expect(
	const char *name, const char *printed, const char *says)
{
	const size_t len = strlen(says);

	if (len == 0)
		ck_assert_msg(strncmp(printed, "nothing is wrong: ", 18) == 0,
			"%s:\n%s", name, printed);
	ck_assert_msg(strncmp(printed, says, len) == 0 &&
			strchr(printed + len, '\n') == strrchr(printed, '\n'),
		"%s:\n%sbut expected:\n%s", name, printed, says);
}

#endif
