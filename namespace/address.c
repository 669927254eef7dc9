/*
 * The key must be the text that Postfix asks its maps for first: folded,
 * the local part quoted by its rule (quote_822_local(3), 8-bit clean), the
 * extension split off by its rule (split_addr(3)), each half quoted anew.
 * Splitting works on the unquoted local part, as there.  What comes from a
 * client is taken as it is; what an operator writes is held to RFC 5321 and
 * 6531 first, so that a list does not promise an address no client can send.
 */
#include "namespace/address.h"

#include "base/arena.h"
#include "base/text.h"
#include "namespace/domain_name.h"
#include "namespace/fold.h"
#include "namespace/network.h"

#include <string.h>
#include <strings.h>

enum {
	LOCAL_MAX = 64,
	/* Longer than any address in any spelling; short enough to echo. */
	SPELLING_MAX = 800,
};

static const bool is_special[256] = {
	[' '] = true,
	['('] = true,
	[')'] = true,
	['<'] = true,
	['>'] = true,
	['@'] = true,
	[','] = true,
	[';'] = true,
	[':'] = true,
	['\\'] = true,
	['"'] = true,
	['['] = true,
	[']'] = true,
};

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == '\x7f';
}

/* Where a dot-string will not do. */
static bool wants_quotes(const char *local)
{
	bool is_behind_dot = true;

	for (; *local != '\0'; local++) {
		const bool is_dot = *local == '.';

		if ((is_dot && is_behind_dot) || is_control(*local) ||
			is_special[(unsigned char)*local])
			return true;
		is_behind_dot = is_dot;
	}
	return is_behind_dot; /* at the end, or there is nothing */
}

/* Postfix looks through a source route and leaves it unquoted. */
static size_t route_len(const char *local)
{
	const char *colon = local[0] == '@' ? strchr(local, ':') : NULL;

	return colon == NULL ? 0 : (size_t)(colon + 1 - local);
}

static void quote(struct text *out, const char *local)
{
	text_add(out, "\"", 1);
	for (; *local != '\0'; local++) {
		if (*local == '"' || *local == '\\' || *local == '\r')
			text_add(out, "\\", 1);
		text_add(out, local, 1);
	}
	text_add(out, "\"", 1);
}

static const char *quoted_key(
	const char *local, const char *domain, struct arena *arena)
{
	const size_t route = route_len(local);
	struct text key;

	text_init(&key);
	text_add(&key, local, route);
	if (wants_quotes(local + route))
		quote(&key, local + route);
	else
		text_adds(&key, local + route);
	text_adds(&key, "@");
	text_adds(&key, domain);
	const char *result = arena_strndup(arena, key.data, key.len);

	text_fini(&key);
	return result;
}

const char *address_key(
	const char *local, const char *domain, struct arena *arena)
{
	if (wants_quotes(local))
		return quoted_key(local, domain, arena);
	const size_t local_len = strlen(local);
	const size_t domain_len = strlen(domain);
	char *key = arena_alloc(arena, local_len + domain_len + 2);

	memcpy(key, local, local_len);
	key[local_len] = '@';
	memcpy(key + local_len + 1, domain, domain_len);
	return key;
}

static bool ends_in_request(const char *local)
{
	static const char suffix[] = "-request";
	const size_t len = strlen(local);
	const size_t suffix_len = sizeof suffix - 1;

	return len > suffix_len &&
		strcmp(local + len - suffix_len, suffix) == 0;
}

/* Names that Postfix never splits, owner_request_special = yes included. */
static bool is_whole(const char *local, const char *delimiters)
{
	static const char *const reserved[] = { "postmaster", "mailer-daemon",
		"double-bounce" };

	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
		if (strcmp(local, reserved[i]) == 0)
			return true;
	return strchr(delimiters, '-') != NULL &&
		(text_starts(local, "owner-") || ends_in_request(local));
}

/* local, folded and unquoted, domain and key are known. */
static void split_extension(
	struct address *out, const char *delimiters, struct arena *arena)
{
	const char *local = out->local;
	const size_t len = strcspn(local, delimiters);

