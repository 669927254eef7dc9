#include "verdicts/json_output.h"

#include "output_case.h"
#include "unit_main.h"

#define BEFORE \
	"{\"time\":\"2026-11-21T11:05:03.000042+02:00\",\"host\":\"mx1\"," \
	"\"verdict\":\"reject\",\"reason\":\"unknown\"," \
	"\"recipient\":\"bob@company.example\"," \
	"\"domain\":\"company.example\",\"type\":\"internal-relay\"," \
	"\"connector\":null,\"nexthop\":null,\"directory\":null," \
	"\"client\":\"192.0.2.7\",\"sender\":\"a@b.example\",\"queue_id\":"
#define AFTER \
	",\"instance\":\"1a2b.3c\",\"generation\":42," \
	"\"reply\":\"550 5.1.1 User unknown\",\"us\":14,\"shadow\":false," \
	"\"cut\":["

START_TEST(all_fields_are_written)
{
	struct output_case c;

	output_case_init(&c, json_output_open, (struct shape){ 0 });
	output_case_take(&c);
	output_case_shows(&c, BEFORE "null" AFTER "]}\n");
	c.record.written[FIELD_REPLY] = "\"550 5.1.1 User unknown\"...";
	c.record.written[FIELD_CLIENT] = "\"192.0.2.7\"...";
	output_case_take(&c);
	output_case_end(&c,
		BEFORE "null" AFTER "]}\n" BEFORE "null" AFTER
		       "\"client\",\"reply\"]}\n");
}
END_TEST

START_TEST(fates_are_an_array)
{
	struct output_case c;

	output_case_init(
		&c, json_output_open, (struct shape){ .has_fates = true });
	output_case_take_fates(&c, 2);
	output_case_take_fates(&c, 0);
	output_case_end(&c,
		BEFORE "\"4XyZ\"" AFTER "],\"delivery\":[{\"time\":"
		       "\"2026-11-21T11:05:04.000042+02:00\","
		       "\"to\":\"bob@inner.example\",\"status\":\"sent\","
		       "\"dsn\":\"2.0.0\",\"system\":\"mx[10.8.0.25]:25\","
		       "\"said\":\"250 2.0.0 \\\"ok\\\"\\u001b[2J\"},"
		       "{\"time\":\"2026-11-21T11:05:03.000042+02:00\","
		       "\"to\":\"ann@inner.example\","
		       "\"status\":\"queued\",\"dsn\":null,\"system\":null,"
		       "\"said\":null}]}\n" BEFORE "\"4XyZ\"" AFTER
		       "],\"delivery\":[]}\n");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, all_fields_are_written);
	tcase_add_test(tcase, fates_are_an_array);
	return unit_run(suite_create("json_output"), tcase);
}
