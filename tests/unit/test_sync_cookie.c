#include "directory/sync_cookie.h"

#include "directory/object.h"

#include "sink_text.h"
#include "unit_main.h"

#define CSN(time, server) \
	"202611210822" time ".000000Z#000000#" server "#000000"

static const struct format_case {
	const char *name, *values[3], *cookie; /* NULL: refused */
} FORMATS[] = {
	{ "one server", { CSN("43", "000") },
		.cookie = "rid=000,csn=" CSN("43", "000") },
	{ "two servers", { CSN("43", "001"), CSN("44", "002") },
		.cookie =
			"rid=000,csn=" CSN("43", "001") ";" CSN("44", "002") },
	{ "none", { NULL }, .cookie = NULL },
	{ "empty", { "" }, .cookie = NULL },
	{ "no CSN", { "20261121082243Z" }, .cookie = NULL },
	{ "a part too many", { CSN("43", "000") "#0" }, .cookie = NULL },
	{ "what would end the cookie",
		{ "20261121082243.000000Z#000000#000#000000,x" },
		.cookie = NULL },
	{ "second is none", { CSN("43", "001"), "x" }, .cookie = NULL },
};

START_TEST(cookie_is_made_of_context_csns)
{
	const struct format_case *c = &FORMATS[_i];
	struct object_value values[3];
	struct object_attribute attribute = { "contextCSN", values, 0 };
	struct text cookie;

	for (; c->values[attribute.n_values] != NULL; attribute.n_values++)
		values[attribute.n_values] =
			(struct object_value){ c->values[attribute.n_values],
				strlen(c->values[attribute.n_values]) };
	text_init(&cookie);
	text_adds(&cookie, "old");
	const bool is_formatted = sync_cookie_format(&cookie, &attribute);

	ck_assert_msg(is_formatted == (c->cookie != NULL), "%s", c->name);
	if (is_formatted)
		ck_assert_str_eq(text_of(&cookie), c->cookie);
	text_fini(&cookie);
}
END_TEST

#define TWO "rid=000,csn=" CSN("43", "001") ";" CSN("20", "002")

static const struct lack_case {
	const char *name, *cookie, *csn;
	bool lacks;
} LACKS[] = {
	{ "same", TWO, CSN("43", "001"), .lacks = false },
	{ "older", TWO, CSN("42", "001"), .lacks = false },
	{ "newer", TWO, CSN("44", "001"), .lacks = true },
	{ "other server's same", TWO, CSN("20", "002"), .lacks = false },
	{ "other server's newer", TWO, CSN("21", "002"), .lacks = true },
	{ "server unknown", TWO, CSN("20", "003"), .lacks = true },
	{ "counter within a moment", TWO,
		"20261121082243.000000Z#000001#001#000000", .lacks = true },
	{ "no CSN", TWO, "20261121", .lacks = true },
	{ "cookie without CSNs", "rid=000", CSN("20", "001"), .lacks = true },
	{ "cookie with a server's id", "rid=000,sid=001,csn=" CSN("43", "001"),
		CSN("43", "001"), .lacks = false },
	{ "more behind", TWO ",delcsn=" CSN("50", "001"), CSN("50", "001"),
		.lacks = true },
	{ "no cookie", "", CSN("20", "001"), .lacks = true },
};

START_TEST(cookie_knows_what_it_lacks)
{
	const struct lack_case *c = &LACKS[_i];

	ck_assert_msg(sync_cookie_lacks(c->cookie, c->csn, strlen(c->csn)) ==
			c->lacks,
		"%s", c->name);
}
END_TEST

START_TEST(ends_are_found_wherever_they_stand)
{
	static const char *const cookies[] = { TWO, TWO ",sid=001",
		"rid=000,csn=" CSN("20", "002") ";" CSN("43", "001"),
		"csn=" CSN("20", "002") };
	size_t len;

	for (size_t i = 0; i < sizeof cookies / sizeof *cookies; i++) {
		const char *oldest = sync_cookie_oldest(cookies[i], &len);

		ck_assert_uint_eq(len, strlen(CSN("20", "002")));
		ck_assert_mem_eq(oldest, CSN("20", "002"), len);
		const char *newest = sync_cookie_newest(cookies[i], &len);
		const char *expected = i == 3 ? CSN("20", "002")
					      : CSN("43", "001");

		ck_assert_uint_eq(len, strlen(expected));
		ck_assert_mem_eq(newest, expected, len);
	}
	ck_assert_ptr_null(sync_cookie_newest("rid=000", &len));
	ck_assert_ptr_null(sync_cookie_oldest("rid=000", &len));
	ck_assert_ptr_null(sync_cookie_oldest("rid=000,csn=x", &len));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(
		tcase, cookie_is_made_of_context_csns, 0, COUNT(FORMATS));
	tcase_add_loop_test(tcase, cookie_knows_what_it_lacks, 0, COUNT(LACKS));
	tcase_add_test(tcase, ends_are_found_wherever_they_stand);
	return unit_run(suite_create("sync_cookie"), tcase);
}
