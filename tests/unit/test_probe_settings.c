#include "doctor/probe_settings.h"

#include "doctor/probes.h"
#include "tests/unit/postconf_case.h"
#include "tests/unit/unit_main.h"

static const char VALUES[] = "queue_directory = /q\n"
			     "myhostname = mx.company.example\n"
			     "smtp_helo_name = helo.example\n"
			     "lmtp_lhlo_name = lhlo.example\n"
			     "inet_protocols = ipv4\n"
			     "smtp_tls_security_level = may\n"
			     "smtp_tls_CAfile = /ca.pem\n"
			     "smtp_tls_CApath =\n"
			     "lmtp_tls_security_level = dane-only\n"
			     "tls_append_default_CA = no\n";
static const char SERVICES[] = "smtp unix - - n - - smtp\n"
			       "lmtp unix - - y - - lmtp\n";

static const struct {
	const char *name, *transport;
	enum tls tls;
	/* NULL: it can not be asked; else "place helo tls", then who is
	   looked at and whose certificate. */
	const char *asked;
} CASES[] = {
	{ "plain", "smtp:[10.8.0.25]", TLS_NONE,
		"10.8.0.25:25 helo.example 0 mx.company.example -" },
	{ "main.cf's level", "smtp:[10.8.0.25]:587", TLS_UNSET,
		"10.8.0.25:587 helo.example 1 mx.company.example -" },
	{ "encrypt", "relay:[mail.d.example]", TLS_ENCRYPT,
		"mail.d.example:25 helo.example 2 mx.company.example -" },
	{ "verify", "smtp:[mail.d.example]", TLS_VERIFY,
		"mail.d.example:25 helo.example 2 mx.company.example "
		"mail.d.example" },
	{ "secure", "smtp:[mail.d.example]", TLS_SECURE,
		"mail.d.example:25 helo.example 2 mx.company.example "
		".mail.d.example" },
	{ "lmtp has its own level", "lmtp:inet:[10.8.0.25]:24", TLS_UNSET,
		"10.8.0.25:24 lhlo.example 2 - -" },
	{ "socket of the queue", "lmtp:unix:private/store", TLS_ENCRYPT,
		"/q/private/store lhlo.example 0 - -" },
	{ "socket in the chroot", "lmtp:unix:/run/store", TLS_UNSET,
		"/q//run/store lhlo.example 0 - -" },
	{ "another program", "dovecot:", TLS_UNSET, NULL },
};

/* As CASES has it. */
static const char *asked_of(const struct probe *probe, struct arena *arena)
{
	const struct smtp_probe *asked = &probe->asked;
	const struct smtp_trust *trust = &asked->trust;

	return arena_printf(arena, "%s %s %d %s %s%s",
		asked->place.path != NULL
			? asked->place.path
			: arena_printf(arena, "%s:%u", asked->place.host,
				  asked->place.port),
		asked->helo, (int)asked->tls,
		asked->myhostname == NULL ? "-" : asked->myhostname,
		trust->takes_subdomains ? "." : "",
		trust->is_verified ? trust->name : "-");
}

START_TEST(client_is_as_main_cf_has_it)
{
	struct postconf_case p;
	struct transport transport;
	struct probe probe;

	postconf_case_open(&p);
	struct instance *instance =
		postconf_case_read(&p, VALUES, "", SERVICES);

	ck_assert(transport_parse(
		&transport, CASES[_i].transport, p.arena, NULL));
	const struct connector connector = { .name = "c",
		.kind = transport.kind,
		.hops = &transport.hop,
		.n_hops = 1,
		.tls = CASES[_i].tls };
	const bool is_asked = probe_settings(
		&probe, &connector, &transport.hop, instance, p.arena);

	ck_assert_msg(
		is_asked == (CASES[_i].asked != NULL), "%s", CASES[_i].name);
	if (is_asked) {
		ck_assert_msg(
			strcmp(asked_of(&probe, p.arena), CASES[_i].asked) == 0,
			"%s: %s", CASES[_i].name, asked_of(&probe, p.arena));
		ck_assert(!probe.asked.trust.has_default_cas);
		ck_assert_int_eq(probe.asked.place.is_ipv4_alone,
			probe.asked.place.path == NULL);
		ck_assert(!probe.asked.place.is_ipv6_alone);
	}
	instance_close(&instance);
	postconf_case_close(&p);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("probe_settings");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(
		tcase, client_is_as_main_cf_has_it, 0, COUNT(CASES));
	return unit_run(suite, tcase);
}
