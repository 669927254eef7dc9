/* Records that come back as they went; damage that is seen. */
#include "snapshot/policy.h"

#include "tests/unit/model_case.h"
#include "tests/unit/unit_main.h"

static struct arena *arena;

static void open_arena(void)
{
	arena = arena_open();
}

static void close_arena(void)
{
	arena_close(&arena);
}

START_TEST(settings_come_back)
{
	const struct policy_settings all = { "+-", "pm@d.example" };
	const struct policy_settings none = { "", NULL };
	struct policy_settings out;

	ck_assert(policy_settings_parse(
		&out, policy_settings_format(&all, arena), arena));
	ck_assert_str_eq(out.extension, "+-");
	ck_assert_str_eq(out.postmaster, "pm@d.example");
	ck_assert(policy_settings_parse(
		&out, policy_settings_format(&none, arena), arena));
	ck_assert_str_eq(out.extension, "");
	ck_assert_ptr_null(out.postmaster);
}
END_TEST

static const struct {
	const char *name, *block, *route, *flags;
} connectors[] = {
	{ "smart hosts",
		"smart-hosts = { '10.0.0.1', '[mx.d]:587' } backup = "
		"yes",
		"smtp:[10.0.0.1], [mx.d]:587", "bl" },
	{ "a socket", "transport = 'lmtp:unix:private/a-b' loop = off",
		"lmtp:unix:private/a-b", "s" },
	{ "a service without next hop", "transport = 'virtual:'",
		"virtual:", "l" },
	{ "LMTP over TCP", "transport = 'lmtp:inet:[::1]:24'", "lmtp:[::1]:24",
		"l" },
};

START_TEST(connectors_come_back)
{
	struct model_case c;
	struct connector out;
	struct network client;

	model_case_sound(&c,
		arena_printf(arena,
			"accepted-domain 'd.example' { }\n"
			"connector a { clients = { '10.9.0.0/16', "
			"'2001:db8::/32' } %s }",
			connectors[_i].block),
		"");
	const char *record =
		policy_connector_format(&c.ns->connectors[0], arena);

	ck_assert_msg(
		policy_connector_parse(&out, record, arena), "%s", record);
	ck_assert_str_eq(out.name, "a");
	ck_assert(out.is_enabled);
	ck_assert_str_eq(arena_printf(arena, "%s%s%s", out.is_socket ? "s" : "",
				 out.is_backup ? "b" : "",
				 out.has_loop_guard ? "l" : ""),
		connectors[_i].flags);
	ck_assert_str_eq(route_format(&(struct route){ { &out }, 1 }, arena),
		connectors[_i].route);
	ck_assert(network_of_client(&client, "10.9.8.7"));
	ck_assert(connector_has_client(&out, &client));
	ck_assert(network_of_client(&client, "2001:db8::7"));
	ck_assert(connector_has_client(&out, &client));
	ck_assert(network_of_client(&client, "10.8.8.7"));
	ck_assert(!connector_has_client(&out, &client));
	model_case_close(&c);
}
END_TEST

START_TEST(directories_come_back)
{
	struct model_case c;
	struct directory out;

	model_case_sound(&c,
		"accepted-domain 'd.example' { }\n"
		"connector ex { smart-hosts = h }\n"
		"directory a { path = p }\n"
		"directory b { path = p connector = ex max-age = 2d\n"
		"domains = { 'd.example', '#e.example', '*.b\xc3\xbc"
		"cher.example' } }",
		"");
	ck_assert(policy_directory_parse(&out,
		policy_directory_format(&c.ns->directories[0], arena), arena));
	ck_assert_str_eq(out.name, "a");
	ck_assert_ptr_null(out.connector);
	ck_assert_uint_eq(out.max_age_s, 0);
	ck_assert_uint_eq(out.n_domains, 0);
	ck_assert(policy_directory_parse(&out,
		policy_directory_format(&c.ns->directories[1], arena), arena));
	ck_assert_str_eq(out.connector, "ex");
	ck_assert_uint_eq(out.max_age_s, 2 * MODEL_DAY);
	ck_assert(directory_may_own(&out, "x.d.example"));
	ck_assert(!directory_may_own(&out, "x.e.example"));
	ck_assert(directory_may_own(&out, "x.xn--bcher-kva.example"));
	model_case_close(&c);
}
END_TEST

static const struct domain domains[] = {
	{ .pattern = { { "d.example", "d.example" }, SCOPE_INCLUSIVE } },
	{ .pattern = { { "xn--bcher-kva.example",
			       "b\xc3\xbc"
			       "cher.example" },
		  SCOPE_EXACT },
		.type = DOMAIN_EXTERNAL_RELAY,
		.filter = FILTER_VERIFY,
		.is_trusted_only = true,
		.catch_all = "all@d.example" },
	{ .pattern = { { "e.example", "e.example" }, SCOPE_SUBDOMAINS },
		.type = DOMAIN_INTERNAL_RELAY,
		.filter = FILTER_OFF,
		.secondary_of = "d.example" },
};

