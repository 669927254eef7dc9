/* Who has an entry for a key: in memory, and in last-good copies. */
#include "transport-map-gen/listed.h"

#include "namespace/namespace.h"
#include "tests/unit/recipient_case.h"
#include "tests/unit/sink_text.h"
#include "tests/unit/unit_main.h"

#include <sys/stat.h>

static struct domain_pattern far_domain = {
	.name = { "far.example", "far.example" }, .scope = SCOPE_EXACT
};
static struct directory directories[] = {
	{ .name = "ad",
		.index = 0,
		.is_enabled = true,
		.source = "ldaps://dc1" },
	{ .name = "off", .index = 1, .source = "off.txt" },
	{ .name = "staff",
		.index = 2,
		.is_enabled = true,
		.source = "staff.txt" },
	{ .name = "far",
		.index = 3,
		.is_enabled = true,
		.source = "far.csv",
		.domains = &far_domain,
		.n_domains = 1 },
};
static const struct namespace ns = { .directories = directories,
	.n_directories = 4 };

/* name of the directory, its entries */
static const char *const copies[][2] = {
	{ "ad",
		"ann@d.example\tCN=Ann\n"
		"bob@d.example\tCN=Bob\tx@saas.example\n"
		"ned@d.example\tCN=Ned\tned@d.example\ncount 3\n" },
	{ "off", "ann@d.example\t1\ncount 1\n" },
	{ "staff", "ann@d.example\t17\nned@d.example\t18\ncount 2\n" },
	{ "far", "ann@d.example\trow 3\ncount 1\n" },
};

static const struct {
	const char *key, *expect; /* "DIRECTORY KIND PLACE;" */
} cases[] = {
	{ "ann@d.example",
		"ad mailbox ldaps://dc1 CN=Ann;staff mailbox staff.txt:17;"
		"far outside far.csv row 3;" },
	{ "bob@d.example", "ad contact ldaps://dc1 CN=Bob;" },
	{ "ned@d.example",
		"ad elsewhere ldaps://dc1 CN=Ned;staff mailbox "
		"staff.txt:18;" },
	{ "nobody@d.example", "" },
	{ "no-address", "" },
};

static const char *describe(const struct recipient *entry, struct arena *arena)
{
	const char *result = "";

	for (; entry != NULL; entry = entry->next)
		result = arena_printf(arena, "%s%s %s %s;", result,
			entry->directory->name,
			listed_kind_format(listed_kind(entry)),
			listed_place(entry, arena));
	return result;
}

START_TEST(copies_are_asked)
{
	struct arena *arena = arena_open();
	const char *state = test_folder(arena);
	const char *folder = arena_printf(arena, "%s/directories", state);
	const struct listed_in in = { .ns = &ns, .state = state };

	/* without any copy */
	ck_assert_ptr_null(listed_find(&in, cases[_i].key, arena));
	ck_assert_int_eq(mkdir(folder, 0700), 0);
	for (int i = 0; i < COUNT(copies); i++) {
		const char *text = arena_printf(
			arena, "postshare-directory 1\n%s", copies[i][1]);

		test_write(arena_printf(arena, "%s/%s", folder, copies[i][0]),
			text, strlen(text));
	}
	ck_assert_str_eq(
		describe(listed_find(&in, cases[_i].key, arena), arena),
		cases[_i].expect);
	test_folder_remove(state);
	arena_close(&arena);
}
END_TEST

START_TEST(recipients_come_before_copies)
{
	struct arena *arena = arena_open();
	struct recipients *recipients = recipients_open();
	const struct listed_in in = { &ns, recipients, "/no/such" };

	recipient_case_add(recipients,
		&(struct recipient){ .key = "ann@d.example",
			.directory = &directories[2],
			.origin = "4" });
	ck_assert_str_eq(
		describe(listed_find(&in, "ann@d.example", arena), arena),
		"staff mailbox staff.txt:4;");
	recipients_close(&recipients);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("listed");

	tcase_add_loop_test(tcase, copies_are_asked, 0, COUNT(cases));
	tcase_add_test(tcase, recipients_come_before_copies);
	return unit_run(suite_create("listed"), tcase);
}
