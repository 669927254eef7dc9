#include "verdicts/json_output.h"

#include "fate_case.h"
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
	struct record_case record;
	struct printed printed;
	struct output output;

	set_zone();
	printed_init(&printed);
	record_case_init(&record);
	json_output_open(&output, &(struct shape){ .to = printed.to });
	output_take(&output, &record);
	record.written[FIELD_REPLY] = "\"550 5.1.1 User unknown\"...";
	record.written[FIELD_CLIENT] = "\"192.0.2.7\"...";
	output_take(&output, &record);
	output_end(&output);
	printed_is(&printed,
		BEFORE "null" AFTER "]}\n" BEFORE "null" AFTER
		       "\"client\",\"reply\"]}\n");
	record_case_fini(&record);
	printed_fini(&printed);
}
END_TEST

START_TEST(fates_are_an_array)
{
	struct record_case record;
	struct printed printed;
	struct output output;

	set_zone();
	printed_init(&printed);
	record_case_init(&record);
	json_output_open(&output,
		&(struct shape){ .to = printed.to, .has_fates = true });
	output.take(output.context, fate_case_make(&record, 2));
	output.take(output.context, fate_case_make(&record, 0));
	output_end(&output);
	printed_is(&printed,
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
	record_case_fini(&record);
	printed_fini(&printed);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, all_fields_are_written);
	tcase_add_test(tcase, fates_are_an_array);
	return unit_run(suite_create("json_output"), tcase);
}
