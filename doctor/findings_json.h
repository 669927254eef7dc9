/* Findings for a program: one object, keys in a stable order. */
#ifndef DOCTOR_FINDINGS_JSON_H
#define DOCTOR_FINDINGS_JSON_H

#include "doctor/checks.h"

#include <stdio.h>

/*
 * {postfix: {config_directory, mail_version}, checks: [identifiers of those
 * that ran], findings: [{check, severity, subject, text, fix}]}
 */
void findings_json(const struct examination *examination,
	const struct check_list *checks, FILE *out);

#endif
