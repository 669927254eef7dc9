/* Faults of meaning in directories of the types ldap and sql. */
#include "tests/unit/config_case.h"

#include "tests/unit/unit_main.h"

/* Beginnings of sound blocks, on one line. */
#define LDAP "directory a { type = ldap base = 'dc=a' preset = openldap "
#define LOCAL LDAP "uri = 'ldap://localhost' "
#define SQL "directory a { type = sql database = b query = c "
#define POSTGRESQL SQL "driver = postgresql "
#define SQLITE SQL "driver = sqlite "

#define SOCKET_DIR "'/run/postgresql'"
#define TAKE_OUT(key, which) "error: \"" key "\" is for " which " take it out\n"
#define BASE_EXAMPLE \
	"below which entry the recipients are: base = " \
	"\"dc=company,dc=example\"\n"
#define PASSWORD_SENTENCE \
	"error: \"password-file\" is empty; write the path of a file whose " \
	"first line is the password\n"
/* A key that needs TLS, and one that needs a server. */
#define TLS_CASE(key) \
	{ \
		key " without TLS", LOCAL "\n " key " = yes }\n", \
			"@2: " TAKE_OUT(key, \
				"TLS; write ldaps:// or start-tls = yes, or") \
	}
#define SQLITE_CASE(key) \
	{ \
		key " of a file", SQLITE "\n " key " = 1 }\n", \
			"@2: " TAKE_OUT(key, \
				"the drivers postgresql and mysql, not " \
				"sqlite;") \
	}
#define PEM_SENTENCE \
	" is empty; write the path of a file in PEM format, or take the key " \
	"out\n"
#define FILTER(text, why) "error: filter: \"" text "\" " why "\n"

static const struct config_case ldap[] = {
	{ "nothing at all", "\ndirectory a { type = ldap }\n",
		"@2: error: this directory has no uri; write where its server "
		"is: uri = { \"ldaps://HOST\" }\n"
		"@2: error: this directory has no base; write " BASE_EXAMPLE
		"@2: error: this directory names no attributes that hold "
		"addresses; write attributes = { \"mail\" }, or preset = "
		"active-directory or openldap\n" },
	{ "no server", LDAP "\n uri = { } }\n",
		"@2: error: \"uri\" is empty; write where the server is: uri = "
		"{ \"ldaps://HOST\" }\n" },
	{ "bad servers",
		LDAP "uri = { 'ldaps://a',\n dc1,\n 'ldap://b:0' } }\n",
		"@2: error: uri: \"dc1\" is no URI of a directory server: "
		"write ldaps://HOST, ldap://HOST or ldapi://SOCKET\n"
		"@3: error: uri: the port must be a number from 1 to 65535, "
		"not \"0\"\n" },
	{ "empty base",
		"directory a { type = ldap uri = 'ldaps://a' preset = "
		"openldap\n base = '' }\n",
		"@2: error: \"base\" is empty; write " BASE_EXAMPLE },
	{ "base that is a domain",
		"directory a { type = ldap uri = 'ldaps://a' preset = "
		"openldap\n base = company.example }\n",
		"@2: error: base: \"company.example\" is no name of an entry; "
		"write one as dc=company,dc=example\n" },
	{ "scope", LOCAL "\n scope = subtree }\n",
		"@2: error: \"scope\" must be sub, one or base, not "
		"\"subtree\"\n" },
	{ "page of nothing", LOCAL "\n page-size = 0 }\n",
		"@2: error: \"page-size\" must be a number of 1 to 10000, not "
		"\"0\"\n" },
	{ "page too long", LOCAL "\n page-size = 10001 }\n",
		"@2: error: \"page-size\" must be a number of 1 to 10000, not "
		"\"10001\"\n" },
	{ "times",
		LOCAL "\n connect-timeout = 0\n full-refresh = 0\n timeout = "
		      "0s }\n",
		"@2: error: \"connect-timeout\" must be a time of 1s to 1w, "
		"not \"0\"\n"
		"@3: error: \"full-refresh\" must be a time of 1s to 1w, not "
		"\"0\"\n"
		"@4: error: \"timeout\" must be a time of 1s to 1w, not "
		"\"0s\"\n" },
	{ "deltas", LOCAL "\n deltas = maybe }\n",
		"@2: error: \"deltas\" must be yes or no, not \"maybe\"\n" },
	{ "preset of csv",
		"directory a { type = ldap base = 'dc=a' uri = 'ldaps://a'\n "
		"preset = exchange }\n",
		"@2: error: \"preset\" must be active-directory or openldap, "
		"not \"exchange\"\n" },
	{ "disabled accounts", LOCAL "\n disabled-accounts = keep }\n",
		"@2: " TAKE_OUT(
			"disabled-accounts", "preset = active-directory;") },
};

