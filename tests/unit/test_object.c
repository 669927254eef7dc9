#include "directory/object.h"

#include "namespace/ldap_settings.h"

#include "sink_text.h"
#include "unit_main.h"

enum { ATTRIBUTES_MAX = 24, FIELDS_MAX = 3 };

/* "name=value\n" for each; the value may have any byte but a newline. */
#define LINES(text) .lines = text, .len = sizeof text - 1

#define AD PRESET_ACTIVE_DIRECTORY
#define LDAP PRESET_OPENLDAP
#define NONE PRESET_NONE

static const struct object_case {
	const char *name;
	enum directory_preset preset;
	const char *lines;
	size_t len;
	const char *found;
	const char *fields[FIELDS_MAX];
	const char *target;
	bool skips_disabled;
} CASES[] = {
	/* whose addresses count */
	{ "mailbox", AD,
		LINES("objectClass=top\nobjectClass=user\n"
		      "msExchRecipientTypeDetails=1\nmail=x@y\n"
		      "proxyAddresses=SMTP:a@b\nproxyAddresses=smtp:c@d\n"),
		"class UserMailbox\nDN a@b\nDN c@d\n" },
	{ "blank behind the type", AD,
		LINES("objectClass=user\nproxyAddresses=SMTP: a@b \n"),
		"class user\nDN a@b\n" },
	{ "no type is SMTP", AD, LINES("proxyAddresses=a@b\n"),
		"class object\nDN a@b\n" },
	{ "other types are dropped", AD,
		LINES("objectClass=user\nproxyAddresses=sip:a@b\n"
		      "proxyAddresses=x500:/o=x\xE9/cn=\x01\n"
		      "proxyAddresses=X400:C=US;A= ;P=x;DDA:SMTP=u(a)x;\n"
		      "proxyAddresses=EUM:1;phone-context=x\n"
		      "proxyAddresses=smtps:a@b\n"
		      "proxyAddresses=SMTP:k@b\n"),
		"class user\nDN k@b\n" },
	{ "proxies without SMTP leave none, mail or not", AD,
		LINES("mailNickname=a\nmail=a@b\nproxyAddresses=x500:/o=x\n"),
		"" },
	{ "mail of a plain account", AD, LINES("objectClass=user\nmail=a@b\n"),
		"" },
	{ "mail with a nickname", AD,
		LINES("objectClass=user\nmail=a@b\nmailNickname=a\n"),
		"class user\nDN a@b\n" },
	{ "names in any case", AD,
		LINES("OBJECTCLASS=USER\nPROXYADDRESSES=smtp:a@b\n"),
		"class user\nDN a@b\n" },
	{ "separators do not separate", AD,
		LINES("proxyAddresses=smtp:\"a;b,c%d\"@e\n"),
		"class object\nDN \"a;b,c%d\"@e\n" },
	{ "no address", AD, LINES("objectClass=group\ncn=x\n"), "" },
	{ "no attribute", AD, LINES(""), "" },

	/* targets */
	{ "contact", AD,
		LINES("objectClass=contact\nproxyAddresses=SMTP:a@b\n"
		      "targetAddress=SMTP:a@c\n"),
		"class contact\nDN a@b -> a@c\n" },
	{ "contact without proxies", AD,
		LINES("objectClass=contact\nmail=a@b\n"
		      "targetAddress=SMTP: a@c\n"),
		"class contact\nDN a@b -> a@c\n" },
	{ "migrated mailbox", AD,
		LINES("objectClass=user\nmsExchRecipientTypeDetails=128\n"
		      "proxyAddresses=SMTP:a@b\nproxyAddresses=smtp:a@c\n"
		      "targetAddress=SMTP:a@cloud.example\n"),
		"class MailUser\nDN a@b -> a@cloud.example\n"
		"DN a@c -> a@cloud.example\n" },
	{ "target among its own addresses", AD,
		LINES("proxyAddresses=SMTP:a@b\nproxyAddresses=smtp:a@c\n"
		      "targetAddress=smtp:A@C\n"),
		"class object\nDN a@b\nDN a@c -> A@C\n" },
	{ "target that is not SMTP", AD,
		LINES("proxyAddresses=SMTP:a@b\n"
		      "targetAddress=X400:c=US;a= ;\n"),
		"class object\nDN a@b\n" },
	{ "group with a target", AD,
		LINES("objectClass=group\nproxyAddresses=SMTP:a@b\n"
		      "targetAddress=SMTP:a@c\n"),
		"class group\nDN a@b\n" },
	{ "public folder with a target", AD,
		LINES("objectClass=publicFolder\nproxyAddresses=SMTP:a@b\n"
		      "targetAddress=SMTP:a@c\n"),
		"class publicFolder\nDN a@b\n" },
	{ "two targets", AD,
		LINES("proxyAddresses=SMTP:a@b\ntargetAddress=SMTP:a@c\n"
		      "targetAddress=SMTP:a@d\n"),
		"class object\n"
		"DN BAD more than one target: a contact has one\n" },
	{ "bad target", AD,
		LINES("proxyAddresses=SMTP:a@b\ntargetAddress=SMTP:a\x01@c\n"),
		"class object\nDN BAD targetAddress has a control character in "
		"\"SMTP:a?@c\"\n" },

	/* disabled accounts */
	{ "disabled, kept", AD,
		LINES("userAccountControl=514\nproxyAddresses=SMTP:a@b\n"),
		"class object\nDN a@b\n" },
	{ "disabled, skipped", AD,
		LINES("objectClass=user\nmsExchRecipientTypeDetails=1\n"
		      "userAccountControl=514\nproxyAddresses=SMTP:a@b\n"),
		"", .skips_disabled = true },
	{ "enabled", AD,
		LINES("userAccountControl=512\nproxyAddresses=SMTP:a@b\n"),
		"class object\nDN a@b\n", .skips_disabled = true },
	{ "flags that can not be read", AD,
		LINES("userAccountControl=514x\nproxyAddresses=SMTP:a@b\n"),
		"class object\nDN a@b\n", .skips_disabled = true },
	{ "shared mailbox", AD,
		LINES("msExchRecipientTypeDetails=4\nuserAccountControl=514\n"
		      "proxyAddresses=SMTP:a@b\n"),
		"class SharedMailbox\nDN a@b\n", .skips_disabled = true },
	{ "room mailbox", AD,
		LINES("msExchRecipientTypeDetails=16\nuserAccountControl=514\n"
		      "proxyAddresses=SMTP:a@b\n"),
		"class RoomMailbox\nDN a@b\n", .skips_disabled = true },
	{ "equipment mailbox", AD,
		LINES("msExchRecipientTypeDetails=32\nuserAccountControl=514\n"
		      "proxyAddresses=SMTP:a@b\n"),
		"class EquipmentMailbox\nDN a@b\n", .skips_disabled = true },
	{ "linked mailbox", AD,
		LINES("msExchRecipientTypeDetails=2\nuserAccountControl=514\n"
		      "proxyAddresses=SMTP:a@b\n"),
		"class LinkedMailbox\nDN a@b\n", .skips_disabled = true },
	{ "shared mailbox in the cloud", AD,
		LINES("msExchRecipientTypeDetails=34359738368\n"
		      "userAccountControl=514\nproxyAddresses=SMTP:a@b\n"),
		"class RemoteSharedMailbox\nDN a@b\n", .skips_disabled = true },
	{ "linked mailbox of Exchange 2003", AD,
		LINES("objectClass=user\nuserAccountControl=514\n"
		      "msExchMasterAccountSid=\x01\x05\n"
		      "proxyAddresses=SMTP:a@b\n"),
		"class user\nDN a@b\n", .skips_disabled = true },
	{ "user mailbox with a master account", AD,
		LINES("msExchRecipientTypeDetails=1\nuserAccountControl=514\n"
		      "msExchMasterAccountSid=\x01\x05\n"
		      "proxyAddresses=SMTP:a@b\n"),
		"", .skips_disabled = true },
	{ "disabled by another preset's attribute", LDAP,
		LINES("userAccountControl=514\nmail=a@b\n"),
		"class object\nDN a@b\n", .skips_disabled = true },

	/* classes */
	{ "dynamic group", AD,
		LINES("objectClass=top\nobjectClass="
		      "msExchDynamicDistributionList\n"
		      "proxyAddresses=SMTP:a@b\n"),
		"class msExchDynamicDistributionList\nDN a@b\n" },
	{ "type without a name", AD,
		LINES("objectClass=user\nmsExchRecipientTypeDetails=3\n"
		      "proxyAddresses=SMTP:a@b\n"),
		"class user\nDN a@b\n" },
	{ "type that is no number", AD,
		LINES("objectClass=user\nmsExchRecipientTypeDetails=1x\n"
		      "proxyAddresses=SMTP:a@b\n"),
		"class user\nDN a@b\n" },
	{ "a preset that knows no types", LDAP,
		LINES("msExchRecipientTypeDetails=1\nmail=a@b\n"),
		"class object\nDN a@b\n" },
	{ "known before unknown, in any order", LDAP,
		LINES("objectClass=x-own\nobjectClass=person\n"
		      "objectClass=inetOrgPerson\nmail=a@b\n"),
		"class inetOrgPerson\nDN a@b\n" },
	{ "unknown before mere", LDAP,
		LINES("objectClass=top\nobjectClass=posixAccount\n"
		      "objectClass=x-own\nmail=a@b\n"),
		"class x-own\nDN a@b\n" },
	{ "mere before none", LDAP,
		LINES("objectClass=top\nobjectClass=person\nmail=a@b\n"),
		"class person\nDN a@b\n" },
	{ "a class to break lines with", LDAP,
		LINES("objectClass=x\ty\nobjectClass=\nmail=a@b\n"),
		"class object\nDN a@b\n" },

	/* the other preset */
	{ "openldap", LDAP,
		LINES("objectClass=inetOrgPerson\nmail=a@b\n"
		      "mailAlternateAddress=c@d\nmailLocalAddress=e@f\n"
		      "mailRoutingAddress=a@inner\n"),
		"class inetOrgPerson\nDN a@b\nDN c@d\nDN e@f\n" },
	{ "several values, and with options", LDAP,
		LINES("mail=a@b\nmail=c@d\nMAIL=e@f\n"),
		"class object\nDN a@b\nDN c@d\nDN e@f\n" },

	/* configured attributes */
	{ "configured", NONE, LINES("mail=a@b\nx-mail=smtp:c@d\n"),
		"class object\nDN c@d\n", { "x-mail", "no-mail" } },
	{ "configured twice", NONE, LINES("mail=a@b\n"),
		"class object\nDN a@b\n", { "mail", "MAIL" } },
	{ "configured target", NONE, LINES("mail=a@b\nto=a@c\n"),
		"class object\nDN a@b -> a@c\n", { "mail" }, "to" },
	{ "configured target of a group", NONE,
		LINES("objectClass=group\nmail=a@b\nto=a@c\n"),
		"class group\nDN a@b -> a@c\n", { "mail" }, "to" },
	{ "configured in place of a preset's", AD,
		LINES("objectClass=user\nmail=a@b\nproxyAddresses=SMTP:c@d\n"
		      "targetAddress=SMTP:e@f\n"),
		"class user\nDN a@b -> e@f\n", { "mail" } },
	{ "configured in place of a preset's, and of mail", AD,
		LINES("mailNickname=a\nmail=a@b\nx-mail=c@d\n"),
		"class object\nDN c@d\n", { "x-mail" } },
	{ "target in place of a preset's", LDAP,
		LINES("mail=a@b\nmailRoutingAddress=a@inner\n"),
		"class object\nDN a@b -> a@inner\n", { NULL },
		"mailRoutingAddress" },

	/* values that can be no address */
	{ "NUL", LDAP, LINES("mail=a@b\0c\nmail=d@e\n"),
		"DN BAD mail has a NUL byte in \"a@b?c\"\nclass object\n"
		"DN d@e\n" },
	{ "newline's kin", LDAP, LINES("mail=a\r@b\n"),
		"DN BAD mail has a control character in \"a?@b\"\n"
		"class object\n" },
	{ "delete", LDAP, LINES("mail=a\x7f@b\n"),
		"DN BAD mail has a control character in \"a?@b\"\n"
		"class object\n" },
	{ "control of C1", LDAP, LINES("mail=a\xC2\x85@b\n"),
		"DN BAD mail has a control character in \"a??@b\"\n"
		"class object\n" },
	{ "Latin-1", LDAP, LINES("mail=j\xFCrgen@b\n"),
		"DN BAD mail has a byte that is not UTF-8 in "
		"\"j?rgen@b\"\nclass object\n" },
	{ "half a character", LDAP, LINES("mail=a@b\xC3\n"),
		"DN BAD mail has a byte that is not UTF-8 in \"a@b?\"\n"
		"class object\n" },
	{ "UTF-8", LDAP, LINES("mail=j\xC3\xBCrgen@b\n"),
		"class object\nDN j\xC3\xBCrgen@b\n" },
	{ "empty", LDAP, LINES("mail=\n"),
		"DN BAD mail has no address in \"\"\nclass object\n" },
	{ "type alone", AD, LINES("proxyAddresses=smtp: \n"),
		"DN BAD proxyAddresses has no address in \"smtp: \"\n"
		"class object\n" },
	{ "long", LDAP,
		LINES("mail=\x01"
		      "0123456789012345678901234567890123456789012345678"
		      "0123456789012345678901234567890123456789012345678"
		      "0123456789\n"),
		"DN BAD mail has a control character in \"?"
		"0123456789012345678901234567890123456789012345678"
		"0123456789012345678901234567890123456789012345678"
		"0...\"\nclass object\n" },
	{ "what a filter would read is an address like any", LDAP,
		LINES("mail=*)(objectClass=*\nmail=a*(b)\\2a\\00@c\n"),
		"class object\nDN *)(objectClass=*\nDN a*(b)\\2a\\00@c\n" },
};

