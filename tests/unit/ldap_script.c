#include "tests/unit/ldap_script.h"

#include "base/arena.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

char *ldap_script_next(char **rest, const char *separator)
{
	char *at = *rest, *end = at == NULL ? NULL : strstr(at, separator);

	*rest = end == NULL ? NULL : end + strlen(separator);
	if (end != NULL)
		*end = '\0';
	return at;
}

static struct berval ldap_script_bytes(struct arena *arena, const char *hex)
{
	const size_t len = hex == NULL ? 0 : strlen(hex) / 2;
	struct berval out = { len, arena_alloc(arena, len + 1) };

	for (size_t i = 0; i < len; i++)
		out.bv_val[i] = (char)strtol(
			arena_strndup(arena, hex + 2 * i, 2), NULL, 16);
	return out;
}

static void ldap_script_control(
	struct ldap_speaker *speaker, const char *oid, struct berval value)
{
	if (speaker->controls == NULL)
		speaker->controls = ber_alloc_t(LBER_USE_DER);
	ck_assert_int_ge(ber_printf(speaker->controls, "{sO}", oid, &value), 0);
}

/* Behind an operation, with the controls before it. */
static void ldap_script_send(struct ldap_speaker *speaker, BerElement *ber)
{
	struct berval controls;

	if (speaker->controls != NULL) {
		ber_flatten2(speaker->controls, &controls, 0);
		ber_printf(ber, "t{", LDAP_TAG_CONTROLS);
		ber_write(ber, controls.bv_val, controls.bv_len, 0);
		ber_printf(ber, "}");
	}
	ber_printf(ber, "}");
	ber_free(speaker->controls, 1);
	speaker->controls = NULL;
	/* Whoever asked may have gone away. */
	(void)ber_flush2(speaker->socket, ber, LBER_FLUSH_FREE_ALWAYS);
}

static void ldap_script_entry(
	struct ldap_speaker *speaker, BerElement *ber, char *rest)
{
	(void)speaker;
	ber_printf(ber, "t{s{", LDAP_RES_SEARCH_ENTRY,
		ldap_script_next(&rest, " | "));
	for (char *at; (at = ldap_script_next(&rest, " | ")) != NULL;) {
		ber_printf(ber, "{s[", ldap_script_next(&at, ": "));
		for (char *value; (value = ldap_script_next(&at, " & "));)
			ber_printf(ber, "s", value);
		ber_printf(ber, "]}");
	}
	ber_printf(ber, "}}");
}

static void ldap_script_reference(
	struct ldap_speaker *speaker, BerElement *ber, char *rest)
{
	(void)speaker;
	ber_printf(ber, "t{s}", LDAP_RES_SEARCH_REFERENCE, rest);
}

static void ldap_script_info(
	struct ldap_speaker *speaker, BerElement *ber, char *rest)
{
	const struct berval value = ldap_script_bytes(speaker->arena, rest);

	ber_printf(ber, "t{tstO}", LDAP_RES_INTERMEDIATE, LDAP_TAG_IM_RES_OID,
		LDAP_SYNC_INFO, LDAP_TAG_IM_RES_VALUE, &value);
}

static void ldap_script_op(
	struct ldap_speaker *speaker, BerElement *ber, char *rest)
{
	const struct berval value = ldap_script_bytes(speaker->arena, rest);

	ber_write(ber, value.bv_val, value.bv_len, 0);
}

static void ldap_script_done(
	struct ldap_speaker *speaker, BerElement *ber, char *rest)
{
	const char *code = ldap_script_next(&rest, " ");

	ber_printf(ber, "t{ess}", speaker->end,
		code == NULL ? 0 : (int)strtol(code, NULL, 10), "",
		rest == NULL ? "" : rest);
}

/* An end with the answer of RFC 2696. */
static void ldap_script_page(
	struct ldap_speaker *speaker, BerElement *ber, char *rest)
{
	BerElement *value = ber_alloc_t(LBER_USE_DER);
	const char *cookie = ldap_script_next(&rest, " ");
	struct berval bytes;

	ber_printf(value, "{is}", 0, cookie == NULL ? "" : cookie);
	ber_flatten2(value, &bytes, 0);
	ldap_script_control(speaker, LDAP_CONTROL_PAGEDRESULTS, bytes);
	ber_free(value, 1);
	ldap_script_done(speaker, ber, NULL);
}

static const struct ldap_script_kind {
	const char *name;
	void (*say)(struct ldap_speaker *speaker, BerElement *ber, char *rest);
} LDAP_SCRIPT_KINDS[] = {
	{ "entry", ldap_script_entry },
	{ "reference", ldap_script_reference },
	{ "info", ldap_script_info },
	{ "op", ldap_script_op },
	{ "done", ldap_script_done },
	{ "page", ldap_script_page },
};

bool ldap_script_line(struct ldap_speaker *speaker, char *line)
{
	const char *what = ldap_script_next(&line, " ");

	if (strcmp(what, "with") == 0) {
		const char *oid = ldap_script_next(&line, " ");

		ldap_script_control(
			speaker, oid, ldap_script_bytes(speaker->arena, line));
		return true;
	}
	for (size_t i = 0;
		i < sizeof LDAP_SCRIPT_KINDS / sizeof *LDAP_SCRIPT_KINDS; i++) {
		if (strcmp(LDAP_SCRIPT_KINDS[i].name, what) != 0)
			continue;
		BerElement *ber = ber_alloc_t(LBER_USE_DER);

		ber_printf(ber, "{i", speaker->msgid);
		LDAP_SCRIPT_KINDS[i].say(speaker, ber, line);
		ldap_script_send(speaker, ber);
		return true;
	}
	ck_assert_str_eq(what, "close");
	return false;
}
