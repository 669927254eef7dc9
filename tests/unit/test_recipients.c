/* The union of the directories: who listed what, and who came first. */
#include "namespace/recipients.h"

#include "base/memory.h"
#include "tests/unit/recipient_case.h"
#include "tests/unit/unit_main.h"

#include <stdio.h>
#include <string.h>

static const struct directory ad = { .name = "ad", .index = 0 };
static const struct directory staff = { .name = "staff", .index = 1 };
static const struct directory sales = { .name = "sales", .index = 2 };

static void add(struct recipients *recipients,
	const struct directory *directory, const char *key, const char *target,
	const char *origin)
{
	recipient_case_add(recipients,
		&(struct recipient){ .key = key,
			.target = target,
			.directory = directory,
			.origin = origin });
}

START_TEST(nothing_is_in_an_empty_one)
{
	struct recipients *recipients = recipients_open();

	ck_assert_uint_eq(recipients_count(recipients), 0);
	ck_assert_ptr_null(recipients_find(recipients, "bob@d"));
	recipients_close(&recipients);
	ck_assert_ptr_null(recipients);
	recipients_close(&recipients);
}
END_TEST

START_TEST(a_contact_of_its_own_name_is_elsewhere)
{
	const struct recipient mailbox = { .key = "a@d" };
	const struct recipient contact = { .key = "a@d", .target = "b@d" };
	const struct recipient itself = { .key = "a@d", .target = "a@d" };

	ck_assert(!recipient_is_elsewhere(&mailbox));
	ck_assert(!recipient_is_elsewhere(&contact));
	ck_assert(recipient_is_elsewhere(&itself));
}
END_TEST

START_TEST(the_first_directory_wins)
{
	struct recipients *recipients = recipients_open();

	add(recipients, &ad, "bob@d", NULL, "1");
	add(recipients, &ad, "ann@d", NULL, "2");
	add(recipients, &staff, "bob@d", "bob@e", "3");
	add(recipients, &sales, "bob@d", NULL, NULL);
	ck_assert_uint_eq(recipients_count(recipients), 2);
	ck_assert_str_eq(recipients_get(recipients, 0)->key, "bob@d");
	ck_assert_str_eq(recipients_get(recipients, 1)->key, "ann@d");
	const struct recipient *bob = recipients_find(recipients, "bob@d");

	ck_assert_ptr_eq(bob, recipients_get(recipients, 0));
	ck_assert_ptr_eq(bob->directory, &ad);
	ck_assert_ptr_eq(bob->next->directory, &staff);
	ck_assert_ptr_eq(bob->next->key, bob->key);
	ck_assert_str_eq(bob->next->target, "bob@e");
	ck_assert_str_eq(bob->next->domain, "d");
	ck_assert_ptr_eq(bob->next->next->directory, &sales);
	ck_assert_ptr_null(bob->next->next->origin);
	ck_assert_ptr_null(bob->next->next->next);
	recipients_close(&recipients);
}
END_TEST

START_TEST(twice_in_one_directory_is_once)
{
	struct recipients *recipients = recipients_open();

	add(recipients, &ad, "bob@d", NULL, "1");
	add(recipients, &ad, "bob@d", NULL, "2");
	add(recipients, &staff, "bob@d", NULL, "1");
	add(recipients, &staff, "bob@d", NULL, "2");
	const struct recipient *bob = recipients_find(recipients, "bob@d");

	ck_assert_uint_eq(recipients_count(recipients), 1);
	ck_assert_str_eq(bob->origin, "1");
	ck_assert_str_eq(bob->next->origin, "1");
	ck_assert_ptr_null(bob->next->next);
	recipients_close(&recipients);
}
END_TEST

