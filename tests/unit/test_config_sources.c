/* What sound directories of each type become. */
#include "tests/unit/config_folder.h"

#include "namespace/ldap_settings.h"
#include "namespace/sql_settings.h"
#include "tests/unit/unit_main.h"

#define FULL "tests/data/config/full.conf"
#define FOLDER "tests/data/config/conf.d"

static const struct directory *find(
	const struct namespace *ns, const char *name)
{
	for (size_t i = 0; i < ns->n_directories; i++) {
		if (strcmp(ns->directories[i].name, name) == 0)
			return &ns->directories[i];
	}
	ck_abort_msg("no directory %s", name);
	return NULL;
}

/* A directory of the full example. */
static const struct directory *read_full(struct fixture *f, const char *name)
{
	const struct namespace *ns = config_read(FULL, f->arena, f->faults);

	expect_faults(f, FULL, "");
	ck_assert_ptr_nonnull(ns);
	return find(ns, name);
}

/* One block with these keys alone. */
static const struct directory *read_keys(struct fixture *f, const char *keys)
{
	const struct namespace *ns = read_text(f,
		arena_printf(f->arena,
			"accepted-domain d { }\ndirectory x { %s }\n", keys));

	expect_faults(f, keys, "");
	ck_assert_ptr_nonnull(ns);
	return find(ns, "x");
}

static void expect_list(const char *const *list, const char *const *wanted)
{
	size_t i = 0;

	for (; wanted[i] != NULL; i++)
		ck_assert_pstr_eq(list[i], wanted[i]);
	ck_assert_ptr_null(list[i]);
}

#define EXPECT_LIST(list, ...) \
	expect_list(list, (const char *const[]){ __VA_ARGS__, NULL })

START_TEST(csv_preset_is_read)
{
	struct fixture f;

	fixture_init(&f);
	const struct directory *d = read_full(&f, "get-recipient");

	ck_assert_int_eq(d->preset, PRESET_EXCHANGE);
	ck_assert_uint_eq(d->n_fields, 0);
	ck_assert_ptr_null(d->target_field);
	ck_assert_int_eq(d->separator, 0);
	ck_assert_str_eq(d->source, FOLDER "/recipients.csv");
	d = read_keys(&f,
		"type = csv path = p preset = exchange-5.5 columns = { a, b }");
	ck_assert_int_eq(d->preset, PRESET_EXCHANGE_55);
	EXPECT_LIST(d->fields, "a", "b");
	fixture_fini(&f);
}
END_TEST