/* What one case's lines are, as a directory service would give them. */
struct given {
	struct object_attribute attributes[ATTRIBUTES_MAX];
	struct object_value values[ATTRIBUTES_MAX];
	struct object object;
};

/* A block of its own, so that an overrun is seen. */
static struct object_value value_of(const char *bytes, size_t len)
{
	char *copy = malloc(len == 0 ? 1 : len);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, bytes, len);
	return (struct object_value){ copy, len };
}

static void give(
	struct given *given, const char *lines, size_t len, struct arena *arena)
{
	const char *end = lines + len;
	size_t count = 0;

	while (lines < end) {
		const size_t name_len = strcspn(lines, "=");
		const char *value = lines + name_len + 1;
		const char *stop = rawmemchr(lines, '\n');

		ck_assert(value <= stop);
		ck_assert_uint_lt(count, ATTRIBUTES_MAX);
		given->values[count] = value_of(value, (size_t)(stop - value));
		given->attributes[count] = (struct object_attribute){
			arena_strndup(arena, lines, name_len),
			&given->values[count], 1
		};
		count++;
		lines = stop + 1;
	}
	given->object = (struct object){ "DN", given->attributes, count };
}

static void take_back(struct given *given)
{
	for (size_t i = 0; i < given->object.n_attributes; i++)
		free((void *)given->values[i].bytes);
}

