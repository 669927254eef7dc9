/*
 * The processes of smtpd(8), each in one transaction at a time, and what was
 * observed in it before its message had a name.
 */
#ifndef CHANGES_SMTPD_PROCESS_H
#define CHANGES_SMTPD_PROCESS_H

#include "changes/observed.h"
#include "verdicts/id_map.h"
#include "verdicts/transaction.h"

/* Owned; of one transaction. */
struct observed_list {
	struct observed **all;
	size_t n, room;
};

void observed_list_add(struct observed_list *list, struct observed *observed);
void observed_list_fini(struct observed_list *list);

/* Whom verdicts spoke of, by the hashes of their keys. */
struct judged {
	uint64_t *hashes;
	size_t n, room;
};

/* key: by log_address_key() */
void judged_add(struct judged *judged, const char *key);
/* A refusal uses up the verdict that it followed from; false: there is none. */
bool judged_take(struct judged *judged, const char *key);

struct smtpd_process {
	struct id_node node;
	char *host;
	unsigned long pid;
	char instance[INSTANCE_MAX + 1]; /* "" = none yet */
	struct began began;
	int64_t entered_us; /* when the first verdict of it was logged */
	char *queue_id; /* NULL: its message has no name yet */
	struct observed_client client;
	struct observed_list waiting; /* for the name of the message */
	struct judged judged;
	/* Of the transaction before. */
	struct observed_list late;
	struct judged judged_late;
	struct observed *refused; /* no verdict has covered it yet; or NULL */
};

/* Start with id_map_init(). */
struct smtpd_process *smtpd_process_get(
	struct id_map *map, struct slice host, unsigned long pid);
void smtpd_process_forget(struct id_map *map, struct smtpd_process *process);
/* Any of them, from *bucket on, which starts with 0; NULL: there is none. */
struct smtpd_process *smtpd_process_any(
	const struct id_map *map, size_t *bucket);

/* "" = it has no name. */
void smtpd_process_set_queue_id(
	struct smtpd_process *process, struct slice queue_id);
/* The transaction that follows: what waits is late from now on. */
void smtpd_process_shift(struct smtpd_process *process);

#endif
