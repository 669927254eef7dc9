/*
 * The words of verdicts and reasons, and what Postfix is told.  Always a
 * keyword or a full "NNN X.Y.Z text" (SMTPD_POLICY_README, access(5)): to
 * Postfix a bare number or an empty action means leave to go on, OK would
 * skip later checks, REJECT would say 554, DEFER_IF_PERMIT would be
 * overtaken by Postfix's own 550.  Codes after RFC 3463.
 */
#include "namespace/resolver.h"

bool verdict_takes(enum verdict verdict)
{
	return verdict == VERDICT_ACCEPT || verdict == VERDICT_RELAY;
}

const char *verdict_format(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_ACCEPT: return "accept";
	case VERDICT_RELAY: return "relay";
	case VERDICT_REJECT: return "reject";
	case VERDICT_DEFER: return "defer";
	case VERDICT_PASS: return "pass";
	}
	return "";
}

const char *reason_format(enum reason reason)
{
	switch (reason) {
	case REASON_LISTED: return "listed";
	case REASON_CONTACT: return "contact";
	case REASON_POSTMASTER: return "postmaster";
	case REASON_SECONDARY: return "secondary";
	case REASON_CATCH_ALL: return "catch-all";
	case REASON_UNLISTED: return "unlisted";
	case REASON_VERIFY: return "verify";
	case REASON_UNKNOWN: return "unknown";
	case REASON_DIRECTORY_STALE: return "directory-stale";
	case REASON_LOOP: return "loop";
	case REASON_NOT_OURS: return "not-ours";
	case REASON_NOT_AN_ADDRESS: return "not-an-address";
	case REASON_LOOKUP_FAILED: return "lookup-failed";
	}
	return "";
}

static const char *rejection(enum reason reason)
{
	if (reason == REASON_LOOP)
		return "550 5.4.6 Mail loop: the system that hands us this "
		       "recipient is the one that we would hand it to";
	return "550 5.1.1 User unknown: no directory of this domain lists "
	       "the address";
}

static const char *deferral(enum reason reason)
{
	if (reason == REASON_DIRECTORY_STALE)
		return "450 4.3.0 A directory that may list the address can "
		       "not be asked now, try again later";
	return "450 4.3.0 The address can not be looked up now, try again "
	       "later";
}

const char *reply_format(const struct resolution *resolution)
{
	switch (resolution->verdict) {
	case VERDICT_REJECT: return rejection(resolution->reason);
	case VERDICT_DEFER: return deferral(resolution->reason);
	case VERDICT_RELAY:
	case VERDICT_ACCEPT:
		if (resolution->reason == REASON_VERIFY)
			return "reject_unverified_recipient";
		return "DUNNO";
	case VERDICT_PASS: return "DUNNO";
	}
	return "DUNNO";
}