static const struct config_case filters[] = {
	{ "empty", LOCAL "\n filter = '' }\n",
		"@2: error: \"filter\" is empty; write one as '(mail=*)', or "
		"take the key out\n" },
	{ "without parentheses", LOCAL "\n filter = 'mail=*' }\n",
		"@2: " FILTER("mail=*",
			"begins with no parenthesis; a filter is written as "
			"'(mail=*)'") },
	{ "not closed", LOCAL "\n filter = '(&(mail=*)(uid=*)' }\n",
		"@2: " FILTER("(&(mail=*)(uid=*)",
			"has a parenthesis that is never closed") },
	{ "two side by side", LOCAL "\n filter = '(mail=*)(uid=*)' }\n",
		"@2: " FILTER("(mail=*)(uid=*)",
			"goes on behind its last parenthesis; two filters "
			"are joined as '(&(...)(...))'") },
	{ "closed twice", LOCAL "\n filter = '(mail=*))' }\n",
		"@2: " FILTER("(mail=*))",
			"goes on behind its last parenthesis; two filters "
			"are joined as '(&(...)(...))'") },
	{ "escape in double quotes", LOCAL "\n filter = \"(a=\\2a)\" }\n",
		"@2: error: the value holds a control character; in double "
		"quotes a backslash makes one, in single quotes it stands for "
		"itself\n" },
	{ "escape in single quotes", LOCAL "filter = '(a=\\28\\2a)' }\n", "" },
};

static const struct config_case binds[] = {
	{ "unknown", LOCAL "\n bind = gssapi }\n",
		"@2: error: \"bind\" must be anonymous, simple or external, "
		"not \"gssapi\"\n" },
	{ "simple without anything", "\n" LOCAL "bind = simple }\n",
		"@2: error: this directory has no bind-dn; write who asks: "
		"bind-dn = \"cn=reader,dc=company,dc=example\"\n"
		"@2: error: this directory has no password-file; write which "
		"file holds the password of bind-dn: password-file = "
		"\"FILE\"\n" },
	{ "name without password", LOCAL "bind-dn = 'cn=b' }\n",
		"@1: error: this directory has no password-file; write which "
		"file holds the password of bind-dn: password-file = "
		"\"FILE\"\n" },
	{ "password without name", LOCAL "password-file = b }\n",
		"@1: error: this directory has no bind-dn; write who asks: "
		"bind-dn = \"cn=reader,dc=company,dc=example\"\n" },
	{ "empty name and password",
		LOCAL "\n bind-dn = ''\n password-file = '' }\n",
		"@2: error: \"bind-dn\" is empty; write who asks, or take the "
		"key out for an anonymous bind\n"
		"@3: " PASSWORD_SENTENCE },
	{ "name of nobody",
		LOCAL "bind = anonymous\n bind-dn = 'cn=b'\n password-file = c "
		      "}\n",
		"@2: " TAKE_OUT("bind-dn", "bind = simple;") "@3: " TAKE_OUT(
			"password-file", "bind = simple;") },
	{ "external without certificate", LOCAL "\n bind = external }\n",
		"@2: error: nothing tells the server who asks; bind = "
		"external needs an ldapi:// URI, or tls-cert-file and "
		"tls-key-file\n" },
	{ "external with a certificate",
		LOCAL "start-tls = yes bind = external tls-cert-file = a "
		      "tls-key-file = b }\n",
		"" },
	{ "password in clear",
		LDAP "uri = { 'ldap://localhost', 'ldap://127.0.0.1',\n "
		     "'ldap://DC1:389', 'ldap://dc2' } bind-dn = 'cn=b' "
		     "password-file = c }\n",
		"@2: advice: the password crosses the network to dc1 in "
		"clear; write ldaps://, or start-tls = yes\n" },
	{ "password in clear of a disabled block",
		LDAP "uri = 'ldap://dc1' enabled = no bind-dn = 'cn=b' "
		     "password-file = c }\n",
		"" },
	{ "password on this machine",
		LDAP "uri = { 'ldap://[::1]', 'ldapi:///' } bind-dn = 'cn=b' "
		     "password-file = c }\n",
		"" },
	{ "password by TLS",
		LDAP "uri = 'ldaps://dc1' bind-dn = 'cn=b' password-file = c "
		     "}\n",
		"" },
	{ "password behind StartTLS",
		LDAP "uri = 'ldap://dc1' start-tls = yes bind-dn = 'cn=b' "
		     "password-file = c }\n",
		"" },
	{ "nothing secret in clear", LDAP "uri = 'ldap://dc1' }\n", "" },
};