static struct directory directory_of(
	const struct object_case *c, const char **fields)
{
	struct directory directory = { .preset = c->preset,
		.fields = fields,
		.target_field = c->target,
		.skips_disabled = c->skips_disabled };

	for (size_t i = 0; i < FIELDS_MAX && c->fields[i] != NULL; i++)
		fields[directory.n_fields++] = c->fields[i];
	return directory;
}

START_TEST(objects_are_put)
{
	const struct object_case *c = &CASES[_i];
	const char *fields[FIELDS_MAX];
	const struct directory directory = directory_of(c, fields);
	struct arena *arena = arena_open(), *scratch = arena_open();
	struct given given;
	struct text found;
	struct sink sink = sink_text(&found);

	text_init(&found);
	sink.object = sink_text_object;
	give(&given, c->lines, c->len, arena);
	object_put(&directory, &given.object, &sink, scratch);
	ck_assert_msg(strcmp(text_of(&found), c->found) == 0, "%s: %s", c->name,
		text_of(&found));
	take_back(&given);
	text_fini(&found);
	arena_close(&scratch);
	arena_close(&arena);
}
END_TEST

/* As a server answers that was asked for types only. */
START_TEST(attributes_without_values_are_none)
{
	static const struct object_attribute NONE_OF_IT[] = {
		{ "objectClass", NULL, 0 }, { "proxyAddresses", NULL, 0 },
		{ "mail", NULL, 0 }, { "mailNickname", NULL, 0 },
		{ "targetAddress", NULL, 0 }, { "userAccountControl", NULL, 0 }
	};
	static const struct object object = { "DN", NONE_OF_IT,
		COUNT(NONE_OF_IT) };
	static const struct directory directory = {
		.preset = PRESET_ACTIVE_DIRECTORY, .skips_disabled = true
	};
	struct arena *scratch = arena_open();
	struct text found;
	struct sink sink = sink_text(&found);

	text_init(&found);
	sink.object = sink_text_object;
	object_put(&directory, &object, &sink, scratch);
	ck_assert_str_eq(text_of(&found), "");
	text_fini(&found);
	arena_close(&scratch);
}
END_TEST

