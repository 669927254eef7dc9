/*
 * source -> stage -> guards.  The guards compare with the last-good copy,
 * which is what served until now; one that is damaged is said, and counts as
 * none: there is nothing to lose.  One that is there and can not be read may
 * be whole, so it refuses what comes.
 *
 * What equals the copy and has nothing to be told is not handed over again;
 * and a file that is what it was when the copy was made is not read at all.
 */
#include "directory/reading.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/side_by_side.h"
#include "base/table.h"
#include "base/text.h"
#include "directory/last_good.h"
#include "directory/listing.h"
#include "directory/load.h"
#include "directory/seen.h"
#include "directory/stage.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct reading {
	const struct directory *directory;
	const struct load_options *options;
	struct faults *faults;
	size_t n_faults; /* before */
	struct arena *arena;
	struct stage *stage;
	struct seen *seen; /* NULL where nothing can be told */
	struct err *err;
};

struct domain_loss {
	struct slice name;
	size_t n_before, n_lost;
};

/* What the stage lacks of the last-good copy, of those who were somebody. */
struct loss {
	const struct stage *stage;
	size_t n_before, n_lost, n_now;
	struct table *domains; /* name -> struct domain_loss */
	struct domain_loss *last; /* of them */
	size_t hint; /* where the stage looks first */
	struct arena *arena;
	struct class_counts before;
	bool is_same; /* the copy is what the stage has, byte for byte */
	bool is_unknown; /* there is a copy, and err says why not read */
	struct err err;
};

static struct domain_loss *find_domain(struct loss *loss, struct slice name)
{
	const char *text = arena_strndup(loss->arena, name.bytes, name.len);
	struct domain_loss *domain = table_find(loss->domains, text);

	if (domain == NULL) {
		domain = arena_alloc(loss->arena, sizeof *domain);
		domain->name = (struct slice){ text, name.len };
		table_put(loss->domains, text, domain);
	}
	return domain;
}

static void count_loss(struct loss *loss, const struct listing_entry *entry)
{
	if (!listing_is_somebody(entry))
		return;
	const bool is_lost =
		!stage_vouches(loss->stage, entry->address, &loss->hint);

	if (loss->last == NULL || !slice_same(loss->last->name, entry->domain))
		loss->last = find_domain(loss, entry->domain);
	loss->n_before++;
	loss->n_lost += is_lost;
	loss->last->n_before++;
	loss->last->n_lost += is_lost;
}

static void loss_init(struct loss *out, const struct reading *reading)
{
	*out = (struct loss){ .stage = reading->stage,
		.n_now = stage_somebodies(reading->stage),
		.domains = table_open(),
		.arena = reading->arena };
	class_counts_init(&out->before, reading->arena);
}

/* False where the copy is damaged: nothing is told of it then. */
static bool count_losses(
	struct loss *loss, const struct reading *reading, struct slice copy)
{
	struct listing_walk walk;
	struct listing_entry entry;
	size_t seen = 0;
	size_t count;

	loss->is_same = slice_same(copy, stage_listing(loss->stage));
	if (loss->is_same)
		return true;
	stage_index(reading->stage);
	if (listing_begin(&walk, copy, &count)) {
		for (; listing_next(&walk, &entry); seen++)
			count_loss(loss, &entry);
		if (seen == count &&
			listing_finish(&walk, count, &loss->before))
			return true;
	}
	table_close(&loss->domains);
	loss_init(loss, reading);
	return false;
}

static const char *path_of(const struct reading *reading, struct arena *arena)
{
	return last_good_path(
		reading->options->state, reading->directory->name, arena);
}

static void compare(const struct reading *reading, struct loss *out)
{
	struct last_good copy;
	const char *path = path_of(reading, reading->arena);

	loss_init(out, reading);
	const enum lookup found = last_good_open(&copy, path, &out->err);
	/* check may be run by who can not read it */
	const bool is_unknown =
		found == LOOKUP_FAILED && !reading->options->is_dry;

	if (found == LOOKUP_FOUND &&
		!count_losses(
			out, reading, (struct slice){ copy.bytes, copy.len }))
		last_good_damaged(path, &out->err);
	last_good_close(&copy);
	out->is_unknown = is_unknown;
	if (!is_unknown && out->err.text[0] != '\0')
		faults_warning(reading->faults, reading->directory->place,
			"directory \"%s\": %s; the shrink guard has nothing to "
			"compare with",
			reading->directory->name, out->err.text);
}

/* A source may keep its size and lose all its groups. */
static void report_classes(
	const struct reading *reading, const struct class_counts *before)
{
	const struct class_counts *now = stage_classes(reading->stage);

	for (size_t i = 0; i < before->n_classes; i++) {
		const struct class_count *class = &before->list[i];

		if (class->count != 0 &&
			class_counts_find(now, class->class) == 0)
			faults_warning(reading->faults,
				reading->directory->place,
				"directory \"%s\": %zu object%s of class %s "
				"before, none now",
				reading->directory->name, class->count,
				class->count == 1 ? "" : "s", class->class);
	}
}

