/* RFC 4511 section 4.1.11: whether a control has a value is up to its kind. */
#include "directory/ldap_answer.h"

LDAPControl *ldap_answer_control(LDAPControl **controls, const char *oid)
{
	LDAPControl *control = ldap_control_find(oid, controls, NULL);

	return control == NULL || control->ldctl_value.bv_len == 0 ? NULL
								   : control;
}

BerElement *ldap_answer_value(LDAPControl **controls, const char *oid)
{
	LDAPControl *control = ldap_answer_control(controls, oid);

	return control == NULL ? NULL : ber_init(&control->ldctl_value);
}
