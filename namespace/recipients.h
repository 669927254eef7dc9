/*
 * The union of what all directories list, in memory, with who said so.
 * The first directory of the configuration wins; the others are conflicts.
 */
#ifndef NAMESPACE_RECIPIENTS_H
#define NAMESPACE_RECIPIENTS_H

#include "namespace/directory.h"

/*
 * target NULL: a mailbox; else a contact that the directory brought.  One
 * that stands for itself says that its system knows the name and has no
 * mailbox of it: it vouches for nobody.
 */
struct recipient {
	const char *key;
	const char *domain; /* within key, after its last @; "" without one */
	const char *target;
	const struct directory *directory;
	const char *origin; /* a line, a row, a DN; within the source */
	struct recipient *next; /* the same key in a later directory */
};

/* A contact that stands for itself. */
bool recipient_is_elsewhere(const struct recipient *recipient);

struct recipients;

struct recipients *recipients_open(void);
void recipients_close(struct recipients **recipients);

/*
 * Copies nothing: list and its texts must live as long as the recipients,
 * and each next is NULL.  Take the directories in the order of the
 * configuration; the same key twice within one directory is one recipient,
 * the first, but a mailbox before a contact.
 *
 * Of a large first list keys are made ready to be found by another thread:
 * until the next call of recipients_take(), recipients_find() or
 * recipients_close() this process must not fork, and a key that is in the
 * list twice counts twice.
 */
void recipients_take(
	struct recipients *recipients, struct recipient *list, size_t count);
/* Memory that lives as long as the recipients: memory_unmap() at close. */
void recipients_keep(struct recipients *recipients, void *memory, size_t size);

size_t recipients_count(const struct recipients *recipients);
/* Distinct keys in order of arrival; index < recipients_count(). */
const struct recipient *recipients_get(
	const struct recipients *recipients, size_t index);
/* NULL when nobody lists it. */
const struct recipient *recipients_find(
	const struct recipients *recipients, const char *key);

#endif
