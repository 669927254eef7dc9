/* The fast way gives what the careful one does, or nothing. */
#include "directory/plain_key.h"

#include "base/arena.h"
#include "base/text.h"
#include "directory/key.h"

#include "unit_main.h"

#include <stdint.h>
#include <string.h>

/* A generator of its own, so that a failure comes back. */
static unsigned draw(uint64_t *state, unsigned below)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*state >> 33) % below;
}

static bool takes(
	const struct plain_domains *domains, const char *text, const char *key)
{
	char out[PLAIN_KEY_MAX];
	const size_t len = plain_key(out, domains, text);

	if (len == 0)
		return false;
	ck_assert_msg(
		key != NULL && len == strlen(key) && memcmp(out, key, len) == 0,
		"\"%s\": %.*s, not %s", text, (int)len, out,
		key == NULL ? "an error" : key);
	return true;
}

static void learn(struct plain_domains *domains, const char *text)
{
	struct arena *arena = arena_open();
	const char *key = key_parse(text, "", arena, NULL);

	ck_assert_ptr_nonnull(key);
	plain_domains_learn(domains, text, key);
	arena_close(&arena);
}

static const struct plain_case {
	const char *name, *text;
	bool is_taken;
} CASES[] = {
	{ "as learnt", "ann@d.example", true },
	{ "capitals", "Ann.SMITH@d.example", true },
	{ "other characters", "!#$%&'*+-/=?^_`{|}~0129@d.example", true },
	{ "extension", "ann+tag@d.example", true },
	{ "domain with a dot", "ann@D.Example.", true },
	{ "a-label", "ann@XN--bcher-kva.example", true },
	{ "longest local part",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaa@d.example",
		true },
	{ "too long",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaa@d.example",
		false },
	{ "other spelling", "ann@d.EXAMPLE", false },
	{ "unknown domain", "ann@e.example", false },
	{ "part of the domain", "ann@d.exampl", false },
	{ "two signs", "ann@x@d.example", false },
	{ "no sign", "ann", false },
	{ "no domain", "ann@", false },
	{ "no local part", "@d.example", false },
	{ "empty", "", false },
	{ "dot in front", ".ann@d.example", false },
	{ "dot behind", "ann.@d.example", false },
	{ "two dots", "ann..x@d.example", false },
	{ "quotes", "\"ann\"@d.example", false },
	{ "blank", "an n@d.example", false },
	{ "control character", "an\033n@d.example", false },
	{ "not ASCII", "j\xC3\xBCrgen@d.example", false },
	{ "not UTF-8", "\xFF@d.example", false },
	{ "domain that is not ASCII",
		"ann@b\xC3\xBC"
		"cher.example",
		false },
	{ "literal", "ann@[192.0.2.1]", false },
	{ "blank behind", "ann@d.example ", false },
};

START_TEST(plain_ones_are_taken)
{
	const struct plain_case *c = &CASES[_i];
	struct plain_domains *domains = plain_domains_open();
	struct arena *arena = arena_open();

	ck_assert(!takes(domains, c->text, NULL));
	learn(domains, "ann@d.example");
	learn(domains, "ann@D.Example.");
	learn(domains, "ann@XN--bcher-kva.example");
	learn(domains,
		"ann@b\xC3\xBC"
		"cher.example");
	learn(domains, "ann@[192.0.2.1]");
	const char *key = key_parse(c->text, "+", arena, NULL);

	ck_assert_msg(
		takes(domains, c->text, key) == c->is_taken, "%s", c->name);
	arena_close(&arena);
	plain_domains_close(&domains);
	ck_assert_ptr_null(domains);
	plain_domains_close(&domains);
}
END_TEST

/* A local part, now and then of anything. */
static void add_local(struct text *text, uint64_t *state)
{
	static const char ANY[] = "abzABZ059.+-_=!#%/\"\\@ \t<>()[]:;,\xC3\xBC"
				  "\xCC\x88\xE2\x80\x8B\x7F\x01";
	const unsigned kinds = draw(state, 3) == 0 ? sizeof ANY - 1 : 19;

	for (unsigned n = draw(state, draw(state, 20) == 0 ? 80 : 9); n > 0;
		n--)
		text_add(text, &ANY[draw(state, kinds)], 1);
}

#define BUECHER \
	("b\xC3\xBC" \
	 "cher.example")

/* Few of them, in many spellings, so that they meet again. */
static void add_domain(struct text *text, uint64_t *state)
{
	static const char *const NAMES[] = { "d.example", "a.b.d.example",
		"xn--bcher-kva.example", BUECHER, "d.example.", "d..example",
		"-d.example", "[192.0.2.1]", "192.0.2.1", "D",
		"\xC3\x84.example", "_x.d.example", "xn--zzzzzzzz.example",
		"d.example ", "d\xCC\x88.example", "", "1.2", "d_e.example" };
	const char *name = NAMES[draw(state, sizeof NAMES / sizeof *NAMES)];
	const bool is_loud = draw(state, 4) == 0;

	for (; *name != '\0'; name++) {
		const char c = is_loud && *name >= 'a' && *name <= 'z' &&
				draw(state, 2) == 0
			? (char)(*name - 'a' + 'A')
			: *name;

		text_add(text, &c, 1);
	}
}

START_TEST(fast_and_careful_way_agree)
{
	enum { MANY = 100000 };
	struct plain_domains *domains = plain_domains_open();
	struct arena *arena = arena_open();
	uint64_t state = 20;
	size_t n_taken = 0;
	struct text text;

	text_init(&text);
	for (size_t i = 0; i < MANY; i++) {
		text_clear(&text);
		add_local(&text, &state);
		text_adds(&text, draw(&state, 50) == 0 ? "" : "@");
		add_domain(&text, &state);
		arena_reset(arena);
		const char *key = key_parse(text.data, "+", arena, NULL);

		n_taken += takes(domains, text.data, key);
		if (key != NULL)
			plain_domains_learn(domains, text.data, key);
	}
	/* the test reached what it is about */
	ck_assert_uint_gt(n_taken, MANY / 10);
	ck_assert_uint_lt(n_taken, MANY / 2);
	text_fini(&text);
	arena_close(&arena);
	plain_domains_close(&domains);
}
END_TEST

/* More than there are places for; what lost its place is not taken. */
START_TEST(many_domains_take_each_others_place)
{
	enum { MANY = 5000 };
	struct plain_domains *domains = plain_domains_open();
	struct arena *arena = arena_open();
	size_t n_taken = 0;

	for (unsigned i = 0; i < MANY; i++)
		learn(domains, arena_printf(arena, "x@d%u.example", i));
	for (unsigned i = 0; i < MANY; i++) {
		const char *key = arena_printf(arena, "ann@d%u.example", i);

		n_taken += takes(domains, key, key);
	}
	ck_assert_uint_gt(n_taken, 100);
	ck_assert_uint_le(n_taken, 1024);
	arena_close(&arena);
	plain_domains_close(&domains);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plain_key");
	TCase *tcase = tcase_create("plain_key");

	tcase_set_timeout(tcase, 60); /* a busy machine */
	tcase_add_loop_test(tcase, plain_ones_are_taken, 0, COUNT(CASES));
	tcase_add_test(tcase, fast_and_careful_way_agree);
	tcase_add_test(tcase, many_domains_take_each_others_place);
	return unit_run(suite, tcase);
}
