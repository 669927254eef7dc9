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

/* Of an entry: "a@b", a tab, an origin, the end. */
enum { LINE_MIN = 6 };

void served_prepare(struct served *out, struct slice end, size_t size)
{
	*out = (struct served){ 0 };
	if (!listing_fits(end, size, &out->count) ||
		out->count > size / LINE_MIN) {
		out->count = 0;
		return;
	}
	out->list = memory_map(list_size(out));
	memory_populate(out->list, list_size(out));
}

/* Where it is not there already. */
static void make_room(struct served *served, size_t count)
{
	if (served->list != NULL && served->count == count)
		return;
	memory_unmap(served->list, list_size(served));
	served->count = count;
	served->list = memory_map(list_size(served));
}

static bool parse(struct served *served, const struct directory *directory,
	struct class_counts *classes)
{
	struct listing_walk walk;
	struct listing_entry entry;
	size_t seen = 0;
	size_t count;

	if (!listing_begin(&walk, (struct slice){ served->text, served->size },
		    &count) ||
		count > served->size)
		return false;
	make_room(served, count);
	for (; seen < served->count && listing_next(&walk, &entry); seen++) {
		fill(served, &served->list[seen], &entry);
		served->list[seen].directory = directory;
	}
	return listing_finish(&walk, seen, classes);
}

bool served_parse(struct served *out, char *text, size_t size,
	const struct directory *directory, struct class_counts *classes)
{
	out->text = text;
	out->size = size;
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