static const struct asked_case {
	const char *name;
	enum directory_preset preset;
	const char *attributes, *filter;
	const char *fields[FIELDS_MAX];
	const char *target;
	const char *configured;
} ASKED[] = {
	{ "active-directory", .preset = AD,
		"proxyAddresses targetAddress mail mailNickname "
		"userAccountControl msExchRecipientTypeDetails "
		"msExchMasterAccountSid objectClass ",
		"(|(proxyAddresses=*)"
		"(&(mail=*)(|(mailNickname=*)(targetAddress=*))))" },
	{ "openldap", .preset = LDAP,
		"mail mailAlternateAddress mailLocalAddress objectClass ",
		"(|(mail=*)(mailAlternateAddress=*)(mailLocalAddress=*))" },
	{ "attributes", .preset = NONE, "a b objectClass ", "(|(a=*)(b=*))",
		{ "a", "b" } },
	{ "one attribute", .preset = NONE, "mail to objectClass ", "(mail=*)",
		{ "mail" }, "to" },
	{ "attributes of a preset", .preset = AD,
		"mail targetAddress mailNickname userAccountControl "
		"msExchRecipientTypeDetails msExchMasterAccountSid "
		"objectClass ",
		"(mail=*)", { "MAIL" } },
	{ "twice", .preset = NONE, "mail objectClass ", "(mail=*)",
		{ "mail", "Mail" }, "mail" },
	{ "filter", .preset = AD,
		"x targetAddress mail mailNickname userAccountControl "
		"msExchRecipientTypeDetails msExchMasterAccountSid "
		"objectClass ",
		"(ou=people)", { "x" }, NULL, "(ou=people)" },
	{ "a name that would be a filter", .preset = NONE,
		"a)(b=* objectClass ", "(a\\29\\28b\\3d\\2a=*)", { "a)(b=*" } },
};

