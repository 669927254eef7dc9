/*
 * directory "NAME" of type ldap.  The filter and the names of entries are
 * looked at for their outer form alone: who reads the directory has the
 * library that knows them.
 */
#include "config/conf_directory.h"

#include "base/arena.h"
#include "base/text.h"
#include "config/conf_host.h"
#include "namespace/ldap_settings.h"

#include <string.h>

enum {
	PAGE_DEFAULT = 1000, /* as Active Directory allows */
	PAGE_MOST = 10000,
	CONNECT_DEFAULT_S = 10,
	TIMEOUT_DEFAULT_S = 60,
	FULL_REFRESH_DEFAULT_S = 86400,
};

static const char *const bind_words[] = { "anonymous", "simple", "external",
	NULL };

/* What the URIs ask for; NULL where none does. */
struct servers {
	const struct conf_value *tls, *local;
	const struct conf_value *exposed; /* ldap:// to another machine */
	const char *exposed_host;
};

static void note_server(struct servers *servers, const struct conf_uri *uri,
	const struct conf_value *value)
{
	if (uri->scheme == CONF_LDAPS) {
		servers->tls = value;
	} else if (uri->scheme == CONF_LDAPI) {
		servers->local = value;
	} else if (!uri->host.is_loopback && servers->exposed == NULL) {
		servers->exposed = value;
		servers->exposed_host = uri->host.name;
	}
}

/* The URIs that are sound, ended by NULL. */
static const char *const *read_uris(const struct conf *conf,
	const struct conf_block *block, struct servers *servers)
{
	const struct conf_key *key = conf_block_find(block, "uri");
	const size_t n = key == NULL ? 0 : key->n_values;
	const char **uris = arena_array(conf->config, n + 1, sizeof *uris);
	size_t n_uris = 0;

	conf_directory_want(conf, block, "uri",
		"where its server is: uri = { \"ldaps://HOST\" }");
	if (key != NULL && n == 0)
		faults_error(conf->faults, key->place,
			"\"uri\" is empty; write where the server is: uri = { "
			"\"ldaps://HOST\" }");
	for (size_t i = 0; i < n; i++) {
		const struct conf_value *value = &key->values[i];
		struct conf_uri uri;
		struct err err = { 0 };

		if (!conf_uri_parse(&uri, value->text, conf->config, &err)) {
			faults_error(conf->faults, value->place, "uri: %s",
				err.text);
			continue;
		}
		note_server(servers, &uri, value);
		uris[n_uris++] = uri.text;
	}
	return uris;
}

static const char *join(const char *const *list, struct arena *arena)
{
	struct text text;

	text_init(&text);
	text_adds(&text, "");
	for (size_t i = 0; list[i] != NULL; i++)
		text_addf(&text, "%s%s", i == 0 ? "" : " ", list[i]);
	const char *result = arena_strdup(arena, text.data);

	text_fini(&text);
	return result;
}

static void check_start_tls(const struct conf *conf,
	const struct conf_block *block, const struct servers *servers)
{
	const struct conf_key *key = conf_block_find(block, "start-tls");

	if (servers->tls != NULL)
		faults_error(conf->faults, key->place,
			"\"start-tls\" is for ldap://, and \"%s\" at line %u "
			"is TLS from its first byte; take one of the two out",
			servers->tls->text, servers->tls->place.line);
	else if (servers->local != NULL)
		faults_error(conf->faults, key->place,
			"\"start-tls\" is for ldap://, and \"%s\" at line %u "
			"never leaves this machine; take one of the two out",
			servers->local->text, servers->local->place.line);
}

static void check_tls(const struct conf *conf, const struct conf_block *block,
	const struct ldap_settings *settings, bool has_tls)
{
	static const char *const keys[] = { "tls-verify", "tls-ca-file",
		"tls-cert-file", "tls-key-file" };

	for (size_t i = 0; !has_tls && i < sizeof keys / sizeof keys[0]; i++)
		conf_directory_refuse(conf, block, keys[i],
			"TLS; write ldaps:// or start-tls = yes, or "
			"take it out");
	if (settings->tls_cert_file != NULL)
		conf_directory_want(conf, block, "tls-key-file",
			"where the key of tls-cert-file is: tls-key-file = "
			"\"FILE\"");
	if (settings->tls_key_file != NULL)
		conf_directory_want(conf, block, "tls-cert-file",
			"where the certificate of tls-key-file is: "
			"tls-cert-file = \"FILE\"");
}

static void read_tls(const struct conf *conf, struct ldap_settings *settings,
	const struct conf_block *block, const struct servers *servers)
{
	static const char *const a_file = "the path of a file in PEM format, "
					  "or take the key out";

	settings->starts_tls = conf_bool(conf, block, "start-tls", false);
	settings->verifies_tls = conf_bool(conf, block, "tls-verify", true);
	settings->tls_ca_file = conf_path(conf, block, "tls-ca-file", a_file);
	settings->tls_cert_file =
		conf_path(conf, block, "tls-cert-file", a_file);
	settings->tls_key_file = conf_path(conf, block, "tls-key-file", a_file);
	if (settings->starts_tls)
		check_start_tls(conf, block, servers);
	if (settings->uris[0] != NULL)
		check_tls(conf, block, settings,
			settings->starts_tls || servers->tls != NULL);
}

