/*
 * What the maps make Postfix say, by chance: namespaces without end, and each
 * value that is an action of access(5) or a route of transport(5) is one of
 * the few that may stand there.
 */
#include "snapshot/cdb_reader.h"

#include "snapshot/files.h"
#include "tests/unit/chance.h"
#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

enum { SEEDS = 20, NAMESPACES = 10 };

/* Not what is tested here, and slow. */
int fsync(int fd)
{
	return fd < 0 ? -1 : 0;
}

static const char *const actions[] = { "DUNNO", "reject_unverified_recipient",
	"DEFER_IF_REJECT 4.3.0 A directory that may list the address can not "
	"be asked now",
	"450 4.3.0 A directory that may list the address can not be asked "
	"now" };
static const char *const kinds[] = { "smtp:[", "lmtp:unix:", "lmtp:[",
	"error:5.1.1 User unknown" };

struct seen {
	unsigned actions[COUNT(actions)];
	unsigned kinds[COUNT(kinds)];
};

static bool is_printable(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] < ' ' || bytes[i] > '~')
			return false;
	return len > 0;
}

/* The index of the one that it begins with; -1: none. */
static int begins(const char *const *list, int n, const char *value, size_t len)
{
	for (int i = 0; i < n; i++) {
		const size_t head = strlen(list[i]);

		if (len >= head && memcmp(value, list[i], head) == 0)
			return i;
	}
	return -1;
}

static bool take_action(void *context, const char *key, size_t key_len,
	const char *value, size_t len)
{
	struct seen *seen = context;
	const int at = begins(actions, COUNT(actions), value, len);

	ck_assert_msg(at >= 0 && is_printable(value, len), "%.*s: %.*s",
		(int)key_len, key, (int)len, value);
	/* A word stands alone; behind a code there is only more text. */
	ck_assert(at > 1 || strlen(actions[at]) == len);
	seen->actions[at]++;
	return true;
}

static bool take_route(void *context, const char *key, size_t key_len,
	const char *value, size_t len)
{
	struct seen *seen = context;
	const int at = begins(kinds, COUNT(kinds), value, len);

	ck_assert_msg(at >= 0 && is_printable(value, len), "%.*s: %.*s",
		(int)key_len, key, (int)len, value);
	seen->kinds[at]++;
	return true;
}

static void look(struct model_case *c, const char *folder, struct seen *seen)
{
	static const struct {
		const char *name;
		bool (*take)(void *context, const char *key, size_t key_len,
			const char *value, size_t len);
	} maps[] = {
		{ "recipient_access.cdb", take_action },
		{ "transport.cdb", take_route },
	};

	for (int i = 0; i < COUNT(maps); i++) {
		struct err err = { 0 };
		struct cdb_reader *reader = cdb_reader_open(
			arena_printf(c->arena, "%s/%s", folder, maps[i].name),
			&err);

		ck_assert_msg(reader != NULL, "%s", err.text);
		ck_assert(cdb_reader_walk(reader, maps[i].take, seen));
		cdb_reader_close(&reader);
	}
}

START_TEST(only_few_words_stand_in_the_maps)
{
	struct seen seen = { 0 };

	for (unsigned seed = 0; seed < SEEDS * NAMESPACES; seed++) {
		struct chance chance = { seed + 1 };
		struct arena *arena = arena_open();
		struct model_case c;

		model_case_open(&c, draw_config(&chance, arena),
			draw_entries(&chance, arena));
		if (model_case_is_proven(&c))
			look(&c, model_case_write(&c, 1), &seen);
		model_case_close(&c);
		arena_close(&arena);
	}
	ck_assert_uint_gt(seen.actions[0], 0);
	ck_assert_uint_gt(seen.actions[1], 0);
	ck_assert_uint_gt(seen.actions[2], 0);
	for (int i = 0; i < COUNT(kinds); i++)
		ck_assert_msg(seen.kinds[i] > 0, "never: %s", kinds[i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("map_words");
	TCase *tcase = tcase_create("core");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, only_few_words_stand_in_the_maps);
	return unit_run(suite, tcase);
}
