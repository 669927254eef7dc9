/* A server asked for its mark, whichever of the two kinds it is. */
#ifndef TESTS_UNIT_LDAP_MARK_CASE_H
#define TESTS_UNIT_LDAP_MARK_CASE_H

#include "tests/unit/ldap_delta_case.h"

struct delta_mark_case {
	const char *name;
	const char *answers[5];
	enum lookup end;
	const char *mark; /* or the sentence */
};

/* Where there is one, what comes next can be asked. */
HELPER void delta_mark_check(
	struct delta_case *c, const struct delta_mark_case *m, enum lookup end)
{
	ck_assert_msg(end == m->end, "%s: %s", m->name, c->ldap.err.text);
	if (end == LOOKUP_FOUND) {
		ck_assert_str_eq(text_of(&c->now), m->mark);
		delta_case_can_go_on(c);
	} else {
		ck_assert_str_eq(ldap_case_why(&c->ldap), m->mark);
	}
	delta_case_fini(c);
}

#endif