static void check_bind(const struct conf *conf, const struct conf_block *block,
	const struct ldap_settings *settings, const struct servers *servers)
{
	if (settings->bind == LDAP_BIND_SIMPLE) {
		conf_directory_want(conf, block, "bind-dn",
			"who asks: bind-dn = \"cn=reader,dc=company,"
			"dc=example\"");
		conf_directory_want(conf, block, "password-file",
			"which file holds the password of bind-dn: "
			"password-file = \"FILE\"");
		return;
	}
	conf_directory_refuse(
		conf, block, "bind-dn", "bind = simple; take it out");
	conf_directory_refuse(
		conf, block, "password-file", "bind = simple; take it out");
	if (settings->bind == LDAP_BIND_EXTERNAL && servers->local == NULL &&
		settings->tls_cert_file == NULL)
		faults_error(conf->faults,
			conf_block_find(block, "bind")->place,
			"nothing tells the server who asks; bind = external "
			"needs an ldapi:// URI, or tls-cert-file and "
			"tls-key-file");
}

static void read_bind(const struct conf *conf, struct ldap_settings *settings,
	const struct conf_block *block, const struct servers *servers)
{
	const bool has_name = conf_block_find(block, "bind-dn") != NULL ||
		conf_block_find(block, "password-file") != NULL;
	unsigned bind = has_name ? LDAP_BIND_SIMPLE : LDAP_BIND_ANONYMOUS;

	conf_choice(&bind, conf, block, "bind", bind_words);
	settings->bind = (enum ldap_bind)bind;
	settings->bind_dn = conf_text(conf, block, "bind-dn",
		"who asks, or take the key out for an anonymous bind");
	settings->password_file = conf_path(conf, block, "password-file",
		"the path of a file whose first line is the password");
	check_bind(conf, block, settings, servers);
}

static const char *filter_fault(const char *filter)
{
	size_t depth = 0;

	if (filter[0] != '(')
		return "begins with no parenthesis; a filter is written as "
		       "'(mail=*)'";
	for (const char *c = filter; *c != '\0'; c++) {
		depth += *c == '(';
		depth -= *c == ')';
		if (depth == 0 && c[1] != '\0')
			return "goes on behind its last parenthesis; two "
			       "filters are joined as '(&(...)(...))'";
	}
	return depth == 0 ? NULL : "has a parenthesis that is never closed";
}

static void read_search(const struct conf *conf, struct ldap_settings *settings,
	const struct conf_block *block)
{
	static const char *const scopes[] = { "sub", "one", "base", NULL };
	static const char *const a_base =
		"below which entry the recipients are: base = "
		"\"dc=company,dc=example\"";
	const struct conf_key *base = conf_block_find(block, "base");
	const struct conf_key *filter = conf_block_find(block, "filter");
	unsigned depth = LDAP_DEPTH_SUB;

	conf_directory_want(conf, block, "base", a_base);
	settings->base = conf_text(conf, block, "base", a_base);
	if (settings->base != NULL && strchr(settings->base, '=') == NULL)
		faults_error(conf->faults, base->place,
			"base: \"%s\" is no name of an entry; write one as "
			"dc=company,dc=example",
			settings->base);
	conf_choice(&depth, conf, block, "scope", scopes);
	settings->depth = (enum ldap_depth)depth;
	settings->filter = conf_text(conf, block, "filter",
		"one as '(mail=*)', or take the key out");
	const char *why = settings->filter == NULL
		? NULL
		: filter_fault(settings->filter);

	if (why != NULL)
		faults_error(conf->faults, filter->place, "filter: \"%s\" %s",
			settings->filter, why);
	settings->page_size =
		conf_number(conf, block, "page-size", PAGE_MOST, PAGE_DEFAULT);
}

static void advise(const struct conf *conf,
	const struct ldap_settings *settings, const struct conf_block *block,
	const struct servers *servers)
{
	const struct conf_key *verify = conf_block_find(block, "tls-verify");

	if (settings->bind == LDAP_BIND_SIMPLE && !settings->starts_tls &&
		servers->exposed != NULL)
		faults_advice(conf->faults, servers->exposed->place,
			"the password crosses the network to %s in clear; "
			"write ldaps://, or start-tls = yes",
			servers->exposed_host);
	if (!settings->verifies_tls && verify != NULL)
		faults_advice(conf->faults, verify->place,
			"with tls-verify = no whoever stands in between can "
			"read the password and change the list; name the CA "
			"of the server's certificate in tls-ca-file instead");
}

void conf_directory_ldap(const struct conf *conf, struct directory *directory,
	const struct conf_block *block)
{
	struct ldap_settings *settings =
		arena_alloc(conf->config, sizeof *settings);
	struct servers servers = { 0 };

	settings->uris = read_uris(conf, block, &servers);
	read_tls(conf, settings, block, &servers);
	read_bind(conf, settings, block, &servers);
	read_search(conf, settings, block);
	conf_directory_attributes(conf, directory, block);
	settings->connect_timeout_s =
		conf_time(conf, block, "connect-timeout", CONNECT_DEFAULT_S);
	settings->uses_deltas = conf_bool(conf, block, "deltas", true);
	settings->full_refresh_s =
		conf_time(conf, block, "full-refresh", FULL_REFRESH_DEFAULT_S);
	directory->timeout_s =
		conf_time(conf, block, "timeout", TIMEOUT_DEFAULT_S);
	directory->source = join(settings->uris, conf->config);
	directory->ldap = settings;
	if (directory->is_enabled)
		advise(conf, settings, block, &servers);
}
