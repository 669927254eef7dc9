/* What needs no server: settings, ids, DNs. */
#include "directory/ldap_refresh.h"

#include "directory/ldap_sync.h"
#include "directory/ldap_usn.h"
#include "namespace/directory.h"
#include "namespace/ldap_settings.h"

#include "sink_text.h"
#include "unit_main.h"

struct fixture {
	struct ldap_settings ldap;
	struct directory directory;
	const char *fields[2];
	struct text first, second;
};

static void fixture_init(struct fixture *f)
{
	static const char *const uris[] = { "ldap://a.example", NULL };

	*f = (struct fixture){
		.ldap = { .uris = uris,
			.bind = LDAP_BIND_SIMPLE,
			.bind_dn = "cn=reader,dc=company,dc=example",
			.base = "dc=company,dc=example",
			.filter = "(mail=*)",
			.page_size = 1000 },
		.directory = { .name = "ad",
			.type = DIRECTORY_LDAP,
			.preset = PRESET_NONE,
			.n_fields = 1 },
		.fields = { "mail", "mailAlternateAddress" },
	};
	f->directory.ldap = &f->ldap;
	f->directory.fields = f->fields;
	text_init(&f->first);
	text_init(&f->second);
	ldap_refresh_settings(&f->first, &f->directory);
}

static void fixture_fini(struct fixture *f)
{
	text_fini(&f->first);
	text_fini(&f->second);
}

static bool is_same(struct fixture *f)
{
	ldap_refresh_settings(&f->second, &f->directory);
	return strcmp(text_of(&f->first), text_of(&f->second)) == 0;
}

static void set_base(struct fixture *f)
{
	f->ldap.base = "dc=example";
}

static void set_filter(struct fixture *f)
{
	f->ldap.filter = "(mail=a*)";
}

static void set_no_filter(struct fixture *f)
{
	f->ldap.filter = NULL;
	f->directory.preset = PRESET_OPENLDAP;
}

static void set_depth(struct fixture *f)
{
	f->ldap.depth = LDAP_DEPTH_ONE;
}

static void set_bind_dn(struct fixture *f)
{
	f->ldap.bind_dn = "cn=other,dc=company,dc=example";
}

static void set_anonymous(struct fixture *f)
{
	f->ldap.bind = LDAP_BIND_ANONYMOUS;
}

static void set_field(struct fixture *f)
{
	f->fields[0] = "mailLocalAddress";
}

static void set_more_fields(struct fixture *f)
{
	f->directory.n_fields = 2;
}

static void set_target(struct fixture *f)
{
	f->directory.target_field = "targetAddress";
}

static void set_preset(struct fixture *f)
{
	f->directory.preset = PRESET_ACTIVE_DIRECTORY;
}

static void set_skips_disabled(struct fixture *f)
{
	f->directory.skips_disabled = true;
}

static void set_uri(struct fixture *f)
{
	static const char *const uris[] = { "ldaps://b.example", NULL };

	f->ldap.uris = uris;
}

static void set_ways(struct fixture *f)
{
	f->ldap.starts_tls = true;
	f->ldap.page_size = 10;
	f->ldap.full_refresh_s = 5;
	f->ldap.password_file = "other";
	f->directory.timeout_s = 7;
}

static const struct setting_case {
	const char *name;
	void (*set)(struct fixture *f);
	bool is_same;
} SETTINGS[] = {
	{ "base", set_base, .is_same = false },
	{ "filter", set_filter, .is_same = false },
	{ "no filter", set_no_filter, .is_same = false },
	{ "scope", set_depth, .is_same = false },
	{ "bind-dn", set_bind_dn, .is_same = false },
	{ "bind", set_anonymous, .is_same = false },
	{ "attributes", set_field, .is_same = false },
	{ "more attributes", set_more_fields, .is_same = false },
	{ "target-attribute", set_target, .is_same = false },
	{ "preset", set_preset, .is_same = false },
	{ "disabled-accounts", set_skips_disabled, .is_same = false },
	{ "another server", set_uri, .is_same = true },
	{ "how it is reached", set_ways, .is_same = true },
};

START_TEST(settings_tell_what_decides)
{
	const struct setting_case *c = &SETTINGS[_i];
	struct fixture f;

	fixture_init(&f);
	ck_assert(is_same(&f));
	c->set(&f);
	ck_assert_msg(is_same(&f) == c->is_same, "%s: %s", c->name,
		text_of(&f.second));
	fixture_fini(&f);
}
END_TEST

