/*
 * What libConfuse itself refuses: the outline lets none of it pass, so a
 * buffer is made by hand here.
 */
#include "config/conf_tree.h"

#include "base/arena.h"
#include "config/conf_outline.h"
#include "tests/unit/unit_main.h"

#include <string.h>

struct net_case {
	const char *name;
	const char *const *tokens; /* on lines 10, 11, ... of file f */
	unsigned line;
	const char *fault;
};

static const char *const unknown[] = { "keep", "=", "5", "nothing", NULL };
static const char *const inner[] = { "connector", "{", "title", "=", "a", "tls",
	"may", NULL };
static const char *const second[] = { "contact", "{", "title", "=", "a", "}",
	"contact", "{", "target", "=", "}", NULL };
static const char *const open_end[] = { "directory", "{", "path", "=", NULL };

static const struct net_case cases[] = {
	{ "unknown key", unknown, 13, "syntax: no such option 'nothing'" },
	{ "in a block", inner, 16,
		"syntax: missing equal sign after option 'tls'" },
	{ "in the second block", second, 20, "syntax: unexpected token '}'" },
	{ "at the end", open_end, 13, "syntax: premature end of file" },
};

START_TEST(message_of_libconfuse_has_its_place)
{
	const struct net_case *c = &cases[_i];
	struct arena *arena = arena_open();
	struct faults *faults = faults_open();
	struct conf_tree tree = { 0 };
	struct conf_outline outline;

	conf_outline_init(&outline);
	for (unsigned i = 0; c->tokens[i] != NULL; i++)
		conf_buffer_add(&outline.buffer, c->tokens[i],
			strlen(c->tokens[i]), (struct place){ "f", 10 + i });
	ck_assert(!conf_tree_fill(&tree, &outline, arena, faults));
	ck_assert_uint_eq(faults_count(faults), 1);
	const struct fault *fault = faults_get(faults, 0);

	ck_assert_msg(strcmp(fault->text, c->fault) == 0, "%s: %s", c->name,
		fault->text);
	ck_assert_str_eq(fault->place.file, "f");
	ck_assert_uint_eq(fault->place.line, c->line);
	conf_outline_fini(&outline);
	faults_close(&faults);
	arena_close(&arena);
}
END_TEST

START_TEST(token_has_the_value_that_libconfuse_gives)
{
	static const char *const tokens[][2] = {
		{ "a", "a" },
		{ "\"a\\x62\\143\"", "abc" },
		{ "'a\\x62'", "a\\x62" },
		{ "\"a\\tb\"", NULL },
		{ "=", NULL },
	};
	struct arena *arena = arena_open();

	for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++)
		ck_assert_pstr_eq(conf_token_value(tokens[i][0],
					  strlen(tokens[i][0]), arena),
			tokens[i][1]);
	arena_close(&arena);
}
END_TEST

START_TEST(empty_buffer_has_a_place)
{
	struct conf_buffer buffer;

	conf_buffer_init(&buffer);
	ck_assert_uint_eq(conf_buffer_place(&buffer, 3).line, 0);
	conf_buffer_fini(&buffer);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("tree");

	tcase_add_loop_test(
		tcase, message_of_libconfuse_has_its_place, 0, COUNT(cases));
	tcase_add_test(tcase, token_has_the_value_that_libconfuse_gives);
	tcase_add_test(tcase, empty_buffer_has_a_place);
	return unit_run(suite_create("conf_tree"), tcase);
}
