/* Who is taken for whom; compared with the first that looks the same. */
#include "namespace/lookalike.h"

#include "base/memory.h"
#include "base/text.h"
#include "namespace/model.h"
#include "tests/unit/recipient_case.h"
#include "tests/unit/unit_main.h"

#include <stdint.h>
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

	recipient_case_add(recipients,
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
	enum { CROWD = 1 << 17, KEY_ROOM = 64 };
	struct recipients *recipients = recipients_open();
	struct recipient *list = memory_map(CROWD * sizeof *list);
	char *keys = memory_map(CROWD * KEY_ROOM);
	size_t n_found = 0;

	for (unsigned i = 0; i < CROWD; i++) {
		char *key = keys + (size_t)i * KEY_ROOM, *at = key;

		for (unsigned bit = 0; bit < 17; bit++) {
			*at++ = (char)('a' + bit);
			if ((i >> bit & 1) != 0)
				*at++ = '.';
		}
		memcpy(at, "@d.example", sizeof "@d.example");
		list[i] = (struct recipient){ .key = key,
			.domain = at + 1,
			.directory = directory_of(i % 2 == 0 ? 'x' : 'u') };
	}
	recipients_keep(recipients, keys, CROWD * KEY_ROOM);
	recipients_keep(recipients, list, CROWD * sizeof *list);
	recipients_take(recipients, list, CROWD);
	lookalikes_find(recipients, count, &n_found);
	ck_assert_uint_eq(n_found, CROWD - 1);
	recipients_close(&recipients);
}
END_TEST

/*
 * The same found without numbers, filter and sort: each compared with all
 * before it, by a form made anew.
 */
static void slip(char form[64], const char *key)
{
	const char *at = strchr(key, '@');

	for (; key < at; key++)
		if (strchr(".-_", *key) == NULL)
			*form++ = *key == '1' ? 'l' : *key == '0' ? 'o' : *key;
	memcpy(form, at, strlen(at) + 1);
}

static bool is_of_one_system(
	const struct recipient *a, const struct recipient *b)
{
	const char *x = a->directory->connector, *y = b->directory->connector;

	return strcmp(x == NULL ? "" : x, y == NULL ? "" : y) == 0;
}

static const struct recipient *mailbox_at(
	const struct recipients *recipients, size_t index)
{
	return recipient_mailbox(recipients_get(recipients, index));
}

/* The first of its form, or the first after it of another system. */
static void find_slowly(
	const struct recipients *recipients, size_t index, struct text *found)
{
	const struct recipient *own = mailbox_at(recipients, index);
	const struct recipient *first = NULL, *other = NULL;
	char form[64], like[64];

	if (own == NULL)
		return;
	slip(form, own->key);
	for (size_t i = 0; i < index; i++) {
		const struct recipient *at = mailbox_at(recipients, i);

		if (at == NULL)
			continue;
		slip(like, at->key);
		if (strcmp(form, like) != 0)
			continue;
		if (first == NULL)
			first = at;
		else if (other == NULL && !is_of_one_system(at, first))
			other = at;
	}
	if (first != NULL && !is_of_one_system(own, first))
		note(found, LOOKALIKE_SLIP, own, first);
	else if (other != NULL)
		note(found, LOOKALIKE_SLIP, own, other);
}

static unsigned draw(uint64_t *state, unsigned below)
{
	*state = *state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (unsigned)(*state >> 33) % below;
}

/* Directory by directory, as they are read. */
static void add_by_chance(struct recipients *recipients, uint64_t *state)
{
	static const char letters[] = "aal1o0.-_";
	char text[64];

	for (unsigned i = 0; i < 400; i++) {
		const char *domain = draw(state, 8) == 0 ? "@e.example"
							 : "@d.example";
		size_t len = 0;

		text[len++] = "xyun"[i / 100];
		if (draw(state, 10) == 0)
			text[len++] = '>';
		for (unsigned n = 1 + draw(state, 5); n > 0; n--)
			text[len++] = letters[draw(state, 9)];
		snprintf(text + len, sizeof text - len, "%s", domain);
		add(recipients, text);
	}
}

START_TEST(finds_as_one_by_one)
{
	uint64_t state = (uint64_t)_i;
	struct recipients *recipients = recipients_open();
	struct text found, expected;

	text_init(&found);
	text_init(&expected);
	add_by_chance(recipients, &state);
	lookalikes_find(recipients, note, &found);
	for (size_t i = 0; i < recipients_count(recipients); i++)
		find_slowly(recipients, i, &expected);
	ck_assert_uint_gt(found.len, 0);
	ck_assert_msg(strcmp(found.data, expected.data) == 0,
		"expected:\n%.1000s\nfound:\n%.1000s", expected.data,
		found.data);
	text_fini(&expected);
	text_fini(&found);
	recipients_close(&recipients);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("lookalike");

	tcase_add_loop_test(tcase, finds, 0, COUNT(cases));
	tcase_add_test(tcase, a_crowd_takes_no_time);
	tcase_add_loop_test(tcase, finds_as_one_by_one, 0, 30);
	return unit_run(suite_create("lookalike"), tcase);
}
