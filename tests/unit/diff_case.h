/* Two namespaces, each written and opened, and what changes between them. */
#ifndef TESTS_UNIT_DIFF_CASE_H
#define TESTS_UNIT_DIFF_CASE_H

#include "changes/diff.h"
#include "tests/unit/model_case.h"

struct diff_case {
	struct model_case before, after;
	struct generation *from, *to;
	struct diff *diff;
};

HELPER void diff_case_compare(struct diff_case *c)
{
	struct err err = { 0 };

	model_case_write(&c->before, 1);
	model_case_write(&c->after, 2);
	c->from = model_case_generation(&c->before);
	c->to = model_case_generation(&c->after);
	c->diff = diff_open(c->from, c->to, MODEL_NOW, &err);
	ck_assert_msg(c->diff != NULL, "%s", err.text);
}

HELPER void diff_case_close(struct diff_case *c)
{
	diff_close(&c->diff);
	generation_close(&c->from);
	generation_close(&c->to);
	model_case_close(&c->before);
	model_case_close(&c->after);
}

#endif
