/* Hashes are libcdb's, whatever keys go side by side. */
#include "snapshot/cdb_layout.h"

#include "unit_main.h"

#include <cdb.h>

static const char *const texts[] = { "", "a", "\xFF\xFE", "ann@company.example",
	"bob@company.example", ".company.example", "", "@d", "*",
	"a-long-local-part-of-somebody@a.long.domain.company.example", "b" };

START_TEST(hashes_are_those_of_libcdb)
{
	struct slice keys[COUNT(texts)] = { { NULL, 0 } };
	uint32_t hashes[COUNT(texts)];
	const size_t first = (size_t)_i;
	const size_t count = COUNT(texts) - first;

	for (size_t i = 0; i < count; i++)
		keys[i] = slice_of(texts[first + i]);
	cdb_layout_hashes(hashes, keys, count);
	for (size_t i = 0; i < count; i++) {
		const unsigned theirs =
			cdb_hash(keys[i].bytes, (unsigned)keys[i].len);

		ck_assert_uint_eq(hashes[i], theirs);
		ck_assert_uint_eq(cdb_layout_hash(keys[i]), theirs);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("cdb_layout");

	tcase_add_loop_test(tcase, hashes_are_those_of_libcdb, 0, COUNT(texts));
	return unit_run(suite_create("cdb_layout"), tcase);
}
