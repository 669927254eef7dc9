/* What csv_source.c makes of Exchange's exports, by preset. */
#include "directory/csv_source.h"

#include "sink_text.h"
#include "unit_main.h"

#define DATA "tests/data/directory/"

#define AS_LONG \
	"the cell \"E-mail Addresses\" has 255 characters and no cell of the " \
	"file has more: older versions of Excel cut them there; use the file " \
	"as Exchange wrote it, or put a \"%\" at the end of that cell if it " \
	"is whole"

/* fill: a cell of so many characters, where the text has "$". */
static const struct preset_case {
	const char *name;
	enum directory_preset preset;
	const char *text;
	size_t fill;
	const char *found, *err;
} PRESETS[] = {
	{ "classes", PRESET_EXCHANGE,
		"RecipientTypeDetails,EmailAddresses\nUserMailbox,SMTP:a@b\n"
		"MailContact,\n,c@d\n",
		0,
		"class UserMailbox\nrow 2 a@b\nclass MailContact\n"
		"row 4 c@d\n",
		NULL },
	{ "the same in two columns", PRESET_EXCHANGE,
		"PrimarySmtpAddress,EmailAddresses\n"
		"A@b,smtp:c@d;SMTP:a@b\nx@y,\n",
		0, "row 2 A@b\nrow 2 c@d\nrow 3 x@y\n", NULL },
	{ "the same in two columns of many, in any order and case",
		PRESET_EXCHANGE,
		"PrimarySmtpAddress,EmailAddresses\n"
		"z@b;B@b;m@b;a@b;M@b,M@B;y@b;A@b;Z@b;b@b;y@b\n",
		0,
		"row 2 z@b\nrow 2 B@b\nrow 2 m@b\nrow 2 a@b\nrow 2 M@b\n"
		"row 2 y@b\nrow 2 y@b\n",
		NULL },
	{ "the same in one of three columns", PRESET_EXCHANGE_55,
		"Obj-Class,E-mail Address,E-mail Addresses,"
		"Secondary-Proxy-Addresses\n"
		"Mailbox,SMTP:a@b,SMTP:d@b%smtp:C@b,"
		"smtp:e@b%smtp:c@b%smtp:A@b\n"
		"Mailbox,,,smtp:a@b%smtp:d@b\n",
		0,
		"class Mailbox\nrow 2 a@b\nrow 2 d@b\nrow 2 C@b\n"
		"row 2 e@b\nclass Mailbox\nrow 3 a@b\nrow 3 d@b\n",
		NULL },
	{ "cut off", PRESET_EXCHANGE,
		"EmailAddresses\na@b\n\"{SMTP:a@b, smtp:c@d...}\"\n", 0,
		"row 2 a@b\n",
		"/export.csv:3: a list of addresses is cut off at its end, so "
		"that some are missing: export the property joined, as in "
		"@{n='EmailAddresses';e={$_.EmailAddresses -join ';'}}, or set "
		"$FormatEnumerationLimit = -1 before" },
	{ "two targets", PRESET_EXCHANGE,
		"EmailAddresses,ExternalEmailAddress,RecipientType\n"
		"a@b,c@d;e@f,X\n",
		0, "row 2 BAD more than one target: a contact has one\n",
		NULL },
	{ "what Format-List prints", PRESET_EXCHANGE,
		"\n\nName           : Ann\nEmailAddresses : {SMTP:a@b}\n", 0,
		"",
		"/export.csv:3: this is what Format-List prints, and no CSV: "
		"write Select-Object Name, RecipientTypeDetails, "
		"PrimarySmtpAddress, ... | Export-Csv" },
	{ "a target of a mailbox is none", PRESET_EXCHANGE_55,
		"Obj-Class,E-mail Address,E-mail Addresses\n"
		"Mailbox,c@d,SMTP:a@b\n",
		0, "class Mailbox\nrow 2 c@d\nrow 2 a@b\n", NULL },
	{ "custom recipients", PRESET_EXCHANGE_55,
		"Obj-Class,E-mail Address,Secondary-Proxy-Addresses\n"
		" remote ,SMTP:a@b,SMTP:c@d%smtp:e@f\n"
		"Remote,MS:X/Y/Z,SMTP:g@h\n",
		0,
		"class remote \nrow 2 a@b -> a@b\nrow 2 c@d -> a@b\n"
		"row 2 e@f -> a@b\nclass Remote\nrow 3 g@h\n",
		NULL },
	{ "modes", PRESET_EXCHANGE_55,
		"Obj-Class,Mode,E-mail Addresses\ndl,modify,a@b\n"
		"dl,DELETE,c@d\ndl,~DEL,e@f\ndl, Create ,g@h\n",
		0,
		"class dl\nrow 2 a@b\n"
		"row 4 BAD the mode is Create, Modify, Update or Delete, not "
		"\"~DEL\"\nclass dl\nrow 5 g@h\n",
		NULL },
	{ "no escapes elsewhere", PRESET_EXCHANGE,
		"EmailAddresses\nSMTP:a\\b@c\n", 0, "row 2 a\\b@c\n", NULL },
	{ "as long as Excel's cells", PRESET_EXCHANGE_55,
		"Obj-Class,E-mail Addresses\ndl,a@b\ndl,$\ndl,c@d\n", 255, NULL,
		"/export.csv:3: " AS_LONG },
	{ "longer than Excel's cells", PRESET_EXCHANGE_55,
		"Obj-Class,E-mail Addresses\ndl,a@b\ndl,$\n", 256, NULL, NULL },
	{ "shorter than Excel's cells", PRESET_EXCHANGE_55,
		"Obj-Class,E-mail Addresses\ndl,a@b\ndl,$\n", 254, NULL, NULL },
	{ "as long, but said to be whole", PRESET_EXCHANGE_55,
		"Obj-Class,E-mail Addresses\ndl,$%\n", 255, NULL, NULL },
	{ "as long, in another column", PRESET_EXCHANGE_55,
		"Obj-Class,Notes,E-mail Addresses\ndl,$,a@b\n", 255,
		"class dl\nrow 2 a@b\n", NULL },
	{ "as long as Excel's cells, another preset", PRESET_EXCHANGE,
		"EmailAddresses\n$\n", 255, NULL, NULL },
};

