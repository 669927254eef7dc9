#include "directory/duplicates.h"

#include "sink_text.h"
#include "unit_main.h"

/* Texts are letters, and their hashes what a case wants them to be. */
struct fixture {
	const char *texts;
	struct text found;
};

static bool is_same(const void *context, size_t a, size_t b)
{
	const struct fixture *f = context;

	return f->texts[a] == f->texts[b];
}

static void note(void *context, size_t number)
{
	struct fixture *f = context;

	text_addf(&f->found, "%zu ", number);
}

static uint32_t hash_apart(char c)
{
	return (uint32_t)(unsigned char)c * 0x9e3779b9;
}

static uint32_t hash_together(char c)
{
	return c == 'z' ? UINT32_MAX : 7;
}

static const struct duplicates_case {
	const char *name, *texts, *found;
} CASES[] = {
	{ "nothing", "", "" },
	{ "one", "a", "" },
	{ "none twice", "abcdefz", "" },
	{ "twice", "aba", "2 " },
	{ "side by side", "aab", "1 " },
	{ "each time but the first", "abaacz", "2 3 " },
	{ "all the same", "zzzz", "1 2 3 " },
};

START_TEST(all_but_the_first_are_found)
{
	const struct duplicates_case *c = &CASES[_i / 2];
	const size_t count = strlen(c->texts);
	struct fixture f = { .texts = c->texts };
	uint32_t hashes[16];

	for (size_t i = 0; i < count; i++)
		hashes[i] = _i % 2 == 0 ? hash_apart(c->texts[i])
					: hash_together(c->texts[i]);
	text_init(&f.found);
	duplicates_find(
		&(struct duplicates_of){ hashes, count, is_same, note, &f });
	ck_assert_msg(strcmp(text_of(&f.found), c->found) == 0, "%s: %s",
		c->name, text_of(&f.found));
	text_fini(&f.found);
}
END_TEST

/* In many parts: number i is the same as i - MANY. */
enum { MANY = 100000 };

static bool is_same_number(const void *context, size_t a, size_t b)
{
	(void)context;
	return a % MANY == b % MANY;
}

static void mark(void *context, size_t number)
{
	unsigned char *times = context;

	times[number]++;
}

START_TEST(each_of_many_is_found_once)
{
	static uint32_t hashes[2 * MANY];
	static unsigned char times[2 * MANY];

	for (uint32_t i = 0; i < 2 * MANY; i++)
		hashes[i] = i % MANY * 0x9e3779b9;
	duplicates_find(&(struct duplicates_of){
		hashes, COUNT(hashes), is_same_number, mark, times });
	for (size_t i = 0; i < COUNT(times); i++)
		ck_assert_msg(times[i] == (i >= MANY), "%zu: %d", i, times[i]);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("duplicates");

	tcase_add_loop_test(
		tcase, all_but_the_first_are_found, 0, 2 * COUNT(CASES));
	tcase_add_test(tcase, each_of_many_is_found_once);
	return unit_run(suite_create("duplicates"), tcase);
}
