/* directory "NAME" of type sql. */
#include "config/conf_directory.h"

#include "base/arena.h"
#include "config/conf_host.h"
#include "namespace/sql_settings.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

enum { CONNECT_DEFAULT_S = 10, TIMEOUT_DEFAULT_S = 60 };

static const char *const drivers[] = { "postgresql", "mysql", "sqlite", NULL };

static const char *const tls_words[] = { "none", "encrypt", "verify", NULL };

/* What the hosts are; NULL where none is so. */
struct servers {
	const struct conf_value *remote; /* on another machine */
	bool has_network; /* not local sockets alone */
};

static void read_driver(const struct conf *conf, struct sql_settings *settings,
	const struct conf_block *block)
{
	static const char *const of_servers[] = { "hosts", "port", "user",
		"password-file", "tls", "tls-ca-file", "connect-timeout" };
	unsigned driver = SQL_POSTGRESQL;

	conf_directory_want(conf, block, "driver",
		"what kind of server it asks: driver = postgresql, mysql or "
		"sqlite");
	conf_choice(&driver, conf, block, "driver", drivers);
	settings->driver = (enum sql_driver)driver;
	if (driver != SQL_SQLITE)
		return;
	for (size_t i = 0; i < sizeof of_servers / sizeof of_servers[0]; i++)
		conf_directory_refuse(conf, block, of_servers[i],
			"the drivers postgresql and mysql, not sqlite; take "
			"it out");
}

static void add_host(const struct conf *conf, const char **hosts,
	const struct conf_value *value, struct servers *servers)
{
	struct conf_host host;
	struct err err = { 0 };

	if (!conf_host_parse(&host, value->text, conf->config, &err)) {
		faults_error(conf->faults, value->place, "hosts: %s", err.text);
		return;
	}
	servers->has_network |= !host.is_socket;
	if (!host.is_socket && !host.is_loopback && servers->remote == NULL)
		servers->remote = value;
	while (*hosts != NULL)
		hosts++;
	*hosts = host.name;
}

static void read_hosts(const struct conf *conf, struct sql_settings *settings,
	const struct conf_block *block, struct servers *servers)
{
	const struct conf_key *key = conf_block_find(block, "hosts");
	const size_t n = key == NULL ? 1 : key->n_values;
	const char **hosts = arena_array(conf->config, n + 1, sizeof *hosts);

	settings->hosts = hosts;
	if (settings->driver == SQL_SQLITE)
		return;
	if (key == NULL) {
		hosts[0] = "localhost";
		servers->has_network = true;
		return;
	}
	if (n == 0)
		faults_error(conf->faults, key->place,
			"\"hosts\" is empty; write one host at least");
	for (size_t i = 0; i < n; i++)
		add_host(conf, hosts, &key->values[i], servers);
}

static void read_tls(const struct conf *conf, struct sql_settings *settings,
	const struct conf_block *block, const struct servers *servers)
{
	const struct conf_key *key = conf_block_find(block, "tls");
	unsigned tls = servers->remote != NULL ? SQL_TLS_VERIFY : SQL_TLS_NONE;

	if (settings->driver == SQL_SQLITE)
		return;
	conf_choice(&tls, conf, block, "tls", tls_words);
	settings->tls = (enum sql_tls)tls;
	settings->tls_ca_file = conf_path(conf, block, "tls-ca-file",
		"the path of a file in PEM format, or take the key out");
	if (settings->tls != SQL_TLS_VERIFY)
		conf_directory_refuse(conf, block, "tls-ca-file",
			"tls = verify; write that, or take it out");
	if (settings->tls != SQL_TLS_NONE && !servers->has_network &&
		settings->hosts[0] != NULL)
		faults_error(conf->faults, key->place,
			"\"tls\" is for hosts on the network, and \"%s\" is a "
			"socket of this machine; take \"tls\" out",
			settings->hosts[0]);
}

static void read_database(const struct conf *conf,
	struct sql_settings *settings, const struct conf_block *block)
{
	static const char *const wanted = "what database its tables are in: "
					  "database = \"NAME\"";
	static const char *const wanted_path = "where the database is: "
					       "database = \"FILE\"";
	const bool is_path = settings->driver == SQL_SQLITE;

	conf_directory_want(
		conf, block, "database", is_path ? wanted_path : wanted);
	settings->database = is_path
		? conf_path(conf, block, "database", wanted_path)
		: conf_text(conf, block, "database", wanted);
}

static void read_access(const struct conf *conf, struct sql_settings *settings,
	const struct conf_block *block)
{
	settings->port =
		(uint16_t)conf_number(conf, block, "port", UINT16_MAX, 0);
	settings->user =
		conf_text(conf, block, "user", "who asks, or take the key out");
	settings->password_file = conf_path(conf, block, "password-file",
		"the path of a file whose first line is the password");
	settings->connect_timeout_s =
		conf_time(conf, block, "connect-timeout", CONNECT_DEFAULT_S);
}

static void read_query(const struct conf *conf, struct sql_settings *settings,
	const struct conf_block *block)
{
	static const char *const a_query = "what lists the recipients: query = "
					   "\"SELECT address FROM mailbox\"";

	conf_directory_want(conf, block, "query", a_query);
	settings->query = conf_text(conf, block, "query", a_query);
}

/* "mysql://db.company.example:3307/mail" */
static const char *format_source(
	const struct sql_settings *settings, struct arena *arena)
{
	const char *database = settings->database == NULL ? ""
							  : settings->database;
	const char *host = settings->hosts[0] == NULL ? "" : settings->hosts[0];
	const bool is_ipv6 = host[0] != '/' && strchr(host, ':') != NULL;

	if (settings->driver == SQL_SQLITE)
		return database;
	const char *port = settings->port == 0
		? ""
		: arena_printf(arena, ":%u", settings->port);

	return arena_printf(arena, "%s://%s%s%s%s/%s",
		drivers[settings->driver], is_ipv6 ? "[" : "", host,
		is_ipv6 ? "]" : "", port, database);
}

void conf_directory_sql(const struct conf *conf, struct directory *directory,
	const struct conf_block *block)
{
	struct sql_settings *settings =
		arena_alloc(conf->config, sizeof *settings);
	struct servers servers = { 0 };

	read_driver(conf, settings, block);
	read_hosts(conf, settings, block, &servers);
	read_tls(conf, settings, block, &servers);
	read_access(conf, settings, block);
	read_database(conf, settings, block);
	read_query(conf, settings, block);
	directory->timeout_s =
		conf_time(conf, block, "timeout", TIMEOUT_DEFAULT_S);
	directory->source = format_source(settings, conf->config);
	directory->sql = settings;
	if (directory->is_enabled && settings->tls == SQL_TLS_NONE &&
		servers.remote != NULL)
		faults_advice(conf->faults, servers.remote->place,
			"with tls = none whoever stands between here and %s "
			"can change the list; write tls = verify",
			servers.remote->text);
}
