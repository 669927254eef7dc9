/* The view of the next generation before it is written. */
#include "namespace/model.h"

#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

#define CONFIG \
	"accepted-domain 'd.example' { }\n" \
	"accepted-domain 'b\xc3\xbc" \
	"cher.example' { type = internal-relay }\n" \
	"accepted-domain 'off.example' { enabled = no }\n" \
	"connector gone { smart-hosts = g enabled = no\n" \
	"address-spaces = 'g.example' }\n" \
	"connector ex { smart-hosts = h address-spaces = { 'd.example',\n" \
	"'#b\xc3\xbc" \
	"cher.example', '*' } }\n" \
	"directory none { path = n enabled = no }\n" \
	"directory ad { path = a domains = { 'd.example' } }\n" \
	"directory all { path = b }\n" \
	"contact 'c@b\xc3\xbc" \
	"cher.example' { target = 'x@far.example' }\n"
#define ENTRIES \
	"ad bob@d.example\n" \
	"ad strange@b\xc3\xbc" \
	"cher.example\n" \
	"ad ann@d.example > ann@far.example\n" \
	"all bob@d.example\n" \
	"all ann@d.example\n" \
	"all j\xc3\xbcrgen@sub.b\xc3\xbc" \
	"cher.example"

static struct model_case c;
static const struct view *view;

static void open_case(void)
{
	model_case_sound(&c, CONFIG, ENTRIES);
	view = model_view(c.model);
}

static void close_case(void)
{
	model_case_close(&c);
}

static const struct {
	const char *key;
	const char *pattern; /* NULL = none */
} domains[] = {
	{ "d.example", "d.example" },
	{ ".d.example", "d.example" },
	{ "b.d.example", NULL },
	{ "xn--bcher-kva.example", "xn--bcher-kva.example" },
	{ "b\xc3\xbc"
	  "cher.example",
		"xn--bcher-kva.example" },
	{ ".b\xc3\xbc"
	  "cher.example",
		"xn--bcher-kva.example" },
	{ "B\xc3\x9c"
	  "CHER.example",
		NULL },
	{ "\xc3\xbc..example", NULL },
	{ "off.example", NULL },
};

START_TEST(finds_domains_by_key)
{
	const struct domain *domain;
	const enum lookup found =
		view->ops->domain(view, domains[_i].key, &domain);

	ck_assert_int_eq(found,
		domains[_i].pattern == NULL ? LOOKUP_NONE : LOOKUP_FOUND);
	if (found == LOOKUP_FOUND)
		ck_assert_str_eq(
			domain->pattern.name.ascii, domains[_i].pattern);
}
END_TEST

static const struct {
	const char *address;
	const char *expect; /* "listing contact brought", "-" = none */
} addresses[] = {
	{ "bob@d.example", "ad - -" },
	{ "ann@d.example", "all - ann@far.example" },
	{ "no@d.example", "- - -" },
	{ "strange@xn--bcher-kva.example", "- - -" },
	{ "c@xn--bcher-kva.example", "- x@far.example -" },
	{ "c@b\xc3\xbc"
	  "cher.example",
		"- x@far.example -" },
	{ "j\xc3\xbcrgen@sub.xn--bcher-kva.example", "all - -" },
	{ "j\xc3\xbcrgen@sub.b\xc3\xbc"
	  "cher.example",
		"all - -" },
	{ "j\xc3\xbcrgen@sub.\xc3\x9c.example", "- - -" },
};

START_TEST(finds_addresses)
{
	const char *address = addresses[_i].address;
	struct listing listing;
	struct contact contact, brought;
	const enum lookup found[] = {
		view->ops->listing(view, address, c.arena, &listing),
		view->ops->contact(view, address, c.arena, &contact),
		view->ops->directory_contact(view, address, c.arena, &brought),
	};
	const char *said = arena_printf(c.arena, "%s %s %s",
		found[0] == LOOKUP_FOUND ? listing.directory->name : "-",
		found[1] == LOOKUP_FOUND ? contact.target : "-",
		found[2] == LOOKUP_FOUND ? brought.target : "-");

	ck_assert_msg(strcmp(said, addresses[_i].expect) == 0, "%s: %s",
		address, said);
}
END_TEST

START_TEST(holds_what_is_enabled)
{
	struct claims claims;

	ck_assert_uint_eq(view->n_connectors, 1);
	ck_assert_str_eq(view->connectors[0].name, "ex");
	ck_assert_uint_eq(view->n_directories, 2);
	ck_assert_str_eq(view->directories[0].name, "ad");
	ck_assert_int_eq(
		view->ops->claims(view, "g.example", &claims), LOOKUP_NONE);
	ck_assert_int_eq(view->ops->claims(view, "*", &claims), LOOKUP_FOUND);
	ck_assert_ptr_eq(claims.list[0].connector, &view->connectors[0]);
}
END_TEST

START_TEST(a_listing_is_of_a_directory_of_the_view)
{
	struct listing listing;

	view->ops->listing(view, "bob@d.example", c.arena, &listing);
	ck_assert_ptr_eq(listing.directory, &view->directories[0]);
	ck_assert(!directory_is_stale(view, listing.directory, MODEL_NOW));
}
END_TEST

START_TEST(counts_spaces_and_domains_with_entries)
{
	static const char *const spaces[] = { "d.example", ".d.example",
		"xn--bcher-kva.example", "*" };
	static const char *const entries[] = { "xn--bcher-kva.example",
		"d.example", "sub.xn--bcher-kva.example" };

	ck_assert_uint_eq(model_n_spaces(c.model), 4);
	for (size_t i = 0; i < 4; i++)
		ck_assert_str_eq(model_space(c.model, i), spaces[i]);
	ck_assert_uint_eq(model_n_entry_domains(c.model), 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_str_eq(model_entry_domain(c.model, i), entries[i]);
		ck_assert_int_eq(
			view->ops->has_entries(view, entries[i]), LOOKUP_FOUND);
	}
	ck_assert_int_eq(
		view->ops->has_entries(view, "b.d.example"), LOOKUP_NONE);
}
END_TEST

START_TEST(nobody_vouches_for_nobody)
{
	struct model *none = NULL;

	ck_assert_ptr_null(recipient_mailbox(NULL));
	ck_assert_ptr_null(recipient_contact(NULL));
	model_close(&none);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("model");

	tcase_add_checked_fixture(tcase, open_case, close_case);
	tcase_add_loop_test(tcase, finds_domains_by_key, 0, COUNT(domains));
	tcase_add_loop_test(tcase, finds_addresses, 0, COUNT(addresses));
	tcase_add_test(tcase, holds_what_is_enabled);
	tcase_add_test(tcase, a_listing_is_of_a_directory_of_the_view);
	tcase_add_test(tcase, counts_spaces_and_domains_with_entries);
	tcase_add_test(tcase, nobody_vouches_for_nobody);
	return unit_run(suite_create("model"), tcase);
}
