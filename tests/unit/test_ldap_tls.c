/*
 * What is wrong with a certificate is said in words that tell what to mend.
 * The certificates are made here; those of real servers are of tests/e2e.
 */
#include "directory/ldap_tls.h"

#include "namespace/ldap_settings.h"
#include "tests/unit/failing_calls.h"

#include "sink_text.h"
#include "unit_main.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DAY_S = 86400 };

/* What the server showed; NULL = nothing. */
static struct berval shown;
static const char *package; /* NULL = as it is */

FAILING_CALL(int, LDAP_OPT_ERROR, ldap_set_option,
	(LDAP * ld, int option, const void *value), (ld, option, value))

int ldap_get_option(LDAP *ld, int option, void *out)
{
	int (*next)(LDAP *, int, void *);

	*(void **)&next = dlsym(RTLD_NEXT, "ldap_get_option");
	if (failing_call_is_due("ldap_get_option"))
		return LDAP_OPT_ERROR;
	if (option == LDAP_OPT_X_TLS_PACKAGE && package != NULL) {
		*(char **)out = ldap_strdup(package);
		return LDAP_OPT_SUCCESS;
	}
	if (option != LDAP_OPT_X_TLS_PEERCERT)
		return next(ld, option, out);
	if (shown.bv_val == NULL)
		*(struct berval *)out = (struct berval){ 0, NULL };
	else
		ber_dupbv(out, &shown);
	return LDAP_OPT_SUCCESS;
}

struct certificate {
	const char *names; /* of its subjectAltName; NULL = it has none */
	long begin_s, end_s; /* from now on */
};

