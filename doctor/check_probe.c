/*
 * Whether each mail system takes what we will send it and refuses what
 * nobody has.  Whoever can not be asked is unknown: systems are down at
 * times, and what they would say then nobody knows.
 */
#include "doctor/checks.h"

#include "doctor/probes.h"

#include <stdio.h>

enum { WHO_SIZE = 512 };

static const struct probes *probes_of(struct examination *examination)
{
	const struct probes_input input = {
		examination->instance,
		examination->ns,
		examination->published,
		examination->now,
	};

	if (examination->probes == NULL)
		examination->probes = probes_run(&input, examination->arena);
	return examination->probes;
}

static void each_probe(struct examination *examination,
	void (*check)(
		struct examination *examination, const struct probe *probe))
{
	const struct probes *probes = probes_of(examination);

	for (size_t i = 0; i < probes->count; i++)
		check(examination, &probes->list[i]);
}

/* "[10.8.0.25] of connector "exchange"" */
static const char *who(char out[WHO_SIZE], const struct probe *probe)
{
	snprintf(out, WHO_SIZE, "%.255s of connector \"%.200s\"",
		probe->hop->text, probe->connector->name);
	return out;
}

static bool is_class(const struct smtp_said *said, unsigned class)
{
	return said->code / 100 == class;
}

static void check_unreachable(
	struct examination *examination, const struct probe *probe)
{
	char name[WHO_SIZE];

	if (probe->asked.trouble[0] != '\0')
		check_found(examination, SEVERITY_UNKNOWN, probe->hop->text, "",
			"%s can not be asked: %s", who(name, probe),
			probe->asked.trouble);
}

static void check_ourselves(
	struct examination *examination, const struct probe *probe)
{
	const bool is_noticed = probe->hop->port == HOP_DEFAULT_PORT;
	char name[WHO_SIZE];

	if (probe->asked.is_ourselves)
		check_found(examination,
			is_noticed ? SEVERITY_ERROR : SEVERITY_WARNING,
			probe->hop->text, "",
			"%s calls itself %s, as this Postfix does: %s; where "
			"it is another system, give each a name of its own "
			"(myhostname), and if it is this one, mend the smart "
			"host in %s",
			who(name, probe), probe->asked.myhostname,
			is_noticed ? "mail bounces, \"loops back to myself\""
				   : "if it is this one, mail goes round "
				     "until it has passed too many hops",
			examination->config);
}

static void check_tls(
	struct examination *examination, const struct probe *probe)
{
	const struct smtp_trust *trust = &probe->asked.trust;
	char name[WHO_SIZE];

	if (probe->asked.tls_trouble[0] != '\0')
		check_found(examination, SEVERITY_ERROR, probe->hop->text, "",
			"%s must speak TLS%s, and %s: all its mail is "
			"deferred",
			who(name, probe),
			trust->is_verified
				? " with a certificate that is verified"
				: "",
			probe->asked.tls_trouble);
}

static void check_sender(
	struct examination *examination, const struct probe *probe)
{
	const struct smtp_said *said = &probe->asked.sender;
	char name[WHO_SIZE];

	if (is_class(said, 4))
		check_found(examination, SEVERITY_UNKNOWN, probe->hop->text, "",
			"%s can not be asked: at MAIL FROM: it answers %s",
			who(name, probe), said->text);
	else if (said->code != 0 && !is_class(said, 2))
		check_found(examination, SEVERITY_ERROR, probe->hop->text, "",
			"%s refuses the empty sender: notices of mail that "
			"could not be delivered are lost (RFC 5321 6.1); at "
			"MAIL FROM:<> it answers %s",
			who(name, probe), said->text);
}

static void check_listed(
	struct examination *examination, const struct probe *probe)
{
	const struct smtp_said *said = &probe->asked.to_known;
	char name[WHO_SIZE];

	if (said->code == 0 || is_class(said, 2))
		return;
	if (!is_class(said, 5))
		check_found(examination, SEVERITY_UNKNOWN, probe->hop->text, "",
			"%s takes %s later or never: it answers %s",
			who(name, probe), probe->asked.known, said->text);
	else
		check_found(examination, SEVERITY_ERROR, probe->hop->text, "",
			"%s refuses %s, whom a directory lists there: we "
			"accept the mail and bounce it; it answers %s",
			who(name, probe), probe->asked.known, said->text);
}

