/* What a sound configuration becomes. */
#include "tests/unit/config_folder.h"

#include "tests/unit/unit_main.h"

#define FULL "tests/data/config/full.conf"

/* A sound one; what it has for faults is printed. */
static struct namespace *read_sound(struct fixture *f, const char *text)
{
	struct namespace *ns = read_text(f, text);

	expect_faults(f, "sound", "");
	ck_assert_ptr_nonnull(ns);
	return ns;
}

static struct namespace *read_full(struct fixture *f)
{
	struct namespace *ns = config_read(FULL, f->arena, f->faults);

	expect_faults(f, FULL, "");
	ck_assert_ptr_nonnull(ns);
	return ns;
}

static void expect_place(struct place place, const char *file, unsigned line)
{
	ck_assert_str_eq(place.file, file);
	ck_assert_uint_eq(place.line, line);
}

START_TEST(top_level_is_read)
{
	struct fixture f;

	fixture_init(&f);
	const struct namespace *ns = read_full(&f);

	ck_assert_str_eq(ns->extension, "+-");
	ck_assert_str_eq(ns->postmaster, "post.master@company.example");
	expect_place(ns->postmaster_place, FULL, 24);
	ck_assert(ns->conflicts_are_errors);
	ck_assert_uint_eq(ns->keep, 12);
	ck_assert_uint_eq(ns->linger_s, 36 * 3600);
	ck_assert_uint_eq(ns->deadline_s, 20 * 60);
	ck_assert_uint_eq(ns->n_contact_files, 2);
	ck_assert_str_eq(
		ns->contact_files[0].path, "tests/data/config/partners.csv");
	expect_place(ns->contact_files[0].place, FULL, 23);
	ck_assert_str_eq(ns->contact_files[1].path, "/srv/more.csv");
	expect_place(ns->contact_files[1].place, FULL, 23);
	fixture_fini(&f);
}
END_TEST

struct domain_case {
	const char *ascii, *unicode;
	unsigned line;
	enum scope scope;
	enum domain_type type;
	enum recipient_filter filter;
	bool is_trusted_only, is_disabled;
	const char *catch_all, *secondary_of;
};

static const struct domain_case full_domains[] = {
	{ .ascii = "company.example",
		.line = 2,
		.type = DOMAIN_INTERNAL_RELAY,
		.catch_all = "nobody@company.example" },
	{ .ascii = "exact.example", .line = 7, .scope = SCOPE_EXACT },
	{ .ascii = "sub.example",
		.line = 8,
		.scope = SCOPE_SUBDOMAINS,
		.type = DOMAIN_EXTERNAL_RELAY,
		.filter = FILTER_VERIFY,
		.is_trusted_only = true },
	{ .ascii = "xn--bcher-kva.example",
		.unicode = "b\xc3\xbc"
			   "cher.example",
		.line = 13,
		.type = DOMAIN_EXTERNAL_RELAY,
		.filter = FILTER_OFF },
	{ .ascii = "old-name.example",
		.line = 14,
		.type = DOMAIN_INTERNAL_RELAY,
		.secondary_of = "company.example" },
	{ .ascii = "older.example",
		.line = 15,
		.type = DOMAIN_INTERNAL_RELAY,
		.secondary_of = "old-name.example" },
	{ .ascii = "gone.example", .line = 16, .is_disabled = true },
};

START_TEST(domain_is_read)
{
	const struct domain_case *c = &full_domains[_i];
	struct fixture f;

	fixture_init(&f);
	const struct namespace *ns = read_full(&f);
	const struct domain *d = &ns->domains[_i];

	ck_assert_uint_eq(ns->n_domains, 7);
	expect_place(d->place, FULL, c->line);
	ck_assert_str_eq(d->pattern.name.ascii, c->ascii);
	ck_assert_str_eq(d->pattern.name.unicode,
		c->unicode == NULL ? c->ascii : c->unicode);
	ck_assert_int_eq(d->pattern.scope, c->scope);
	ck_assert_int_eq(d->type, c->type);
	ck_assert_int_eq(d->filter, c->filter);
	ck_assert_int_eq(d->is_trusted_only, c->is_trusted_only);
	ck_assert_int_eq(d->is_enabled, !c->is_disabled);
	ck_assert_pstr_eq(d->catch_all, c->catch_all);
	ck_assert_pstr_eq(d->secondary_of, c->secondary_of);
	fixture_fini(&f);
}
END_TEST

