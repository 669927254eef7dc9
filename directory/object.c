/*
 * The filter only spares the server and the line: what counts is decided
 * here, so that LDIF, a search and a refresh list the same.  Values are
 * bytes until they were checked; what can be no address is told with its
 * object and nothing of it is listed.  Attributes of [MS-ADA1] to [MS-ADA3]
 * and of draft-lachman-laser-ldap-mail-routing.
 */
#include "directory/object.h"

#include "base/arena.h"
#include "base/text.h"
#include "base/utf8.h"
#include "directory/object_class.h"
#include "namespace/ldap_settings.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { SHOWN_MAX = 100, ACCOUNTDISABLE = 2 };

/* What the presets look at; lists are ended by NULL. */
static const char *const NOTHING[] = { NULL };
static const char *const AD_FIELDS[] = { "proxyAddresses", NULL };
static const char *const AD_OTHERS[] = { "mail", "mailNickname",
	"userAccountControl", "msExchRecipientTypeDetails",
	"msExchMasterAccountSid", NULL };
static const char *const OPENLDAP_FIELDS[] = { "mail", "mailAlternateAddress",
	"mailLocalAddress", NULL };

static const struct preset {
	const char *const *fields;
	const char *target;
	const char *const *others;
	const char *filter; /* NULL: made of the fields */
} PRESETS[] = {
	[PRESET_NONE] = { NOTHING, NULL, NOTHING, NULL },
	[PRESET_ACTIVE_DIRECTORY] = { AD_FIELDS, "targetAddress", AD_OTHERS,
		"(|(proxyAddresses=*)"
		"(&(mail=*)(|(mailNickname=*)(targetAddress=*))))" },
	[PRESET_OPENLDAP] = { OPENLDAP_FIELDS, NULL, NOTHING, NULL },
};

static const struct preset *preset_of(const struct directory *directory)
{
	switch (directory->preset) {
	case PRESET_ACTIVE_DIRECTORY:
	case PRESET_OPENLDAP: return &PRESETS[directory->preset];
	case PRESET_NONE:
	case PRESET_EXCHANGE:
	case PRESET_EXCHANGE_55: break;
	}
	return &PRESETS[PRESET_NONE];
}

/* A list under way; room for the longest is made beforehand. */
struct names {
	const char **list;
	size_t count;
};

static void add_name(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcasecmp(names->list[i], name) == 0)
			return;
	}
	names->list[names->count++] = name;
}

static size_t count_names(const char *const *list)
{
	size_t count = 0;

	while (list[count] != NULL)
		count++;
	return count;
}

static void add_names(struct names *names, const char *const *list)
{
	for (size_t i = 0; list[i] != NULL; i++)
		add_name(names, list[i]);
}

static void add_fields(struct names *names, const struct directory *directory)
{
	for (size_t i = 0; i < directory->n_fields; i++)
		add_name(names, directory->fields[i]);
	if (directory->n_fields == 0)
		add_names(names, preset_of(directory)->fields);
}

static const char *target_field(const struct directory *directory)
{
	return directory->target_field != NULL ? directory->target_field
					       : preset_of(directory)->target;
}

/* With a NULL behind them. */
static struct names names_open(
	const struct directory *directory, struct arena *arena)
{
	const struct preset *preset = preset_of(directory);
	const size_t room = directory->n_fields + count_names(preset->fields) +
		count_names(preset->others) + 3;

	return (struct names){ arena_array(arena, room, sizeof(char *)), 0 };
}

const char *const *object_attributes(
	const struct directory *directory, struct arena *arena)
{
	struct names names = names_open(directory, arena);

	add_fields(&names, directory);
	if (target_field(directory) != NULL)
		add_name(&names, target_field(directory));
	add_names(&names, preset_of(directory)->others);
	add_name(&names, "objectClass");
	return names.list;
}

/* What stands in no attribute's name (RFC 4512) can say nothing in a filter
   either, so that a name is never more than a name. */
static void add_presence(struct text *filter, const char *name)
{
	text_adds(filter, "(");
	for (; *name != '\0'; name++) {
		if (isalnum((unsigned char)*name) || strchr("-._;", *name))
			text_add(filter, name, 1);
		else
			text_addf(filter, "\\%02x", (unsigned char)*name);
	}
	text_adds(filter, "=*)");
}

