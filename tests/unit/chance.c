/* One generator for all: the multiplier and increment are Knuth's MMIX. */
#include "tests/unit/chance.h"

#include "base/arena.h"
#include "base/text.h"

#include <string.h>

unsigned draw(struct chance *chance, unsigned below)
{
	chance->state =
		chance->state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(chance->state >> 33) % below;
}

bool happens(struct chance *chance, unsigned percent)
{
	return draw(chance, 100) < percent;
}

#define BUECHER \
	("b\xc3\xbc" \
	 "cher.example")

/* Names to write into a configuration. */
static const char *const names[] = { "a.example", "b.a.example",
	"c.b.a.example", "x.example", "b.x.example", "old.example",
	"b.old.example", "older.example", BUECHER, "s.xn--bcher-kva.example",
	"c.example" };

static const char *pick_name(struct chance *chance)
{
	return names[draw(chance, sizeof names / sizeof names[0])];
}

/* Local parts as a list writes them. */
static const char *const locals[] = { "ann", "bob", "carl", "ann+tag",
	"\"two words\"", "postmaster", "j\xc3\xbcrgen", "o'neil", "owner-x",
	"bob-list", "\"a@b\"" };

const char *pick_address(struct chance *chance, struct arena *arena)
{
	return arena_printf(arena, "%s@%s%s",
		locals[draw(chance, sizeof locals / sizeof locals[0])],
		happens(chance, 15) ? "sub." : "", pick_name(chance));
}

const char *pick_target(struct chance *chance, struct arena *arena)
{
	if (happens(chance, 35))
		return happens(chance, 50) ? "crm@saas.example"
					   : "other+t@else.test";
	return pick_address(chance, arena);
}

const char *quoted(const char *text, struct arena *arena)
{
	struct text out;

	text_init(&out);
	text_adds(&out, "\"");
	for (; *text != '\0'; text++) {
		if (*text == '"')
			text_adds(&out, "\\");
		text_add(&out, text, 1);
	}
	text_adds(&out, "\"");
	const char *value = arena_strdup(arena, out.data);

	text_fini(&out);
	return value;
}

static const char *pick_pattern(struct chance *chance, struct arena *arena)
{
	static const char *const marks[] = { "", "", "", "#", "#", "*." };

	return arena_printf(
		arena, "%s%s", marks[draw(chance, 6)], pick_name(chance));
}

static const char *without_mark(const char *pattern)
{
	return pattern + strspn(pattern, "#*.");
}

static void add_primary(
	struct text *out, struct chance *chance, struct arena *arena)
{
	static const char *const types[] = { "authoritative", "internal-relay",
		"internal-relay", "external-relay" };
	static const char *const filters[] = { "directories", "directories",
		"verify", "off" };
	const char *type = types[draw(chance, 4)];
	const bool is_authoritative = strcmp(type, "authoritative") == 0;

	text_addf(out, "type = %s\n", type);
	if (happens(chance, 60))
		text_addf(out, "recipient-filter = %s\n",
			filters[draw(chance, is_authoritative ? 3 : 4)]);
	if (happens(chance, 15))
		text_adds(out, "accept-from = trusted\n");
	if (happens(chance, 25))
		text_addf(out, "catch-all = %s\n",
			quoted(pick_target(chance, arena), arena));
}

static void add_domains(
	struct text *out, struct chance *chance, struct arena *arena)
{
	const unsigned count = 1 + draw(chance, 6);
	const char *taken[6];

	for (unsigned i = 0; i < count; i++) {
		bool is_new = true;

		taken[i] = pick_pattern(chance, arena);
		for (unsigned j = 0; j < i; j++)
			is_new = is_new && strcmp(taken[i], taken[j]) != 0;
		if (!is_new)
			continue;
		text_addf(out, "accepted-domain '%s' {\n", taken[i]);
		if (i > 0 && happens(chance, 35))
			text_addf(out, "secondary-of = '%s'\n",
				without_mark(taken[draw(chance, i)]));
		else
			add_primary(out, chance, arena);
		text_adds(out, "}\n");
	}
}

static void add_connectors(
	struct text *out, struct chance *chance, struct arena *arena)
{
	static const char *const ways[] = {
		"smart-hosts = { '10.0.0.1' }",
		"smart-hosts = { '10.1.0.1', '[mx.example]:587' }",
		"smart-hosts = { '10.1.0.2' }",
		"transport = 'lmtp:unix:private/lmtp'",
		"transport = 'lmtp:[10.2.0.1]:24'",
	};

	for (unsigned i = 0; i < 3; i++) {
		text_addf(out, "connector c%u {\n", i);
		text_adds(out, ways[draw(chance, 5)]);
		text_adds(out, "\naddress-spaces = {");
		if (i == 0 && happens(chance, 75))
			text_adds(out, " '*',");
		for (unsigned n = draw(chance, 4); n > 0; n--)
			text_addf(out, " '%s;%u',", pick_pattern(chance, arena),
				1 + draw(chance, 3));
		text_addf(out, " }\nbackup = %s\n}\n",
			happens(chance, 30) ? "yes" : "no");
	}
}

static void add_directories(
	struct text *out, struct chance *chance, struct arena *arena)
{
	for (unsigned i = 0; i < 3; i++) {
		text_addf(out, "directory d%u {\npath = d%u\nmax-age = 2d\n", i,
			i);
		if (happens(chance, 50))
			text_addf(out, "connector = c%u\n", draw(chance, 3));
		if (happens(chance, 30))
			text_addf(out, "domains = { '%s', '%s' }\n",
				pick_pattern(chance, arena),
				pick_pattern(chance, arena));
		text_adds(out, "}\n");
	}
}

const char *draw_config(struct chance *chance, struct arena *arena)
{
	static const char *const delimiters[] = { "+", "+", "+", "", "+-" };
	struct text out;

	text_init(&out);
	text_addf(&out, "extension = '%s'\n", delimiters[draw(chance, 5)]);
	if (happens(chance, 40))
		text_addf(&out, "postmaster = %s\n",
			quoted(pick_target(chance, arena), arena));
	add_domains(&out, chance, arena);
	add_connectors(&out, chance, arena);
	add_directories(&out, chance, arena);
	for (unsigned n = draw(chance, 3); n > 0; n--)
		text_addf(&out, "contact %s { target = %s }\n",
			quoted(pick_address(chance, arena), arena),
			quoted(pick_target(chance, arena), arena));
	const char *config = arena_strdup(arena, out.data);

	text_fini(&out);
	return config;
}

const char *draw_lists(
	struct chance *chance, const struct lists *lists, struct arena *arena)
{
	struct text out;

	text_init(&out);
	text_adds(&out, "");
	for (unsigned i = 0; i < 3; i++) {
		if (happens(chance, lists->unread))
			text_addf(&out, "d%u %s\n", i,
				happens(chance, 50) ? "never" : "stale");
		for (unsigned n = draw(chance, lists->below); n > 0; n--) {
			text_addf(
				&out, "d%u %s", i, pick_address(chance, arena));
			if (happens(chance, lists->contacts))
				text_addf(&out, " > %s",
					pick_target(chance, arena));
			text_adds(&out, "\n");
		}
	}
	const char *entries = arena_strdup(arena, out.data);

	text_fini(&out);
	return entries;
}

const char *draw_entries(struct chance *chance, struct arena *arena)
{
	const struct lists few = { .unread = 15, .contacts = 20, .below = 7 };

	return draw_lists(chance, &few, arena);
}
