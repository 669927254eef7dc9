#include "verdicts/tsv_output.h"

#include "output_case.h"
#include "unit_main.h"

#define HEADER \
	"time\thost\tverdict\treason\trecipient\tdomain\ttype\tconnector\t" \
	"nexthop\tdirectory\tclient\tsender\tqueue_id\tinstance\tgeneration\t" \
	"reply\tus\tshadow"
#define BEFORE \
	"2026-11-21T11:05:03.000042+02:00\tmx1\treject\tunknown\t" \
	"bob@company.example\tcompany.example\tinternal-relay\t-\t-\t-\t" \
	"192.0.2.7\ta@b.example\t"
#define AFTER "\t1a2b.3c\t42\t550 5.1.1 User unknown\t14\t-"

START_TEST(all_fields_are_written)
{
	struct output_case c;

	output_case_init(&c, tsv_output_open, (struct shape){ 0 });
	output_case_take(&c);
	output_case_shows(&c, HEADER "\n" BEFORE "-" AFTER "\n");
	output_case_end(&c, HEADER "\n" BEFORE "-" AFTER "\n");
}
END_TEST

START_TEST(each_fate_has_a_line)
{
	struct output_case c;

	output_case_init(
		&c, tsv_output_open, (struct shape){ .has_fates = true });
	output_case_take_fates(&c, 2);
	output_case_take_fates(&c, 0);
	output_case_end(&c,
		HEADER "\tto\tstatus\tdsn\tsystem\tsaid\tdelivery_time\n" BEFORE
		       "4XyZ" AFTER "\tbob@inner.example\tsent\t2.0.0\t"
		       "mx[10.8.0.25]:25\t250 2.0.0 \"ok\"\\x1b[2J\t"
		       "2026-11-21T11:05:04.000042+02:00\n" BEFORE "4XyZ" AFTER
		       "\tann@inner.example\tqueued\t-\t-\t-\t"
		       "2026-11-21T11:05:03.000042+02:00\n" BEFORE "4XyZ" AFTER
		       "\t-\t-\t-\t-\t-\t-\n");
}
END_TEST

/* stdio keeps what it could not write, and says so at the end. */
START_TEST(a_full_disk_is_told)
{
	FILE *full = fopen("/dev/full", "w");
	struct err err = { 0 };
	struct output output;

	ck_assert_ptr_nonnull(full);
	tsv_output_open(&output, &(struct shape){ .to = full });
	ck_assert(!output.finish(output.context, &err));
	ck_assert_str_eq(err.text,
		"the output can not be written: No space left on device");
	output.close(output.context);
	fclose(full);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, all_fields_are_written);
	tcase_add_test(tcase, each_fate_has_a_line);
	tcase_add_test(tcase, a_full_disk_is_told);
	return unit_run(suite_create("tsv_output"), tcase);
}
