/* Recipients are compared by their keys, and by a hash before. */
#include "verdicts/target.h"

#include "base/memory.h"
#include "base/text.h"
#include "verdicts/id_map.h"
#include "verdicts/log_address.h"

#include <stdlib.h>
#include <string.h>

static void target_fini(struct target *target)
{
	free(target->key);
	free(target->before);
}

void targets_fini(struct targets *targets)
{
	for (size_t i = 0; i < targets->n; i++)
		target_fini(&targets->all[i]);
	free(targets->all);
	memset(targets, 0, sizeof *targets);
}

uint64_t target_hash(const char *key)
{
	return id_map_hash(slice_of(key), slice_of(""));
}

static void add(struct targets *targets, const struct target *target)
{
	if (targets->n == targets->room) {
		targets->room = targets->room == 0 ? 2 : targets->room * 2;
		targets->all = memory_must(reallocarray(
			targets->all, targets->room, sizeof *targets->all));
	}
	targets->all[targets->n++] = *target;
}

char *target_key(const struct verdict_line *verdict)
{
	struct text value;

	text_init(&value);
	text_adds(&value, "");
	verdict_value(&value, verdict, FIELD_RECIPIENT);
	char *key = log_address_key((struct slice){ value.data, value.len });

	text_fini(&value);
	return key;
}

void targets_add_verdict(struct targets *targets, size_t wanted,
	const struct verdict_line *verdict)
{
	char *key = target_key(verdict);

	add(targets,
		&(struct target){ .wanted = wanted,
			.key = key,
			.hash = target_hash(key),
			.is_cut = verdict_is_cut(verdict, FIELD_RECIPIENT) });
}

void targets_add_behind(struct targets *targets, const struct target *target,
	const struct attempt *attempt)
{
	char *key = memory_must(strdup(attempt->to));

	add(targets,
		&(struct target){ .wanted = target->wanted,
			.key = key,
			.hash = target_hash(key),
			.before = fate_copy(attempt->fate) });
}

void targets_move(struct targets *to, struct targets *from)
{
	for (size_t i = 0; i < from->n; i++)
		add(to, &from->all[i]);
	from->n = 0;
	targets_fini(from);
}

void targets_add_refused(struct targets *targets, size_t wanted)
{
	add(targets, &(struct target){ .wanted = wanted });
}

void target_close(struct target *target)
{
	free(target->key);
	target->key = NULL;
}

bool target_is(const struct target *target, const char *key, uint64_t hash)
{
	if (target->key == NULL)
		return false;
	if (target->is_cut)
		return text_starts(key, target->key);
	return target->hash == hash && strcmp(target->key, key) == 0;
}
