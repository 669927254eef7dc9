/*
 * What smtpd meets when it asks.  Under spawn(8) it is master(8) that makes
 * the socket, so where this Postfix does not run there is nothing to ask.
 */
#include "base/arena.h"
#include "base/text.h"
#include "doctor/asked.h"
#include "doctor/check_service.h"
#include "doctor/fix.h"
#include "doctor/policy_socket.h"
#include "namespace/resolver.h"
#include "snapshot/generation.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* RFC 2606: no namespace has it. */
#define OUTSIDER "postshare-doctor@outside.invalid"

static const char *queue_of(const struct examination *examination)
{
	const char *queue =
		instance_value(examination->instance, "queue_directory");

	return queue == NULL ? "/" : queue;
}

/* master(8) holds a lock on its pid file as long as it lives. */
static bool is_running(const struct examination *examination)
{
	const char *path = arena_printf(
		examination->arena, "%s/pid/master.pid", queue_of(examination));
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == EACCES;
	const bool is_locked = flock(fd, LOCK_SH | LOCK_NB) != 0;

	close(fd);
	return is_locked;
}

/* One that runs this list in a jail; NULL: none does. */
static const struct service *find_jailed(
	const struct instance *instance, const struct smtpd_list *list)
{
	for (size_t i = 0; i < instance_n_services(instance); i++) {
		const struct service *service = instance_service(instance, i);
		const bool runs_it = list->service == NULL
			? !instance_service_overrides(
				  instance, service, list->name)
			: list->service == service;

		if (runs_it && service->is_chrooted &&
			strcmp(service->command, "smtpd") == 0)
			return service;
	}
	return NULL;
}

/* The same list, with the socket relative to the queue folder. */
static const char *fix_endpoint(const struct smtpd_list *list, size_t at,
	const struct examination *examination)
{
	struct arena *arena = examination->arena;
	const char *argument = list->run.words[at + 1];
	const size_t place = restrictions_find(&list->written, argument, 0);
	struct restrictions words = place < list->written.count ? list->written
								: list->run;
	struct policy_service service;

	policy_service_parse(&service, argument, arena);
	service.endpoint = asked_endpoint(examination, service.endpoint);
	if (text_starts(service.endpoint, "unix:/"))
		return "";
	const char *mended = service.n_options == 0
		? service.endpoint
		: policy_service_format(&service, arena);
	const struct restrictions with = { &mended, 1 };

	restrictions_replace(&words,
		place < list->written.count ? place : at + 1, 1, &with, arena);
	return fix_set(list->service, list->name,
		restrictions_format(&words, arena), arena);
}

static void check_jail(struct examination *examination,
	const struct asked *asked, const struct smtpd_list *list)
{
	const size_t at = asked_place(asked, &list->run, examination);
	const struct service *jailed = find_jailed(examination->instance, list);
	struct policy_service service;

	if (jailed == NULL || at + 1 >= list->run.count)
		return;
	asked_parse(&service, &list->run, at, examination);
	if (!text_starts(service.endpoint, "unix:/"))
		return;
	check_found(examination, SEVERITY_ERROR, list->subject,
		fix_endpoint(list, at, examination),
		"smtpd of %s/%s is chrooted and finds no %s in its jail, %s: "
		"let policyd listen below that folder, and write the path "
		"relative to it",
		jailed->name, jailed->type, service.endpoint,
		queue_of(examination));
}

void service_is_in_the_jail(struct examination *examination)
{
	asked_each(examination, SMTPD_RECIPIENT_LIST, check_jail);
}

/* False where there is nothing to ask. */
static bool ask(struct policy_answer *out, struct asked *asked,
	const char *recipient, const struct examination *examination)
{
	const char *owner = instance_value(examination->instance, "mail_owner");

	asked_find(asked, examination);
	if (!asked->is_asked ||
		(asked->spawn != NULL && !is_running(examination)))
		return false;
	policy_socket_ask(out, asked->endpoint, queue_of(examination),
		owner == NULL ? "postfix" : owner, recipient);
	return true;
}

static const char *fix_owner(
	const struct asked *asked, const struct examination *examination)
{
	struct arena *arena = examination->arena;
	const char *path = strchr(asked->endpoint, ':');
	const char *owner = instance_value(examination->instance, "mail_owner");

	assert(path != NULL);
	path++;
	if (path[0] != '/')
		path = arena_printf(
			arena, "%s/%s", queue_of(examination), path);
	return arena_printf(arena, "chown %s %s\nchmod u+rw %s",
		fix_quote(owner == NULL ? "postfix" : owner, arena),
		fix_quote(path, arena), fix_quote(path, arena));
}