	out->base_local = local;
	out->base = out->key;
	out->extension = "";
	if (len == 0 || local[len] == '\0' || is_whole(local, delimiters))
		return;
	out->base_local = arena_strndup(arena, local, len);
	out->base = address_key(out->base_local, out->domain, arena);
	out->extension = local + len;
}

/* local and domain are folded, local unquoted; both live in the arena. */
static void fill(struct address *out, const char *local, const char *domain,
	const char *delimiters, struct arena *arena)
{
	out->local = local;
	out->domain = domain;
	out->key = address_key(local, domain, arena);
	split_extension(out, delimiters, arena);
}

/* One dot at the end goes, as trivial-rewrite(8) has it; "d.." stays. */
static void drop_dot(char *domain)
{
	const size_t len = strlen(domain);

	if (len > 1 && domain[len - 1] == '.' && domain[len - 2] != '.')
		domain[len - 1] = '\0';
}

bool address_from_internal(struct address *out, const char *bytes, size_t len,
	const char *delimiters, struct arena *arena)
{
	char *folded = fold(bytes, len, arena);
	char *at = folded == NULL ? NULL : strrchr(folded, '@');

	if (at == NULL || at[1] == '\0' || strcmp(at, "@.") == 0)
		return false;
	drop_dot(at + 1);
	out->local = arena_strndup(arena, folded, (size_t)(at - folded));
	out->domain = at + 1;
	/* What wants no quotes is its own key. */
	out->key = wants_quotes(out->local)
		? address_key(out->local, out->domain, arena)
		: folded;
	split_extension(out, delimiters, arena);
	return true;
}

/*
 * text begins with a quote.  *rest is what follows the closing one; NULL
 * where there is none.
 */
static const char *unquote(
	const char *text, const char **rest, struct arena *arena)
{
	char *local = arena_alloc(arena, strlen(text));
	size_t len = 0;

	*rest = NULL;
	for (text++; *text != '\0' && *text != '"'; text++) {
		if (*text == '\\' && text[1] != '\0')
			text++;
		local[len++] = *text;
	}
	if (*text == '"')
		*rest = text + 1;
	return local;
}

static bool spelling_check(const char *text, struct err *err)
{
	const size_t len = strlen(text);

	if (len == 0)
		return err_set(err, "the address is empty");
	if (len > SPELLING_MAX)
		return err_set(err, "the address is too long");
	for (size_t i = 0; i < len; i++) {
		const bool is_c1 =
			text[i] == '\xc2' && (unsigned char)text[i + 1] < 0xa0;

		if (is_control(text[i]) || is_c1)
			return err_set(err,
				"the address has a control character in it "
				"(octet %zu)",
				i + 1);
	}
	if (text[len - 1] == '>')
		return err_set(err,
			"\"%s\" is more than an address: write it alone, "
			"without a name and without angle brackets",
			text);
	return true;
}

static bool split_quoted(const char **local, const char **domain,
	const char *text, struct arena *arena, struct err *err)
{
	const char *rest;

	*local = unquote(text, &rest, arena);
	if (rest == NULL)
		return err_set(err,
			"the local part of %s lacks its second "
			"quote",
			text);
	if (*rest != '@')
		return err_set(err,
			"the quoted local part of %s must be followed by @ "
			"and a domain",
			text);
	if (**local == '\0')
		return err_set(err, "%s has an empty local part", text);
	/* A backslash may have kept two characters apart. */
	*local = normalize(*local, strlen(*local), arena);
	*domain = rest + 1;
	return true;
}

static bool split_plain(const char **local, const char **domain,
	const char *text, struct arena *arena, struct err *err)
{
	const char *at = strrchr(text, '@');

	if (at == NULL)
		return err_set(err,
			"\"%s\" has no domain: write it as \"%s@DOMAIN\"", text,
			text);
	if (text[0] == '@')
		return err_set(
			err, "\"%s\" has nothing in front of the @", text);
	*local = arena_strndup(arena, text, (size_t)(at - text));
	*domain = at + 1;
	if (wants_quotes(*local))
		return err_set(err,
			"the local part of %s must be quoted: write %s", text,
			quoted_key(*local, *domain, arena));
	return true;
}

