/*
 * Each row stands for itself: what is written of an address depends on
 * nothing but the address and on who else has its local part.
 *
 * RFC 4180 (CSV), RFC 2849 (LDIF), RFC 4514 (DN).  A spreadsheet runs a cell
 * that begins with =, +, - or @, in quotes too; so names are made without
 * (contact_name.h), and the address has its type in front.
 */
#include "transport-map-gen/contact_format.h"

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "transport-map-gen/contact_name.h"

#include <string.h>

static const char BYTE_ORDER_MARK[] = "\xef\xbb\xbf";

bool contact_format_parse(
	enum contact_format *out, const char *word, struct err *err)
{
	static const char *const words[] = {
		[CONTACT_FORMAT_TEXT] = "text",
		[CONTACT_FORMAT_CSV] = "csv",
		[CONTACT_FORMAT_LDIF] = "ldif",
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i], word) == 0) {
			*out = (enum contact_format)i;
			return true;
		}
	return err_set(err, "--format is text, csv or ldif, not %s", word);
}

bool contact_base_check(const char *base, struct err *err)
{
	const char *equals = strchr(base, '=');

	for (const char *at = base; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return err_set(
				err, "--base has a control character in it");
	if (equals == NULL || equals == base || equals[1] == '\0')
		return err_set(err,
			"--base is a DN, such as "
			"ou=Contacts,dc=company,dc=example, not %s",
			base);
	return true;
}

/* Local parts and who has them: (void *)&ONE or &MANY. */
static const char ONE, MANY;

static struct table *count_locals(
	const struct contact_list *list, struct arena *arena)
{
	struct table *locals = table_open();

	for (size_t i = 0; i < list->count; i++) {
		const char *address = list->addresses[i];
		const size_t len = (size_t)(strrchr(address, '@') - address);
		const char *local = arena_strndup(arena, address, len);
		const bool is_new = table_find(locals, local) == NULL;

		table_put(locals, local, (void *)(is_new ? &ONE : &MANY));
	}
	return locals;
}

/* What is written about one contact. */
struct contact_names {
	const char *address, *name, *display_name, *alias;
};

static struct contact_names names_of(
	const char *address, const struct table *locals, struct arena *request)
{
	const size_t len = (size_t)(strrchr(address, '@') - address);
	const char *local = arena_strndup(request, address, len);

	return (struct contact_names){ address, contact_name(address, request),
		contact_display_name(address, request),
		contact_alias(
			address, table_find(locals, local) == &MANY, request) };
}

/* Text. */

/* What a list of addresses takes for a comment stands in quotes. */
static void print_text(const struct contact_names *c, FILE *file)
{
	const char *at = strrchr(c->address, '@');

	if (c->address[0] == '#')
		fprintf(file, "\"%.*s\"%s\n", (int)(at - c->address),
			c->address, at);
	else
		fprintf(file, "%s\n", c->address);
}

/* CSV. */

static void print_cell(const char *text, const char *end, FILE *file)
{
	putc('"', file);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			putc('"', file);
		putc(*text, file);
	}
	fprintf(file, "\"%s", end);
}

static void print_row(
	const struct contact_names *c, struct arena *request, FILE *file)
{
	print_cell(c->name, ",", file);
	print_cell(c->display_name, ",", file);
	print_cell(c->alias, ",", file);
	print_cell(arena_printf(request, "SMTP:%s", c->address), "\r\n", file);
}

/* LDIF. */

static bool is_safe(const char *value)
{
	const size_t len = strlen(value);

	if (len == 0)
		return true;
	if (strchr(" :<", value[0]) != NULL || value[len - 1] == ' ')
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)value[i] < ' ' ||
			(unsigned char)value[i] >= 0x7f)
			return false;
	return true;
}

static void print_base64(const char *value, FILE *file)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";
	const size_t len = strlen(value);

	for (size_t i = 0; i < len; i += 3) {
		unsigned long bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 |
				(i + k < len ? (unsigned char)value[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			putc(k > len - i ? '='
					 : digits[bits >> (18 - 6 * k) & 63],
				file);
	}
}

static void print_line(const char *attribute, const char *value, FILE *file)
{
	fputs(attribute, file);
	if (is_safe(value)) {
		fprintf(file, ": %s", value);
	} else {
		fputs(":: ", file);
		print_base64(value, file);
	}
	putc('\n', file);
}

/* RFC 4514 2.4; the value is printable and not empty. */
static const char *escape(const char *value, struct arena *request)
{
	const size_t len = strlen(value);
	struct text text;

	text_init(&text);
	for (size_t i = 0; i < len; i++) {
		const bool is_edge_blank =
			value[i] == ' ' && (i == 0 || i + 1 == len);

		if (is_edge_blank || (value[i] == '#' && i == 0) ||
			strchr("\"+,;<>\\=", value[i]) != NULL)
			text_adds(&text, "\\");
		text_add(&text, value + i, 1);
	}
	const char *result = arena_strndup(request, text.data, text.len);

	text_fini(&text);
	return result;
}

static void print_object(const struct contact_names *c, const char *base,
	struct arena *request, FILE *file)
{
	const char *target = arena_printf(request, "SMTP:%s", c->address);

	putc('\n', file);
	print_line("dn",
		arena_printf(
			request, "CN=%s,%s", escape(c->name, request), base),
		file);
	fputs("changetype: add\n"
	      "objectClass: top\n"
	      "objectClass: person\n"
	      "objectClass: organizationalPerson\n"
	      "objectClass: contact\n",
		file);
	print_line("cn", c->name, file);
	print_line("sn", c->name, file); /* RFC 4519 wants one */
	print_line("displayName", c->display_name, file);
	print_line("mailNickname", c->alias, file);
	print_line("mail", c->address, file);
	print_line("targetAddress", target, file);
	print_line("proxyAddresses", target, file);
}

static void print_head(enum contact_format format, FILE *file)
{
	switch (format) {
	case CONTACT_FORMAT_TEXT: break;
	case CONTACT_FORMAT_CSV:
		fprintf(file,
			"%s\"Name\",\"DisplayName\",\"Alias\","
			"\"ExternalEmailAddress\"\r\n",
			BYTE_ORDER_MARK);
		break;
	case CONTACT_FORMAT_LDIF: fputs("version: 1\n", file); break;
	}
}

void contact_format_print(enum contact_format format,
	const struct contact_list *list, const char *base, FILE *file)
{
	struct arena *arena = arena_open();
	struct arena *request = arena_open();
	struct table *locals = count_locals(list, arena);

	print_head(format, file);
	for (size_t i = 0; i < list->count; i++) {
		arena_reset(request);
		const struct contact_names c =
			names_of(list->addresses[i], locals, request);

		switch (format) {
		case CONTACT_FORMAT_TEXT: print_text(&c, file); break;
		case CONTACT_FORMAT_CSV: print_row(&c, request, file); break;
		case CONTACT_FORMAT_LDIF:
			print_object(&c, base, request, file);
			break;
		}
	}
	table_close(&locals);
	arena_close(&request);
	arena_close(&arena);
}
