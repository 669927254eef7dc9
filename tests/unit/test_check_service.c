/*
 * Lists of restrictions, options and listeners, sentence by sentence; how
 * policyd is run and what it answers is of tests/e2e.
 */
#include "tests/unit/findings_case.h"
#include "tests/unit/postconf_case.h"
#include "tests/unit/unit_main.h"

#define ASKS(options) \
	"check_policy_service { unix:private/policyd, " options " }"
#define POLICYD ASKS("default_action=DUNNO, timeout=5s")
#define ACCESS "check_recipient_access cdb:/state/current/recipient_access"
#define GUARD "reject_unauth_destination"
#define RELAY "smtpd_relay_restrictions = "
#define RECIPIENT "smtpd_recipient_restrictions = "
#define SOUND_RELAY RELAY "permit_mynetworks, " GUARD "\n"
#define SOUND_RECIPIENT RECIPIENT POLICYD ", " ACCESS ", permit_mynetworks\n"

#define ASKED(options) SOUND_RELAY RECIPIENT ASKS(options) ", " ACCESS "\n"

#define NO_GUARD \
	"reject_unauth_destination does not stand there, or behind a permit: " \
	"strangers can relay to anywhere, or one answer of a policy service " \
	"is enough for it\n"

static const struct {
	const char *name, *lines; /* of main.cf */
	const char *override; /* of submission, in master.cf; NULL = none */
	const char *says;
} CASES[] = {
	{ "sound", SOUND_RELAY SOUND_RECIPIENT, NULL, "" },
	{ "nowhere", SOUND_RELAY RECIPIENT ACCESS "\n", NULL,
		"warning policy-asked smtpd_recipient_restrictions: smtpd asks "
		"no policyd there: loops are not stopped, no reply says why, "
		"and no verdict is logged\n"
		"    postconf -e 'smtpd_recipient_restrictions = " POLICYD
		", " ACCESS "'\n" },
	{ "instead of the guard",
		RELAY "permit_mynetworks, " POLICYD "\n" RECIPIENT POLICYD
		      ", " ACCESS "\n",
		NULL,
		"error policy-before-guard smtpd_relay_restrictions: policyd "
		"is asked before reject_unauth_destination: any answer that "
		"permits would make an open relay; it belongs in "
		"smtpd_recipient_restrictions\n"
		"    postconf -e 'smtpd_relay_restrictions = "
		"permit_mynetworks, " GUARD "'\n"
		"error relay-guard smtpd_relay_restrictions: " NO_GUARD
		"    postconf -e 'smtpd_relay_restrictions = "
		"permit_mynetworks, " GUARD "'\n" },
	{ "the guard in the other list, behind policyd",
		RELAY "permit_mynetworks\n" RECIPIENT POLICYD ", " ACCESS
		      ", " GUARD "\n",
		NULL,
		"error relay-guard smtpd_relay_restrictions: " NO_GUARD
		"    postconf -e 'smtpd_relay_restrictions = "
		"permit_mynetworks, " GUARD "'\n" },
	{ "the guard in the other list, before policyd",
		RELAY "\n" RECIPIENT GUARD ", " POLICYD ", " ACCESS "\n", NULL,
		"" },
	{ "no time limit", ASKED("default_action=DUNNO, timeout=0"), NULL,
		"warning policy-timeout smtpd_recipient_restrictions: the "
		"timeout is 0: a policyd that hangs costs twice that and one "
		"second for each recipient; 5s is plenty\n"
		"    postconf -e 'smtpd_recipient_restrictions = " POLICYD
		", " ACCESS "'\n" },
	{ "as long as may be", ASKED("default_action=DUNNO, timeout=10s"), NULL,
		"" },
	{ "a number permits", ASKED("default_action=550, timeout=5s"), NULL,
		"error policy-default smtpd_recipient_restrictions: with "
		"policyd away, default_action=550 lets everybody past the "
		"restrictions behind it; DUNNO leaves it to the maps, which "
		"are right\n"
		"    postconf -e 'smtpd_recipient_restrictions = " POLICYD
		", " ACCESS "'\n" },
	{ "a reply refuses",
		ASKED("{ default_action = 451 4.3.5 away }, timeout=5s"), NULL,
		"error policy-default smtpd_recipient_restrictions: with "
		"policyd away, default_action is \"451 4.3.5 away\" for every "
		"recipient; DUNNO leaves it to the maps, which are right\n"
		"    postconf -e 'smtpd_recipient_restrictions = " POLICYD
		", " ACCESS "'\n" },
	{ "a word that permits", ASKED("default_action=relay, timeout=5s"),
		NULL,
		"error policy-default smtpd_recipient_restrictions: with "
		"policyd away, default_action=relay lets everybody past the "
		"restrictions behind it; DUNNO leaves it to the maps, which "
		"are right\n"
		"    postconf -e 'smtpd_recipient_restrictions = " POLICYD
		", " ACCESS "'\n" },
	{ "a listener without", SOUND_RELAY SOUND_RECIPIENT,
		RECIPIENT "permit_sasl_authenticated, reject",
		"warning listener-asks submission/inet/"
		"smtpd_recipient_restrictions: this listener has a list of its "
		"own, without policyd: what comes in there is not judged, and "
		"typing errors are no refusals but bounces\n"
		"    postconf -PX 'submission/inet/"
		"smtpd_recipient_restrictions'\n" },
	{ "unknowns", SOUND_RELAY SOUND_RECIPIENT,
		"receive_override_options = no_unknown_recipient_checks, "
		"no_milters",
		"error listener-unknowns submission/inet/"
		"receive_override_options: no_unknown_recipient_checks: "
		"recipients whom nobody has are accepted there, and their mail "
		"bounces to senders who may be forged\n"
		"    postconf -Pe 'submission/inet/"
		"receive_override_options=no_milters'\n" },
};

/* Without those of the line that runs policyd, and of asking it. */
static const struct check *checks_of_lists(size_t index)
{
	const struct check *check = check_service(index);

	return strcmp(check->id, "spawn-limit") == 0 ? NULL : check;
}

START_TEST(lists_are_judged)
{
	struct postconf_case p;

	postconf_case_open(&p);
	if (CASES[_i].override != NULL)
		setenv("OVERRIDES",
			arena_printf(p.arena, "submission/inet/%s",
				CASES[_i].override),
			1);
	struct instance *instance =
		postconf_case_read(&p, CASES[_i].lines, CASES[_i].lines,
			"smtp inet n - n - - smtpd\n"
			"submission inet n - n - - smtpd\n");

	findings_case_expect(CASES[_i].name,
		findings_case_run(&(struct examination){ .instance = instance,
					  .config = "namespace.conf",
					  .state = "/state",
					  .arena = p.arena },
			checks_of_lists),
		CASES[_i].says);
	instance_close(&instance);
	postconf_case_close(&p);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, lists_are_judged, 0, COUNT(CASES));
	return unit_run(suite_create("check_service"), tcase);
}