#define UUID "00010203-0405-0607-0809-0a0b0c0d0eFf"

static const struct id_case {
	const char *name, *text;
	bool is_id;
} IDS[] = {
	{ "a UUID", UUID, .is_id = true },
	{ "empty", "", .is_id = false },
	{ "too short", "00010203-0405-0607-0809-0a0b0c0d0ef", .is_id = false },
	{ "too long", UUID "0", .is_id = false },
	{ "no hyphen", "0001020300405-0607-0809-0a0b0c0d0eff", .is_id = false },
	{ "hyphen elsewhere", "0001020-30405-0607-0809-0a0b0c0d0eff",
		.is_id = false },
	{ "no digit", "0001020g-0405-0607-0809-0a0b0c0d0eff", .is_id = false },
};

START_TEST(entry_uuid_is_sixteen_bytes)
{
	const struct id_case *c = &IDS[_i];
	const struct object_value value = { c->text, strlen(c->text) };
	unsigned char id[16];

	ck_assert_msg(ldap_sync_id(id, &value) == c->is_id, "%s", c->name);
	for (unsigned char i = 0; c->is_id && i < 15; i++)
		ck_assert_uint_eq(id[i], i);
	ck_assert(!c->is_id || id[15] == 0xff);
}
END_TEST

START_TEST(object_guid_is_sixteen_bytes)
{
	const char bytes[17] = "0123456789\0bcdef";
	unsigned char id[16];

	for (size_t len = 0; len <= sizeof bytes; len++) {
		const struct object_value value = { bytes, len };

		ck_assert(ldap_usn_id(id, &value) == (len == sizeof id));
	}
	ck_assert_mem_eq(id, bytes, sizeof id);
}
END_TEST

static const struct dn_case {
	const char *name, *dn, *above;
	bool is_within;
} DNS[] = {
	{ "below", "ou=a,dc=company,dc=example", "dc=company,dc=example",
		.is_within = true },
	{ "itself, in another spelling", "DC=Company, dc=EXAMPLE",
		"dc=company,DC=example", .is_within = true },
	{ "above", "dc=example", "dc=company,dc=example", .is_within = false },
	{ "beside", "dc=company2,dc=example", "dc=company,dc=example",
		.is_within = false },
	{ "ends alike", "ou=xdc=company,dc=example", "dc=company,dc=example",
		.is_within = false },
	{ "comma in a value", "ou=a\\,dc=company,dc=example",
		"dc=company,dc=example", .is_within = false },
	{ "below the root", "dc=example", "", .is_within = true },
	{ "no DN", "company", "dc=example", .is_within = false },
	{ "nothing to compare with", "dc=example", "example",
		.is_within = false },
};

START_TEST(dn_is_within_another)
{
	const struct dn_case *c = &DNS[_i];

	ck_assert_msg(ldap_delta_is_within(c->dn, c->above) == c->is_within,
		"%s", c->name);
}
END_TEST

START_TEST(attribute_has_a_value)
{
	const struct object_value values[] = { { "1.2.3", 5 }, { "Abc", 3 } };
	const struct object_attribute attribute = { "supportedControl", values,
		2 };
	const struct object object = { "", &attribute, 1 };

	ck_assert(ldap_delta_has(&object, "SupportedControl", "aBC"));
	ck_assert(ldap_delta_has(&object, "supportedControl", "1.2.3"));
	ck_assert(!ldap_delta_has(&object, "supportedControl", "1.2"));
	ck_assert(!ldap_delta_has(&object, "supportedControl", "1.2.3.4"));
	ck_assert(!ldap_delta_has(&object, "supported", "1.2.3"));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(
		tcase, settings_tell_what_decides, 0, COUNT(SETTINGS));
	tcase_add_loop_test(tcase, entry_uuid_is_sixteen_bytes, 0, COUNT(IDS));
	tcase_add_test(tcase, object_guid_is_sixteen_bytes);
	tcase_add_loop_test(tcase, dn_is_within_another, 0, COUNT(DNS));
	tcase_add_test(tcase, attribute_has_a_value);
	return unit_run(suite_create("ldap_refresh"), tcase);
}
