/*
 * Contacts are configuration: where a directory's bad line is counted, each
 * fault here is an error, for a contact left out is mail refused.
 */
#include "directory/contact_file.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/table.h"
#include "directory/csv.h"
#include "directory/key.h"
#include "directory/text_decode.h"

#include <string.h>

struct reader {
	const struct namespace *ns;
	struct arena *config;
	struct faults *faults;
	struct table *seen; /* address -> contact, those in place too */
	struct table *added; /* those of the files, in order */
};

/* One file, while it is read. */
struct columns {
	size_t address, target;
};

/* NULL after a fault. */
static const char *parse_cell(const struct reader *reader, const char *name,
	const char *cell, struct place place)
{
	struct err err = { 0 };
	const char *text = cell + strspn(cell, " \t");
	size_t len = strlen(text);

	while (len > 0 && strchr(" \t", text[len - 1]) != NULL)
		len--;
	const char *key = key_parse(arena_strndup(reader->config, text, len),
		reader->ns->extension, reader->config, &err);

	if (key == NULL)
		faults_error(reader->faults, place, "%s: %s", name, err.text);
	return key;
}

static void add_contact(struct reader *reader, const struct contact *contact)
{
	const struct contact *first =
		table_find(reader->seen, contact->address);
	struct contact *copy = arena_alloc(reader->config, sizeof *copy);

	if (first != NULL) {
		faults_error(reader->faults, contact->place,
			"contact \"%s\" stands at %s:%u already",
			contact->address, first->place.file, first->place.line);
		return;
	}
	*copy = *contact;
	table_put(reader->seen, copy->address, copy);
	table_put(reader->added, copy->address, copy);
}

static void read_row(struct reader *reader, const struct csv_row *row,
	const struct columns *columns, struct place place)
{
	const struct contact contact = {
		.address = parse_cell(
			reader, "address", row->cells[columns->address], place),
		.target = parse_cell(
			reader, "target", row->cells[columns->target], place),
		.place = place,
	};

	if (contact.address != NULL && contact.target != NULL)
		add_contact(reader, &contact);
}

static bool read_header(
	struct csv *csv, struct columns *columns, struct err *err)
{
	return csv_header(csv, err) &&
		csv_column(csv, "address", &columns->address, err) &&
		csv_column(csv, "target", &columns->target, err);
}

static void read_csv(struct reader *reader, struct csv *csv, const char *path)
{
	struct columns columns;
	struct csv_row row = { 0 };
	struct err err = { 0 };

	if (!read_header(csv, &columns, &err)) {
		faults_error(reader->faults,
			(struct place){ path, csv_line(csv) }, "%s", err.text);
		return;
	}
	for (;;) {
		const enum csv_next next = csv_next(csv, &row, &err);
		const struct place place = { path, row.line };

		switch (next) {
		case CSV_ROW: read_row(reader, &row, &columns, place); break;
		case CSV_BAD_ROW:
			faults_error(reader->faults, place, "%s", err.text);
			break;
		case CSV_FAILED:
			faults_error(reader->faults, place, "%s", err.text);
			return;
		case CSV_DONE: return;
		}
	}
}

/* named: the path, and the line of the configuration that named it. */
static void read_file(struct reader *reader, const struct contact_file *named)
{
	struct arena *whole = arena_open();
	struct decoded file = { 0 };
	struct err err = { 0 };
	size_t len;
	char *bytes = file_read(named->path, &len, whole, &err);

	if (bytes == NULL) {
		faults_error(reader->faults, named->place, "%s", err.text);
	} else if (!text_decode(&file, bytes, len, whole, &err)) {
		faults_error(reader->faults,
			(struct place){ named->path, file.line }, "%s",
			err.text);
	} else {
		struct csv *csv = csv_open(file.text, file.len, '\0');

		read_csv(reader, csv, named->path);
		csv_close(&csv);
	}
	arena_close(&whole);
}

/* Those in place first, then those of the files. */
static void append(struct namespace *ns, const struct reader *reader)
{
	const size_t count = table_count(reader->added);
	struct contact *all = arena_array(
		reader->config, ns->n_contacts + count, sizeof *all);

	if (ns->n_contacts > 0)
		memcpy(all, ns->contacts, ns->n_contacts * sizeof *all);
	for (size_t i = 0; i < count; i++) {
		const struct contact *contact = table_value(reader->added, i);

		all[ns->n_contacts + i] = *contact;
	}
	ns->contacts = all;
	ns->n_contacts += count;
}

void contact_files_read(
	struct namespace *ns, struct arena *config, struct faults *faults)
{
	struct reader reader = {
		.ns = ns,
		.config = config,
		.faults = faults,
		.seen = table_open(),
		.added = table_open(),
	};

	for (size_t i = 0; i < ns->n_contacts; i++)
		table_put(
			reader.seen, ns->contacts[i].address, &ns->contacts[i]);
	for (size_t i = 0; i < ns->n_contact_files; i++)
		read_file(&reader, &ns->contact_files[i]);
	append(ns, &reader);
	table_close(&reader.added);
	table_close(&reader.seen);
}