START_TEST(a_mailbox_outdoes_a_contact_of_its_directory)
{
	struct recipients *recipients = recipients_open();

	add(recipients, &ad, "bob@d", "bob@e", "1");
	add(recipients, &ad, "bob@d", NULL, "2");
	add(recipients, &ad, "bob@d", "bob@f", "3");
	add(recipients, &ad, "ann@d", "ann@e", "4");
	add(recipients, &ad, "ann@d", NULL, NULL);
	const struct recipient *bob = recipients_find(recipients, "bob@d");
	const struct recipient *ann = recipients_find(recipients, "ann@d");

	ck_assert_ptr_null(bob->target);
	ck_assert_str_eq(bob->origin, "2");
	ck_assert_ptr_null(bob->next);
	ck_assert_ptr_null(ann->target);
	ck_assert_ptr_null(ann->origin);
	recipients_close(&recipients);
}
END_TEST

START_TEST(a_key_without_domain_has_none)
{
	struct recipients *recipients = recipients_open();

	add(recipients, &ad, "bob", NULL, NULL);
	add(recipients, &staff, "bob", NULL, NULL);
	ck_assert_str_eq(recipients_find(recipients, "bob")->domain, "");
	ck_assert_str_eq(recipients_find(recipients, "bob")->next->domain, "");
	recipients_close(&recipients);
}
END_TEST

START_TEST(many_keep_their_order)
{
	enum { MANY = 20000 };
	struct recipients *recipients = recipients_open();
	char key[32];

	for (int i = 0; i < MANY; i++) {
		snprintf(key, sizeof key, "user%d@d.example", i);
		add(recipients, &ad, key, NULL, "1");
	}
	ck_assert_uint_eq(recipients_count(recipients), MANY);
	for (int i = 0; i < MANY; i++) {
		snprintf(key, sizeof key, "user%d@d.example", i);
		const struct recipient *got =
			recipients_get(recipients, (size_t)i);

		ck_assert_str_eq(got->key, key);
		ck_assert_ptr_eq(recipients_find(recipients, key), got);
	}
	recipients_close(&recipients);
}
END_TEST

static void check_same(
	const struct recipients *taken, const struct recipients *added)
{
	ck_assert_uint_eq(recipients_count(taken), recipients_count(added));
	for (size_t i = 0; i < recipients_count(added); i++) {
		const struct recipient *a = recipients_get(taken, i);
		const struct recipient *b = recipients_get(added, i);

		ck_assert_ptr_eq(recipients_find(taken, b->key), a);
		for (; b != NULL; a = a->next, b = b->next) {
			ck_assert_ptr_nonnull(a);
			ck_assert_str_eq(a->key, b->key);
			ck_assert_str_eq(a->domain, b->domain);
			ck_assert_str_eq(a->origin, b->origin);
			ck_assert_pstr_eq(a->target, b->target);
			ck_assert_ptr_eq(a->directory, b->directory);
		}
		ck_assert_ptr_null(a);
	}
}

/* Lists as they are taken over, and what addition one by one makes of them. */
START_TEST(taken_lists_are_as_added_ones)
{
	enum { MANY = 3000, LISTS = 3 };
	static const struct directory *const OF[LISTS] = { &ad, &staff, &ad };
	struct recipients *taken = recipients_open();
	struct recipients *added = recipients_open();

	for (size_t n = 0; n < LISTS; n++) {
		struct recipient *list = memory_map(MANY * sizeof *list);
		char *texts = memory_map(MANY * 32);

		for (size_t i = 0; i < MANY; i++) {
			char *key = texts + 32 * i;

			/* each list has some of the others', and some twice */
			snprintf(key, 32, "u%zu@d.example",
				(i % (MANY - 5) + n * 1000));
			list[i] = (struct recipient){ .key = key,
				.domain = strchr(key, '@') + 1,
				.target = (i + n) % 3 == 0 ? "x@e" : NULL,
				.directory = OF[n],
				.origin = i % 2 == 0 ? "even" : "odd" };
			recipient_case_add(added, &list[i]);
		}
		recipients_keep(taken, texts, MANY * 32);
		recipients_keep(taken, list, MANY * sizeof *list);
		recipients_take(taken, list, MANY);
	}
	check_same(taken, added);
	recipients_take(taken, NULL, 0);
	check_same(taken, added);
	recipients_close(&taken);
	recipients_close(&added);
}
END_TEST

/* More than are taken without a second thread. */
enum { LARGE = 150000, KEY_SIZE = 24 };