static const char *filter_of_fields(
	const struct directory *directory, struct arena *arena)
{
	struct names names = names_open(directory, arena);
	struct text filter;

	text_init(&filter);
	add_fields(&names, directory);
	text_adds(&filter, names.count == 1 ? "" : "(|");
	for (size_t i = 0; i < names.count; i++)
		add_presence(&filter, names.list[i]);
	text_adds(&filter, names.count == 1 ? "" : ")");
	const char *copy = arena_strdup(arena, filter.data);

	text_fini(&filter);
	return copy;
}

const char *object_filter(
	const struct directory *directory, struct arena *arena)
{
	if (directory->ldap != NULL && directory->ldap->filter != NULL)
		return directory->ldap->filter;
	if (directory->n_fields == 0 && preset_of(directory)->filter != NULL)
		return preset_of(directory)->filter;
	return filter_of_fields(directory, arena);
}

/* One object on its way into the sink. */
struct putting {
	const struct directory *directory;
	const struct object *object;
	const struct sink *sink;
	struct arena *scratch;
	size_t n_bad;
};

struct addresses {
	const char **list;
	size_t count;
};

static bool has(const struct object *object, const char *name)
{
	struct object_value value;

	return object_first(object, name, &value);
}

/* What the value is no address for; NULL: nothing that bytes can tell. */
static const char *find_fault(const struct object_value *value)
{
	for (size_t i = 0; i < value->len;) {
		uint32_t c;
		const size_t len =
			utf8_parse(&c, value->bytes + i, value->len - i);

		if (len == 0)
			return "a byte that is not UTF-8";
		if (c == 0)
			return "a NUL byte";
		if (c < ' ' || (c >= 0x7f && c < 0xa0))
			return "a control character";
		i += len;
	}
	return NULL;
}

/* In ASCII, "?" for what is not; the start of it where it is long. */
static const char *show(const struct object_value *value, struct arena *arena)
{
	const size_t len = value->len < SHOWN_MAX ? value->len : SHOWN_MAX;
	char *copy = arena_strndup(arena, value->bytes, len);

	for (size_t i = 0; i < len; i++) {
		if (copy[i] < ' ' || copy[i] > '~')
			copy[i] = '?';
	}
	return len == value->len ? copy : arena_printf(arena, "%s...", copy);
}

static void put_bad(struct putting *putting, const char *why)
{
	putting->n_bad++;
	putting->sink->bad(putting->sink->context, putting->object->dn, why);
}

/* "smtp:" is 5; 0 where there is no type. */
static size_t type_length(const struct object_value *value)
{
	size_t len = 0;

	while (len < value->len &&
		(isalnum((unsigned char)value->bytes[len]) ||
			value->bytes[len] == '-' || value->bytes[len] == '_'))
		len++;
	return len > 0 && len < value->len && value->bytes[len] == ':' ? len + 1
								       : 0;
}

/* Blanks around are no part of it; some tools write "SMTP: a@b". */
static struct object_value strip(const char *bytes, size_t len)
{
	while (len > 0 && *bytes == ' ') {
		bytes++;
		len--;
	}
	while (len > 0 && bytes[len - 1] == ' ')
		len--;
	return (struct object_value){ bytes, len };
}

/* A value of another type than SMTP is nothing to us, whatever is in it. */
static void take_value(struct putting *putting, struct addresses *addresses,
	const char *name, const struct object_value *value)
{
	const struct object_value whole = strip(value->bytes, value->len);
	const size_t type = type_length(&whole);

	if (type > 0 && (type != 5 || strncasecmp(whole.bytes, "smtp", 4) != 0))
		return;
	const struct object_value address =
		strip(whole.bytes + type, whole.len - type);
	const char *fault = address.len == 0 ? "no address"
					     : find_fault(&address);

	if (fault != NULL)
		put_bad(putting,
			arena_printf(putting->scratch, "%s has %s in \"%s\"",
				name, fault, show(value, putting->scratch)));
	else
		addresses->list[addresses->count++] = arena_strndup(
			putting->scratch, address.bytes, address.len);
}

static bool is_one_of(const char *name, const struct names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcasecmp(names->list[i], name) == 0)
			return true;
	}
	return false;
}

static size_t count_values(
	const struct object *object, const struct names *names)
{
	size_t count = 0;

	for (size_t i = 0; i < object->n_attributes; i++) {
		if (is_one_of(object->attributes[i].name, names))
			count += object->attributes[i].n_values;
	}
	return count;
}

