/*
 * A name passes here once and is afterwards compared octet by octet, so each
 * spelling must end in the same two texts: the A-label form by libidn2
 * (IDNA2008, non-transitional as Postfix has it), and the U-label form where
 * Postfix's folding leaves it alone.  What Postfix would not take for a host
 * name (valid_hostname(3)) is refused, since no mail could ever reach it.
 * Plain ASCII names do not touch libidn2.
 */
#include "namespace/domain_name.h"

#include "base/arena.h"
#include "base/text.h"
#include "namespace/fold.h"
#include "namespace/network.h"

#include <idn2.h>
#include <string.h>

enum {
	LABEL_MAX = 63,
	NAME_MAX_LEN = 253, /* 255 octets in the DNS */
	/* UTF-8 is at most this much longer than its A-label form. */
	SPELLING_MAX = 3 * NAME_MAX_LEN,
	IDN_FLAGS = IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT,
};

static const struct {
	char character;
	const char *sentence;
} strangers[] = {
	{ ' ', "has a blank in it: a name has none" },
	{ '/', "is a path or a URL: write the domain alone" },
	{ '\\', "is a path: write the domain alone" },
	{ '@', "is an address: write what stands after the @" },
	{ '#', "may have a # only in front, as \"#d\"" },
	{ '*', "may have a * only in front, as \"*.d\"" },
	{ ':', "has a colon: write the domain alone, without a port" },
	{ ',', "has a comma: write each domain by itself" },
	{ ';', "has a semicolon: write the domain alone" },
};

static bool too_long(struct err *err)
{
	return err_set(
		err, "the name is too long: %d octets at most", NAME_MAX_LEN);
}

/* What can be echoed, and is no name of any kind. */
static bool spelling_check(const char *text, struct err *err)
{
	const size_t len = strlen(text);

	if (len == 0)
		return err_set(err,
			"the name is empty: a domain such as company.example "
			"is wanted");
	if (len > SPELLING_MAX)
		return too_long(err);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == '\x7f')
			return err_set(err,
				"the name has a control character in it "
				"(octet %zu)",
				i + 1);
	return true;
}

/* The characters decide for nearly every name, without a parse. */
static bool is_ip_address(const char *text)
{
	struct network ignored;

	return text[0] == '[' ||
		(text[strspn(text, "0123456789abcdefABCDEF:.")] == '\0' &&
			network_of_client(&ignored, text));
}

static bool is_label_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool stranger_check(const char *text, struct err *err)
{
	const char *at = text;

	while (is_label_character(*at) || *at == '.')
		at++;
	if (*at == '\0')
		return true;
	for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
		if (strchr(text, strangers[i].character) != NULL)
			return err_set(
				err, "\"%s\" %s", text, strangers[i].sentence);
	return true;
}

static bool kind_check(const char *text, struct err *err)
{
	if (text[0] == '#' || text[0] == '*')
		return err_set(err,
			"\"%s\" has a mark where a plain name is wanted: "
			"write \"%s\"",
			text, text + strspn(text, "#*. "));
	if (text[0] == '.' && text[1] != '.' && text[1] != '\0')
		return err_set(err,
			"\"%s\" begins with a dot: write \"*%s\" for the "
			"subdomains, \"%s\" for the domain with them",
			text, text, text + 1);
	if (is_ip_address(text))
		return err_set(err,
			"\"%s\" is an IP address: a domain name is wanted",
			text);
	return stranger_check(text, err);
}

static bool label_check(
	const char *text, const char *label, size_t len, struct err *err)
{
	if (len == 0)
		return err_set(err,
			"\"%s\" has an empty label: one dot stands between "
			"two labels",
			text);
	if (len > LABEL_MAX)
		return err_set(err,
			"a label of the name has %zu octets: %d at most", len,
			LABEL_MAX);
	if (label[0] == '-' || label[len - 1] == '-')
		return err_set(err,
			"\"%s\" has a label that begins or ends with a "
			"hyphen",
			text);
	for (size_t i = 0; i < len; i++)
		if (!is_label_character(label[i]))
			return err_set(err,
				"\"%s\" has the character %c, which no "
				"domain name has",
				text, label[i]);
	return true;
}

/* text: as written, for the sentence.  ascii: without a trailing dot. */
static bool ascii_check(const char *text, const char *ascii, struct err *err)
{
	const char *label = ascii;

	for (;;) {
		const size_t len = strcspn(label, ".");

		if (!label_check(text, label, len, err))
			return false;
		if (label[len] == '\0')
			break;
		label += len + 1;
	}
	if (strlen(ascii) > NAME_MAX_LEN)
		return too_long(err);
	if (ascii[strspn(ascii, "0123456789.")] == '\0')
		return err_set(err,
			"\"%s\" is a number: a domain name is wanted", text);
	return true;
}

static bool is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

static bool has_a_label(const char *name)
{
	for (; name != NULL; name = domain_parent(name))
		if (text_starts(name, "xn--"))
			return true;
	return false;
}

static bool is_bad_punycode(int status)
{
	return status == IDN2_PUNYCODE_BAD_INPUT ||
		status == IDN2_PUNYCODE_OVERFLOW;
}

static bool idn_refused(const char *text, int status, struct err *err)
{
	if (status == IDN2_TOO_BIG_DOMAIN)
		return too_long(err);
	if (status == IDN2_TOO_BIG_LABEL || status == IDN2_PUNYCODE_BIG_OUTPUT)
		return err_set(err,
			"a label of the name is too long: %d octets at most in "
			"its xn-- form",
			LABEL_MAX);
	if (is_bad_punycode(status))
		return err_set(err,
			"\"%s\" has an xn-- label that stands for nothing: "
			"write the name in its own script",
			text);
	return err_set(err,
		"\"%s\" is no domain name by IDNA2008 (%s): if it is "
		"registered all the same, write its xn-- form",
		text, idn2_strerror(status));
}

