/*
 * What servers refuse, leave out or garble: "there is none" is said only
 * where one of them knows it.  c-ares answers at once what a test says.
 */
#include "doctor/dns.h"

#include "base/arena.h"
#include "tests/unit/failing_calls.h"
#include "unit_main.h"

#include <ares.h>
#include <netdb.h>
#include <string.h>

FAILING_CALL(int, ARES_ENOMEM, ares_library_init, (int flags), (flags))
FAILING_CALL(int, ARES_EFILE, ares_init_options,
	(ares_channel * out, struct ares_options *options, int mask),
	(out, options, mask))
FAILING_CALL(int, ARES_ENOMEM, ares_set_servers_ports,
	(ares_channel channel, struct ares_addr_port_node *servers),
	(channel, servers))
FAILING_CALL(int, EAI_FAIL, getaddrinfo,
	(const char *restrict host, const char *restrict port,
		const struct addrinfo *restrict hints,
		struct addrinfo **restrict out),
	(host, port, hints, out))

/* How the questions end that are sent, one after the other, then 0. */
static const int *ends;
static unsigned n_asked;

/* NOLINTBEGIN(readability-function-size): so many does the library's have */
/* A reply that is none goes with ARES_SUCCESS. */
void ares_query(ares_channel channel, const char *name, int class, int type,
	ares_callback answered, void *argument)
{
	unsigned char garbage[] = "garbage";

	(void)channel, (void)name, (void)class, (void)type;
	n_asked++;
	answered(argument, *ends++, 0, garbage, sizeof garbage);
}
/* NOLINTEND(readability-function-size) */

static const struct opening_case {
	const char *call;
	unsigned n;
	const char *resolver, *err;
} OPENINGS[] = {
	{ "ares_library_init", 1, NULL,
		"look up names: c-ares does not begin" },
	{ "ares_init_options", 1, NULL, "look up names: Error reading file" },
	{ "ares_init_options", 2, NULL, "look up names: Error reading file" },
	{ "getaddrinfo", 1, "192.0.2.53",
		"resolver 192.0.2.53: Non-recoverable failure in name "
		"resolution" },
	{ "ares_set_servers_ports", 1, "192.0.2.53",
		"resolver 192.0.2.53: it has no address" },
	{ "ares_set_servers_ports", 2, "192.0.2.53",
		"resolver 192.0.2.53: it has no address" },
};

START_TEST(failed_call_is_told)
{
	const struct opening_case *o = &OPENINGS[_i];
	struct err err = { 0 };

	failing_call_begin(o->call, o->n, 0);
	ck_assert_ptr_null(dns_open(o->resolver, &err));
	ck_assert(failing_call_end());
	ck_assert_str_eq(err.text, o->err);
}
END_TEST

static const struct answer_case {
	const char *name;
	enum dns_type type;
	int ends[5];
	unsigned n_asked;
	enum lookup lookup;
	bool is_unnamed;
	const char *why;
} ANSWERS[] = {
	{ "no such name", DNS_MX, { ARES_ENOTFOUND }, 1, LOOKUP_NONE, true,
		NULL },
	{ "no such record", DNS_MX, { ARES_ENODATA }, 1, LOOKUP_NONE, false,
		NULL },
	{ "the second server knows", DNS_MX, { ARES_ESERVFAIL, ARES_ENODATA },
		2, LOOKUP_NONE, false, NULL },
	{ "none knows", DNS_MX, { ARES_ESERVFAIL, ARES_ESERVFAIL }, 2,
		LOOKUP_FAILED, false, "the server failed (SERVFAIL)" },
	{ "the first says more", DNS_MX, { ARES_EREFUSED, ARES_ETIMEOUT }, 2,
		LOOKUP_FAILED, false,
		"the server refused to answer (REFUSED)" },
	{ "not able", DNS_MX, { ARES_ENOTIMP, ARES_ECONNREFUSED }, 2,
		LOOKUP_FAILED, false,
		"the server can not answer this (NOTIMP)" },
	{ "nobody there", DNS_MX, { ARES_ECONNREFUSED, ARES_ECONNREFUSED }, 2,
		LOOKUP_FAILED, false, "no server could be reached" },
	{ "no name", DNS_MX, { ARES_EBADNAME, ARES_EBADNAME }, 2, LOOKUP_FAILED,
		false, "it is no name that can be asked" },
	{ "in other words", DNS_MX, { ARES_EFORMERR, ARES_EFORMERR }, 2,
		LOOKUP_FAILED, false,
		"DNS server claims query was misformatted" },
	{ "late", DNS_MX, { ARES_ETIMEOUT }, 1, LOOKUP_FAILED, false,
		"the server did not answer in time" },
	{ "garbled", DNS_MX, { ARES_SUCCESS, ARES_SUCCESS }, 2, LOOKUP_FAILED,
		false, "Misformatted DNS reply" },
	{ "garbled addresses", DNS_ADDRESSES,
		{ ARES_SUCCESS, ARES_SUCCESS, ARES_SUCCESS, ARES_SUCCESS }, 4,
		LOOKUP_FAILED, false, "Misformatted DNS reply" },
	{ "no addresses", DNS_ADDRESSES, { ARES_ENODATA, ARES_ENODATA }, 2,
		LOOKUP_NONE, false, NULL },
	{ "half an answer", DNS_ADDRESSES,
		{ ARES_ENODATA, ARES_ESERVFAIL, ARES_ESERVFAIL }, 3,
		LOOKUP_FAILED, false, "the server failed (SERVFAIL)" },
	{ "half an answer, the other way", DNS_ADDRESSES,
		{ ARES_ESERVFAIL, ARES_ESERVFAIL, ARES_ENODATA }, 3,
		LOOKUP_FAILED, false, "the server failed (SERVFAIL)" },
};

START_TEST(none_is_said_by_those_who_know)
{
	const struct answer_case *a = &ANSWERS[_i];
	struct dns_question question = { .type = a->type,
		.name = "company.example" };
	struct err err = { 0 };
	struct arena *arena = arena_open();
	struct dns *dns = dns_open("192.0.2.53", &err);

	ck_assert_msg(dns != NULL, "%s", err.text);
	ends = a->ends;
	n_asked = 0;
	dns_ask(dns, &question, 1, arena);
	ck_assert_msg(question.lookup == a->lookup, "%s: %d", a->name,
		(int)question.lookup);
	ck_assert_uint_eq(n_asked, a->n_asked);
	ck_assert_int_eq(question.is_unnamed, a->is_unnamed);
	ck_assert_pstr_eq(question.why, a->why);
	ck_assert_uint_eq(question.n_mx + question.n_addresses, 0);
	dns_close(&dns);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("dns_failing");

	tcase_add_loop_test(tcase, failed_call_is_told, 0, COUNT(OPENINGS));
	tcase_add_loop_test(
		tcase, none_is_said_by_those_who_know, 0, COUNT(ANSWERS));
	return unit_run(suite_create("dns_failing"), tcase);
}