static const struct config_case ldap_tls[] = {
	{ "StartTLS in TLS",
		LDAP "uri = { 'ldap://a',\n 'ldaps://b' }\n start-tls = yes "
		     "}\n",
		"@3: error: \"start-tls\" is for ldap://, and \"ldaps://b\" at "
		"line @@2 is TLS from its first byte; take one of the two "
		"out\n" },
	{ "StartTLS in a socket",
		LDAP "uri = 'ldapi:///'\n start-tls = yes }\n",
		"@2: error: \"start-tls\" is for ldap://, and \"ldapi:///\" at "
		"line @@1 never leaves this machine; take one of the two "
		"out\n" },
	{ "no StartTLS in TLS", LDAP "uri = 'ldaps://b' start-tls = no }\n",
		"" },
	TLS_CASE("tls-verify"),
	TLS_CASE("tls-ca-file"),
	{ "certificate without TLS",
		LOCAL "\n tls-cert-file = b\n tls-key-file = c }\n",
		"@2: error: \"tls-cert-file\" is for TLS; write ldaps:// or "
		"start-tls = yes, or take it out\n"
		"@3: error: \"tls-key-file\" is for TLS; write ldaps:// or "
		"start-tls = yes, or take it out\n" },
	{ "certificate without key",
		LDAP "uri = 'ldaps://b' tls-cert-file = c }\n",
		"@1: error: this directory has no tls-key-file; write where "
		"the key of tls-cert-file is: tls-key-file = \"FILE\"\n" },
	{ "key without certificate",
		LDAP "uri = 'ldaps://b' tls-key-file = c }\n",
		"@1: error: this directory has no tls-cert-file; write where "
		"the certificate of tls-key-file is: tls-cert-file = "
		"\"FILE\"\n" },
	{ "empty paths",
		LDAP "uri = 'ldaps://b'\n tls-ca-file = ''\n tls-cert-file = "
		     "''\n tls-key-file = '' }\n",
		"@2: error: \"tls-ca-file\"" PEM_SENTENCE
		"@3: error: \"tls-cert-file\"" PEM_SENTENCE
		"@4: error: \"tls-key-file\"" PEM_SENTENCE },
	{ "not verified", LDAP "uri = 'ldaps://b'\n tls-verify = no }\n",
		"@2: advice: with tls-verify = no whoever stands in between "
		"can read the password and change the list; name the CA of "
		"the server's certificate in tls-ca-file instead\n" },
	{ "not verified in a disabled block",
		LDAP "uri = 'ldaps://b' enabled = no tls-verify = no }\n", "" },
};

