/* Who is taken for whom; compared with the first of the same skeleton. */
#include "namespace/lookalike.h"

#include "base/text.h"
#include "tests/unit/unit_main.h"

#include <string.h>

enum { KEYS_MAX = 4 };

static const struct {
	const char *name;
	const char *keys[KEYS_MAX];
	const char *found; /* "KEY like KEY;" */
} cases[] = {
	{ "plain alone", { "user1@d.example", "userl@d.example" }, "" },
	{ "Cyrillic", { "ann@d.example", "\xd0\xb0nn@d.example" },
		"\xd0\xb0nn@d.example like ann@d.example;" },
	{ "whichever came first", { "\xd0\xb0nn@d.example", "ann@d.example" },
		"\xd0\xb0nn@d.example like ann@d.example;" },
	{ "another width",
		{ "bob@d.example",
			"b\xef\xbd\x8f"
			"b@d.example" },
		"b\xef\xbd\x8f"
		"b@d.example like bob@d.example;" },
	{ "two of them",
		{ "\xd0\xb0nn@d.example", "a\xd5\xb8n@d.example",
			"\xd0\xb0\xd5\xb8n@d.example" },
		"a\xd5\xb8n@d.example like \xd0\xb0nn@d.example;"
		"\xd0\xb0\xd5\xb8n@d.example like "
		"\xd0\xb0nn@d.example;" },
	{ "another domain", { "ann@d.example", "\xd0\xb0nn@e.example" }, "" },
	{ "nothing like it", { "ann@d.example", "j\xc3\xbcrgen@d.example" },
		"" },
	{ "nobody", { NULL }, "" },
};

static void note(void *context, const struct recipient *recipient,
	const struct recipient *like)
{
	text_addf(context, "%s like %s;", recipient->key, like->key);
}

START_TEST(finds)
{
	struct recipients *recipients = recipients_open();
	const struct directory directory = { .name = "ad" };
	struct text found;

	text_init(&found);
	for (size_t i = 0; i < KEYS_MAX && cases[_i].keys[i] != NULL; i++)
		recipients_add(recipients,
			&(struct recipient){ .key = cases[_i].keys[i],
				.directory = &directory,
				.origin = "line 1" });
	lookalikes_find(recipients, note, &found);
	ck_assert_str_eq(found.data == NULL ? "" : found.data, cases[_i].found);
	text_fini(&found);
	recipients_close(&recipients);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("lookalike");

	tcase_add_loop_test(tcase, finds, 0, COUNT(cases));
	return unit_run(suite_create("lookalike"), tcase);
}
