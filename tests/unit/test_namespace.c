/* Words of the configuration, and connectors by name. */
#include "namespace/namespace.h"

#include "tests/unit/unit_main.h"

START_TEST(types_have_their_words)
{
	ck_assert_str_eq(
		domain_type_format(DOMAIN_AUTHORITATIVE), "authoritative");
	ck_assert_str_eq(
		domain_type_format(DOMAIN_INTERNAL_RELAY), "internal-relay");
	ck_assert_str_eq(
		domain_type_format(DOMAIN_EXTERNAL_RELAY), "external-relay");
}
END_TEST

START_TEST(filters_have_their_words)
{
	ck_assert_str_eq(
		recipient_filter_format(FILTER_DIRECTORIES), "directories");
	ck_assert_str_eq(recipient_filter_format(FILTER_OFF), "off");
	ck_assert_str_eq(recipient_filter_format(FILTER_VERIFY), "verify");
}
END_TEST

START_TEST(an_unknown_value_has_no_word)
{
	ck_assert_str_eq(domain_type_format((enum domain_type)99), "");
	ck_assert_str_eq(
		recipient_filter_format((enum recipient_filter)99), "");
}
END_TEST

START_TEST(connectors_are_found_by_name)
{
	struct connector connectors[] = {
		{ .name = "exchange", .is_enabled = true },
		{ .name = "unix", .is_enabled = true },
		{ .name = "old", .is_enabled = false },
	};
	const struct namespace ns = { .connectors = connectors,
		.n_connectors = 3 };

	ck_assert_ptr_eq(namespace_connector(&ns, "exchange"), &connectors[0]);
	ck_assert_ptr_eq(namespace_connector(&ns, "unix"), &connectors[1]);
	ck_assert_ptr_null(namespace_connector(&ns, "Unix"));
	ck_assert_ptr_null(namespace_connector(&ns, "old"));
	ck_assert_ptr_null(namespace_connector(&ns, ""));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("namespace");

	tcase_add_test(tcase, types_have_their_words);
	tcase_add_test(tcase, filters_have_their_words);
	tcase_add_test(tcase, an_unknown_value_has_no_word);
	tcase_add_test(tcase, connectors_are_found_by_name);
	return unit_run(suite_create("namespace"), tcase);
}