/* Whether part is more of whole than the limit allows. */
static bool exceeds(const struct limit *limit, size_t part, size_t whole)
{
	if (!limit->is_percent)
		return part > limit->count;
	return (double)part * 100 > (double)limit->count * (double)whole;
}

static const char *percent_sign(const struct limit *limit)
{
	return limit->is_percent ? "%" : "";
}

/* What a source without a single address must be instead. */
static const char *other_kind(enum directory_type type)
{
	switch (type) {
	case DIRECTORY_FILE:
	case DIRECTORY_POSTFIX:
	case DIRECTORY_CSV:
	case DIRECTORY_LDIF:
	case DIRECTORY_PASSWD:
	case DIRECTORY_ALIASES: return "another kind of file";
	case DIRECTORY_LDAP: return "other attributes than those of addresses";
	case DIRECTORY_SQL: return "a query whose first column is another";
	case DIRECTORY_COMMAND: return "output of another kind";
	}
	return "";
}

static bool check_bad(const struct reading *reading)
{
	const struct directory *directory = reading->directory;
	const struct limit *limit = &directory->max_bad;
	const size_t bad = stage_bad(reading->stage);
	const size_t lines = stage_lines(reading->stage);

	/* It was meant to say who exists, and nobody can tell who. */
	if (bad != 0 && bad == lines)
		return err_set(reading->err,
			"%s: none of its %zu entries is an address, which is "
			"no empty list but %s",
			directory->source, lines, other_kind(directory->type));
	if (!exceeds(limit, bad, lines))
		return true;
	return err_set(reading->err,
		"%s: %zu of %zu entries are bad, max-bad = %lu%s",
		directory->source, bad, lines, limit->count,
		percent_sign(limit));
}

static bool may_shrink(const struct reading *reading)
{
	const struct load_options *options = reading->options;

	for (size_t i = 0; i < options->n_accept_shrink; i++)
		if (strcmp(options->accept_shrink[i],
			    reading->directory->name) == 0)
			return true;
	return false;
}

/*
 * Whoever answers that there is nobody has more often lost its rights, its
 * base or its table than all of its people.
 */
static bool is_emptied(const struct reading *reading, const struct loss *loss)
{
	const struct limit *limit = &reading->directory->max_shrink;

	return loss->n_before != 0 && loss->n_now == 0 &&
		!(limit->is_percent && limit->count >= 100);
}

static bool shrinks(const struct limit *limit, size_t n_lost, size_t n_before)
{
	return exceeds(limit, n_lost, n_before) &&
		(!limit->is_percent || n_lost > LOAD_SHRINK_FREE);
}

/* All of a small domain may be little of a large list. */
static bool check_domains(
	const struct reading *reading, const struct loss *loss)
{
	const struct directory *directory = reading->directory;
	const struct limit *limit = &directory->max_shrink;

	for (size_t i = 0; i < table_count(loss->domains); i++) {
		const struct domain_loss *domain =
			table_value(loss->domains, i);

		if (shrinks(limit, domain->n_lost, domain->n_before))
			return err_set(reading->err,
				"%s: %zu of %zu entries in %s would be lost, "
				"max-shrink = %lu%s; if they are meant to go: "
				"--accept-shrink %s",
				directory->source, domain->n_lost,
				domain->n_before, table_key(loss->domains, i),
				limit->count, percent_sign(limit),
				directory->name);
	}
	return true;
}

static bool check_shrink(const struct reading *reading, const struct loss *loss)
{
	const struct directory *directory = reading->directory;
	const struct limit *limit = &directory->max_shrink;

	if (may_shrink(reading))
		return true;
	if (loss->is_unknown)
		return err_set(reading->err,
			"%s: nobody can tell what it would lose, for its "
			"last-good copy can not be read (%s); mend that, or: "
			"--accept-shrink %s",
			directory->source, loss->err.text, directory->name);
	if (is_emptied(reading, loss))
		return err_set(reading->err,
			"%s: it lists nobody now and listed %zu before; if "
			"they are meant to go: --accept-shrink %s",
			directory->source, loss->n_before, directory->name);
	if (shrinks(limit, loss->n_lost, loss->n_before))
		return err_set(reading->err,
			"%s: %zu of %zu entries would be lost, "
			"max-shrink = %lu%s; if they are meant to go: "
			"--accept-shrink %s",
			directory->source, loss->n_lost, loss->n_before,
			limit->count, percent_sign(limit), directory->name);
	return check_domains(reading, loss);
}

static bool write_bytes(int fd, struct slice slice, struct err *err)
{
	return file_write(fd, slice.bytes, slice.len) ||
		err_sys(err, "write a list");
}

/* Who waits has the entries of one that is the same; this is the rest. */
static struct slice frame_of(const struct reading *reading)
{
	struct text text;

