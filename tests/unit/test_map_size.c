/* What is said of a map that would be too large. */
#include "snapshot/map_size.h"

#include "snapshot/cdb_writer.h"
#include "tests/unit/unit_main.h"

#include <string.h>

static const struct {
	const char *name;
	struct map_size size;
	const char *err; /* NULL = it fits */
} cases[] = {
	{ "nothing", { 0, 0 }, NULL },
	{ "to the last byte", { 1, UINT32_MAX - 2048 }, NULL },
	{ "one more", { 2, (uint64_t)UINT32_MAX - 2047 },
		"m.cdb would need 4.0 GiB for 2 entries; a CDB map holds 4 "
		"GiB, some 1 of these" },
	{ "82 million", { 82000000, 82000000 * (uint64_t)66 },
		"m.cdb would need 5.0 GiB for 82,000,000 entries; a CDB map "
		"holds 4 GiB, some 65,000,000 of these" },
	{ "of long ones", { 1000000, 1000000 * (uint64_t)5000 },
		"m.cdb would need 4.7 GiB for 1,000,000 entries; a CDB map "
		"holds 4 GiB, some 850,000 of these" },
};

START_TEST(what_does_not_fit_is_said)
{
	struct err err = { 0 };
	const bool fits =
		map_size_check(&cases[_i].size, CDB_SIZE_MAX, "m.cdb", &err);

	ck_assert_msg(fits == (cases[_i].err == NULL), "%s", cases[_i].name);
	ck_assert_msg(strcmp(err.text, fits ? "" : cases[_i].err) == 0,
		"%s: %s", cases[_i].name, err.text);
}
END_TEST

START_TEST(record_has_a_header_and_two_slots)
{
	struct map_size size = { 0, 0 };

	map_size_add(&size, 3, 5);
	ck_assert_uint_eq(size.count, 1);
	ck_assert_uint_eq(size.bytes, 3 + 5 + 8 + 16);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("map_size");

	tcase_add_loop_test(tcase, what_does_not_fit_is_said, 0, COUNT(cases));
	tcase_add_test(tcase, record_has_a_header_and_two_slots);
	return unit_run(suite_create("map_size"), tcase);
}