/* Somebody whom nobody has was taken. */
static void report_taken(struct examination *examination,
	const struct probe *probe, const struct domain *domain)
{
	const bool is_filtered = domain->filter == FILTER_DIRECTORIES;
	const char *of = domain->pattern.name.ascii;
	char name[WHO_SIZE];

	check_found(examination,
		is_filtered ? SEVERITY_WARNING : SEVERITY_ERROR,
		probe->hop->text, "",
		is_filtered
			? "%s takes mail for whom nobody has in %s, though its "
			  "unknowns is reject: whoever it has lost and a "
			  "directory still lists gets a bounce and the sender "
			  "no refusal; have it refuse unknown recipients at "
			  "RCPT"
			: "%s takes mail for whom nobody has in %s, though its "
			  "unknowns is reject: what is accepted there is "
			  "bounced to forged senders; have it refuse unknown "
			  "recipients at RCPT and set recipient-filter = "
			  "verify, or directories",
		who(name, probe), of);
}

static void check_unlisted(
	struct examination *examination, const struct probe *probe)
{
	const struct smtp_probe *asked = &probe->asked;
	char name[WHO_SIZE];

	for (size_t i = 0; i < asked->n_unknown; i++) {
		const struct smtp_said *said = &asked->to_unknown[i];

		if (is_class(said, 4))
			check_found(examination, SEVERITY_UNKNOWN,
				probe->hop->text, "",
				"whether %s refuses whom nobody has in %s is "
				"not to be known: it answers %s",
				who(name, probe),
				probe->domains[i]->pattern.name.ascii,
				said->text);
		else if (is_class(said, 2) &&
			probe->connector->unknowns == UNKNOWNS_REJECT)
			report_taken(examination, probe, probe->domains[i]);
	}
}

static void check_refuses(
	struct examination *examination, const struct probe *probe)
{
	const struct smtp_probe *asked = &probe->asked;
	char name[WHO_SIZE];

	if (probe->connector->unknowns == UNKNOWNS_REJECT)
		return;
	for (size_t i = 0; i < asked->n_unknown; i++)
		if (is_class(&asked->to_unknown[i], 5))
			check_found(examination, SEVERITY_WARNING,
				probe->hop->text, "",
				"%s refuses whom nobody has in %s, though its "
				"unknowns says that it hands them on: unknowns "
				"= reject would be the truth in %s; it answers "
				"%s",
				who(name, probe),
				probe->domains[i]->pattern.name.ascii,
				examination->config, asked->to_unknown[i].text);
}

static void check_utf8(
	struct examination *examination, const struct probe *probe)
{
	const struct smtp_probe *asked = &probe->asked;
	char name[WHO_SIZE];

	/* It came so far as to say what it offers. */
	if (probe->beyond_ascii != NULL && asked->sender.code != 0 &&
		!asked->has_utf8)
		check_found(examination, SEVERITY_WARNING, probe->hop->text, "",
			"%s does not offer SMTPUTF8, and a directory lists %s "
			"there: mail that was sent with SMTPUTF8 is accepted "
			"and then bounced (5.6.7); have the system offer it, "
			"or give such recipients ASCII addresses",
			who(name, probe), probe->beyond_ascii);
}

static void run_unreachable(struct examination *examination)
{
	each_probe(examination, check_unreachable);
}

static void run_ourselves(struct examination *examination)
{
	each_probe(examination, check_ourselves);
}

static void run_tls(struct examination *examination)
{
	each_probe(examination, check_tls);
}

static void run_sender(struct examination *examination)
{
	each_probe(examination, check_sender);
}

static void run_listed(struct examination *examination)
{
	each_probe(examination, check_listed);
}

static void run_unlisted(struct examination *examination)
{
	each_probe(examination, check_unlisted);
}

static void run_refuses(struct examination *examination)
{
	each_probe(examination, check_refuses);
}

static void run_utf8(struct examination *examination)
{
	each_probe(examination, check_utf8);
}

static const struct check checks[] = {
	{ "probe-unreachable", "each smart host can be asked",
		run_unreachable },
	{ "probe-ourselves", "no smart host has our name", run_ourselves },
	{ "probe-tls", "TLS is there where it must be", run_tls },
	{ "probe-sender", "the empty sender is taken", run_sender },
	{ "probe-listed", "listed recipients are taken", run_listed },
	{ "probe-unlisted", "whom nobody has is refused", run_unlisted },
	{ "probe-unknowns", "unknowns says what a system does", run_refuses },
	{ "probe-smtputf8", "SMTPUTF8 is there where it is needed", run_utf8 },
};

const struct check *check_probe(size_t index)
{
	return index < sizeof checks / sizeof checks[0] ? &checks[index] : NULL;
}
