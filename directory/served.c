/*
 * One walk finds out whether the text is whole and fills the list, which is
 * worth nothing until then.  What follows each piece of a line is its tab or
 * its end, and becomes the NUL of a string.
 */
#include "directory/served.h"

#include "base/memory.h"
#include "directory/listing.h"
#include "namespace/recipients.h"

static size_t list_size(const struct served *served)
{
	return served->count * sizeof *served->list;
}

static const char *end_slice(const struct served *served, struct slice slice)
{
	served->text[(size_t)(slice.bytes - served->text) + slice.len] = '\0';
	return slice.bytes;
}

static void fill(const struct served *served, struct recipient *out,
	const struct listing_entry *entry)
{
	out->key = end_slice(served, entry->address);
	out->domain = entry->domain.bytes;
	out->origin = end_slice(served, entry->origin);
	if (entry->target.len != 0)
		out->target = end_slice(served, entry->target);
}

static bool parse(struct served *served, const struct directory *directory,
	struct class_counts *classes)
{
	struct listing_walk walk;
	struct listing_entry entry;
	size_t seen = 0;

	if (!listing_begin(&walk, (struct slice){ served->text, served->size },
		    &served->count) ||
		served->count > served->size)
		return false;
	served->list = memory_map(list_size(served));
	for (; seen < served->count && listing_next(&walk, &entry); seen++) {
		fill(served, &served->list[seen], &entry);
		served->list[seen].directory = directory;
	}
	return listing_finish(&walk, seen, classes);
}

bool served_parse(struct served *out, char *text, size_t size,
	const struct directory *directory, struct class_counts *classes)
{
	*out = (struct served){ .size = size };
	out->text = text;
	if (parse(out, directory, classes))
		return true;
	served_close(out);
	return false;
}

void served_add(struct served *served, struct recipients *recipients)
{
	recipients_keep(recipients, served->text, served->size);
	recipients_keep(recipients, served->list, list_size(served));
	recipients_take(recipients, served->list, served->count);
	*served = (struct served){ 0 };
}

void served_close(struct served *served)
{
	memory_unmap(served->list, list_size(served));
	memory_unmap(served->text, served->size);
	*served = (struct served){ 0 };
}