static void expect_space(
	const struct address_space *space, const char *name, unsigned cost)
{
	ck_assert_int_eq(space->is_any, name == NULL);
	ck_assert_uint_eq(space->cost, cost);
	if (name != NULL)
		ck_assert_str_eq(space->pattern.name.ascii, name);
}

static void expect_client(const struct network *client, const char *text)
{
	struct network network;

	ck_assert(network_parse(&network, text, NULL));
	ck_assert_mem_eq(client, &network, sizeof network);
}

START_TEST(connector_is_read)
{
	struct fixture f;

	fixture_init(&f);
	const struct namespace *ns = read_full(&f);
	const struct connector *c = &ns->connectors[0];

	ck_assert_uint_eq(ns->n_connectors, 4);
	ck_assert_str_eq(c->name, "exchange");
	expect_place(c->place, "tests/data/config/conf.d/connectors.conf", 3);
	ck_assert(c->is_enabled && c->is_backup && !c->has_loop_guard);
	ck_assert_str_eq(c->kind, "smtp");
	ck_assert_uint_eq(c->n_hops, 4);
	ck_assert_str_eq(c->hops[0].text, "[10.8.0.25]");
	ck_assert_str_eq(c->hops[1].text, "[mail2.company.example]:587");
	ck_assert_uint_eq(c->n_spaces, 4);
	expect_space(&c->spaces[0], "company.example", 1);
	expect_space(&c->spaces[1], "lab.company.example", 5);
	ck_assert_int_eq(c->spaces[1].pattern.scope, SCOPE_EXACT);
	expect_space(&c->spaces[2], "x.example", 1);
	expect_space(&c->spaces[3], NULL, 100);
	ck_assert_int_eq(c->tls, TLS_ENCRYPT);
	ck_assert_int_eq(c->unknowns, UNKNOWNS_FORWARD);
	ck_assert_str_eq(c->forwards_to, "unix");
	fixture_fini(&f);
}
END_TEST

START_TEST(literal_hosts_are_clients_but_loopback)
{
	struct fixture f;

	fixture_init(&f);
	const struct namespace *ns = read_full(&f);
	const struct connector *c = &ns->connectors[0];

	/* 2001:db8::1 stands in the network that was named */
	ck_assert_uint_eq(c->n_clients, 3);
	expect_client(&c->clients[0], "10.8.0.26");
	expect_client(&c->clients[1], "2001:db8::/64");
	expect_client(&c->clients[2], "10.8.0.25");
	fixture_fini(&f);
}
END_TEST

