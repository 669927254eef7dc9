/*
 * A log has many transactions of few processes: what was judged in one swaps
 * its memory with the one before.  Lists are short, so they are searched.
 */
#include "changes/smtpd_process.h"

#include "base/memory.h"

#include <stdlib.h>

void observed_list_add(struct observed_list *list, struct observed *observed)
{
	if (list->n == list->room) {
		list->room = list->room == 0 ? 2 : list->room * 2;
		list->all = memory_must(
			reallocarray(list->all, list->room, sizeof *list->all));
	}
	list->all[list->n++] = observed;
}

void observed_list_fini(struct observed_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		observed_close(&list->all[i]);
	free(list->all);
	*list = (struct observed_list){ .n = 0 };
}

static uint64_t hash_of(const char *key)
{
	return id_map_hash(slice_of(key), slice_of(""));
}

void judged_add(struct judged *judged, const char *key)
{
	if (judged->n == judged->room) {
		judged->room = judged->room == 0 ? 2 : judged->room * 2;
		judged->hashes = memory_must(reallocarray(
			judged->hashes, judged->room, sizeof *judged->hashes));
	}
	judged->hashes[judged->n++] = hash_of(key);
}

bool judged_take(struct judged *judged, const char *key)
{
	const uint64_t hash = hash_of(key);

	for (size_t i = judged->n; i > 0; i--) {
		if (judged->hashes[i - 1] != hash)
			continue;
		judged->hashes[i - 1] = judged->hashes[--judged->n];
		return true;
	}
	return false;
}

static struct smtpd_process *find(const struct id_map *map, struct slice host,
	unsigned long pid, uint64_t hash)
{
	struct id_node *node = id_map_first(map, hash);

	while (node != NULL) {
		struct smtpd_process *process = (struct smtpd_process *)node;

		if (process->pid == pid && slice_is(host, process->host))
			return process;
		node = id_map_next(node);
	}
	return NULL;
}

struct smtpd_process *smtpd_process_get(
	struct id_map *map, struct slice host, unsigned long pid)
{
	const uint64_t hash = id_map_hash(
		host, (struct slice){ (const char *)&pid, sizeof pid });
	struct smtpd_process *process = find(map, host, pid, hash);

	if (process != NULL)
		return process;
	process = memory_must(calloc(1, sizeof *process));
	process->node.hash = hash;
	process->host = memory_must(strndup(host.bytes, host.len));
	process->pid = pid;
	id_map_add(map, &process->node);
	return process;
}

void smtpd_process_forget(struct id_map *map, struct smtpd_process *process)
{
	id_map_remove(map, &process->node);
	observed_list_fini(&process->waiting);
	observed_list_fini(&process->late);
	observed_close(&process->refused);
	free(process->judged.hashes);
	free(process->judged_late.hashes);
	free(process->queue_id);
	free(process->host);
	free(process);
}

struct smtpd_process *smtpd_process_any(
	const struct id_map *map, size_t *bucket)
{
	while (*bucket < map->n_buckets && map->buckets[*bucket] == NULL)
		++*bucket;
	return *bucket < map->n_buckets
		? (struct smtpd_process *)map->buckets[*bucket]
		: NULL;
}

void smtpd_process_set_queue_id(
	struct smtpd_process *process, struct slice queue_id)
{
	char *copy = queue_id.len == 0
		? NULL
		: memory_must(strndup(queue_id.bytes, queue_id.len));

	free(process->queue_id);
	process->queue_id = copy;
}

void smtpd_process_shift(struct smtpd_process *process)
{
	const struct judged before = process->judged_late;

	observed_list_fini(&process->late);
	process->late = process->waiting;
	process->waiting = (struct observed_list){ .n = 0 };
	process->judged_late = process->judged;
	process->judged = before;
	process->judged.n = 0;
}