/*
 * *out is lower case.  An A-label that decodes to what IDNA2008 forbids (an
 * emoji) is let through as it is: such names exist in the DNS.
 */
static bool to_ascii(const char **out, const char *text, struct arena *arena,
	struct err *err)
{
	const bool was_ascii = is_ascii(text);
	const char *folded = fold(text, strlen(text), arena);
	char *ascii;

	*out = folded;
	if (folded == NULL)
		return err_set(err, "the name is not UTF-8");
	if (was_ascii && !has_a_label(folded))
		return true;
	const char *name = was_ascii ? folded
				     : normalize(text, strlen(text), arena);
	const int status = idn2_to_ascii_8z(name, &ascii, IDN_FLAGS);

	if (status == IDN2_OK) {
		*out = arena_strdup(arena, ascii);
		idn2_free(ascii);
		return true;
	}
	if (was_ascii && !is_bad_punycode(status))
		return true;
	return idn_refused(text, status, err);
}

/* The U-label form, or ascii where there is none that a key could have. */
static const char *to_unicode(const char *ascii, struct arena *arena)
{
	char *text, *back;

	if (!has_a_label(ascii) ||
		idn2_to_unicode_8z8z(ascii, &text, 0) != IDN2_OK)
		return ascii;
	const char *unicode = arena_strdup(arena, text);
	const char *folded = fold(unicode, strlen(unicode), arena);

	idn2_free(text);
	if (folded == NULL || strcmp(folded, unicode) != 0 ||
		idn2_to_ascii_8z(unicode, &back, IDN_FLAGS) != IDN2_OK)
		return ascii;
	const bool is_same = strcmp(back, ascii) == 0;

	idn2_free(back);
	return is_same ? unicode : ascii;
}

static const char *without_dot(const char *name, struct arena *arena)
{
	const size_t len = strlen(name);

	if (len > 1 && name[len - 1] == '.')
		return arena_strndup(arena, name, len - 1);
	return name;
}

bool domain_name_parse(struct domain_name *out, const char *text,
	struct arena *arena, struct err *err)
{
	const char *ascii;

	if (!spelling_check(text, err) || !kind_check(text, err) ||
		!to_ascii(&ascii, text, arena, err))
		return false;
	ascii = without_dot(ascii, arena);
	if (!ascii_check(text, ascii, err))
		return false;
	out->ascii = ascii;
	out->unicode = to_unicode(ascii, arena);
	return true;
}

/* Whether text, behind a good mark, goes on with what is none. */
static bool mark_check(const char *text, const char *rest, struct err *err)
{
	const size_t extra = strspn(rest, "#*. ");

	if (extra == 0)
		return true;
	return err_set(err,
		"\"%s\" has more than its mark before the name: write "
		"\"%.*s%s\"",
		text, (int)(rest - text), text, rest + extra);
}

bool domain_pattern_parse(struct domain_pattern *out, const char *text,
	struct arena *arena, struct err *err)
{
	const char *rest = text;

	out->scope = SCOPE_INCLUSIVE;
	if (!spelling_check(text, err))
		return false;
	if (strcmp(text, "*") == 0)
		return err_set(err,
			"\"*\" is an address space and no domain: write a "
			"name, or \"*.d\" for the subdomains of d");
	if (text_starts(text, "*.")) {
		out->scope = SCOPE_SUBDOMAINS;
		rest = text + 2;
	} else if (text[0] == '#') {
		out->scope = SCOPE_EXACT;
		rest = text + 1;
	} else if (text[0] == '*') {
		return err_set(err,
			"\"%s\" wants a dot after the *: write \"*.%s\"", text,
			text + strspn(text, "#*. "));
	}
	if (rest != text && !mark_check(text, rest, err))
		return false;
	return domain_name_parse(&out->name, rest, arena, err);
}

const char *domain_pattern_format(
	const struct domain_pattern *pattern, struct arena *arena)
{
	const char *mark = "";

	switch (pattern->scope) {
	case SCOPE_INCLUSIVE: break;
	case SCOPE_EXACT: mark = "#"; break;
	case SCOPE_SUBDOMAINS: mark = "*."; break;
	}
	return arena_printf(arena, "%s%s", mark, pattern->name.ascii);
}

const char *domain_parent(const char *domain)
{
	const char *dot = strchr(domain, '.');

	return dot == NULL || dot[1] == '\0' ? NULL : dot + 1;
}

/* Whether domain is name, or where the scope says so, below it. */
static bool covers(enum scope scope, const char *name, const char *domain)
{
	const size_t name_len = strlen(name);
	const size_t len = strlen(domain);

	if (len < name_len || strcmp(domain + len - name_len, name) != 0)
		return false;
	if (len == name_len)
		return scope != SCOPE_SUBDOMAINS;
	return scope != SCOPE_EXACT && len > name_len + 1 &&
		domain[len - name_len - 1] == '.';
}

bool domain_pattern_covers(
	const struct domain_pattern *pattern, const char *domain)
{
	const struct domain_name *name = &pattern->name;

	return covers(pattern->scope, name->ascii, domain) ||
		(name->unicode != name->ascii &&
			covers(pattern->scope, name->unicode, domain));
}
