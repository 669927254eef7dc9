/* Findings for a person's eyes. */
#ifndef DOCTOR_FINDINGS_TEXT_H
#define DOCTOR_FINDINGS_TEXT_H

#include "doctor/findings.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * By severity, the lines that mend each indented below it, and at the end
 * how many there are; or that n_checks found nothing.  errors_alone: no
 * other severity, and nothing at the end.
 */
void findings_text(const struct findings *findings, size_t n_checks,
	bool errors_alone, FILE *out);

#endif
