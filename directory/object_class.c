/*
 * msExchRecipientTypeDetails is one bit of 64 (RecipientTypeDetails of the
 * Exchange API); Exchange 2003 has none, there msExchMasterAccountSid marks
 * a mailbox whose account is disabled because others use it.  The order of
 * object classes means nothing in LDAP (RFC 4512, 2.4), so they are looked
 * for in an order of our own: the more it says, the earlier.
 */
#include "directory/object_class.h"

#include "base/arena.h"
#include "base/text.h"
#include "directory/object.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const struct exchange_type {
	unsigned bit;
	const char *name;
	bool has_disabled_account;
} EXCHANGE_TYPES[] = {
	{ 0, "UserMailbox", false },
	{ 1, "LinkedMailbox", true },
	{ 2, "SharedMailbox", true },
	{ 3, "LegacyMailbox", false },
	{ 4, "RoomMailbox", true },
	{ 5, "EquipmentMailbox", true },
	{ 6, "MailContact", false },
	{ 7, "MailUser", false },
	{ 8, "MailUniversalDistributionGroup", false },
	{ 9, "MailNonUniversalGroup", false },
	{ 10, "MailUniversalSecurityGroup", false },
	{ 11, "DynamicDistributionGroup", false },
	{ 12, "PublicFolder", false },
	{ 13, "SystemAttendantMailbox", true },
	{ 14, "SystemMailbox", true },
	{ 15, "MailForestContact", false },
	{ 22, "MicrosoftExchange", true },
	{ 23, "ArbitrationMailbox", true },
	{ 28, "RoomList", false },
	{ 29, "DiscoveryMailbox", true },
	{ 31, "RemoteUserMailbox", false },
	{ 33, "RemoteRoomMailbox", true },
	{ 34, "RemoteEquipmentMailbox", true },
	{ 35, "RemoteSharedMailbox", true },
	{ 36, "PublicFolderMailbox", true },
	{ 37, "TeamMailbox", true },
	{ 38, "RemoteTeamMailbox", true },
	{ 39, "MonitoringMailbox", true },
	{ 40, "GroupMailbox", true },
};

static const char *const GROUPS[] = { "msExchDynamicDistributionList",
	"publicFolder", "group", NULL };

/* The most telling first. */
static const char *const KNOWN[] = { "msExchDynamicDistributionList",
	"publicFolder", "msExchSystemMailbox", "group", "contact", "computer",
	"mailList", "mailGroup", "nisMailAlias", "groupOfUniqueNames",
	"groupOfNames", "groupOfURLs", "posixGroup", "room", "user", "mailUser",
	"inetOrgPerson", "account", "organizationalRole", "organizationalUnit",
	NULL };

/* Abstract ones, those above the known, and what is added to any object. */
static const char *const MERE[] = { "top", "person", "organizationalPerson",
	"residentialPerson", "posixAccount", "shadowAccount",
	"inetLocalMailRecipient", "mailRecipient", "qmailUser",
	"extensibleObject", "simpleSecurityObject", "uidObject", "dcObject",
	"securityPrincipal", "msExchBaseClass", "msExchMailStorage", NULL };

bool object_first(
	const struct object *object, const char *name, struct object_value *out)
{
	for (size_t i = 0; i < object->n_attributes; i++) {
		const struct object_attribute *at = &object->attributes[i];

		if (at->n_values > 0 && strcasecmp(at->name, name) == 0) {
			*out = at->values[0];
			return true;
		}
	}
	return false;
}

static bool equals(const struct object_value *value, const char *name)
{
	return value->len == strlen(name) &&
		strncasecmp(value->bytes, name, value->len) == 0;
}

static bool is_class_attribute(const struct object_attribute *attribute)
{
	return strcasecmp(attribute->name, "objectClass") == 0;
}

static bool has_class(const struct object *object, const char *name)
{
	for (size_t i = 0; i < object->n_attributes; i++) {
		const struct object_attribute *at = &object->attributes[i];

		for (size_t k = 0; is_class_attribute(at) && k < at->n_values;
			k++) {
			if (equals(&at->values[k], name))
				return true;
		}
	}
	return false;
}

static const char *find_class(
	const struct object *object, const char *const *names)
{
	while (*names != NULL && !has_class(object, *names))
		names++;
	return *names;
}

/* A descriptor or an OID; a server may send anything. */
static bool is_telling(const struct object_value *value)
{
	for (size_t i = 0; MERE[i] != NULL; i++) {
		if (equals(value, MERE[i]))
			return false;
	}
	for (size_t i = 0; i < value->len; i++) {
		if (!isalnum((unsigned char)value->bytes[i]) &&
			value->bytes[i] != '-' && value->bytes[i] != '.')
			return false;
	}
	return value->len > 0;
}

static const char *find_telling(
	const struct object *object, struct arena *arena)
{
	for (size_t i = 0; i < object->n_attributes; i++) {
		const struct object_attribute *at = &object->attributes[i];

		for (size_t k = 0; is_class_attribute(at) && k < at->n_values;
			k++) {
			const struct object_value *value = &at->values[k];

			if (is_telling(value))
				return arena_strndup(
					arena, value->bytes, value->len);
		}
	}
	return NULL;
}

/* NULL where Exchange says nothing, or nothing that is known here. */
static const struct exchange_type *find_type(
	const struct object *object, struct arena *arena)
{
	const size_t count = sizeof EXCHANGE_TYPES / sizeof *EXCHANGE_TYPES;
	struct object_value value;
	unsigned long details;

	if (!object_first(object, "msExchRecipientTypeDetails", &value) ||
		!text_to_ulong(
			&details, arena_strndup(arena, value.bytes, value.len)))
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (1ULL << EXCHANGE_TYPES[i].bit == details)
			return &EXCHANGE_TYPES[i];
	}
	return NULL;
}

const char *object_class(
	const struct object *object, bool has_exchange, struct arena *arena)
{
	const struct exchange_type *type =
		has_exchange ? find_type(object, arena) : NULL;

	if (type != NULL)
		return type->name;
	const char *class = find_class(object, KNOWN);

	if (class == NULL)
		class = find_telling(object, arena);
	if (class == NULL)
		class = find_class(object, MERE + 1);
	return class == NULL ? "object" : class;
}

bool object_is_group(const struct object *object)
{
	return find_class(object, GROUPS) != NULL;
}

bool object_has_disabled_account(
	const struct object *object, struct arena *arena)
{
	const struct exchange_type *type = find_type(object, arena);
	struct object_value value;

	if (type != NULL)
		return type->has_disabled_account;
	return object_first(object, "msExchMasterAccountSid", &value);
}