static bool is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

START_TEST(domains_come_back)
{
	const struct domain *in = &domains[_i];
	struct domain out;

	ck_assert(policy_domain_parse(
		&out, policy_domain_format(in, arena), arena));
	ck_assert(out.is_enabled);
	ck_assert_int_eq(out.pattern.scope, in->pattern.scope);
	ck_assert_str_eq(out.pattern.name.ascii, in->pattern.name.ascii);
	ck_assert_str_eq(out.pattern.name.unicode, in->pattern.name.unicode);
	ck_assert_int_eq(out.type, in->type);
	ck_assert_int_eq(out.filter, in->filter);
	ck_assert_int_eq(out.is_trusted_only, in->is_trusted_only);
	ck_assert(is_same(out.catch_all, in->catch_all));
	ck_assert(is_same(out.secondary_of, in->secondary_of));
}
END_TEST

START_TEST(claims_come_back)
{
	static const struct connector list[] = { { .name = "a" },
		{ .name = "b" } };
	static const struct view view = { .connectors = list,
		.n_connectors = 2 };
	const struct claim claim[] = { { &list[1], 3 }, { &list[0], 100 } };
	struct claims out;

	ck_assert(policy_claims_parse(&out,
		policy_claims_format(&(struct claims){ claim, 2 }, list, arena),
		&view, arena));
	ck_assert_uint_eq(out.count, 2);
	ck_assert_ptr_eq(out.list[0].connector, &list[1]);
	ck_assert_uint_eq(out.list[0].cost, 3);
	ck_assert_uint_eq(out.list[1].cost, 100);
}
END_TEST

#define ZEROS "00000000000000000000000000000000"

static const struct {
	char kind;
	const char *record;
} damaged[] = {
	{ 's', "" },
	{ 's', "1\t+" },
	{ 's', "2\t+\t" },
	{ 's', "x\t+\t" },
	{ 's', "1\t+\t\t" },
	{ 'c', "" },
	{ 'c', "a\tsmtp\t\t[h]" },
	{ 'c', "a\tsmtp\t\t[h]\t" ZEROS },
	{ 'c', "a\tsmtp\t\t[h]\t" ZEROS "/129" },
	{ 'c', "a\tsmtp\t\t[h]\t" ZEROS "/x" },
	{ 'c', "a\tsmtp\t\t[h]\tzz/8" },
	{ 'c', "a\tsmtp\t\t[h]\t0" },
	{ 'd', "a\tc" },
	{ 'd', "a\tc\tx\t" },
	{ 'd', "a\tc\t1\t## d" },
	{ 'o', "" },
	{ 'o', "?\td\td\t0\t0\t0\t\t" },
	{ 'o', "#\td\td\t3\t0\t0\t\t" },
	{ 'o', "#\td\td\t0\t3\t0\t\t" },
	{ 'o', "#\td\td\t0\t0\t2\t\t" },
	{ 'o', "#\td\td\t0\t0\t0\t" },
	{ 'l', "" },
	{ 'l', "0" },
	{ 'l', "2:1" },
	{ 'l', "0:101" },
	{ 'l', "x:1" },
	{ 'l', "0:1 1" },
};

static bool parses(char kind, const char *record)
{
	static const struct connector list[2];
	static const struct view view = { .connectors = list,
		.n_connectors = 2 };

	switch (kind) {
	case 's':
		return policy_settings_parse(
			&(struct policy_settings){ 0 }, record, arena);
	case 'c':
		return policy_connector_parse(
			&(struct connector){ 0 }, record, arena);
	case 'd':
		return policy_directory_parse(
			&(struct directory){ 0 }, record, arena);
	case 'o':
		return policy_domain_parse(
			&(struct domain){ .type = 0 }, record, arena);
	default:
		return policy_claims_parse(
			&(struct claims){ 0 }, record, &view, arena);
	}
}

START_TEST(damage_is_seen)
{
	ck_assert_msg(!parses(damaged[_i].kind, damaged[_i].record), "%c: %s",
		damaged[_i].kind, damaged[_i].record);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("policy");

	tcase_add_checked_fixture(tcase, open_arena, close_arena);
	tcase_add_test(tcase, settings_come_back);
	tcase_add_loop_test(tcase, connectors_come_back, 0, COUNT(connectors));
	tcase_add_test(tcase, directories_come_back);
	tcase_add_loop_test(tcase, domains_come_back, 0, COUNT(domains));
	tcase_add_test(tcase, claims_come_back);
	tcase_add_loop_test(tcase, damage_is_seen, 0, COUNT(damaged));
	return unit_run(suite_create("policy"), tcase);
}