START_TEST(servers_are_asked_for_what_counts)
{
	const struct asked_case *c = &ASKED[_i];
	const char *fields[FIELDS_MAX];
	const struct ldap_settings ldap = { .filter = c->configured };
	struct arena *arena = arena_open();
	struct text found;
	struct directory directory = { .preset = c->preset,
		.fields = fields,
		.target_field = c->target,
		.ldap = &ldap };

	text_init(&found);
	for (size_t i = 0; i < FIELDS_MAX && c->fields[i] != NULL; i++)
		fields[directory.n_fields++] = c->fields[i];
	const char *const *names = object_attributes(&directory, arena);

	for (size_t i = 0; names[i] != NULL; i++)
		text_addf(&found, "%s ", names[i]);
	ck_assert_msg(strcasecmp(text_of(&found), c->attributes) == 0, "%s: %s",
		c->name, text_of(&found));
	ck_assert_msg(
		strcasecmp(object_filter(&directory, arena), c->filter) == 0,
		"%s: %s", c->name, object_filter(&directory, arena));
	directory.ldap = NULL;
	if (c->configured == NULL)
		ck_assert(strcasecmp(object_filter(&directory, arena),
				  c->filter) == 0);
	text_fini(&found);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, objects_are_put, 0, COUNT(CASES));
	tcase_add_test(tcase, attributes_without_values_are_none);
	tcase_add_loop_test(
		tcase, servers_are_asked_for_what_counts, 0, COUNT(ASKED));
	return unit_run(suite_create("object"), tcase);
}
