#include "verdicts/json_text.h"

#include "base/text.h"

#include "unit_main.h"

#include <jansson.h>
#include <string.h>

static const struct {
	const char *bytes, *json;
} STRINGS[] = {
	{ "", "\"\"" },
	{ "plain", "\"plain\"" },
	{ "a\"b\\c/", "\"a\\\"b\\\\c/\"" },
	{ "\t\n\x01\x7f", "\"\\u0009\\u000a\\u0001\\u007f\"" },
	{ "ä日\xf0\x9f\x93\xa7", "\"ä日\xf0\x9f\x93\xa7\"" },
	{ "\xc2\x9b"
	  "2J",
		"\"\\u009b2J\"" }, /* a C1 control */
	{ "a\xe2\x80\xaeZ", "\"a\\u202eZ\"" }, /* turns the direction */
	{ "\xef\xbb\xbf", "\"\\ufeff\"" },
	{ "\xe2\x80\xa8", "\"\\u2028\"" },
	{ "a\xffz", "\"a\xef\xbf\xbdz\"" },
	{ "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" }, /* overlong */
	{ "\xe0\x80\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "\xf5\x80\x80\x80",
		"\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "\xe2\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\"" }, /* cut */
	{ "\xc3", "\"\xef\xbf\xbd\"" },
};

START_TEST(bytes_become_a_string)
{
	struct text text;

	text_init(&text);
	json_text_string(&text, slice_of(STRINGS[_i].bytes));
	ck_assert_str_eq(text.data, STRINGS[_i].json);
	text_fini(&text);
}
END_TEST

/* Whatever three bytes: what another library takes for JSON. */
START_TEST(any_bytes_are_json)
{
	static const unsigned char some[] = { 0, 0x1b, '"', '\\', 'a', 0x7f,
		0x80, 0x9b, 0xa0, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xe2, 0xed,
		0xef, 0xf0, 0xf4, 0xf5, 0xff };
	enum { SOME = sizeof some };

	for (unsigned i = 0; i < SOME * SOME * SOME; i++) {
		const char bytes[] = { (char)some[i % SOME],
			(char)some[i / SOME % SOME],
			(char)some[i / SOME / SOME] };
		struct text text;

		text_init(&text);
		json_text_string(&text, (struct slice){ bytes, sizeof bytes });
		json_t *json = json_loadb(text.data, text.len,
			JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

		ck_assert_msg(json != NULL, "%s", text.data);
		json_decref(json);
		text_fini(&text);
	}
}
END_TEST

static const struct {
	enum verdict_field field;
	const char *written, *json;
} FIELDS[] = {
	{ FIELD_VERDICT, "reject", "\"reject\"" },
	{ FIELD_DOMAIN, "-", "null" },
	{ FIELD_DOMAIN, "\"-\"", "\"-\"" },
	{ FIELD_RECIPIENT, "<bob@d.example>", "\"bob@d.example\"" },
	{ FIELD_RECIPIENT, "\"<a\\x0a\\\"b@d>\"", "\"a\\u000a\\\"b@d\"" },
	{ FIELD_RECIPIENT, "\"<a\\xff@d>\"", "\"a\xef\xbf\xbd@d\"" },
	{ FIELD_SENDER, "<>", "\"\"" },
	{ FIELD_REPLY, "\"550 long\"...", "\"550 long\"" },
	{ FIELD_GENERATION, "42", "42" },
	{ FIELD_US, "0", "0" },
	{ FIELD_SHADOW, "yes", "true" },
	{ FIELD_SHADOW, "-", "false" },
};

START_TEST(a_field_has_its_kind)
{
	struct text text;

	text_init(&text);
	json_text_field(&text, FIELDS[_i].field, slice_of(FIELDS[_i].written));
	ck_assert_str_eq(text.data, FIELDS[_i].json);
	text_fini(&text);
}
END_TEST

START_TEST(an_empty_text_is_null)
{
	struct text text;

	text_init(&text);
	json_text_optional(&text, "");
	json_text_optional(&text, "a");
	ck_assert_str_eq(text.data, "null\"a\"");
	text_fini(&text);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, bytes_become_a_string, 0, COUNT(STRINGS));
	tcase_add_test(tcase, any_bytes_are_json);
	tcase_add_loop_test(tcase, a_field_has_its_kind, 0, COUNT(FIELDS));
	tcase_add_test(tcase, an_empty_text_is_null);
	return unit_run(suite_create("json_text"), tcase);
}
