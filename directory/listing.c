/*
 * "postshare-directory 1", lines of KEY TAB ORIGIN [TAB TARGET], lines
 * "class N NAME", and a last line "count N" by which a copy that lost its
 * end is known.  There may be millions of entries, so a line is looked at
 * by memchr(3) alone.
 */
#include "directory/listing.h"

#include "base/text.h"
#include "directory/class_counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char HEAD[] = "postshare-directory 1\n";
static const char CLASS[] = "class ";
static const char COUNT[] = "count ";
/* A count has at most 20 digits. */
enum { LAST_LINE_MAX = sizeof COUNT + 20, CLASS_LINE_MAX = 256 };
_Static_assert(
	(int)LISTING_END > (int)LAST_LINE_MAX, "a last line and an end before");
enum { LINE_MEAN_MAX = 4096 };

void listing_put_head(struct text *text)
{
	text_add(text, HEAD, sizeof HEAD - 1);
}

void listing_put_tail(
	struct text *text, const struct class_counts *classes, size_t n_entries)
{
	for (size_t i = 0; i < classes->n_classes; i++)
		text_addf(text, "%s%zu %s\n", CLASS, classes->list[i].count,
			classes->list[i].class);
	text_addf(text, "%s%zu\n", COUNT, n_entries);
}

/* "count N\n" and no more, as it is written. */
static bool count_parse(struct slice line, size_t *count)
{
	char text[LAST_LINE_MAX];
	unsigned long number;

	if (line.len > sizeof text || !slice_starts(line, COUNT))
		return false;
	const struct slice digits = slice_after(line, sizeof COUNT - 1);

	if (digits.len < 2 || digits.bytes[digits.len - 1] != '\n' ||
		(digits.bytes[0] == '0' && digits.len != 2))
		return false;
	memcpy(text, digits.bytes, digits.len - 1);
	text[digits.len - 1] = '\0';
	if (!text_to_ulong(&number, text))
		return false;
	*count = number;
	return true;
}

/* The last line, with its end; the whole text where it is but one. */
static struct slice last_line(struct slice text)
{
	const char *before =
		text.len < 2 ? NULL : memrchr(text.bytes, '\n', text.len - 1);

	return before == NULL
		? text
		: slice_after(text, (size_t)(before + 1 - text.bytes));
}

bool listing_begin(
	struct listing_walk *walk, struct slice text, size_t *n_entries)
{
	*walk = (struct listing_walk){ text.bytes, text.bytes + text.len };
	if (!slice_starts(text, HEAD) ||
		memchr(text.bytes, '\0', text.len) != NULL ||
		!count_parse(last_line(text), n_entries))
		return false;
	walk->at += sizeof HEAD - 1;
	return true;
}

/* Something, "@", something; *domain is the latter. */
static bool is_key(struct slice key, struct slice *domain)
{
	const char *at = memrchr(key.bytes, '@', key.len);

	if (at == NULL || at == key.bytes)
		return false;
	*domain = slice_after(key, (size_t)(at + 1 - key.bytes));
	return domain->len != 0;
}

/* What stands before c, and rest is what follows it. */
static bool cut(struct slice *out, struct slice *rest, char c)
{
	const char *end = memchr(rest->bytes, c, rest->len);

	if (end == NULL)
		return false;
	out->bytes = rest->bytes;
	out->len = (size_t)(end - rest->bytes);
	*rest = slice_after(*rest, out->len + 1);
	return true;
}

bool listing_next(struct listing_walk *walk, struct listing_entry *out)
{
	struct slice rest = { walk->at, (size_t)(walk->end - walk->at) };
	struct slice line;
	struct slice ignored;

	if (!cut(&line, &rest, '\n') || !cut(&out->address, &line, '\t') ||
		!is_key(out->address, &out->domain))
		return false;
	out->target = (struct slice){ line.bytes + line.len, 0 };
	if (cut(&out->origin, &line, '\t')) {
		out->target = line;
		if (!is_key(line, &ignored))
			return false;
	} else {
		out->origin = line;
	}
	walk->at = rest.bytes;
	return true;
}

/* "class N NAME"; with a tab in it, it could be an entry as well. */
static bool class_parse(
	struct slice line, char name[CLASS_LINE_MAX], size_t *count)
{
	char *end;

	if (!slice_starts(line, CLASS))
		return false;
	const struct slice rest = slice_after(line, sizeof CLASS - 1);

	if (rest.len == 0 || rest.len >= CLASS_LINE_MAX ||
		rest.bytes[0] < '0' || rest.bytes[0] > '9' ||
		memchr(rest.bytes, '\t', rest.len) != NULL)
		return false;
	memcpy(name, rest.bytes, rest.len);
	name[rest.len] = '\0';
	errno = 0;
	*count = strtoul(name, &end, 10);
	if (errno != 0 || end[0] != ' ' || end[1] == '\0')
		return false;
	memmove(name, end + 1, strlen(end));
	return true;
}

static bool finish(
	struct slice rest, size_t n_entries, struct class_counts *classes)
{
	char name[CLASS_LINE_MAX];
	struct slice line;
	size_t count;

	while (slice_starts(rest, CLASS)) {
		if (!cut(&line, &rest, '\n') ||
			!class_parse(line, name, &count))
			return false;
		if (classes != NULL)
			class_counts_add(classes, name, count);
	}
	return count_parse(rest, &count) && count == n_entries;
}

bool listing_finish(const struct listing_walk *walk, size_t n_entries,
	struct class_counts *classes)
{
	const struct slice rest = { walk->at, (size_t)(walk->end - walk->at) };

	return finish(rest, n_entries, NULL) &&
		(classes == NULL || finish(rest, n_entries, classes));
}

bool listing_fits(struct slice end, uint64_t size, size_t *n_entries)
{
	return count_parse(last_line(end), n_entries) &&
		size / LINE_MEAN_MAX <= *n_entries;
}

bool listing_is_somebody(const struct listing_entry *entry)
{
	return entry->target.len == 0 ||
		!slice_same(entry->target, entry->address);
}
