/*
 * Active Directory compares names without case and without accents, so what
 * is not ASCII is replaced and told apart by the digest.  A digest stands
 * behind a blank in a Name and behind "-" in an Alias, both made of nothing
 * but the address: a list made tomorrow has the same ones.
 */
#include "transport-map-gen/contact_name.h"

#include "base/arena.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { DIGEST_LEN = 12 };

/* What New-MailContact takes in an Alias, less what PowerShell reads as its
   own and directory synchronisation leaves out ($ & ' ` { | }). */
static const char ALIAS_CHARACTERS[] = "abcdefghijklmnopqrstuvwxyz"
				       "0123456789!#%*+-/=?^_~";

static bool is_formula(const char *text)
{
	return text[0] != '\0' && strchr("=+-@", text[0]) != NULL;
}

/* 48 bits of FNV-1a. */
static const char *digest(const char *address, struct arena *arena)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (const char *at = address; *at != '\0'; at++)
		hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
	return arena_printf(arena, "%0*" PRIx64, DIGEST_LEN,
		(hash ^ hash >> 48) & UINT64_C(0xffffffffffff));
}

/* A copy of at most CONTACT_NAME_MAX bytes with a digest; "_" first where a
   spreadsheet would see a formula. */
static const char *with_digest(const char *text, const char *address,
	const char *separator, struct arena *arena)
{
	const char *const mark = is_formula(text) ? "_" : "";
	const int room = CONTACT_NAME_MAX - DIGEST_LEN - 2;

	return arena_printf(arena, "%s%.*s%s%s", mark, room, text, separator,
		digest(address, arena));
}

const char *contact_name(const char *address, struct arena *arena)
{
	char *name = arena_strdup(arena, address);
	bool is_plain =
		strlen(address) <= CONTACT_NAME_MAX && !is_formula(address);

	for (char *at = name; *at != '\0'; at++) {
		if (*at >= ' ' && *at < 0x7f)
			continue;
		*at = '_';
		is_plain = false;
	}
	return is_plain ? name : with_digest(name, address, " ", arena);
}

const char *contact_display_name(const char *address, struct arena *arena)
{
	return is_formula(address) ? contact_name(address, arena) : address;
}

/* No dot first, last or beside another. */
static bool has_stray_dot(const char *text)
{
	const size_t len = strlen(text);

	return text[0] == '.' || (len > 0 && text[len - 1] == '.') ||
		strstr(text, "..") != NULL;
}

const char *contact_alias(
	const char *address, bool is_shared, struct arena *arena)
{
	const size_t len = (size_t)(strrchr(address, '@') - address);
	char *alias = arena_strndup(arena, address, len);
	const bool has_bad_dots = has_stray_dot(alias);
	bool is_plain = !is_shared && len > 0 && len <= CONTACT_NAME_MAX &&
		!is_formula(alias);

	for (char *at = alias; *at != '\0'; at++) {
		if (strchr(ALIAS_CHARACTERS, *at) != NULL ||
			(*at == '.' && !has_bad_dots))
			continue;
		*at = '_';
		is_plain = false;
	}
	return is_plain ? alias : with_digest(alias, address, "-", arena);
}
