/* What a report knows, for the page's own program. */
#ifndef VERDICTS_REPORT_JSON_H
#define VERDICTS_REPORT_JSON_H

struct report_data;
struct text;

/*
 * Appends one JSON object (RFC 8259) in plain ASCII, without "<", ">" or "&",
 * so that it can stand in a script element: nothing in it can end it.
 */
void report_json(struct text *out, const struct report_data *data);

#endif
