/*
 * source -> stage -> guards.  The guards compare with the last-good copy,
 * which is what served until now; one that is damaged is said, and counts as
 * none: there is nothing to lose.  One that is there and can not be read may
 * be whole, so it refuses what comes.
 */
#include "directory/reading.h"

#include "base/arena.h"
#include "base/table.h"
#include "directory/last_good.h"
#include "directory/load.h"
#include "directory/stage.h"

#include <errno.h>
#include <string.h>

struct reading {
	const struct directory *directory;
	const struct load_options *options;
	struct faults *faults;
	struct arena *arena;
	struct stage *stage;
	struct err *err;
};

/* What the stage lacks of the last-good copy, of those who were somebody. */
struct loss {
	const struct stage *stage;
	size_t n_before, n_lost, n_now;
	struct table *domains; /* name -> struct domain_loss */
	struct arena *arena;
	struct class_counts before;
	bool is_unknown; /* there is a copy, and err says why not read */
	struct err err;
};

struct domain_loss {
	size_t n_before, n_lost;
};

/* A contact that stands for itself vouches for nobody. */
static bool is_somebody(const struct entry *entry)
{
	return entry->target == NULL ||
		strcmp(entry->target, entry->address) != 0;
}

static struct domain_loss *domain_of(struct loss *loss, const char *address)
{
	const char *name = strrchr(address, '@') + 1;
	struct domain_loss *domain = table_find(loss->domains, name);

	if (domain == NULL) {
		domain = arena_alloc(loss->arena, sizeof *domain);
		*domain = (struct domain_loss){ 0 };
		table_put(
			loss->domains, arena_strdup(loss->arena, name), domain);
	}
	return domain;
}

static void count_loss(void *context, const struct entry *entry)
{
	struct loss *loss = context;
	struct entry now;

	if (!is_somebody(entry))
		return;
	struct domain_loss *domain = domain_of(loss, entry->address);
	const bool is_lost = !stage_find(loss->stage, entry->address, &now) ||
		!is_somebody(&now);

	loss->n_before++;
	loss->n_lost += is_lost;
	domain->n_before++;
	domain->n_lost += is_lost;
}

static size_t count_somebody(const struct stage *stage)
{
	size_t count = 0;

	for (size_t i = 0; i < stage_count(stage); i++) {
		struct entry entry;

		stage_get(stage, i, &entry);
		count += is_somebody(&entry);
	}
	return count;
}

static void compare(const struct reading *reading, struct loss *out)
{
	const struct last_good_reader reader = {
		.each = count_loss, .context = out, .classes = &out->before
	};
	const char *copy = last_good_path(reading->options->state,
		reading->directory->name, reading->arena);

	*out = (struct loss){ .stage = reading->stage,
		.n_now = count_somebody(reading->stage),
		.domains = table_open(),
		.arena = reading->arena };
	class_counts_init(&out->before, reading->arena);
	if (last_good_read_all(copy, &reader, &out->err) != LOOKUP_FAILED)
		return;
	/* check may be run by who can not read it */
	out->is_unknown = errno != EBADMSG && !reading->options->is_dry;
	if (!out->is_unknown)
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

static bool hand_over(const struct reading *reading, int fd)
{
	struct last_good_writer *writer = last_good_open(fd, reading->err);

	if (writer == NULL)
		return false;
	for (size_t i = 0; i < stage_count(reading->stage); i++) {
		struct entry entry;

		stage_get(reading->stage, i, &entry);
		last_good_add(writer, &entry);
	}
	return last_good_close(
		&writer, stage_classes(reading->stage), reading->err);
}

static bool read_source(const struct reading *reading)
{
	const struct source_options options = {
		.state = reading->options->state,
		.is_dry = reading->options->is_dry,
		.now = reading->options->now,
	};
	const struct sink sink = stage_sink(reading->stage);
	const bool is_read =
		source_read(reading->directory, &options, &sink, reading->err);

	stage_finish_faults(reading->stage);
	return is_read;
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
	table_close(&loss.domains);
	return end;
}

static enum report_end run(const struct reading *reading, int fd)
{
	if (!read_source(reading))
		return REPORT_FAILED;
	const enum report_end end = judge(reading);

	if (end != REPORT_WHOLE)
		return end;
	return hand_over(reading, fd) ? REPORT_WHOLE : REPORT_FAILED;
}

void reading_run(struct report *report, const struct directory *directory,
	const struct load_options *options, int fd, struct faults *faults)
{
	struct reading reading = {
		.directory = directory,
		.options = options,
		.faults = faults,
		.arena = arena_open(),
		.stage = stage_open(directory, options->delimiters, faults),
		.err = &report->err,
	};

	*report = (struct report){ 0 };
	report->end = run(&reading, fd);
	report->n_bad = stage_bad(reading.stage);
	stage_close(&reading.stage);
	arena_close(&reading.arena);
}