static const struct config_case sql[] = {
	{ "nothing at all", "\ndirectory a { type = sql }\n",
		"@2: error: this directory has no driver; write what kind of "
		"server it asks: driver = postgresql, mysql or sqlite\n"
		"@2: error: this directory has no database; write what "
		"database its tables are in: database = \"NAME\"\n"
		"@2: error: this directory has no query; write what lists the "
		"recipients: query = \"SELECT address FROM mailbox\"\n" },
	{ "unknown driver", SQL "\n driver = oracle }\n",
		"@2: error: \"driver\" must be postgresql, mysql or sqlite, "
		"not \"oracle\"\n" },
	{ "no hosts", POSTGRESQL "\n hosts = { } }\n",
		"@2: error: \"hosts\" is empty; write one host at least\n" },
	{ "bad hosts", POSTGRESQL "hosts = { localhost,\n 'db:5432' } }\n",
		"@2: error: hosts: \"db:5432\" has a colon in it: a port "
		"stands in a key of its own, port = NUMBER\n" },
	{ "port", POSTGRESQL "\n port = 65536 }\n",
		"@2: error: \"port\" must be a number of 1 to 65535, not "
		"\"65536\"\n" },
	{ "empty texts",
		"directory a { type = sql driver = mysql\n user = ''\n "
		"password-file = ''\n database = ''\n query = '' }\n",
		"@2: error: \"user\" is empty; write who asks, or take the "
		"key out\n"
		"@3: " PASSWORD_SENTENCE
		"@4: error: \"database\" is empty; write what database its "
		"tables are in: database = \"NAME\"\n"
		"@5: error: \"query\" is empty; write what lists the "
		"recipients: query = \"SELECT address FROM mailbox\"\n" },
	{ "times", POSTGRESQL "\n connect-timeout = 0\n timeout = 2w }\n",
		"@2: error: \"connect-timeout\" must be a time of 1s to 1w, "
		"not \"0\"\n"
		"@3: error: \"timeout\" must be a time of 1s to 1w, not "
		"\"2w\"\n" },
	{ "sqlite without a path",
		"directory a { type = sql driver = sqlite query = c }\n",
		"@1: error: this directory has no database; write where the "
		"database is: database = \"FILE\"\n" },
	{ "sqlite with an empty path",
		"directory a { type = sql driver = sqlite query = c\n database "
		"= '' }\n",
		"@2: error: \"database\" is empty; write where the database "
		"is: database = \"FILE\"\n" },
	SQLITE_CASE("hosts"),
	SQLITE_CASE("port"),
	SQLITE_CASE("user"),
	SQLITE_CASE("password-file"),
	SQLITE_CASE("tls"),
	SQLITE_CASE("tls-ca-file"),
	SQLITE_CASE("connect-timeout"),
	{ "unknown tls", POSTGRESQL "\n tls = yes }\n",
		"@2: error: \"tls\" must be none, encrypt or verify, not "
		"\"yes\"\n" },
	{ "tls on a socket",
		POSTGRESQL "hosts = " SOCKET_DIR "\n tls = encrypt }\n",
		"@2: error: \"tls\" is for hosts on the network, and "
		"\"/run/postgresql\" is a socket of this machine; take \"tls\" "
		"out\n" },
	{ "no tls on a socket",
		POSTGRESQL "hosts = " SOCKET_DIR " tls = none }\n", "" },
	{ "tls for one of two",
		POSTGRESQL "hosts = { " SOCKET_DIR ", db } tls = encrypt }\n",
		"" },
	{ "CA that nothing is verified with",
		POSTGRESQL "\n tls-ca-file = a }\n",
		"@2: " TAKE_OUT(
			"tls-ca-file", "tls = verify; write that, or") },
	{ "empty CA", POSTGRESQL "tls = verify\n tls-ca-file = '' }\n",
		"@2: error: \"tls-ca-file\"" PEM_SENTENCE },
	{ "another machine in clear",
		POSTGRESQL "hosts = { '10.0.0.1', db } tls = none }\n",
		"@1: advice: with tls = none whoever stands between here and "
		"10.0.0.1 can change the list; write tls = verify\n" },
	{ "another machine in clear, disabled",
		POSTGRESQL "hosts = db tls = none enabled = no }\n", "" },
};

CONFIG_CASES(ldap)
CONFIG_CASES(filters)
CONFIG_CASES(binds)
CONFIG_CASES(ldap_tls)
CONFIG_CASES(sql)

int main(void)
{
	TCase *tcase = tcase_create("faults");

	CONFIG_ADD(tcase, ldap);
	CONFIG_ADD(tcase, filters);
	CONFIG_ADD(tcase, binds);
	CONFIG_ADD(tcase, ldap_tls);
	CONFIG_ADD(tcase, sql);
	return unit_run(suite_create("config_servers"), tcase);
}
