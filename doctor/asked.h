/* Which of the policy services that smtpd(8) asks is policyd. */
#ifndef DOCTOR_ASKED_H
#define DOCTOR_ASKED_H

#include "doctor/checks.h"
#include "doctor/policy_service.h"
#include "doctor/smtpd_lists.h"

struct asked {
	const char *endpoint; /* as asked_endpoint() has it; never NULL */
	const struct service *spawn; /* that runs it; NULL = none does */
	bool is_asked; /* in any list */
};

/*
 * The one that spawn(8) runs, else private/policyd, else one whose socket is
 * a "policyd" or has "postshare" in its name, else the only one that is asked
 * at all, else the one with recipient_access behind it; where none is,
 * private/policyd is meant.
 */
void asked_find(struct asked *out, const struct examination *examination);
/* What is to be seen in one list; main.cf's or a service's own. */
typedef void asked_check(struct examination *examination,
	const struct asked *asked, const struct smtpd_list *list);
/* Every list of that name. */
void asked_each(
	struct examination *examination, const char *name, asked_check *check);
/* Every list of whatever name. */
void asked_each_name(struct examination *examination, asked_check *check);
/* With a socket below the queue folder written relative to it. */
const char *asked_endpoint(
	const struct examination *examination, const char *endpoint);
/* Where the list asks it and heeds it; count where it does not. */
size_t asked_place(const struct asked *asked, const struct restrictions *list,
	const struct examination *examination);
/* The argument there, understood. */
void asked_parse(struct policy_service *out, const struct restrictions *list,
	size_t place, const struct examination *examination);

#endif
