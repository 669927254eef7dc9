#include "directory/csv_layout.h"

#include "directory/csv.h"

#include "sink_text.h"
#include "unit_main.h"

enum { FIELDS_MAX = 2 };

#define CURE \
	"write Select-Object Name, RecipientTypeDetails, PrimarySmtpAddress, " \
	"... | Export-Csv"

/* columns: addresses, then target, class and mode; "-" for none. */
static const struct layout_case {
	const char *name, *header;
	enum directory_preset preset;
	const char *fields[FIELDS_MAX];
	const char *target;
	const char *columns, *err;
} CASES[] = {
	{ "configured", "a,b,c", PRESET_NONE, { "c", "A" }, NULL, "2 0 - - -",
		NULL },
	{ "configured target", "a,b", PRESET_NONE, { "a" }, "b", "0 1 - -",
		NULL },
	{ "configured, absent", "a,b", PRESET_NONE, { "c" }, NULL, NULL,
		"no column \"c\"; the columns are \"a\", \"b\"" },
	{ "target absent", "a,b", PRESET_NONE, { "a" }, "t", NULL,
		"no column \"t\"; the columns are \"a\", \"b\"" },
	{ "Get-Recipient",
		"Name,RecipientType,RecipientTypeDetails,PrimarySmtpAddress,"
		"ExternalEmailAddress,EmailAddresses",
		PRESET_EXCHANGE, { NULL }, NULL, "3 5 4 2 -", NULL },
	{ "one address column, another class", "RecipientType,emailaddresses",
		PRESET_EXCHANGE, { NULL }, NULL, "1 - 0 -", NULL },
	{ "primary addresses alone", "PrimarySmtpAddress", PRESET_EXCHANGE,
		{ NULL }, NULL, "0 - - -", NULL },
	{ "columns instead of the preset's",
		"WindowsEmailAddress,EmailAddresses,RecipientType",
		PRESET_EXCHANGE, { "WindowsEmailAddress" }, NULL, "0 - 2 -",
		NULL },
	{ "target instead of the preset's",
		"EmailAddresses,ForwardingSmtpAddress,ExternalEmailAddress",
		PRESET_EXCHANGE, { NULL }, "ForwardingSmtpAddress", "0 1 - -",
		NULL },
	{ "no address column", "Name,Alias", PRESET_EXCHANGE, { NULL }, NULL,
		NULL,
		"no column \"EmailAddresses\" and no column "
		"\"PrimarySmtpAddress\"; the columns are \"Name\", \"Alias\"" },
	{ "twice", "EmailAddresses,EmailAddresses", PRESET_EXCHANGE, { NULL },
		NULL, NULL, "2 columns are named \"EmailAddresses\"" },
	{ "class twice", "EmailAddresses,RecipientType,RecipientType",
		PRESET_EXCHANGE, { NULL }, NULL, NULL,
		"2 columns are named \"RecipientType\"" },
	{ "target twice",
		"EmailAddresses,ExternalEmailAddress,ExternalEmailAddress",
		PRESET_EXCHANGE, { NULL }, NULL, NULL,
		"2 columns are named \"ExternalEmailAddress\"" },
	{ "Format-List", "Name                 : Ann Lee", PRESET_EXCHANGE,
		{ NULL }, NULL, NULL,
		"this is what Format-List prints, and no CSV: " CURE },
	{ "Format-List, commas", "EmailAddresses : {SMTP:a@b, smtp:c@d}",
		PRESET_EXCHANGE, { NULL }, NULL, NULL,
		"this is what Format-List prints, and no CSV: " CURE },
	{ "Format-Table and Export-Csv",
		"\"ClassId2e4f51ef21dd47e99d3c952918aff9cd\","
		"\"pageHeaderEntry\"",
		PRESET_EXCHANGE, { NULL }, NULL, NULL,
		"Format-List or Format-Table stood before Export-Csv, which "
		"leaves no values: " CURE },
	{ "Exchange 5.5",
		"Obj-Class,Mode,E-mail Address,E-mail Addresses,"
		"Secondary-Proxy-Addresses",
		PRESET_EXCHANGE_55, { NULL }, NULL, "2 3 4 2 0 1", NULL },
	{ "Exchange 5.5, other case", "OBJ-CLASS,E-MAIL ADDRESSES",
		PRESET_EXCHANGE_55, { NULL }, NULL, "1 - 0 -", NULL },
	{ "Exchange 5.5 without classes", "Alias Name,E-mail Addresses",
		PRESET_EXCHANGE_55, { NULL }, NULL, NULL,
		"no column \"Obj-Class\"; the columns are \"Alias Name\", "
		"\"E-mail Addresses\"" },
	{ "Exchange 5.5 without addresses", "Obj-Class,Alias Name",
		PRESET_EXCHANGE_55, { NULL }, NULL, NULL,
		"no column \"E-mail Addresses\" and no column "
		"\"E-mail Address\"; the columns are \"Obj-Class\", "
		"\"Alias Name\"" },
	{ "Mode twice", "Obj-Class,E-mail Address,Mode,mode",
		PRESET_EXCHANGE_55, { NULL }, NULL, NULL,
		"2 columns are named \"Mode\"" },
};

static void add_column(struct text *text, size_t column)
{
	if (column == CSV_ABSENT)
		text_adds(text, "-");
	else
		text_addf(text, "%zu", column);
}

static void describe(struct text *text, const struct csv_layout *layout)
{
	for (size_t i = 0; i < layout->n_addresses; i++)
		text_addf(text, "%zu ", layout->addresses[i]);
	add_column(text, layout->target);
	text_adds(text, " ");
	add_column(text, layout->class);
	text_adds(text, " ");
	add_column(text, layout->mode);
}

static bool find_layout(const struct layout_case *c, struct text *columns,
	struct arena *arena, struct err *err)
{
	struct csv *csv = csv_open(
		arena_strdup(arena, c->header), strlen(c->header), ',');
	const char *fields[FIELDS_MAX] = { c->fields[0], c->fields[1] };
	const struct directory directory = { .type = DIRECTORY_CSV,
		.preset = c->preset,
		.fields = fields,
		.n_fields = (size_t)(fields[0] != NULL) + (fields[1] != NULL),
		.target_field = c->target };
	struct csv_layout layout;

	ck_assert(csv_header(csv, err));
	const bool is_found =
		csv_layout_find(&layout, &directory, csv, arena, err);

	if (is_found)
		describe(columns, &layout);
	csv_close(&csv);
	return is_found;
}

START_TEST(columns_are_found)
{
	const struct layout_case *c = &CASES[_i];
	struct arena *arena = arena_open();
	struct text columns;
	struct err err = { 0 };

	text_init(&columns);
	const bool is_found = find_layout(c, &columns, arena, &err);

	ck_assert_msg(
		is_found == (c->err == NULL), "%s: %s", c->name, err.text);
	ck_assert_msg(strcmp(is_found ? text_of(&columns) : err.text,
			      is_found ? c->columns : c->err) == 0,
		"%s: %s%s", c->name, text_of(&columns), err.text);
	text_fini(&columns);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("csv_layout");

	tcase_add_loop_test(tcase, columns_are_found, 0, COUNT(CASES));
	return unit_run(suite_create("csv_layout"), tcase);
}
