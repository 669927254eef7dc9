/*
 * libldap decides whether a certificate is good.  But with GnuTLS it says of
 * every bad one "(unknown error code)", so the sentence for the operator is
 * made from the certificate itself.
 */
#include "directory/ldap_tls.h"

#include "namespace/ldap_settings.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

static const char SYSTEM_CA_FILE[] = "/etc/ssl/certs/ca-certificates.crt";
static const char GNUTLS_VERSIONS[] =
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
enum { NAMES_MAX = 5 };

static const char *ca_file(const struct ldap_settings *settings)
{
	return settings->tls_ca_file == NULL ? SYSTEM_CA_FILE
					     : settings->tls_ca_file;
}

/* libldap would only say that something failed. */
static bool check_readable(const char *key, const char *path, struct err *err)
{
	if (path == NULL || access(path, R_OK) == 0)
		return true;
	return err_sys(err, "%s: open %s", key, path);
}

static bool check_files(
	const struct ldap_settings *settings, bool verifies, struct err *err)
{
	return (!verifies ||
		       check_readable("tls-ca-file", ca_file(settings), err)) &&
		check_readable("tls-cert-file", settings->tls_cert_file, err) &&
		check_readable("tls-key-file", settings->tls_key_file, err);
}

/* GnuTLS takes the versions with the ciphers, OpenSSL by themselves. */
static bool set_versions(LDAP *ld)
{
	const int least = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
	char *package = NULL;

	if (ldap_get_option(ld, LDAP_OPT_X_TLS_PACKAGE, &package) != 0)
		return false;
	const bool is_gnutls =
		package != NULL && strcasecmp(package, "GnuTLS") == 0;

	ldap_memfree(package);
	if (is_gnutls)
		return ldap_set_option(ld, LDAP_OPT_X_TLS_CIPHER_SUITE,
			       GNUTLS_VERSIONS) == 0;
	return ldap_set_option(ld, LDAP_OPT_X_TLS_PROTOCOL_MIN, &least) == 0;
}

bool ldap_tls_init(LDAP *ld, const struct ldap_settings *settings,
	bool verifies, struct err *err)
{
	const int wanted = verifies ? LDAP_OPT_X_TLS_HARD
				    : LDAP_OPT_X_TLS_NEVER;
	const int client = 0;

	if (!check_files(settings, verifies, err))
		return false;
	if (set_versions(ld) &&
		ldap_set_option(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &wanted) ==
			0 &&
		ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTDIR, NULL) == 0 &&
		ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTFILE,
			verifies ? ca_file(settings) : NULL) == 0 &&
		ldap_set_option(ld, LDAP_OPT_X_TLS_CERTFILE,
			settings->tls_cert_file) == 0 &&
		ldap_set_option(ld, LDAP_OPT_X_TLS_KEYFILE,
			settings->tls_key_file) == 0 &&
		ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &client) == 0)
		return true;
	return err_set(err,
		"TLS can not be set up: %s%s%s must hold PEM certificates%s",
		verifies ? ca_file(settings) : "",
		verifies && settings->tls_cert_file != NULL ? " and " : "",
		settings->tls_cert_file == NULL ? "" : settings->tls_cert_file,
		settings->tls_key_file == NULL ? "" : ", and the key fit");
}

static X509 *peer_certificate(LDAP *ld)
{
	struct berval der = { 0, NULL };

	if (ldap_get_option(ld, LDAP_OPT_X_TLS_PEERCERT, &der) != 0 ||
		der.bv_val == NULL)
		return NULL;
	const unsigned char *at = (const unsigned char *)der.bv_val;
	X509 *certificate = d2i_X509(NULL, &at, (long)der.bv_len);

	ldap_memfree(der.bv_val);
	return certificate;
}

static bool fail_date(const ASN1_TIME *time, const char *what, const char *cure,
	struct err *err)
{
	struct tm tm = { 0 };
	char day[32] = "?";

	if (ASN1_TIME_to_tm(time, &tm) == 1)
		strftime(day, sizeof day, "%Y-%m-%d", &tm);
	return err_set(err, "its certificate %s %s%s", what, day, cure);
}

/* "DNS:a.example, IP Address:192.0.2.1", or the subject. */
static void print_names(BIO *out, const X509 *certificate)
{
	GENERAL_NAMES *names =
		X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	const int count = names == NULL ? 0 : sk_GENERAL_NAME_num(names);

	for (int i = 0; i < count && i < NAMES_MAX; i++) {
		BIO_puts(out, i == 0 ? "" : ", ");
		GENERAL_NAME_print(out, sk_GENERAL_NAME_value(names, i));
	}
	if (count > NAMES_MAX)
		BIO_puts(out, ", ...");
	if (count == 0)
		X509_NAME_print_ex(out, X509_get_subject_name(certificate), 0,
			XN_FLAG_ONELINE);
	GENERAL_NAMES_free(names);
}

static bool fail_name(
	const X509 *certificate, const char *host, struct err *err)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *names;

	if (out == NULL)
		return err_set(err, "its certificate is not for %s", host);
	print_names(out, certificate);
	const long len = BIO_get_mem_data(out, &names);

	err_set(err,
		"its certificate is for %.*s, not for %s; uri must have a "
		"name that the certificate has",
		len > INT_MAX ? 0 : (int)len, names, host);
	BIO_free(out);
	return false;
}

static bool fail_issuer(
	const X509 *certificate, const char *path, struct err *err)
{
	char issuer[256] = "?";
	BIO *out = BIO_new(BIO_s_mem());

	if (out != NULL &&
		X509_NAME_print_ex(out, X509_get_issuer_name(certificate), 0,
			XN_FLAG_ONELINE) > 0)
		BIO_gets(out, issuer, sizeof issuer);
	BIO_free(out);
	return err_set(err,
		"its certificate is of \"%s\", and %s does not lead there; "
		"tls-ca-file names the file with that CA",
		issuer, path);
}

/* libldap holds "localhost" for the name of this machine. */
static const char *known_as(const char *host, char *own, size_t size)
{
	if (strcasecmp(host, "localhost") != 0 ||
		gethostname(own, size - 1) != 0)
		return host;
	own[size - 1] = '\0';
	return own;
}

static bool has_name(X509 *certificate, const char *host)
{
	return X509_check_host(certificate, host, 0, 0, NULL) == 1 ||
		X509_check_ip_asc(certificate, host, 0) == 1;
}

bool ldap_tls_fail(LDAP *ld, const struct ldap_settings *settings,
	const char *host, struct err *err)
{
	char own[HOST_NAME_MAX + 1];
	X509 *certificate = peer_certificate(ld);

	if (certificate == NULL)
		return err_set(err, "it showed no certificate");
	host = known_as(host == NULL ? "localhost" : host, own, sizeof own);
	const ASN1_TIME *begin = X509_get0_notBefore(certificate);
	const ASN1_TIME *end = X509_get0_notAfter(certificate);

	if (X509_cmp_current_time(end) < 0)
		fail_date(end, "ended on", "", err);
	else if (X509_cmp_current_time(begin) > 0)
		fail_date(
			begin, "begins on", "; is the clock here right?", err);
	else if (!has_name(certificate, host))
		fail_name(certificate, host, err);
	else
		fail_issuer(certificate, ca_file(settings), err);
	X509_free(certificate);
	return false;
}