/* "$" becomes addresses of fill characters together, one of two octets. */
static const char *filled(const struct preset_case *c, struct arena *arena)
{
	const char *mark = strchr(c->text, '$');
	struct text cell;

	if (mark == NULL || c->fill == 0)
		return c->text;
	text_init(&cell);
	text_adds(&cell, "SMTP:\xC3\xA9@b");
	while (cell.len - 1 < c->fill - 9)
		text_adds(&cell, "%SMTP:x@b");
	while (cell.len - 1 < c->fill)
		text_adds(&cell, "z");
	const char *text = arena_printf(arena, "%.*s%s%s",
		(int)(mark - c->text), c->text, cell.data, mark + 1);

	text_fini(&cell);
	return text;
}

static bool read_preset(const char *path, enum directory_preset preset,
	struct text *found, struct err *err)
{
	const struct directory directory = { .type = DIRECTORY_CSV,
		.source = path,
		.path = path,
		.preset = preset };
	const struct source_options options = { .is_dry = true };
	struct sink sink = sink_text(found);

	sink.object = sink_text_object;
	return source_read(&directory, &options, &sink, err);
}

START_TEST(presets_are_read)
{
	const struct preset_case *c = &PRESETS[_i];
	struct arena *arena = arena_open();
	const char *folder = test_folder(arena);
	const char *path = arena_printf(arena, "%s/export.csv", folder);
	const char *text = filled(c, arena);
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	test_write(path, text, strlen(text));
	const bool is_read = read_preset(path, c->preset, &found, &err);

	ck_assert_msg(is_read == (c->err == NULL), "%s: %s", c->name, err.text);
	if (c->found != NULL)
		ck_assert_msg(strcmp(text_of(&found), c->found) == 0, "%s: %s",
			c->name, text_of(&found));
	if (c->err != NULL)
		ck_assert_str_eq(
			err.text, arena_printf(arena, "%s%s", folder, c->err));
	text_fini(&found);
	test_folder_remove(folder);
	arena_close(&arena);
}
END_TEST