static struct addresses take_values(
	struct putting *putting, const struct names *names)
{
	const struct object *object = putting->object;
	struct addresses addresses = { arena_array(putting->scratch,
					       count_values(object, names),
					       sizeof(char *)),
		0 };

	for (size_t i = 0; i < object->n_attributes; i++) {
		const struct object_attribute *at = &object->attributes[i];

		for (size_t k = 0;
			is_one_of(at->name, names) && k < at->n_values; k++)
			take_value(
				putting, &addresses, at->name, &at->values[k]);
	}
	return addresses;
}

/* Only where Exchange delivers to it: see the header. */
static bool counts_mail(const struct putting *putting)
{
	const struct object *object = putting->object;

	return putting->directory->preset == PRESET_ACTIVE_DIRECTORY &&
		putting->directory->n_fields == 0 &&
		!has(object, "proxyAddresses") &&
		(has(object, "mailNickname") || has(object, "targetAddress"));
}

static struct addresses take_addresses(struct putting *putting)
{
	struct names names = names_open(putting->directory, putting->scratch);

	add_fields(&names, putting->directory);
	if (counts_mail(putting))
		add_name(&names, "mail");
	return take_values(putting, &names);
}

static struct addresses take_targets(struct putting *putting)
{
	const char *field = target_field(putting->directory);
	const struct names names = { &field, 1 };

	if (field == NULL ||
		(putting->directory->preset == PRESET_ACTIVE_DIRECTORY &&
			object_is_group(putting->object)))
		return (struct addresses){ NULL, 0 };
	return take_values(putting, &names);
}

static bool lists(const struct addresses *addresses, const char *address)
{
	for (size_t i = 0; i < addresses->count; i++) {
		if (strcasecmp(addresses->list[i], address) == 0)
			return true;
	}
	return false;
}

/* *target NULL for a mailbox; false: nobody can tell, and it was said. */
static bool pick_target(struct putting *putting, const char **target)
{
	const size_t n_bad = putting->n_bad;
	const struct addresses targets = take_targets(putting);

	*target = NULL;
	if (putting->n_bad > n_bad)
		return false;
	if (targets.count > 1) {
		put_bad(putting, "more than one target: a contact has one");
		return false;
	}
	if (targets.count == 1)
		*target = targets.list[0];
	return true;
}

/*
 * A target that is one of the object's own addresses makes no contacts of
 * the others: its system knows the way.  Of that one address it says that
 * the mailbox is elsewhere.
 */
static void put_addresses(const struct putting *putting,
	const struct addresses *addresses, const char *target)
{
	const bool is_own = target != NULL && lists(addresses, target);

	for (size_t i = 0; i < addresses->count; i++) {
		const struct entry entry = {
			.address = addresses->list[i],
			.target = !is_own ||
					strcasecmp(
						addresses->list[i], target) == 0
				? target
				: NULL,
			.origin = putting->object->dn,
		};

		putting->sink->entry(putting->sink->context, &entry);
	}
}

/* Where the flags can not be read the account counts as enabled: who is
   left out must be known to be disabled. */
static bool is_disabled(const struct putting *putting)
{
	struct object_value value;
	unsigned long flags;

	return object_first(putting->object, "userAccountControl", &value) &&
		text_to_ulong(&flags,
			arena_strndup(
				putting->scratch, value.bytes, value.len)) &&
		(flags & ACCOUNTDISABLE) != 0;
}

static bool is_skipped(const struct putting *putting)
{
	return putting->directory->preset == PRESET_ACTIVE_DIRECTORY &&
		putting->directory->skips_disabled && is_disabled(putting) &&
		!object_has_disabled_account(putting->object, putting->scratch);
}

void object_put(const struct directory *directory, const struct object *object,
	const struct sink *sink, struct arena *scratch)
{
	struct putting putting = { directory, object, sink, scratch, 0 };
	const char *target;

	arena_reset(scratch);
	if (is_skipped(&putting))
		return;
	const struct addresses addresses = take_addresses(&putting);

	if (addresses.count == 0 && putting.n_bad == 0)
		return;
	sink->object(sink->context,
		object_class(object,
			directory->preset == PRESET_ACTIVE_DIRECTORY, scratch));
	if (addresses.count > 0 && pick_target(&putting, &target))
		put_addresses(&putting, &addresses, target);
}