	text_init(&text);
	listing_put_head(&text);
	listing_put_tail(&text, stage_classes(reading->stage),
		stage_count(reading->stage));
	const struct slice frame = {
		arena_strndup(reading->arena, text.data, text.len), text.len
	};

	text_fini(&text);
	return frame;
}

/* A source on its way into the stage. */
struct watch {
	const struct reading *reading;
	size_t seen, all; /* bytes of its file; 0 = not known */
};

static void saw(void *context, const char *bytes, size_t len)
{
	struct watch *watch = context;

	stage_expect(watch->reading->stage, watch->seen, watch->all);
	watch->seen += len;
	if (watch->reading->seen != NULL)
		seen_add(watch->reading->seen, bytes, len);
}

static size_t size_of(const struct directory *directory)
{
	struct stat status;

	return directory->path != NULL && stat(directory->path, &status) == 0 &&
			S_ISREG(status.st_mode)
		? (size_t)status.st_size
		: 0;
}

static bool read_source(const struct reading *reading)
{
	struct watch watch = { reading, 0, size_of(reading->directory) };
	const struct source_options options = {
		.state = reading->options->state,
		.is_dry = reading->options->is_dry,
		.now = reading->options->now,
		.saw = saw,
		.context = &watch,
	};
	const struct sink sink = stage_sink(reading->stage);
	const bool is_read =
		source_read(reading->directory, &options, &sink, reading->err);

	stage_finish(reading->stage);
	return is_read;
}

static bool has_nothing_to_say(const struct reading *reading)
{
	return stage_bad(reading->stage) == 0 &&
		faults_count(reading->faults) == reading->n_faults;
}

/* Against what served until now. */
static enum report_end judge(const struct reading *reading)
{
	enum report_end end = REPORT_WHOLE;
	struct loss loss;

	compare(reading, &loss);
	report_classes(reading, &loss.before);
	if (!check_bad(reading))
		end = REPORT_FAILED;
	else if (!check_shrink(reading, &loss))
		end = REPORT_REFUSED;
	else if (loss.is_same && has_nothing_to_say(reading))
		end = REPORT_SAME;
	table_close(&loss.domains);
	return end;
}

/* A list that may stand, on its way to who waits for it. */
struct handing {
	const struct reading *reading;
	struct slice listing, frame;
	int fd;
	bool is_handed;
};

static void hand_over(void *context)
{
	struct handing *handing = context;
	const struct reading *reading = handing->reading;
	struct arena *arena = arena_open();

	handing->is_handed = reading->options->is_dry
		? write_bytes(handing->fd, handing->listing, reading->err)
		: last_good_write(handing->listing, path_of(reading, arena),
			  arena, reading->err);
	arena_close(&arena);
}

static void keep_seen(void *context)
{
	const struct handing *handing = context;
	const struct reading *reading = handing->reading;

	if (has_nothing_to_say(reading))
		seen_keep(reading->seen, handing->listing, handing->frame);
}

static bool hand_over_whole(struct handing *handing)
{
	if (handing->listing.len > SIDE_BY_SIDE_BYTES) {
		side_by_side(hand_over, handing, keep_seen, handing);
	} else {
		keep_seen(handing);
		hand_over(handing);
	}
	return handing->is_handed;
}

static bool hand_over_frame(struct handing *handing)
{
	keep_seen(handing);
	return write_bytes(handing->fd, handing->frame, handing->reading->err);
}

static enum report_end run(const struct reading *reading, int fd)
{
	struct slice frame;

	if (seen_is_same(reading->seen, &frame))
		return write_bytes(fd, frame, reading->err) ? REPORT_SAME
							    : REPORT_FAILED;
	if (!read_source(reading))
		return REPORT_FAILED;
	const enum report_end end = judge(reading);

	if (end != REPORT_WHOLE && end != REPORT_SAME)
		return end;
	struct handing handing = { .reading = reading,
		.listing = stage_listing(reading->stage),
		.frame = frame_of(reading),
		.fd = fd };
	const bool is_handed = end == REPORT_SAME ? hand_over_frame(&handing)
						  : hand_over_whole(&handing);

	return is_handed ? end : REPORT_FAILED;
}

void reading_run(struct report *report, const struct directory *directory,
	const struct load_options *options, int fd, struct faults *faults)
{
	struct reading reading = {
		.directory = directory,
		.options = options,
		.faults = faults,
		.n_faults = faults_count(faults),
		.arena = arena_open(),
		.stage = stage_open(directory, options->delimiters, faults),
		.err = &report->err,
	};

	reading.seen = seen_open(directory, options, reading.arena);
	*report = (struct report){ 0 };
	report->end = run(&reading, fd);
	report->n_bad = stage_bad(reading.stage);
	seen_close(&reading.seen);
	stage_close(&reading.stage);
	arena_close(&reading.arena);
}
