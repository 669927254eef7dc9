/*
 * What was asked, as it was written: a page that is kept says later what it
 * shows and what it leaves out.
 */
#ifndef VERDICTS_QUESTION_H
#define VERDICTS_QUESTION_H

struct text;

/*
 * Appends "policyd verdicts --since 1w": words[0] is "verdicts", NULL ends
 * them.  What a shell would take for more than a word stands in its quotes;
 * bytes that may not be shown are written as verdict_show() does.
 */
void question_format(struct text *out, char *const *words);

#endif
