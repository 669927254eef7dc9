/* What is concluded from the counts, in one place for all who show it. */
#include "verdicts/report_lists.h"

#include "namespace/view.h"
#include "verdicts/likeness.h"
#include "verdicts/report_state.h"

#include <string.h>

enum { STRANGERS_LEAST = 3 };

const struct likeness_match *report_likeness(
	const struct report_data *data, size_t index, size_t number)
{
	const struct likeness_match *list;

	if (data->likeness == NULL || index >= REPORT_COMPARED_MAX)
		return NULL;
	return number < likeness_get(data->likeness, index, &list)
		? &list[number]
		: NULL;
}

static const char *client_connector(
	const struct report_data *data, const struct tally_entry *entry)
{
	const struct view *view = report_state_view(data->state);

	if (view == NULL || entry->connector < 0)
		return "-";
	return view->connectors[entry->connector].name;
}

void report_distinct_format(struct text *out, const struct distinct *distinct)
{
	if (distinct->n > DISTINCT_MAX)
		text_addf(out, "more than %d", DISTINCT_MAX);
	else
		text_addf(out, "%u", distinct->n);
}

bool report_missing_why(
	struct text *out, const struct report_data *data, size_t index)
{
	const struct tally_entry *entry = data->unknown.entries[index];

	if (entry->connector >= 0) {
		text_addf(out, "%s, a client of connector %s, hands it to us",
			entry->detail, client_connector(data, entry));
		return true;
	}
	if (index >= REPORT_COMPARED_MAX ||
		entry->senders.n < STRANGERS_LEAST ||
		report_likeness(data, index, 0) != NULL)
		return false;
	report_distinct_format(out, &entry->senders);
	text_adds(out, " senders wrote to it");
	if (report_state_trouble(data->state)[0] == '\0')
		text_adds(out, ", and it resembles nobody");
	return true;
}

unsigned long report_percentile(const struct report_cube *cube, double part)
{
	unsigned long counts[LATENCY_CLASSES] = { 0 };
	unsigned long total = 0, sum = 0;

	for (size_t i = 0; i < cube->latency.room; i++) {
		const struct report_count *place = &cube->latency.places[i];

		counts[cube_latency_class(place->key)] += place->count;
		total += place->count;
	}
	for (unsigned i = 0; i + 1 < LATENCY_CLASSES; i++) {
		sum += counts[i];
		if ((double)sum >= part * (double)total && sum > 0)
			return cube_latency_least(i + 1) - 1;
	}
	return cube->us_max;
}
