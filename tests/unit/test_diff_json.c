/* A diff to be parsed: all of it, in an order that stays. */
#include "changes/diff_json.h"

#include "tests/unit/diff_case.h"
#include "tests/unit/unit_main.h"

#include <jansson.h>

#define CONFIG \
	"accepted-domain '#d.example' { type = authoritative }\n" \
	"accepted-domain '#o.example' { secondary-of = 'd.example' }\n" \
	"connector unix { smart-hosts = '10.0.0.2' }\n" \
	"directory one { path = one connector = ex }\n" \
	"directory two { path = two connector = unix }\n"
#define EX \
	"connector ex { address-spaces = { 'd.example', 'p.example' }\n" \
	"smart-hosts = { '10.0.0.1' } tls = may }\n"

static struct diff_case c;

static void setup(void)
{
	model_case_sound(&c.before, CONFIG EX,
		"one ann@d.example\none bob@d.example\none carl@d.example");
	model_case_sound(&c.after,
		CONFIG "extension = '-'\naccepted-domain '#n.example' { }\n"
		       "connector ex { address-spaces = { 'd.example', "
		       "'n.example' } smart-hosts = { '10.0.0.1' } }\n",
		"one ann@d.example\ntwo bob@d.example\none dora@n.example");
	diff_case_compare(&c);
}

static void teardown(void)
{
	diff_case_close(&c);
}

static json_t *parsed(const struct diff_heading *heading, char **text)
{
	json_error_t error;
	size_t len = 0;
	FILE *file = open_memstream(text, &len);

	diff_print_json(c.diff, heading, file);
	ck_assert_int_eq(fclose(file), 0);
	json_t *root = json_loads(*text, JSON_REJECT_DUPLICATES, &error);

	ck_assert_msg(
		root != NULL, "%d: %s\n%s", error.line, error.text, *text);
	return root;
}

/* The value without blanks, keys in the order they came in. */
static void expect(const json_t *value, const char *wanted)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	ck_assert_str_eq(text, wanted);
	free(text);
}

START_TEST(every_list_is_there)
{
	static const char *const keys[] = { "from", "to", "limit", "counts",
		"reroutes", "domains", "unlisted", "connectors", "spaces",
		"tls", "settings", "accepted", "refused", "deferred",
		"rerouted" };
	const struct diff_heading heading = { true, 41, 0, 0 };
	char *text = NULL;
	json_t *root = parsed(&heading, &text);
	int n = 0;

	for (void *at = json_object_iter(root); at != NULL;
		at = json_object_iter_next(root, at))
		ck_assert_str_eq(json_object_iter_key(at), keys[n++]);
	ck_assert_int_eq(n, COUNT(keys));
	expect(json_object_get(root, "from"), "41");
	expect(json_object_get(root, "to"), "\"candidate\"");
	expect(json_object_get(root, "limit"), "null");
	expect(json_object_get(root, "counts"),
		"{\"accepted\":2,\"refused\":2,\"deferred\":0,\"rerouted\":2,"
		"\"unchanged\":4}");
	expect(json_object_get(root, "reroutes"),
		"[{\"from\":\"ex smtp:[10.0.0.1]\",\"to\":\"unix "
		"smtp:[10.0.0.2]\",\"count\":2}]");
	expect(json_object_get(root, "domains"),
		"[{\"name\":\"#n.example\",\"change\":\"accepted\",\"from\":"
		"null,\"to\":{\"name\":\"#n.example\",\"type\":"
		"\"authoritative\",\"recipient_filter\":\"directories\","
		"\"accept_from\":\"anyone\",\"secondary_of\":null,"
		"\"catch_all\":null}}]");
	expect(json_object_get(root, "tls"),
		"[{\"name\":\"[10.0.0.1]\",\"from\":\"may\",\"to\":null}]");
	expect(json_object_get(root, "deferred"), "[]");
	json_decref(root);
	free(text);
}
END_TEST

/* Also what the text shortens. */
START_TEST(recipient_has_both_answers)
{
	const struct diff_heading heading = { true, 1, 2, 0 };
	char *text = NULL;
	json_t *root = parsed(&heading, &text);

	expect(json_array_get(json_object_get(root, "rerouted"), 1),
		"{\"address\":\"bob@o.example\",\"from\":{\"verdict\":"
		"\"accept\",\"reason\":\"secondary\",\"domain\":\"#o.example\","
		"\"directory\":\"one\",\"connector\":\"ex\",\"nexthop\":"
		"\"smtp:[10.0.0.1]\",\"delivered_to\":\"bob@d.example\"},"
		"\"to\":{\"verdict\":\"accept\",\"reason\":\"secondary\","
		"\"domain\":\"#o.example\",\"directory\":\"two\","
		"\"connector\":\"unix\",\"nexthop\":\"smtp:[10.0.0.2]\","
		"\"delivered_to\":\"bob@d.example\"}}");
	json_decref(root);
	free(text);
}
END_TEST

START_TEST(limit_cuts_lists_and_no_counts)
{
	const struct diff_heading heading = { false, 0, 2, 1 };
	char *text = NULL;
	json_t *root = parsed(&heading, &text);

	expect(json_object_get(root, "from"), "null");
	expect(json_object_get(root, "limit"), "1");
	ck_assert_uint_eq(
		json_array_size(json_object_get(root, "rerouted")), 1);
	expect(json_object_get(json_object_get(root, "counts"), "rerouted"),
		"2");
	json_decref(root);
	free(text);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("diff_json");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, every_list_is_there);
	tcase_add_test(tcase, recipient_has_both_answers);
	tcase_add_test(tcase, limit_cuts_lists_and_no_counts);
	return unit_run(suite_create("diff_json"), tcase);
}