START_TEST(ldif_is_read)
{
	struct fixture f;

	fixture_init(&f);
	const struct directory *d = read_full(&f, "dirsync");

	ck_assert_int_eq(d->type, DIRECTORY_LDIF);
	ck_assert_str_eq(d->path, FOLDER "/../ad.ldif");
	ck_assert_int_eq(d->preset, PRESET_ACTIVE_DIRECTORY);
	ck_assert_uint_eq(d->n_fields, 2);
	EXPECT_LIST(d->fields, "mail", "1.2.840.113556.1.2.210");
	ck_assert_str_eq(d->target_field, "targetAddress");
	ck_assert(d->skips_disabled);
	d = read_keys(&f, "type = ldif path = p preset = active-directory");
	ck_assert(!d->skips_disabled);
	ck_assert_uint_eq(d->n_fields, 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(local_names_are_read)
{
	struct fixture f;

	fixture_init(&f);
	const struct directory *d = read_full(&f, "users");

	ck_assert_int_eq(d->type, DIRECTORY_PASSWD);
	ck_assert_str_eq(d->path, "/etc/passwd");
	ck_assert_str_eq(d->source, "/etc/passwd");
	ck_assert_str_eq(d->local_domain, "xn--bcher-kva.example");
	ck_assert_uint_eq(d->min_uid, 0);
	ck_assert_uint_eq(d->max_uid, 4294967294);
	d = read_full(&f, "aliases");
	ck_assert_int_eq(d->type, DIRECTORY_ALIASES);
	ck_assert_str_eq(d->path, "/etc/aliases");
	ck_assert_str_eq(d->local_domain, "company.example");
	d = read_keys(&f, "type = passwd local-domain = D path = /p");
	ck_assert_str_eq(d->path, "/p");
	ck_assert_str_eq(d->local_domain, "d");
	ck_assert_uint_eq(d->min_uid, 1000);
	ck_assert_uint_eq(d->max_uid, 60000);
	fixture_fini(&f);
}
END_TEST

START_TEST(command_is_read)
{
	struct fixture f;

	fixture_init(&f);
	const struct directory *d = read_full(&f, "script");

	ck_assert_int_eq(d->type, DIRECTORY_COMMAND);
	ck_assert_ptr_null(d->path);
	ck_assert_str_eq(d->source, FOLDER "/../bin/list-users");
	EXPECT_LIST(d->command, d->source, "--all", "", "two words");
	ck_assert_int_eq(d->output, DIRECTORY_PASSWD);
	ck_assert_str_eq(d->local_domain, "company.example");
	ck_assert_uint_eq(d->max_uid, 60000);
	ck_assert_uint_eq(d->timeout_s, 300);
	d = read_keys(&f, "type = command command = list");
	EXPECT_LIST(d->command, "list");
	ck_assert_str_eq(d->source, "list");
	ck_assert_int_eq(d->output, DIRECTORY_FILE);
	ck_assert_uint_eq(d->timeout_s, 60);
	fixture_fini(&f);
}
END_TEST

/* Each text that it prints takes the keys of its own type. */
START_TEST(command_takes_the_keys_of_its_output)
{
	static const char *const keys[] = { "output = postfix",
		"output = csv preset = exchange separator = tab",
		"output = csv columns = { a } target-column = b",
		"output = ldif preset = openldap target-attribute = c",
		"output = ldif preset = active-directory",
		"output = passwd local-domain = d min-uid = 1 max-uid = 2",
		"output = aliases local-domain = d" };
	struct fixture f;

	fixture_init(&f);
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		read_keys(&f,
			arena_printf(f.arena, "type = command command = a %s",
				keys[i]));
	fixture_fini(&f);
}
END_TEST

START_TEST(ldap_is_read)
{
	struct fixture f;

	fixture_init(&f);
	const struct directory *d = read_full(&f, "ad");
	const struct ldap_settings *s = d->ldap;

	ck_assert_int_eq(d->type, DIRECTORY_LDAP);
	ck_assert_ptr_null(d->path);
	ck_assert_str_eq(
		d->source, "ldap://dc1.company.example ldap://[::1]:3389");
	EXPECT_LIST(s->uris, "ldap://dc1.company.example", "ldap://[::1]:3389");
	ck_assert(s->starts_tls && s->verifies_tls && !s->uses_deltas);
	ck_assert_str_eq(s->tls_ca_file, FOLDER "/../ca.pem");
	ck_assert_str_eq(s->tls_cert_file, "/etc/postshare/cert.pem");
	ck_assert_str_eq(s->tls_key_file, FOLDER "/key.pem");
	ck_assert_int_eq(s->bind, LDAP_BIND_SIMPLE);
	ck_assert_str_eq(s->bind_dn, "cn=reader\\, old,dc=company,dc=example");
	ck_assert_str_eq(s->password_file, FOLDER "/../ad.password");
	ck_assert_str_eq(s->base, "ou=people,dc=company,dc=example");
	ck_assert_int_eq(s->depth, LDAP_DEPTH_ONE);
	ck_assert_str_eq(s->filter, "(&(mail=*)(!(cn=\\28x\\29)))");
	ck_assert_uint_eq(s->page_size, 10000);
	ck_assert_uint_eq(s->connect_timeout_s, 3);
	ck_assert_uint_eq(s->full_refresh_s, 604800);
	ck_assert_int_eq(d->preset, PRESET_OPENLDAP);
	ck_assert_uint_eq(d->timeout_s, 90);
	fixture_fini(&f);
}
END_TEST

START_TEST(ldap_defaults_are_as_documented)
{
	struct fixture f;

	fixture_init(&f);
	const struct directory *d = read_keys(&f,
		"type = ldap uri = ldap://localhost base = 'dc=d' "
		"attributes = mail");
	const struct ldap_settings *s = d->ldap;

	ck_assert(!s->starts_tls && s->verifies_tls && s->uses_deltas);
	ck_assert_ptr_null(s->tls_ca_file);
	ck_assert_ptr_null(s->tls_cert_file);
	ck_assert_int_eq(s->bind, LDAP_BIND_ANONYMOUS);
	ck_assert_ptr_null(s->bind_dn);
	ck_assert_int_eq(s->depth, LDAP_DEPTH_SUB);
	ck_assert_ptr_null(s->filter);
	ck_assert_uint_eq(s->page_size, 1000);
	ck_assert_uint_eq(s->connect_timeout_s, 10);
	ck_assert_uint_eq(s->full_refresh_s, 86400);
	ck_assert_uint_eq(d->timeout_s, 60);
	ck_assert(!d->skips_disabled);
	d = read_keys(&f,
		"type = ldap uri = ldap://localhost base = 'dc=d' "
		"preset = openldap bind-dn = 'cn=a' password-file = p");
	ck_assert_int_eq(d->ldap->bind, LDAP_BIND_SIMPLE);
	d = read_full(&f, "local-ldap");
	ck_assert_int_eq(d->ldap->bind, LDAP_BIND_EXTERNAL);
	ck_assert_int_eq(d->ldap->depth, LDAP_DEPTH_BASE);
	fixture_fini(&f);
}
END_TEST

START_TEST(sql_is_read)
{
	struct fixture f;

	fixture_init(&f);
	const struct directory *d = read_full(&f, "mailboxes");
	const struct sql_settings *s = d->sql;

	ck_assert_int_eq(d->type, DIRECTORY_SQL);
	ck_assert_ptr_null(d->path);
	ck_assert_str_eq(d->source, "mysql://[2001:db8::3]:3307/mail");
	ck_assert_int_eq(s->driver, SQL_MYSQL);
	EXPECT_LIST(s->hosts, "2001:db8::3", "db.company.example",
		"/run/mysqld/mysqld.sock");
	ck_assert_uint_eq(s->port, 3307);
	ck_assert_str_eq(s->database, "mail");
	ck_assert_str_eq(s->user, "reader");
	ck_assert_str_eq(s->password_file, FOLDER "/sql.password");
	ck_assert_str_eq(
		s->query, "SELECT username FROM mailbox WHERE active = 1");
	ck_assert_int_eq(s->tls, SQL_TLS_ENCRYPT);
	ck_assert_uint_eq(s->connect_timeout_s, 60);
	ck_assert_uint_eq(d->timeout_s, 120);
	d = read_full(&f, "lite");
	ck_assert_int_eq(d->sql->driver, SQL_SQLITE);
	ck_assert_str_eq(d->sql->database, FOLDER "/../mail.db");
	ck_assert_str_eq(d->source, FOLDER "/../mail.db");
	ck_assert_ptr_null(d->sql->hosts[0]);
	ck_assert_int_eq(d->sql->tls, SQL_TLS_NONE);
	fixture_fini(&f);
}
END_TEST

struct tls_case {
	const char *hosts; /* keys */
	enum sql_tls tls;
	const char *source;
};

static const struct tls_case defaults[] = {
	{ "", SQL_TLS_NONE, "postgresql://localhost/m" },
	{ "hosts = localhost", SQL_TLS_NONE, "postgresql://localhost/m" },
	{ "hosts = { '127.0.0.9', '::1' } port = 1", SQL_TLS_NONE,
		"postgresql://127.0.0.9:1/m" },
	{ "hosts = '::1'", SQL_TLS_NONE, "postgresql://[::1]/m" },
	{ "hosts = '/run/postgresql'", SQL_TLS_NONE,
		"postgresql:///run/postgresql/m" },
	{ "hosts = { localhost, db }", SQL_TLS_VERIFY,
		"postgresql://localhost/m" },
	{ "hosts = '10.0.0.1'", SQL_TLS_VERIFY, "postgresql://10.0.0.1/m" },
	{ "hosts = { B\xc3\xbc"
	  "cher.example }",
		SQL_TLS_VERIFY, "postgresql://xn--bcher-kva.example/m" },
};

START_TEST(sql_verifies_other_machines)
{
	const struct tls_case *c = &defaults[_i];
	struct fixture f;

	fixture_init(&f);
	const struct directory *d = read_keys(&f,
		arena_printf(f.arena,
			"type = sql driver = postgresql database = m "
			"query = q %s",
			c->hosts));

	ck_assert_int_eq(d->sql->tls, c->tls);
	ck_assert_str_eq(d->source, c->source);
	ck_assert_ptr_null(d->sql->user);
	ck_assert_ptr_null(d->sql->password_file);
	ck_assert_uint_eq(d->sql->connect_timeout_s, 10);
	ck_assert_uint_eq(d->timeout_s, 60);
	fixture_fini(&f);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("config_sources");

	tcase_add_test(tcase, csv_preset_is_read);
	tcase_add_test(tcase, ldif_is_read);
	tcase_add_test(tcase, local_names_are_read);
	tcase_add_test(tcase, command_is_read);
	tcase_add_test(tcase, command_takes_the_keys_of_its_output);
	tcase_add_test(tcase, ldap_is_read);
	tcase_add_test(tcase, ldap_defaults_are_as_documented);
	tcase_add_test(tcase, sql_is_read);
	tcase_add_loop_test(
		tcase, sql_verifies_other_machines, 0, COUNT(defaults));
	return unit_run(suite_create("config_sources"), tcase);
}
