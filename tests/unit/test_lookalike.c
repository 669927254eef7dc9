/* Who is taken for whom; compared with the first that looks the same. */
#include "namespace/lookalike.h"

#include "base/text.h"
#include "tests/unit/unit_main.h"

#include <stdio.h>
#include <string.h>

enum { KEYS_MAX = 5 };

/* A key begins with the letter of its directory. */
static const struct directory directories[] = {
	{ .name = "x", .index = 0, .connector = "ex" },
	{ .name = "y", .index = 1, .connector = "ex" },
	{ .name = "u", .index = 2, .connector = "unix" },
	{ .name = "n", .index = 3 },
};

static const struct directory *directory_of(char letter)
{
	for (int i = 0; i < COUNT(directories); i++)
		if (directories[i].name[0] == letter)
			return &directories[i];
	ck_abort_msg("no directory %c", letter);
}

static const struct {
	const char *name;
	const char *keys[KEYS_MAX]; /* a directory's letter in front */
	const char *found; /* "KEY like KEY;", "KEY nearly KEY;" */
} cases[] = {
	{ "plain, of one system", { "xuser1@d.example", "yuserl@d.example" },
		"" },
	{ "Cyrillic", { "xann@d.example", "x\xd0\xb0nn@d.example" },
		"\xd0\xb0nn@d.example like ann@d.example;" },
	{ "whichever came first", { "x\xd0\xb0nn@d.example", "xann@d.example" },
		"\xd0\xb0nn@d.example like ann@d.example;" },
	{ "another width",
		{ "xbob@d.example",
			"xb\xef\xbd\x8f"
			"b@d.example" },
		"b\xef\xbd\x8f"
		"b@d.example like bob@d.example;" },
	{ "a letter and a digit",
		{ "xb0b@d.example",
			"xb\xd0\xbe"
			"b@d.example" },
		"b\xd0\xbe"
		"b@d.example like b0b@d.example;" },
	{ "two of them",
		{ "x\xd0\xb0nn@d.example", "xa\xd5\xb8n@d.example",
			"x\xd0\xb0\xd5\xb8n@d.example" },
		"a\xd5\xb8n@d.example like \xd0\xb0nn@d.example;"
		"\xd0\xb0\xd5\xb8n@d.example like "
		"\xd0\xb0nn@d.example;" },
	{ "another domain", { "xann@d.example", "x\xd0\xb0nn@e.example" }, "" },
	{ "nothing like it", { "xann@d.example", "xj\xc3\xbcrgen@d.example" },
		"" },
	{ "nobody", { NULL }, "" },
	{ "dots", { "xj.smith@d.example", "ujsmith@d.example" },
		"jsmith@d.example nearly j.smith@d.example;" },
	{ "dots, hyphens, underscores",
		{ "xj.smith@d.example", "uj-smith@d.example",
			"xj_smith@d.example" },
		"j-smith@d.example nearly j.smith@d.example;"
		"j_smith@d.example nearly j-smith@d.example;" },
	{ "dots of one system", { "xj.smith@d.example", "yjsmith@d.example" },
		"" },
	{ "digits",
		{ "xuser1@d.example", "uuserl@d.example", "xb0b@d.example",
			"ubob@d.example" },
		"userl@d.example nearly user1@d.example;"
		"bob@d.example nearly b0b@d.example;" },
	{ "dots of the domain", { "xann@d.example", "uann@dexample" }, "" },
	{ "one without connector",
		{ "nj.smith@d.example", "xjsmith@d.example" },
		"jsmith@d.example nearly j.smith@d.example;" },
	{ "a contact", { "xj.smith@d.example", "u>jsmith@d.example" }, "" },
	{ "both kinds",
		{ "xj.smith@d.example", "ujsmith@d.example",
			"u\xd1\x98smith@d.example" },
		"\xd1\x98smith@d.example like jsmith@d.example;"
		"jsmith@d.example nearly j.smith@d.example;" },
};

static void note(void *context, enum lookalike kind,
	const struct recipient *recipient, const struct recipient *like)
{
	text_addf(context, "%s %s %s;", recipient->key,
		kind == LOOKALIKE_SCRIPT ? "like" : "nearly", like->key);
}

static void add(struct recipients *recipients, const char *text)
{
	const bool is_contact = text[1] == '>';

	recipients_add(recipients,
		&(struct recipient){ .key = text + 1 + is_contact,
			.target = is_contact ? "x@far.example" : NULL,
			.directory = directory_of(text[0]),
			.origin = "line 1" });
}

START_TEST(finds)
{
	struct recipients *recipients = recipients_open();
	struct text found;

	text_init(&found);
	text_adds(&found, "");
	for (size_t i = 0; i < KEYS_MAX && cases[_i].keys[i] != NULL; i++)
		add(recipients, cases[_i].keys[i]);
	lookalikes_find(recipients, note, &found);
	ck_assert_msg(strcmp(found.data, cases[_i].found) == 0, "%s: %s",
		cases[_i].name, found.data);
	text_fini(&found);
	recipients_close(&recipients);
}
END_TEST

static void count(void *context, enum lookalike kind,
	const struct recipient *recipient, const struct recipient *like)
{
	(void)kind;
	(void)recipient;
	(void)like;
	++*(size_t *)context;
}

/* All of one form: what compared each with each would take an hour. */
START_TEST(a_crowd_takes_no_time)
{
	enum { CROWD = 1 << 17 };
	struct recipients *recipients = recipients_open();
	size_t n_found = 0;

	for (unsigned i = 0; i < CROWD; i++) {
		char key[64] = "", *at = key;

		*at++ = i % 2 == 0 ? 'x' : 'u';
		for (unsigned bit = 0; bit < 17; bit++) {
			*at++ = (char)('a' + bit);
			if ((i >> bit & 1) != 0)
				*at++ = '.';
		}
		snprintf(at, sizeof key - (size_t)(at - key), "@d.example");
		add(recipients, key);
	}
	lookalikes_find(recipients, count, &n_found);
	ck_assert_uint_eq(n_found, CROWD - 1);
	recipients_close(&recipients);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("lookalike");

	tcase_add_loop_test(tcase, finds, 0, COUNT(cases));
	tcase_add_test(tcase, a_crowd_takes_no_time);
	return unit_run(suite_create("lookalike"), tcase);
}