static void found_missing(
	struct examination *examination, const struct asked *asked)
{
	if (asked->spawn == NULL)
		check_found(examination, SEVERITY_ERROR, asked->endpoint, "",
			"there is no such socket, so smtpd asks nobody and "
			"loses a second at each recipient: start policyd, "
			"which makes it");
	else
		check_found(examination, SEVERITY_ERROR, asked->endpoint,
			"postfix reload",
			"there is no such socket, so smtpd asks nobody and "
			"loses a second at each recipient: Postfix does not "
			"know of the service yet, or its socket was removed, "
			"which only a restart mends");
}

void service_is_reached(struct examination *examination)
{
	struct policy_answer answer;
	struct asked asked;

	if (!ask(&answer, &asked, NULL, examination))
		return;
	switch (answer.reach) {
	case POLICY_MISSING: found_missing(examination, &asked); break;
	case POLICY_FORBIDDEN:
		check_found(examination, SEVERITY_ERROR, asked.endpoint,
			fix_owner(&asked, examination),
			"smtpd, which runs as the mail owner, may not connect "
			"to it, and loses a second at each recipient; give "
			"policyd --mode 0666, or its unit SocketUser=postfix, "
			"so that it stays mended");
		break;
	case POLICY_DEAD:
		check_found(examination, SEVERITY_ERROR, asked.endpoint, "",
			"nobody listens there, and smtpd loses a second at "
			"each recipient: start policyd");
		break;
	case POLICY_UNKNOWN:
		check_found(examination, SEVERITY_UNKNOWN, asked.endpoint, "",
			"only root can tell whether smtpd can connect to it");
		break;
	case POLICY_ANSWERED:
	case POLICY_SILENT: break;
	}
}

/* Somebody whom nobody lists, and what is to be said of him. */
struct stranger {
	const struct examination *examination;
	const char *recipient; /* NULL until one is refused for good */
	const char *reply;
};

/* False, which ends the walk, where that domain refuses him. */
static bool try_domain(void *context, const struct domain *domain)
{
	struct stranger *stranger = context;
	const struct examination *examination = stranger->examination;

	/* Strangers are refused there before policyd is asked. */
	if (!domain->is_enabled || domain->is_trusted_only)
		return true;
	const char *recipient = arena_printf(examination->arena,
		"postshare-doctor@%s", domain->pattern.name.ascii);
	const struct question question = { .recipient = recipient,
		.len = strlen(recipient),
		.now = examination->now };
	struct resolution resolution;

	resolve(&resolution, generation_view(examination->published), &question,
		NULL, examination->arena);
	if (resolution.verdict != VERDICT_REJECT ||
		resolution.reason != REASON_UNKNOWN)
		return true;
	stranger->recipient = recipient;
	stranger->reply = reply_format(&resolution);
	return false;
}

/* Where it is policyd that answers: whether by the same generation. */
static void check_judgement(struct examination *examination)
{
	struct stranger stranger = { .examination = examination };
	struct policy_answer answer;
	struct asked asked;

	if (examination->published == NULL)
		return;
	generation_walk_domains(
		examination->published, try_domain, &stranger, NULL);
	if (stranger.recipient == NULL ||
		!ask(&answer, &asked, stranger.recipient, examination) ||
		answer.reach != POLICY_ANSWERED ||
		strcmp(answer.action, stranger.reply) == 0)
		return;
	if (strcmp(answer.action, "DUNNO") == 0)
		check_found(examination, SEVERITY_WARNING, asked.endpoint, "",
			"it does not refuse %s, as generation %lu does: it "
			"runs with --shadow, reads another state folder, or "
			"can not open what is published",
			stranger.recipient,
			generation_number(examination->published));
	else if (!text_starts(answer.action, "550 5.1.1"))
		check_found(examination, SEVERITY_ERROR, asked.endpoint, "",
			"of %s it says \"%s\", but \"%s\" by generation %lu: "
			"it reads another state folder, or can not open what "
			"is published",
			stranger.recipient, answer.action, stranger.reply,
			generation_number(examination->published));
}

void service_answers(struct examination *examination)
{
	struct policy_answer answer;
	struct asked asked;

	if (!ask(&answer, &asked, OUTSIDER, examination))
		return;
	if (answer.reach == POLICY_SILENT)
		check_found(examination, SEVERITY_ERROR, asked.endpoint, "",
			"it takes the connection and gives no answer: look "
			"into the mail log for what policyd, or spawn, says");
	else if (answer.reach == POLICY_ANSWERED &&
		strcmp(answer.action, "DUNNO") != 0)
		check_found(examination, SEVERITY_ERROR, asked.endpoint, "",
			"asked for a recipient of nobody's it says \"%s\" and "
			"not DUNNO: that is not policyd, or not of this "
			"namespace",
			answer.action);
	else if (answer.reach == POLICY_ANSWERED)
		check_judgement(examination);
}
