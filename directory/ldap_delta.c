/* DNs are compared as RFC 4514 strings that libldap has normalised. */
#include "directory/ldap_delta.h"

#include "base/arena.h"

#include <string.h>
#include <strings.h>

bool ldap_delta_has(
	const struct object *object, const char *name, const char *value)
{
	const struct object_attribute *found =
		ldap_entry_attribute(object, name);
	const size_t len = strlen(value);

	for (size_t i = 0; found != NULL && i < found->n_values; i++)
		if (found->values[i].len == len &&
			strncasecmp(found->values[i].bytes, value, len) == 0)
			return true;
	return false;
}

/* For ldap_memfree(); NULL where it is no DN. */
static char *normalize(const char *dn)
{
	char *normal = NULL;

	if (ldap_dn_normalize(dn, LDAP_DN_FORMAT_LDAP, &normal,
		    LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS)
		return NULL;
	return normal;
}

/* Neither comma escaped: then the shorter one could begin within a value. */
static bool ends_with_dn(const char *dn, const char *above)
{
	const size_t len = strlen(dn), above_len = strlen(above);

	if (len < above_len || strcasecmp(dn + (len - above_len), above) != 0)
		return false;
	if (len == above_len || above_len == 0)
		return true;
	return dn[len - above_len - 1] == ',' &&
		(len - above_len < 2 || dn[len - above_len - 2] != '\\');
}

bool ldap_delta_is_within(const char *dn, const char *above)
{
	char *normal = normalize(dn), *normal_above = normalize(above);
	const bool is_within = normal != NULL && normal_above != NULL &&
		ends_with_dn(normal, normal_above);

	ldap_memfree(normal);
	ldap_memfree(normal_above);
	return is_within;
}

const char *ldap_delta_parent(const char *dn, struct arena *arena)
{
	LDAPDN parts = NULL;
	char *text = NULL;

	if (ldap_str2dn(dn, &parts, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS)
		return NULL;
	if (parts != NULL && parts[0] != NULL && parts[1] != NULL)
		ldap_dn2str(parts + 1, &text, LDAP_DN_FORMAT_LDAPV3);
	const char *parent = text == NULL ? NULL : arena_strdup(arena, text);

	ldap_memfree(text);
	ldap_dnfree(parts);
	return parent;
}

void ldap_delta_put(const struct ldap_delta *delta, const unsigned char id[16],
	const struct object *object)
{
	const struct sink sink = sync_store_begin(delta->store, id);

	object_put(delta->directory, object, &sink, delta->scratch);
}
