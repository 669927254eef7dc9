/*
 * What kind of recipient an object of a directory service is, by the name
 * that counts are kept under, and by what follows from it.
 */
#ifndef DIRECTORY_OBJECT_CLASS_H
#define DIRECTORY_OBJECT_CLASS_H

#include <stdbool.h>

struct arena;
struct object;
struct object_value;

/* The first value of that name, in any case; false where there is none. */
bool object_first(const struct object *object, const char *name,
	struct object_value *out);

/*
 * Exchange's name for it where has_exchange and msExchRecipientTypeDetails
 * has one ("SharedMailbox"), else the most derived object class known here,
 * else the first that is no mere addition; "object" where there is none.
 * May live in the arena.
 */
const char *object_class(
	const struct object *object, bool has_exchange, struct arena *arena);
/* A group, dynamic group or public folder. */
bool object_is_group(const struct object *object);
/*
 * One that Exchange disables the account of by itself: a shared, room,
 * equipment, linked or system mailbox.
 */
bool object_has_disabled_account(
	const struct object *object, struct arena *arena);

#endif
