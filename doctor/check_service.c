/* The first law: policyd may be away, and nothing worse comes of it. */
#include "doctor/check_service.h"

#include "doctor/checks.h"

static const struct check checks[] = {
	{ "policy-asked", "smtpd asks policyd", service_is_asked },
	{ "policy-before-guard",
		"policyd is not asked before reject_unauth_destination",
		service_is_behind_guard },
	{ "policy-behind-permit", "policyd is asked about insiders too",
		service_is_before_permits },
	{ "policy-elsewhere", "policyd is asked once a recipient",
		service_is_nowhere_else },
	{ "recipient-access", "recipient_access is asked behind policyd",
		service_access_is_asked },
	{ "policy-syntax", "smtpd understands each policy service",
		service_options_are_understood },
	{ "policy-default", "policyd away means DUNNO",
		service_default_is_safe },
	{ "policy-others", "no other policy service away lets anybody relay",
		service_others_are_safe },
	{ "policy-timeout", "policyd hung costs seconds",
		service_timeout_is_short },
	{ "policy-tries", "a broken stream is replaced",
		service_is_tried_twice },
	{ "relay-guard", "strangers can not relay",
		service_relays_are_guarded },
	{ "listener-asks", "each smtpd asks policyd", service_listeners_ask },
	{ "listener-unknowns", "each smtpd refuses unknown recipients",
		service_unknowns_are_refused },
	{ "spawn-limit", "each smtpd has its policyd",
		service_spawn_is_unlimited },
	{ "spawn-user", "spawn may run as its user",
		service_spawn_user_is_allowed },
	{ "spawn-group", "spawn's user reads the state folder",
		service_spawn_user_reads },
	{ "spawn-owner", "spawn's user owns no maps",
		service_spawn_user_owns_nothing },
	{ "spawn-program", "spawn's program can be run", service_spawn_runs },
	{ "spawn-state", "policyd reads this state folder",
		service_spawn_state_is_ours },
	{ "spawn-time-limit", "policyd lives as long as its smtpd",
		service_spawn_lives_long },
	{ "policy-chroot", "smtpd finds the socket in its jail",
		service_is_in_the_jail },
	{ "policy-socket", "smtpd can connect to policyd", service_is_reached },
	{ "policy-answer", "policyd answers as the maps do", service_answers },
};

const struct check *check_service(size_t index)
{
	return index < sizeof checks / sizeof *checks ? &checks[index] : NULL;
}
