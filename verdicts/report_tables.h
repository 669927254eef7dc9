/* The same numbers without charts, for a browser that runs no programs. */
#ifndef VERDICTS_REPORT_TABLES_H
#define VERDICTS_REPORT_TABLES_H

struct report_data;
struct text;

/* Appends HTML; what strangers wrote stands in it as text. */
void report_tables(struct text *out, const struct report_data *data);
/* "2026-11-20 09:05 to 2026-11-21 10:00", as HTML text. */
void report_period(struct text *out, const struct report_data *data);
/* A paragraph with what was asked, where that is told. */
void report_question(struct text *out, const struct report_data *data);

#endif
