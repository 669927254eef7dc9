#include "verdicts/filter.h"

#include "record_case.h"
#include "unit_main.h"

/* One condition and one field as it is written in the line. */
static const struct filter_case {
	const char *name;
	enum verdict_field field;
	const char *values, *written;
	bool fits;
} CASES[] = {
	{ "an address", FIELD_RECIPIENT, "bob@company.example",
		"<bob@company.example>", true },
	{ "another", FIELD_RECIPIENT, "bob@company.example",
		"<rob@company.example>", false },
	{ "a part of it", FIELD_RECIPIENT, "ob@company.example",
		"<bob@company.example>", false },
	{ "in angles", FIELD_RECIPIENT, "<bob@company.example>",
		"<bob@company.example>", true },
	{ "capitals in the line", FIELD_RECIPIENT, "bob@company.example",
		"<Bob@COMPANY.example>", true },
	{ "capitals wanted", FIELD_RECIPIENT, "Bob@Company.example",
		"<bob@company.example>", true },
	{ "capitals beyond ASCII", FIELD_RECIPIENT, "ÄNNE@company.example",
		"<änne@company.example>", true },
	{ "folded to two letters", FIELD_RECIPIENT, "STRASSE@company.example",
		"<straße@company.example>", true },
	{ "ASCII and not", FIELD_RECIPIENT, "ann@company.example",
		"<änn@company.example>", false },
	{ "second of a list", FIELD_RECIPIENT, "a@d.example,b@d.example",
		"<b@d.example>", true },
	{ "none of a list", FIELD_RECIPIENT, "a@d.example,b@d.example",
		"<c@d.example>", false },
	{ "a pattern", FIELD_RECIPIENT, "*@company.example",
		"<bob@company.example>", true },
	{ "a pattern is for the whole", FIELD_RECIPIENT, "bob@*",
		"<rbob@company.example>", false },
	{ "a pattern without regard to case", FIELD_RECIPIENT, "BOB@*",
		"<bob@company.example>", true },
	{ "a pattern on UTF-8", FIELD_RECIPIENT, "?nne@*",
		"<Änne@company.example>", true },
	{ "a star for itself", FIELD_RECIPIENT, "\\*@d.example",
		"<*@d.example>", true },
	{ "a star for itself alone", FIELD_RECIPIENT, "\\*@d.example",
		"<b@d.example>", false },
	{ "a comma for itself", FIELD_RECIPIENT, "a\\,b@d.example",
		"<a,b@d.example>", true },
	{ "looks like fields", FIELD_RECIPIENT, "x\" verdict=accept y=\"@d",
		"\"<x\\\" verdict=accept y=\\\"@d>\"", true },
	{ "external form", FIELD_RECIPIENT, "\"two words\"@d.example",
		"\"<two words@d.example>\"", true },
	{ "internal form", FIELD_RECIPIENT, "two words@d.example",
		"\"<two words@d.example>\"", true },
	{ "a byte that is no UTF-8", FIELD_RECIPIENT, "*@d.example",
		"\"<\\xff@d.example>\"", true },
	{ "no recipient", FIELD_RECIPIENT, "<>", "<>", true },
	{ "null sender", FIELD_SENDER, "<>", "<>", true },
	{ "null sender alone", FIELD_SENDER, "<>", "<a@b.example>", false },
	{ "a sender for none", FIELD_SENDER, "a@b.example", "<>", false },
	{ "IDN by U-labels, A-labels in the line", FIELD_RECIPIENT,
		"ann@münchen.example", "<ann@xn--mnchen-3ya.example>", true },
	{ "IDN by A-labels, U-labels in the line", FIELD_RECIPIENT,
		"ann@xn--mnchen-3ya.example", "<ann@MÜNCHEN.example>", true },
	{ "IDN domain", FIELD_DOMAIN, "münchen.example",
		"xn--mnchen-3ya.example", true },
	{ "domain", FIELD_DOMAIN, "Company.Example", "company.example", true },
	{ "subdomains", FIELD_DOMAIN, "*.company.example",
		"lab.company.example", true },
	{ "subdomains alone", FIELD_DOMAIN, "*.company.example",
		"company.example", false },
	{ "no domain", FIELD_DOMAIN, "-", "-", true },
	{ "some domain", FIELD_DOMAIN, "-", "company.example", false },
	{ "anything is no nothing", FIELD_DOMAIN, "*", "-", false },
	{ "a connector by the name -", FIELD_CONNECTOR, "\\-", "\"-\"", true },
	{ "- is no connector", FIELD_CONNECTOR, "-", "\"-\"", false },
	{ "none is not by the name -", FIELD_CONNECTOR, "\\-", "-", false },
	{ "none or one", FIELD_CONNECTOR, "-,unix", "-", true },
	{ "connectors have case", FIELD_CONNECTOR, "Unix", "unix", false },
	{ "a verdict", FIELD_VERDICT, "reject", "reject", true },
	{ "verdicts", FIELD_VERDICT, "defer,reject", "reject", true },
	{ "another verdict", FIELD_VERDICT, "accept", "reject", false },
	{ "verdicts by pattern", FIELD_VERDICT, "re*", "relay", true },
	{ "a reason", FIELD_REASON, "directory-stale", "directory-stale",
		true },
	{ "a client", FIELD_CLIENT, "192.0.2.7", "192.0.2.7", true },
	{ "another client", FIELD_CLIENT, "192.0.2.7", "192.0.2.70", false },
	{ "a network", FIELD_CLIENT, "192.0.2.0/24", "192.0.2.255", true },
	{ "another network", FIELD_CLIENT, "192.0.2.0/24", "192.0.3.0", false },
	{ "IPv6 by value", FIELD_CLIENT, "2001:DB8:0::1", "2001:db8::1", true },
	{ "a client that is none", FIELD_CLIENT, "0.0.0.0/0", "unknown",
		false },
	{ "clients by pattern", FIELD_CLIENT, "192.0.*", "192.0.2.7", true },
	{ "unknown clients", FIELD_CLIENT, "-", "-", true },
	{ "a generation", FIELD_GENERATION, "42", "42", true },
	{ "a generation by its whole number", FIELD_GENERATION, "4", "42",
		false },
	{ "generations", FIELD_GENERATION, "40-42", "42", true },
	{ "generations before", FIELD_GENERATION, "40-41,50", "42", false },
	{ "a queue ID", FIELD_QUEUE_ID, "4XyZ1k", "4XyZ1k", true },
	{ "a queue ID as a log has it", FIELD_QUEUE_ID, "4XyZ1k:", "4XyZ1k",
		true },
	{ "queue IDs have case", FIELD_QUEUE_ID, "4xyz1k", "4XyZ1k", false },
};

