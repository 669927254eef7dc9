/* Which entries of one address are a conflict, and who wins. */
#include "namespace/conflict.h"

#include "base/text.h"
#include "tests/unit/recipient_case.h"
#include "tests/unit/unit_main.h"

#include <string.h>

#define KEY "ann@d.example"

static struct domain_pattern elsewhere = { .name = { "e.example", "e.example" },
	.scope = SCOPE_EXACT };
static const struct directory directories[] = {
	{ .name = "a", .index = 0 },
	{ .name = "b", .index = 1 },
	{ .name = "c", .index = 2 },
	{ .name = "e", .index = 3, .domains = &elsewhere, .n_domains = 1 },
};

static const struct {
	const char *name;
	const char *entries; /* directory, and ">" for a contact */
	const char *expect; /* "loser<winner " */
} cases[] = {
	{ "alone", "a", "" },
	{ "two", "ab", "b<a " },
	{ "three", "abc", "b<a c<a " },
	{ "a contact behind", "ab>", "" },
	{ "a contact before", "a>b", "" },
	{ "a contact between", "ab>c", "c<a " },
	{ "behind a contact", "a>bc", "c<b " },
	{ "contacts alone", "a>b>", "" },
	{ "one that may not", "ae", "" },
	{ "one that may not, first", "ea", "" },
};

/* The one domain that is accepted. */
static enum lookup find_domain(
	const struct view *view, const char *key, const struct domain **out)
{
	static const struct domain accepted;

	(void)view;
	if (strcmp(key, "d.example") != 0)
		return LOOKUP_NONE;
	*out = &accepted;
	return LOOKUP_FOUND;
}

static const struct view_ops ops = { .domain = find_domain };
static const struct view view = { .ops = &ops };

static void note(void *context, const struct recipient *recipient,
	const struct recipient *winner)
{
	text_addf(context, "%s<%s ", recipient->directory->name,
		winner->directory->name);
}

static void add(struct recipients *recipients, const char *key, const char *at)
{
	const size_t index = at[0] == 'e' ? 3 : (size_t)(at[0] - 'a');

	recipient_case_add(recipients,
		&(struct recipient){ .key = key,
			.target = at[1] == '>' ? "x@far.example" : NULL,
			.directory = &directories[index],
			.origin = "1" });
}

static void find(struct text *found, const char *key, const char *entries)
{
	struct recipients *recipients = recipients_open();

	text_init(found);
	text_adds(found, "");
	for (const char *at = entries; *at != '\0'; at++)
		if (*at != '>')
			add(recipients, key, at);
	conflicts_find(&view, recipients_find(recipients, key), note, found);
	recipients_close(&recipients);
}

START_TEST(finds)
{
	struct text found;

	find(&found, KEY, cases[_i].entries);
	ck_assert_msg(strcmp(found.data, cases[_i].expect) == 0, "%s: %s",
		cases[_i].name, found.data);
	text_fini(&found);
}
END_TEST

START_TEST(elsewhere_is_no_conflict)
{
	struct text found;

	find(&found, "ann@o.example", "ab");
	ck_assert_str_eq(found.data, "");
	text_fini(&found);
}
END_TEST

START_TEST(nobody_is_no_conflict)
{
	conflicts_find(&view, NULL, note, NULL);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("conflict");

	tcase_add_loop_test(tcase, finds, 0, COUNT(cases));
	tcase_add_test(tcase, elsewhere_is_no_conflict);
	tcase_add_test(tcase, nobody_is_no_conflict);
	return unit_run(suite_create("conflict"), tcase);
}
