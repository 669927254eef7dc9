/* Which keys a view is told of before recipients are asked for. */
#include "namespace/resolve_soon.h"

#include "base/text.h"
#include "namespace/view.h"
#include "tests/unit/unit_main.h"

#include <string.h>

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

struct asked_view {
	struct view view; /* first */
	struct text seen;
};

static void note(
	const struct view *view, const struct slice *addresses, size_t count)
{
	struct text *seen = &((struct asked_view *)view)->seen;

	for (size_t i = 0; i < count; i++)
		text_addf(seen, "%.*s ", (int)addresses[i].len,
			addresses[i].bytes);
}

static const struct view_ops ops = { .expect_listings = note };
static const struct view_ops deaf = { 0 };

struct soon_case {
	const char *name;
	const char *recipients; /* one word each */
	const char *keys;
};

static const struct soon_case soon_cases[] = {
	{ "nobody", "", "" },
	{ "in their order", "b@x a@y", "b@x a@y " },
	{ "small letters", "Bob+TAG@Company.Example",
		"bob+tag@company.example " },
	{ "no other bytes", "@[`{\xc3\x84Z9", "@[`{\xc3\x84z9 " },
	{ "as long as is guessed", SIXTY "1234", SIXTY "1234 " },
	{ "longer ones are left out", "a@x " SIXTY "12345 b@x", "a@x b@x " },
	{ "as many as there may be", "a b c d e f g h i j k l m n o p",
		"a b c d e f g h i j k l m n o p " },
};

static size_t split(struct slice out[VIEW_EXPECTED_MAX], const char *words)
{
	size_t count = 0;

	for (; *words != '\0'; words += *words == ' ') {
		const size_t len = strcspn(words, " ");

		ck_assert_uint_lt(count, VIEW_EXPECTED_MAX);
		out[count++] = (struct slice){ words, len };
		words += len;
	}
	return count;
}

START_TEST(keys_are_guessed)
{
	const struct soon_case *c = &soon_cases[_i];
	struct asked_view asked = { .view.ops = &ops };
	struct slice recipients[VIEW_EXPECTED_MAX];
	const size_t count = split(recipients, c->recipients);

	text_init(&asked.seen);
	text_adds(&asked.seen, "");
	resolve_soon(&asked.view, recipients, count);
	ck_assert_msg(strcmp(asked.seen.data, c->keys) == 0, "%s: %s", c->name,
		asked.seen.data);
	text_fini(&asked.seen);
}
END_TEST

START_TEST(a_view_need_not_listen)
{
	const struct view view = { .ops = &deaf };
	const struct slice recipient = slice_of("a@x");

	resolve_soon(&view, &recipient, 1);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("resolve_soon");

	tcase_add_loop_test(tcase, keys_are_guessed, 0,
		sizeof soon_cases / sizeof *soon_cases);
	tcase_add_test(tcase, a_view_need_not_listen);
	return unit_run(suite_create("resolve_soon"), tcase);
}
