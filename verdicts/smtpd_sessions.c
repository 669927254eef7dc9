/* A session ends with its client, so there are few at any time. */
#include "verdicts/smtpd_sessions.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct smtpd_sessions {
	struct id_map map;
};

struct smtpd_sessions *smtpd_sessions_open(void)
{
	struct smtpd_sessions *sessions =
		memory_must(calloc(1, sizeof *sessions));

	id_map_init(&sessions->map);
	return sessions;
}

static void session_close(struct smtpd_session *session)
{
	smtpd_session_clear_message(session);
	targets_fini(&session->waiting);
	targets_fini(&session->late);
	free(session->refused);
	free(session->whole);
	free(session->host);
	free(session);
}

void smtpd_sessions_close(struct smtpd_sessions **sessions)
{
	if (*sessions == NULL)
		return;
	for (size_t i = 0; i < (*sessions)->map.n_buckets; i++) {
		struct id_node *node = (*sessions)->map.buckets[i];

		while (node != NULL) {
			struct id_node *next = node->next;

			session_close((struct smtpd_session *)node);
			node = next;
		}
	}
	id_map_fini(&(*sessions)->map);
	free(*sessions);
	*sessions = NULL;
}

static uint64_t hash_of(struct slice host, const unsigned long *pid)
{
	return id_map_hash(
		host, (struct slice){ (const char *)pid, sizeof *pid });
}

struct smtpd_session *smtpd_session_find(
	struct smtpd_sessions *sessions, struct slice host, unsigned long pid)
{
	struct id_node *node =
		id_map_first(&sessions->map, hash_of(host, &pid));

	for (; node != NULL; node = id_map_next(node)) {
		struct smtpd_session *session = (struct smtpd_session *)node;

		if (session->pid == pid && slice_is(host, session->host))
			return session;
	}
	return NULL;
}

struct smtpd_session *smtpd_session_get(
	struct smtpd_sessions *sessions, struct slice host, unsigned long pid)
{
	struct smtpd_session *session = smtpd_session_find(sessions, host, pid);

	if (session != NULL)
		return session;
	session = memory_must(calloc(1, sizeof *session));
	session->host = memory_must(strndup(host.bytes, host.len));
	session->pid = pid;
	session->node.hash = hash_of(host, &pid);
	id_map_add(&sessions->map, &session->node);
	return session;
}

void smtpd_session_end(
	struct smtpd_sessions *sessions, struct smtpd_session *session)
{
	id_map_remove(&sessions->map, &session->node);
	session_close(session);
}

void smtpd_session_set_message(
	struct smtpd_session *session, struct message *message)
{
	smtpd_session_clear_message(session);
	if (message->session != NULL)
		*message->session = NULL;
	session->message = message;
	message->session = &session->message;
	targets_move(&message->targets, &session->waiting);
	if (session->whole != NULL)
		message_set_whole(message, session->whole);
	session->whole = NULL;
}

void smtpd_session_clear_message(struct smtpd_session *session)
{
	if (session->message != NULL)
		session->message->session = NULL;
	session->message = NULL;
}