/* *local unquoted, *domain what stands behind the @. */
static bool split(const char **local, const char **domain, const char *text,
	struct arena *arena, struct err *err)
{
	if (text[0] == '"')
		return split_quoted(local, domain, text, arena, err);
	return split_plain(local, domain, text, arena, err);
}

/* text begins with "[". */
static bool is_literal(const char *text, struct arena *arena)
{
	static const char tag[] = "IPv6:";
	const size_t len = strlen(text);
	struct network ignored;

	if (text[len - 1] != ']')
		return false;
	const char *inner = arena_strndup(arena, text + 1, len - 2);
	const bool is_six = strncasecmp(inner, tag, sizeof tag - 1) == 0;

	if (is_six)
		inner += sizeof tag - 1;
	return is_six == (strchr(inner, ':') != NULL) &&
		network_of_client(&ignored, inner);
}

static bool domain_parse(const char **out, const char *text,
	struct arena *arena, struct err *err)
{
	struct domain_name name;

	if (text[0] == '\0')
		return err_set(err, "the address has nothing behind the @");
	if (text[0] != '[') {
		if (!domain_name_parse(&name, text, arena, err))
			return false;
		*out = name.ascii;
		return true;
	}
	if (!is_literal(text, arena))
		return err_set(err,
			"\"%s\" is no domain literal: write it as "
			"[192.0.2.1] or [IPv6:2001:db8::1]",
			text);
	*out = fold(text, strlen(text), arena);
	return true;
}

/* The limit is on what stands in the command, quotes and all. */
static bool local_check(const char *local, struct arena *arena, struct err *err)
{
	size_t len = strlen(local);

	if (wants_quotes(local))
		len = strlen(address_key(local, "", arena)) - 1;
	if (len > LOCAL_MAX)
		return err_set(err, "the local part has %zu octets: %d at most",
			len, LOCAL_MAX);
	return true;
}

bool address_parse(struct address *out, const char *text,
	const char *delimiters, struct arena *arena, struct err *err)
{
	const char *local = NULL;
	const char *domain = NULL;
	const char *composed = normalize(text, strlen(text), arena);

	if (composed == NULL)
		return err_set(err, "the address is not UTF-8");
	if (!spelling_check(composed, err) ||
		!split(&local, &domain, composed, arena, err) ||
		!domain_parse(&domain, domain, arena, err) ||
		!local_check(local, arena, err))
		return false;
	fill(out, fold(local, strlen(local), arena), domain, delimiters, arena);
	return true;
}

/*
 * The local part of a key, without the quotes at its beginning or
 * behind its source route; at is its last @.
 */
static const char *local_of_key(
	const char *key, const char *at, struct arena *arena)
{
	const size_t route = route_len(key);
	const char *rest = NULL;
	const char *local = NULL;

	if (key + route < at && key[route] == '"')
		local = unquote(key + route, &rest, arena);
	if (rest == NULL)
		return arena_strndup(arena, key, (size_t)(at - key));
	return route == 0
		? local
		: arena_printf(arena, "%.*s%s", (int)route, key, local);
}

bool address_from_key(struct address *out, const char *key,
	const char *delimiters, struct arena *arena)
{
	const char *at = strrchr(key, '@');

	if (at == NULL || at[1] == '\0')
		return false;
	fill(out, local_of_key(key, at, arena), arena_strdup(arena, at + 1),
		delimiters, arena);
	return true;
}

const char *address_extend(
	const char *target, const char *extension, struct arena *arena)
{
	const char *at = strrchr(target, '@');

	if (*extension == '\0' || at == NULL)
		return target;
	return address_key(arena_printf(arena, "%s%s",
				   local_of_key(target, at, arena), extension),
		at + 1, arena);
}

bool address_leads_to(const char *address, const char *key,
	const char *delimiters, struct arena *arena)
{
	struct address parsed;

	return address_from_key(&parsed, address, delimiters, arena) &&
		(strcmp(parsed.key, key) == 0 || strcmp(parsed.base, key) == 0);
}

bool address_is_routed(const struct address *address)
{
	return strpbrk(address->local, "@!%") != NULL;
}