START_TEST(a_field_is_compared)
{
	const struct filter_case *c = &CASES[_i];
	struct filter *filter = filter_open();
	struct record_case record;
	struct err err = { 0 };

	record_case_init(&record);
	record.written[c->field] = c->written;
	ck_assert_msg(filter_add(filter, c->field, c->values, &err), "%s: %s",
		c->name, err.text);
	ck_assert_msg(
		filter_takes(filter, record_case_make(&record)) == c->fits,
		"%s", c->name);
	record_case_fini(&record);
	filter_close(&filter);
	ck_assert_ptr_null(filter);
	filter_close(&filter);
}
END_TEST

/* The recipient that would be a field is none. */
START_TEST(a_value_forges_no_field)
{
	struct filter *filter = filter_open();
	struct record_case record;

	record_case_init(&record);
	record.written[FIELD_RECIPIENT] = "\"<x\\\" verdict=accept y=\\\"@d>\"";
	ck_assert(filter_add(filter, FIELD_VERDICT, "accept", NULL));
	ck_assert(!filter_takes(filter, record_case_make(&record)));
	record_case_fini(&record);
	filter_close(&filter);
}
END_TEST

static const struct fault_case {
	enum verdict_field field;
	const char *values, *err;
} FAULTS[] = {
	{ FIELD_VERDICT, "rejct",
		"no such verdict rejct; there are accept, relay, reject, defer "
		"and pass" },
	{ FIELD_VERDICT, "reject,Accept",
		"no such verdict Accept; there are accept, relay, reject, "
		"defer and pass" },
	{ FIELD_REASON, "unkown",
		"no such reason unkown; there are listed, contact, "
		"postmaster, secondary, catch-all, unlisted, verify, unknown, "
		"directory-stale, loop, not-ours, not-an-address and "
		"lookup-failed" },
	{ FIELD_GENERATION, "x",
		"generation is a number or a range such as 40-42, not x" },
	{ FIELD_GENERATION, "40-",
		"generation is a number or a range such as 40-42, not 40-" },
	{ FIELD_GENERATION, "42-40", "generation 42-40 ends before it begins" },
	{ FIELD_RECIPIENT, "", "an empty value among those of recipient" },
	{ FIELD_RECIPIENT, "a@b,", "an empty value among those of recipient" },
	{ FIELD_RECIPIENT, "\xff@b", "the recipient is not UTF-8" },
	{ FIELD_CONNECTOR, "a\\",
		"a backslash at the end of the connector takes nothing for "
		"itself" },
	{ FIELD_CLIENT, "mail.example",
		"an IP address or a network such as 10.8.0.0/24 is wanted, not "
		"\"mail.example\"" },
};