/* user0@d and so on; it goes with the recipients. */
static struct recipient *large_list(struct recipients *recipients)
{
	const size_t size = LARGE * (sizeof(struct recipient) + KEY_SIZE);
	struct recipient *list = memory_map(size);
	char *key = (char *)(list + LARGE);

	for (unsigned i = 0; i < LARGE; i++, key += KEY_SIZE) {
		snprintf(key, KEY_SIZE, "user%u@d", i);
		list[i] = (struct recipient){ .key = key,
			.domain = strchr(key, '@') + 1,
			.directory = &ad };
	}
	recipients_keep(recipients, list, size);
	return list;
}

static void check_large(const struct recipients *recipients)
{
	char key[KEY_SIZE];

	for (unsigned i = 0; i < LARGE; i++) {
		snprintf(key, sizeof key, "user%u@d", i);
		ck_assert_ptr_eq(recipients_find(recipients, key),
			recipients_get(recipients, i));
		ck_assert_str_eq(recipients_get(recipients, i)->key, key);
	}
	ck_assert_uint_eq(recipients_count(recipients), LARGE);
	ck_assert_ptr_null(recipients_find(recipients, "user@d"));
}

START_TEST(large_first_list_is_found)
{
	struct recipients *recipients = recipients_open();

	recipients_take(recipients, large_list(recipients), LARGE);
	check_large(recipients);
	add(recipients, &staff, "user7@d", NULL, "1");
	ck_assert_ptr_eq(
		recipients_get(recipients, 7)->next->directory, &staff);
	check_large(recipients);
	recipients_close(&recipients);
}
END_TEST

START_TEST(large_lists_come_one_after_the_other)
{
	struct recipients *recipients = recipients_open();

	recipients_take(recipients, large_list(recipients), LARGE);
	recipients_take(recipients, large_list(recipients), LARGE);
	check_large(recipients);
	recipients_close(&recipients);
}
END_TEST

START_TEST(large_list_goes_before_it_is_asked)
{
	struct recipients *recipients = recipients_open();

	recipients_take(recipients, large_list(recipients), LARGE);
	ck_assert_uint_eq(recipients_count(recipients), LARGE);
	recipients_close(&recipients);
}
END_TEST

START_TEST(twice_in_a_large_list_is_once)
{
	struct recipients *recipients = recipients_open();
	struct recipient *list = large_list(recipients);

	list[2].key = list[1].key;
	list[1].target = "b@d";
	list[LARGE - 1].key = list[0].key;
	recipients_take(recipients, list, LARGE);
	ck_assert_ptr_eq(recipients_find(recipients, "user0@d"), list);
	ck_assert_uint_eq(recipients_count(recipients), LARGE - 2);
	ck_assert_ptr_eq(recipients_get(recipients, 1), &list[1]);
	ck_assert_ptr_null(list[1].target);
	ck_assert_ptr_eq(recipients_get(recipients, 2), &list[3]);
	ck_assert_ptr_eq(recipients_find(recipients, "user3@d"), &list[3]);
	ck_assert_ptr_null(recipients_find(recipients, "user2@d"));
	recipients_close(&recipients);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("recipients");

	tcase_add_test(tcase, nothing_is_in_an_empty_one);
	tcase_add_test(tcase, a_contact_of_its_own_name_is_elsewhere);
	tcase_add_test(tcase, the_first_directory_wins);
	tcase_add_test(tcase, twice_in_one_directory_is_once);
	tcase_add_test(tcase, a_mailbox_outdoes_a_contact_of_its_directory);
	tcase_add_test(tcase, a_key_without_domain_has_none);
	tcase_add_test(tcase, many_keep_their_order);
	tcase_add_test(tcase, taken_lists_are_as_added_ones);
	tcase_add_test(tcase, large_first_list_is_found);
	tcase_add_test(tcase, large_lists_come_one_after_the_other);
	tcase_add_test(tcase, large_list_goes_before_it_is_asked);
	tcase_add_test(tcase, twice_in_a_large_list_is_once);
	return unit_run(suite_create("recipients"), tcase);
}