static const struct preset_file {
	const char *path;
	enum directory_preset preset;
	const char *found;
} PRESET_FILES[] = {
	{ DATA "exchange.csv", PRESET_EXCHANGE,
		"class UserMailbox\nrow 3 Ann.Lee@company.example\n"
		"row 3 ann@company.example\nrow 3 ann@exchange.example\n"
		"class RoomMailbox\nrow 4 room1@company.example\n"
		"class MailUniversalDistributionGroup\n"
		"row 5 staff@company.example\nrow 5 all@company.example\n"
		"class MailContact\n"
		"row 6 sales@company.example -> crm@saas.example\n"
		"row 6 sale@company.example -> crm@saas.example\n"
		"class MailContact\n"
		"row 7 bob@company.example -> bob@company.example\n" },
	{ DATA "exchange_5_5_export.csv", PRESET_EXCHANGE_55,
		"class Mailbox\nrow 2 cy@company.example\n"
		"row 2 cy.old@company.example\nrow 2 c%o@company.example\n"
		"class dl\nrow 3 everybody@company.example\n"
		"class Remote\n"
		"row 4 dee@partner.example -> dee@partner.example\n"
		"row 4 dee@company.example -> dee@partner.example\n"
		"class Public Folder\nrow 5 board@company.example\n" },
};

START_TEST(exports_are_read)
{
	const struct preset_file *c = &PRESET_FILES[_i];
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	ck_assert_msg(
		read_preset(c->path, c->preset, &found, &err), "%s", err.text);
	ck_assert_str_eq(text_of(&found), c->found);
	text_fini(&found);
}
END_TEST

static const struct preset_file PRESET_SAMPLES[] = {
	{ "get-recipient_join_semicolon.csv", PRESET_EXCHANGE,
		"class UserMailbox\nrow 2 enabledexchange@cust.tld\n"
		"row 2 enabledexchange@cust.local\n"
		"class MailUser\n"
		"row 3 enablednonexchangeuser@welovecust.com -> "
		"enablednonexchangeuser@welovecust.com\n"
		"row 3 enablednonexchangeuser@cust.local\n"
		"class MailUser\n"
		"row 4 disabledrc@welovecust.com -> "
		"disabledrc@welovecust.com\n"
		"row 4 disabledrc@cust.local\n" },
	{ "q155594_custom_recipient.csv", PRESET_EXCHANGE_55,
		"class Remote\nrow 2 User1@org.com -> User1@org.com\n"
		"row 2 User1@org2.com -> User1@org.com\n"
		"row 2 User1@org3.com -> User1@org.com\n"
		"row 2 User2@org2.com -> User1@org.com\n" },
	{ "q184536_mailbox.csv", PRESET_EXCHANGE_55,
		"class Mailbox\nrow 2 Someone@SITE.microsoft.com\n" },
	{ "get-recipient_typename.csv", PRESET_EXCHANGE, NULL },
};

START_TEST(real_exports_are_read_by_presets)
{
	const struct preset_file *c = &PRESET_SAMPLES[_i];
	struct arena *arena = arena_open();
	const char *path = test_sample(c->path, arena);
	struct text found;
	struct err err = { 0 };

	text_init(&found);
	if (path != NULL) {
		const bool is_read = read_preset(path, c->preset, &found, &err);

		ck_assert_msg(is_read == (c->found != NULL), "%s", err.text);
		if (is_read)
			ck_assert_str_eq(text_of(&found), c->found);
	}
	text_fini(&found);
	arena_close(&arena);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("csv_presets");

	tcase_set_timeout(tcase, 60); /* files, on a busy machine */
	tcase_add_loop_test(tcase, presets_are_read, 0, COUNT(PRESETS));
	tcase_add_loop_test(tcase, exports_are_read, 0, COUNT(PRESET_FILES));
	tcase_add_loop_test(tcase, real_exports_are_read_by_presets, 0,
		COUNT(PRESET_SAMPLES));
	return unit_run(suite_create("csv_presets"), tcase);
}