static void add_names(X509 *certificate, const char *names)
{
	X509V3_CTX context;

	X509V3_set_ctx(&context, NULL, certificate, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(
		NULL, &context, NID_subject_alt_name, names);

	ck_assert_ptr_nonnull(extension);
	ck_assert_int_eq(X509_add_ext(certificate, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

/* For OPENSSL_free(). */
static struct berval der_of(const struct certificate *c)
{
	X509 *certificate = X509_new();
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509_NAME *name = X509_NAME_new();
	unsigned char *der = NULL;

	X509_set_version(certificate, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), c->begin_s);
	X509_gmtime_adj(X509_getm_notAfter(certificate), c->end_s);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
		(const unsigned char *)"dc1.company.example", -1, -1, 0);
	X509_set_subject_name(certificate, name);
	X509_set_issuer_name(certificate, name);
	X509_set_pubkey(certificate, key);
	if (c->names != NULL)
		add_names(certificate, c->names);
	ck_assert_int_gt(X509_sign(certificate, key, EVP_sha256()), 0);
	const int len = i2d_X509(certificate, &der);

	ck_assert_int_gt(len, 0);
	X509_NAME_free(name);
	EVP_PKEY_free(key);
	X509_free(certificate);
	return (struct berval){ (ber_len_t)len, (char *)der };
}

static const struct refused_case {
	const char *name;
	struct certificate certificate;
	const char *host;
	const char *err; /* its beginning */
} REFUSED[] = {
	{ "ended", { "DNS:a.example", -9 * DAY_S, -2 * DAY_S }, "a.example",
		"its certificate ended on 20" },
	{ "not yet", { "DNS:a.example", 2 * DAY_S, 9 * DAY_S }, "a.example",
		"its certificate begins on 20" },
	{ "another name", { "DNS:b.example", -DAY_S, DAY_S }, "a.example",
		"its certificate is for DNS:b.example, not for a.example; uri "
		"must have a name that the certificate has" },
	{ "other names",
		{ "DNS:1.example,DNS:2.example,DNS:3.example,DNS:4.example,"
		  "IP:192.0.2.1,DNS:6.example",
			-DAY_S, DAY_S },
		"a.example",
		"its certificate is for DNS:1.example, DNS:2.example, "
		"DNS:3.example, DNS:4.example, IP Address:192.0.2.1, ..., not "
		"for a.example; " },
	{ "no names but its subject", { NULL, -DAY_S, DAY_S }, "192.0.2.1",
		"its certificate is for CN = dc1.company.example, not for "
		"192.0.2.1; " },
	{ "another address", { "IP:192.0.2.1", -DAY_S, DAY_S }, "192.0.2.2",
		"its certificate is for IP Address:192.0.2.1, not for "
		"192.0.2.2; " },
	{ "its address, and another CA", { "IP:192.0.2.1", -DAY_S, DAY_S },
		"192.0.2.1",
		"its certificate is of \"CN = dc1.company.example\", and "
		"ca.pem does not lead there; tls-ca-file names the file with "
		"that CA" },
	{ "its name, and another CA", { "DNS:a.example", -DAY_S, DAY_S },
		"A.example", "its certificate is of " },
};

START_TEST(refusal_says_what_to_mend)
{
	const struct refused_case *r = &REFUSED[_i];
	const struct ldap_settings settings = { .tls_ca_file = "ca.pem" };
	struct err err = { 0 };

	shown = der_of(&r->certificate);
	ck_assert(!ldap_tls_fail(NULL, &settings, r->host, &err));
	ck_assert_msg(
		text_starts(err.text, r->err), "%s: %s", r->name, err.text);
	OPENSSL_free(shown.bv_val);
}
END_TEST

START_TEST(clock_is_asked_about_where_it_may_be_wrong)
{
	const struct certificate certificate = { "DNS:a.example", 2 * DAY_S,
		9 * DAY_S };
	const struct ldap_settings settings = { .tls_ca_file = "ca.pem" };
	struct err err = { 0 };

	shown = der_of(&certificate);
	ck_assert(!ldap_tls_fail(NULL, &settings, "a.example", &err));
	ck_assert_ptr_nonnull(strstr(err.text, "; is the clock here right?"));
	OPENSSL_free(shown.bv_val);
}
END_TEST

/* As libldap has it: "localhost" is whatever this machine is called. */
START_TEST(localhost_is_this_machine)
{
	const struct certificate certificate = { "DNS:b.example", -DAY_S,
		DAY_S };
	const struct ldap_settings settings = { .tls_ca_file = "ca.pem" };
	char own[HOST_NAME_MAX + 1] = "", wanted[HOST_NAME_MAX + 20];

	ck_assert_int_eq(gethostname(own, sizeof own - 1), 0);
	snprintf(wanted, sizeof wanted, ", not for %s; ", own);
	shown = der_of(&certificate);
	for (int i = 0; i < 2; i++) {
		struct err err = { 0 };

		ck_assert(!ldap_tls_fail(
			NULL, &settings, i == 0 ? NULL : "LOCALHOST", &err));
		ck_assert_msg(strstr(err.text, wanted) != NULL, "%s", err.text);
	}
	OPENSSL_free(shown.bv_val);
}
END_TEST

START_TEST(no_certificate_is_told)
{
	const struct ldap_settings settings = { .tls_ca_file = "ca.pem" };
	struct err err = { 0 };
	char garbage[] = "garbage";

	shown = (struct berval){ 0, NULL };
	ck_assert(!ldap_tls_fail(NULL, &settings, "a.example", &err));
	ck_assert_str_eq(err.text, "it showed no certificate");
	shown = (struct berval){ sizeof garbage, garbage };
	ck_assert(!ldap_tls_fail(NULL, &settings, "a.example", &err));
	ck_assert_str_eq(err.text, "it showed no certificate");
	failing_call_begin("ldap_get_option", 1, 0);
	ck_assert(!ldap_tls_fail(NULL, &settings, "a.example", &err));
	ck_assert(failing_call_end());
	ck_assert_str_eq(err.text, "it showed no certificate");
}
END_TEST

/* A file that stands for one that can be read. */
#define THERE "/proc/self/status"

static const struct option_case {
	const char *name;
	struct ldap_settings settings;
	bool verifies;
	const char *package; /* NULL = whatever libldap has */
	unsigned fails; /* which of the options, from 1; 0 = none */
	const char *err;
} OPTIONS[] = {
	{ "no CA", { .tls_ca_file = "/no/ca.pem" }, true, NULL, 0,
		"tls-ca-file: open /no/ca.pem: No such file or directory" },
	{ "no certificate of ours", { .tls_cert_file = "/no/cert.pem" }, false,
		NULL, 0,
		"tls-cert-file: open /no/cert.pem: No such file or "
		"directory" },
	{ "no key", { .tls_cert_file = THERE, .tls_key_file = "/no/key.pem" },
		false, NULL, 0,
		"tls-key-file: open /no/key.pem: No such file or directory" },
	{ "versions", { .tls_ca_file = THERE }, true, "GnuTLS", 1,
		"TLS can not be set up: " THERE " must hold PEM certificates" },
	{ "versions of OpenSSL", { .tls_ca_file = THERE }, true, "OpenSSL", 1,
		"TLS can not be set up: " THERE " must hold PEM certificates" },
	{ "what is asked of certificates", { .tls_ca_file = THERE }, true,
		"GnuTLS", 2,
		"TLS can not be set up: " THERE " must hold PEM certificates" },
	{ "folder of CAs", { .tls_ca_file = THERE }, true, "GnuTLS", 3,
		"TLS can not be set up: " THERE " must hold PEM certificates" },
	{ "file of CAs", { .tls_ca_file = THERE }, true, "GnuTLS", 4,
		"TLS can not be set up: " THERE " must hold PEM certificates" },
	{ "our certificate",
		{ .tls_ca_file = THERE,
			.tls_cert_file = THERE,
			.tls_key_file = THERE },
		true, "GnuTLS", 5,
		"TLS can not be set up: " THERE " and " THERE
		" must hold PEM certificates, and the key fit" },
	{ "our key", { .tls_cert_file = THERE, .tls_key_file = THERE }, false,
		"GnuTLS", 6,
		"TLS can not be set up: " THERE
		" must hold PEM certificates, and the key fit" },
	{ "all together", { .tls_ca_file = THERE }, true, "GnuTLS", 7,
		"TLS can not be set up: " THERE " must hold PEM certificates" },
};

START_TEST(option_that_can_not_be_set_is_told)
{
	const struct option_case *o = &OPTIONS[_i];
	struct err err = { 0 };
	LDAP *ld = NULL;

	ck_assert_int_eq(ldap_initialize(&ld, NULL), LDAP_SUCCESS);
	package = o->package;
	failing_call_begin(
		o->fails == 0 ? "none" : "ldap_set_option", o->fails, 0);
	ck_assert_msg(!ldap_tls_init(ld, &o->settings, o->verifies, &err), "%s",
		o->name);
	ck_assert(failing_call_end());
	ck_assert_str_eq(err.text, o->err);
	ldap_unbind_ext(ld, NULL, NULL);
}
END_TEST

/* Nobody to ask: then nothing is trusted. */
START_TEST(unknown_library_is_told)
{
	const struct ldap_settings settings = { .tls_ca_file = THERE };
	struct err err = { 0 };
	LDAP *ld = NULL;

	ck_assert_int_eq(ldap_initialize(&ld, NULL), LDAP_SUCCESS);
	failing_call_begin("ldap_get_option", 1, 0);
	ck_assert(!ldap_tls_init(ld, &settings, true, &err));
	ck_assert(failing_call_end());
	ck_assert_ptr_nonnull(strstr(err.text, "TLS can not be set up: "));
	ldap_unbind_ext(ld, NULL, NULL);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("ldap_tls");

	tcase_add_loop_test(
		tcase, refusal_says_what_to_mend, 0, COUNT(REFUSED));
	tcase_add_test(tcase, clock_is_asked_about_where_it_may_be_wrong);
	tcase_add_test(tcase, localhost_is_this_machine);
	tcase_add_test(tcase, no_certificate_is_told);
	tcase_add_loop_test(
		tcase, option_that_can_not_be_set_is_told, 0, COUNT(OPTIONS));
	tcase_add_test(tcase, unknown_library_is_told);
	return unit_run(suite_create("ldap_tls"), tcase);
}
