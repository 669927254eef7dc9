#include "verdicts/count_key.h"

#include "verdicts/local_time.h"

#include "record_case.h"
#include "unit_main.h"

#define FIELDS \
	"verdict, reason, recipient, domain, type, connector, nexthop, " \
	"directory, client, sender, queue_id, instance, generation, reply, " \
	"us, shadow, host, day and hour"

static const struct {
	const char *names, *err;
} FAULTS[] = {
	{ "foo", "no field \"foo\" to count by; there are " FIELDS },
	{ "", "no field \"\" to count by; there are " FIELDS },
	{ "reason,", "no field \"\" to count by; there are " FIELDS },
	{ "Reason", "no field \"Reason\" to count by; there are " FIELDS },
	{ "day,reason,day", "day stands twice in what to count by" },
	{ "verdict,reason,recipient,domain,type,connector,nexthop,directory,us",
		"counts are by 8 fields at the most" },
};

START_TEST(a_mistake_gets_a_sentence)
{
	struct count_key key;
	struct err err = { 0 };

	ck_assert(!count_key_parse(&key, FAULTS[_i].names, &err));
	ck_assert_str_eq(err.text, FAULTS[_i].err);
}
END_TEST

START_TEST(every_name_is_a_field)
{
	for (unsigned i = 0; i < COUNT_FIELDS; i++) {
		struct count_key key;

		ck_assert(count_key_parse(&key, count_field_name(i), NULL));
		ck_assert_uint_eq(key.n, 1);
		ck_assert_uint_eq(key.fields[0], i);
	}
}
END_TEST

/* A host may hold a tab, a value never a line feed. */
START_TEST(values_are_taken_as_they_were_written)
{
	struct local_time local = { 0 };
	struct record_case record;
	struct count_key key;
	struct text text;

	set_zone();
	text_init(&text);
	record_case_init(&record);
	record.host = "m\tx";
	record.written[FIELD_RECIPIENT] = "\"<a\\x0ab@d>\"";
	ck_assert(count_key_parse(&key, "host,recipient,hour,shadow", NULL));
	count_key_write(&text, &key, record_case_make(&record), &local);
	struct slice rest = { text.data, text.len };

	ck_assert(slice_is(count_key_take(&rest), "m\tx"));
	ck_assert(slice_is(count_key_take(&rest), "\"<a\\x0ab@d>\""));
	ck_assert(slice_is(count_key_take(&rest), "2026-11-21 11"));
	ck_assert(slice_is(count_key_take(&rest), "-"));
	ck_assert_uint_eq(rest.len, 0);
	record_case_fini(&record);
	text_fini(&text);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, a_mistake_gets_a_sentence, 0, COUNT(FAULTS));
	tcase_add_test(tcase, every_name_is_a_field);
	tcase_add_test(tcase, values_are_taken_as_they_were_written);
	return unit_run(suite_create("count_key"), tcase);
}