START_TEST(a_mistake_gets_a_sentence)
{
	const struct fault_case *c = &FAULTS[_i];
	struct filter *filter = filter_open();
	struct err err = { 0 };

	ck_assert_msg(
		!filter_add(filter, c->field, c->values, &err), "%s", c->err);
	ck_assert_str_eq(err.text, c->err);
	filter_close(&filter);
}
END_TEST

START_TEST(different_fields_must_all_fit)
{
	struct filter *filter = filter_open();
	struct record_case record;

	record_case_init(&record);
	ck_assert(filter_takes(filter, record_case_make(&record)));
	ck_assert(filter_add(filter, FIELD_VERDICT, "reject", NULL));
	ck_assert(filter_add(filter, FIELD_REASON, "loop", NULL));
	ck_assert(!filter_takes(filter, record_case_make(&record)));
	ck_assert(filter_add(filter, FIELD_REASON, "unknown", NULL));
	ck_assert(filter_takes(filter, record_case_make(&record)));
	record_case_fini(&record);
	filter_close(&filter);
}
END_TEST

START_TEST(since_is_in_and_until_is_out)
{
	struct filter *filter = filter_open();
	struct record_case record;
	const int64_t now = RECORD_TIME_US;

	record_case_init(&record);
	filter_set_times(filter, now, now + 1);
	ck_assert(filter_takes(filter, record_case_make(&record)));
	filter_set_times(filter, now + 1, INT64_MAX);
	ck_assert(!filter_takes(filter, record_case_make(&record)));
	filter_set_times(filter, INT64_MIN, now);
	ck_assert(!filter_takes(filter, record_case_make(&record)));
	record_case_fini(&record);
	filter_close(&filter);
}
END_TEST

/* Until it is known, it may be any. */
START_TEST(a_queue_id_may_be_told_later)
{
	struct filter *filter = filter_open();
	struct record_case record;

	record_case_init(&record);
	ck_assert(filter_add(filter, FIELD_VERDICT, "reject", NULL));
	ck_assert(!filter_asks(filter, FIELD_QUEUE_ID));
	ck_assert(filter_add(filter, FIELD_QUEUE_ID, "4XyZ", NULL));
	ck_assert(filter_asks(filter, FIELD_QUEUE_ID));
	ck_assert(!filter_takes(filter, record_case_make(&record)));
	ck_assert(filter_may_take(filter, record_case_make(&record)));
	record.written[FIELD_QUEUE_ID] = "4XyA";
	ck_assert(!filter_may_take(filter, record_case_make(&record)));
	record.written[FIELD_QUEUE_ID] = "4XyZ";
	ck_assert(filter_may_take(filter, record_case_make(&record)));
	record.written[FIELD_VERDICT] = "accept";
	ck_assert(!filter_may_take(filter, record_case_make(&record)));
	record.written[FIELD_VERDICT] = "reject";
	filter_set_times(filter, RECORD_TIME_US + 1, INT64_MAX);
	ck_assert(!filter_may_take(filter, record_case_make(&record)));
	record_case_fini(&record);
	filter_close(&filter);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, a_field_is_compared, 0, COUNT(CASES));
	tcase_add_test(tcase, a_value_forges_no_field);
	tcase_add_loop_test(tcase, a_mistake_gets_a_sentence, 0, COUNT(FAULTS));
	tcase_add_test(tcase, different_fields_must_all_fit);
	tcase_add_test(tcase, since_is_in_and_until_is_out);
	tcase_add_test(tcase, a_queue_id_may_be_told_later);
	return unit_run(suite_create("filter"), tcase);
}