START_TEST(transport_is_read)
{
	struct fixture f;

	fixture_init(&f);
	const struct namespace *ns = read_full(&f);
	const struct connector *socket = &ns->connectors[1];
	const struct connector *relay = &ns->connectors[2];
	const struct connector *lmtp = &ns->connectors[3];

	ck_assert_str_eq(socket->kind, "lmtp");
	ck_assert(socket->is_socket && socket->has_loop_guard);
	ck_assert_str_eq(socket->hops[0].text, "unix:private/dovecot-lmtp");
	ck_assert_uint_eq(socket->n_hops, 1);
	ck_assert_uint_eq(socket->n_clients, 0);
	ck_assert_int_eq(socket->unknowns, UNKNOWNS_RETURN);
	ck_assert_int_eq(socket->tls, TLS_UNSET);
	ck_assert_str_eq(relay->name, "relay.1_x-y");
	ck_assert_uint_eq(relay->n_clients, 1);
	ck_assert_uint_eq(relay->index, 2);
	expect_client(&relay->clients[0], "192.0.2.1");
	ck_assert(!lmtp->is_enabled && !lmtp->is_backup);
	ck_assert_uint_eq(lmtp->n_clients, 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(directory_is_read)
{
	struct fixture f;

	fixture_init(&f);
	const struct namespace *ns = read_full(&f);
	const struct directory *d = ns->directories;

	ck_assert_uint_eq(ns->n_directories, 12);
	ck_assert_str_eq(d[0].name, "staff");
	expect_place(
		d[0].place, "tests/data/config/conf.d/directories.conf", 1);
	ck_assert_int_eq(d[0].type, DIRECTORY_FILE);
	ck_assert_str_eq(d[0].path, "tests/data/config/conf.d/../staff.txt");
	ck_assert_str_eq(d[0].connector, "unix");
	ck_assert_uint_eq(d[0].n_domains, 2);
	ck_assert_uint_eq(d[0].max_age_s, 2 * 86400);
	ck_assert(d[0].max_shrink.count == 50 && !d[0].max_shrink.is_percent);
	ck_assert(d[0].max_bad.count == 1 && d[0].max_bad.is_percent);
	ck_assert_int_eq(d[1].type, DIRECTORY_POSTFIX);
	ck_assert_str_eq(d[1].path, "/etc/postfix/relay");
	ck_assert(d[0].is_enabled && !d[1].is_enabled);
	ck_assert_int_eq(d[2].type, DIRECTORY_CSV);
	ck_assert_uint_eq(d[2].index, 2);
	ck_assert_uint_eq(d[2].n_fields, 2);
	ck_assert_str_eq(d[2].fields[1], "EmailAddresses");
	ck_assert_str_eq(d[2].target_field, "ExternalEmailAddress");
	ck_assert_int_eq(d[2].separator, '\t');
	fixture_fini(&f);
}
END_TEST

START_TEST(contact_is_read)
{
	struct fixture f;

	fixture_init(&f);
	const struct namespace *ns = read_full(&f);

	ck_assert_uint_eq(ns->n_contacts, 1);
	ck_assert_str_eq(ns->contacts[0].address, "sales@company.example");
	ck_assert_str_eq(ns->contacts[0].target, "crm@saas.example");
	expect_place(ns->contacts[0].place, FULL, 21);
	fixture_fini(&f);
}
END_TEST

START_TEST(defaults_are_as_documented)
{
	struct fixture f;

	fixture_init(&f);
	const struct namespace *ns = read_sound(&f,
		"accepted-domain d { }\naccepted-domain e { type = "
		"internal-relay }\nconnector c { smart-hosts = h }\n"
		"directory l { path = p }\n");
	const struct connector *c = ns->connectors;
	const struct directory *l = ns->directories;

	ck_assert_str_eq(ns->extension, "+");
	ck_assert_ptr_null(ns->postmaster);
	ck_assert(!ns->conflicts_are_errors);
	ck_assert_uint_eq(ns->keep, 5);
	ck_assert_uint_eq(ns->linger_s, 5 * 86400);
	ck_assert_uint_eq(ns->deadline_s, 10 * 60);
	ck_assert_int_eq(ns->domains[0].type, DOMAIN_AUTHORITATIVE);
	ck_assert_int_eq(ns->domains[0].filter, FILTER_DIRECTORIES);
	ck_assert_int_eq(ns->domains[1].filter, FILTER_OFF);
	ck_assert(!ns->domains[0].is_trusted_only);
	ck_assert(c->has_loop_guard && !c->is_backup && c->is_enabled);
	ck_assert_int_eq(c->unknowns, UNKNOWNS_REJECT);
	ck_assert_ptr_null(l->connector);
	ck_assert_uint_eq(l->n_domains + l->max_age_s, 0);
	ck_assert(l->max_shrink.count == 10 && l->max_shrink.is_percent);
	ck_assert(l->max_bad.count == 10 && !l->max_bad.is_percent);
	fixture_fini(&f);
}
END_TEST

START_TEST(text_is_taken_as_libconfuse_takes_it)
{
	struct fixture f;

	fixture_init(&f);
	setenv("CONFIG_TEST", "env.example", 1);
	unsetenv("CONFIG_UNSET");
	/* an order mark, CR LF, escapes, variables, slashes in a word */
	const struct namespace *ns = read_sound(&f,
		"\xef\xbb\xbf"
		"accepted-domain \"a.${CONFIG_TEST}\" { }\r\n"
		"accepted-domain ${CONFIG_TEST} { }//c\r\n"
		"accepted-domain \"${CONFIG_UNSET:-e}\\x2efo\\157\" { }\n"
		"directory d { path = a//b/c } /**/\n"
		"directory e { path = 'a${X}\\b\\'\\\\c' }\n"
		"directory f { path = \"a\\\"b\\\nc\" }\n"
		"extension = \"\" keep = 7/* c */linger = 1w");

	ck_assert_uint_eq(ns->n_domains, 3);
	ck_assert_str_eq(ns->domains[0].pattern.name.ascii, "a.env.example");
	ck_assert_str_eq(ns->domains[1].pattern.name.ascii, "env.example");
	ck_assert_str_eq(ns->domains[2].pattern.name.ascii, "e.foo");
	ck_assert_ptr_nonnull(strstr(ns->directories[0].path, "/a//b/c"));
	ck_assert_ptr_nonnull(strstr(ns->directories[1].path, "/a${X}\\b'\\c"));
	ck_assert_ptr_nonnull(strstr(ns->directories[2].path, "/a\"bc"));
	ck_assert_str_eq(ns->extension, "");
	ck_assert_uint_eq(ns->keep, 7);
	ck_assert_uint_eq(ns->linger_s, 604800);
	fixture_fini(&f);
}
END_TEST

static const struct {
	const char *name, *text;
	bool is_trusted_only;
	enum domain_type type;
} primaries[] = {
	{ "the name itself", "'#s' { secondary-of = p }", true,
		DOMAIN_AUTHORITATIVE },
	{ "the names below", "'*.s' { secondary-of = p }", false,
		DOMAIN_EXTERNAL_RELAY },
	{ "the names below, beside the name itself",
		"s { secondary-of = p }\n"
		"accepted-domain '#s' { secondary-of = p }",
		false, DOMAIN_EXTERNAL_RELAY },
	{ "both, by another name",
		"s { secondary-of = q }\n"
		"accepted-domain q { secondary-of = r }\n"
		"accepted-domain r { type = internal-relay }",
		false, DOMAIN_INTERNAL_RELAY },
	{ "names below of which there are none",
		"'*.s' { secondary-of = q }\n"
		"accepted-domain '#q' { secondary-of = p }",
		true, DOMAIN_AUTHORITATIVE },
};

START_TEST(primary_is_found_by_the_owner_of_the_name)
{
	char text[512];
	struct fixture f;

	snprintf(text, sizeof text,
		"accepted-domain '*.p' { type = external-relay }\n"
		"accepted-domain p { type = internal-relay }\n"
		"accepted-domain '#p' { accept-from = trusted }\n"
		"accepted-domain %s\n",
		primaries[_i].text);
	fixture_init(&f);
	const struct domain *domain = &read_sound(&f, text)->domains[3];

	ck_assert_int_eq(domain->type, primaries[_i].type);
	ck_assert_int_eq(
		domain->is_trusted_only, primaries[_i].is_trusted_only);
	fixture_fini(&f);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("config");

	tcase_add_test(tcase, top_level_is_read);
	tcase_add_loop_test(tcase, domain_is_read, 0, COUNT(full_domains));
	tcase_add_test(tcase, connector_is_read);
	tcase_add_test(tcase, literal_hosts_are_clients_but_loopback);
	tcase_add_test(tcase, transport_is_read);
	tcase_add_test(tcase, directory_is_read);
	tcase_add_test(tcase, contact_is_read);
	tcase_add_test(tcase, defaults_are_as_documented);
	tcase_add_test(tcase, text_is_taken_as_libconfuse_takes_it);
	tcase_add_loop_test(tcase, primary_is_found_by_the_owner_of_the_name, 0,
		COUNT(primaries));
	return unit_run(suite_create("config"), tcase);
}
