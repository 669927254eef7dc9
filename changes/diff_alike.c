/*
 * Which recipients must have the same two answers, so that the resolver is
 * asked once for all of them.
 *
 * Told for a plain address alone: nothing of it can be an extension, so that
 * every step of the search (namespace/resolver.c) looks up this one key.
 * What the steps then find is written down in their order: a listing ends the
 * search; without one, without a contact and for no postmaster, the rest of
 * the search goes by the domain, but that a secondary domain's own name
 * starts it over with the same local part in the primary.  None of it goes by
 * the local part or, within one generation, by anything else.  So addresses
 * of one domain for which the same is written have the same answer, but for
 * the local part in the address that one is delivered to.
 */
#include "base/arena.h"
#include "base/text.h"
#include "changes/diff_private.h"
#include "snapshot/cdb_reader.h"

#include <string.h>

static bool is_plain(
	const struct diff_work *work, const char *local, size_t len)
{
	static const char postmaster[] = "postmaster";
	const char *first = work->sides[BEFORE].view->extension;
	const char *second = work->sides[AFTER].view->extension;

	for (size_t i = 0; i < len; i++)
		if (local[i] <= ' ' || local[i] >= 0x7f || local[i] == '"' ||
			strchr(first, local[i]) != NULL ||
			strchr(second, local[i]) != NULL)
			return false;
	return len != sizeof postmaster - 1 ||
		memcmp(local, postmaster, len) != 0;
}

/* False: there is one, or it can not be known. */
static bool is_no_contact(
	const struct diff_side *side, const char *key, struct arena *request)
{
	struct contact contact;

	return side->view->ops->directory_contact(
		       side->view, key, request, &contact) == LOOKUP_NONE;
}

static bool add_listing(
	struct text *out, const struct diff_side *side, const char *key)
{
	const struct cdb_reader *list = side->maps[DIFF_RECIPIENTS];
	const char *value;
	size_t len;

	if (list == NULL ||
		cdb_reader_find(list, key, &value, &len) != LOOKUP_FOUND)
		return false;
	text_add(out, "listed ", 7);
	text_add(out, value, len);
	return true;
}

/* The primary; NULL: the domain is not a secondary's own name. */
static const char *primary_of(const struct domain *owner, const char *domain)
{
	return owner->secondary_of != NULL &&
			strcmp(domain, owner->pattern.name.ascii) == 0
		? owner->secondary_of
		: NULL;
}

/* What the search finds in one generation. */
static bool add_side(struct text *out, struct diff_work *work,
	const struct diff_side *side, const char *key)
{
	const struct view *view = side->view;
	const char *domain = strrchr(key, '@') + 1;
	const struct domain *owner = NULL;
	struct contact contact;

	for (bool is_primary = false;; is_primary = true) {
		if (view->ops->contact(view, key, work->request, &contact) !=
			LOOKUP_NONE)
			return false;
		if (add_listing(out, side, key))
			return true;
		if (!is_no_contact(side, key, work->request) ||
			domain_find(&owner, view, domain) == LOOKUP_FAILED)
			return false;
		if (owner == NULL || owner->secondary_of == NULL)
			return true;
		const char *primary = primary_of(owner, domain);

		if (primary == NULL || is_primary)
			return false;
		text_add(out, "primary ", 8);
		key = arena_printf(work->request, "%.*s%s",
			(int)(strrchr(key, '@') + 1 - key), key, primary);
		domain = primary;
		owner = NULL;
	}
}

bool diff_alike_key(
	struct text *out, struct diff_work *work, const char *address)
{
	const char *at = strrchr(address, '@');

	text_clear(out);
	if (!is_plain(work, address, (size_t)(at - address)) ||
		!add_side(out, work, &work->sides[BEFORE], address))
		return false;
	text_add(out, "\t", 1);
	if (!add_side(out, work, &work->sides[AFTER], address))
		return false;
	text_adds(out, at);
	return true;
}
