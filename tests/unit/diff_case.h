/* Two namespaces, each written and opened, and what changes between them. */
#ifndef TESTS_UNIT_DIFF_CASE_H
#define TESTS_UNIT_DIFF_CASE_H

#include "changes/diff.h"
#include "changes/diff_text.h"
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

/* free(3) it. */
HELPER char *diff_case_report(const struct diff_case *c, unsigned long limit)
{
	const struct diff_heading heading = { true, 1, 2, limit };
	char *text = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&text, &len);

	diff_print_text(c->diff, &heading, file);
	ck_assert_int_eq(fclose(file), 0);
	return text;
}

/* Without the header and the counts, and without empty lines. */
HELPER const char *diff_case_lists(const char *text, struct arena *arena)
{
	const char *from = strstr(text, "\n\n");
	struct text out;

	text_init(&out);
	text_adds(&out, "");
	for (const char *at = from == NULL ? "" : from; *at != '\0'; at++)
		if (at[0] != '\n' || (at[1] != '\n' && out.len != 0))
			text_add(&out, at, 1);
	const char *lists = arena_strdup(arena, out.data);

	text_fini(&out);
	return lists;
}

#endif
