/* Every fault of syntax, each with its sentence and its own line. */
#include "tests/unit/config_case.h"

#include "config/conf_lexer.h"
#include "tests/unit/limits_config.h"
#include "tests/unit/unit_main.h"

#define VARIABLE_SENTENCE \
	"error: \"${\" begins the name of an environment variable and is not " \
	"closed; write ${NAME}, or put the text into single quotes\n"
#define ESCAPE_SENTENCE \
	"error: no character has the number after this backslash; write two " \
	"backslashes for one, or put the text into single quotes\n"
#define LIST_SENTENCE \
	"where values are separated by commas and \"}\" closes it\n"
#define KEY_SENTENCE \
	"stands where a key belongs; a key is a word without quotes, \"=\" " \
	"and a value\n"
#define TOP_SENTENCE \
	"stands where a key or a block begins; both begin with a word " \
	"without quotes\n"
#define SIGN_SENTENCE \
	"is not followed by \"=\"; a value of several words stands in quotes\n"
#define TITLE_SENTENCE \
	"error: a block begins with a title and a brace: connector \"TITLE\" " \
	"{\n"
#define INCLUDE_SENTENCE \
	"error: include takes the name of one file: include(\"FILE\")\n"
#define LOST_SENTENCE \
	"error: this backslash would be lost, for what is behind it is no " \
	"escape; write two backslashes for one, or put the text into single " \
	"quotes\n"
#define UNCLOSED_SENTENCE \
	"error: the block that begins here is never closed; write \"}\" " \
	"after its last line\n"

static const struct config_case cases[] = {
	{ "comment is not closed", "\nextension = \"+\" /* on\nand on\n",
		"@2: error: the comment that begins here with \"/*\" is never "
		"closed; write \"*/\" after it\n" },
	{ "double quote is not closed",
		"# it's\nconnector \"a\" {\n\ttls = \"may\n}\n",
		"@3: error: the quote that opens here is not closed on its "
		"line; write \" after the text\n" },
	{ "single quote is not closed", "extension = '+",
		"@1: error: the quote that opens here is not closed on its "
		"line; write ' after the text\n" },
	{ "escaped quote does not close", "extension = \"+\\\"\n",
		"@1: error: the quote that opens here is not closed on its "
		"line; write \" after the text\n" },
	{ "escaped single quote does not close", "extension = '+\\'\n",
		"@1: error: the quote that opens here is not closed on its "
		"line; write ' after the text\n" },
	{ "backslash ends the file", "extension = \"\\",
		"@1: error: the quote that opens here is not closed on its "
		"line; write \" after the text\n" },
	{ "variable is not closed in its quotes",
		"\n\nextension = \"${X\"\nlinger = \"}\"\n",
		"@3: " VARIABLE_SENTENCE },
	{ "variable is not closed in the file", "extension = \"${X",
		"@1: " VARIABLE_SENTENCE },
	{ "variable is not closed outside of quotes", "extension = ${X\n}\n",
		"@1: " VARIABLE_SENTENCE },
	{ "escape over 255", "extension = \"\\777\"\n",
		"@1: " ESCAPE_SENTENCE },
	{ "escape of four digits", "extension = \"\\1234\"\n",
		"@1: " ESCAPE_SENTENCE },
	{ "escape that is not octal", "extension = \"\\18\"\n",
		"@1: " ESCAPE_SENTENCE },
	{ "hexadecimal without a number", "extension = \"\\xg\"\n",
		"@1: " ESCAPE_SENTENCE },
	{ "escape of a letter that is none", "\nextension = \"\\d0\\9f\"\n",
		"@2: " LOST_SENTENCE },
	{ "backslash of an SQL pattern", "extension = \"\\_%\"\n",
		"@1: " LOST_SENTENCE },
	{ "octal NUL", "extension = \"+\\0\"\n", "@1: " ESCAPE_SENTENCE },
	{ "hexadecimal NUL", "extension = \"+\\x00\"\n",
		"@1: " ESCAPE_SENTENCE },
	{ "short hexadecimal NUL", "extension = \"+\\x0\"\n",
		"@1: " ESCAPE_SENTENCE },
	{ "plus outside of quotes", "extension = +\nlinger = 5d\n",
		"@1: error: \"+\" stands outside of quotes; a value that holds "
		"it is written in quotes\n" },
	{ "asterisk outside of quotes",
		"connector \"a\" {\n\taddress-spaces = { * }\n}\n",
		"@2: error: \"*\" stands outside of quotes; a value that holds "
		"it is written in quotes\n" },

	{ "brace too many", "\n}\n",
		"@2: error: \"}\" closes no block; take it out\n" },
	{ "quoted key at top level", "\"linger\" = 5d\n",
		"@1: error: \"linger\" " TOP_SENTENCE },
	{ "mark at top level", "linger = = 5d\n",
		"@1: error: \"linger\" has no value; write one after the equal "
		"sign\n" },
	{ "list without key", "{ a }\n", "@1: error: \"{\" " TOP_SENTENCE },
	{ "parenthesis at top level", "linger = 5d ) \n",
		"@1: error: \")\" " TOP_SENTENCE },
	{ "key without sign at top level", "\nlinger 5d\n",
		"@2: error: \"linger\" " SIGN_SENTENCE },
	{ "key alone", "linger", "@1: error: \"linger\" " SIGN_SENTENCE },
	{ "key without value", "linger =\n",
		"@1: error: \"linger\" has no value; write one after the equal "
		"sign\n" },
	{ "value of two words", "connector \"a\" {\n tls = may be\n}\n",
		"@2: error: \"be\" " SIGN_SENTENCE },
	{ "quoted key in a block", "connector \"a\" {\n 'tls' = may\n}\n",
		"@2: error: 'tls' " KEY_SENTENCE },
	{ "comma between keys",
		"connector \"a\" {\n tls = may,\n loop = off\n}\n",
		"@2: error: \",\" " KEY_SENTENCE },
	{ "key without sign in a block", "connector \"a\" {\n tls\n}\n",
		"@2: error: \"tls\" " SIGN_SENTENCE },

	{ "list without comma",
		"connector \"a\" {\n clients = {\n \"10.0.0.1\"\n "
		"\"10.0.0.2\" }\n}\n",
		"@4: error: \"10.0.0.2\" stands in the list of \"clients\" "
		"(line @@2), " LIST_SENTENCE },
	{ "list begins with comma", "contacts = {\n , a }\n",
		"@2: error: \",\" stands in the list of \"contacts\" (line "
		"@@1), " LIST_SENTENCE },
	{ "list is not closed", "contacts = {\n a,\n b",
		"@1: error: the list of \"contacts\" is never closed; write "
		"\"}\" after its last value\n" },
	{ "list is not closed after a comma", "\ncontacts = { a,\n",
		"@2: error: the list of \"contacts\" is never closed; write "
		"\"}\" after its last value\n" },
	{ "list is not closed before a key",
		"connector \"a\" {\n clients = { \"10.0.0.1\"\n tls = may\n}\n",
		"@3: error: \"tls\" stands in the list of \"clients\" (line "
		"@@2), " LIST_SENTENCE },

	{ "quote in a list is not closed", "contacts = { a,\n \"b, c }\n",
		"@2: error: the quote that opens here is not closed on its "
		"line; write \" after the text\n" },
	{ "quote behind a value is not closed", "contacts = { a\n \"b }\n",
		"@2: error: the quote that opens here is not closed on its "
		"line; write \" after the text\n" },

	{ "block without title", "\nconnector { tls = may }\n",
		"@2: " TITLE_SENTENCE },
	{ "block without brace", "connector \"a\"\n tls = may }\n",
		"@1: " TITLE_SENTENCE },
	{ "block cut off", "connector", "@1: " TITLE_SENTENCE },
	{ "block is not closed", "\nconnector \"a\" {\n tls = may\n\n# end\n",
		"@2: " UNCLOSED_SENTENCE },
	{ "block is not closed before the next",
		"connector \"a\" {\n tls = may\nconnector \"b\" { }\n",
		"@3: error: a connector can not stand within another block; "
		"close that one with \"}\" first\n" },
	{ "unknown block is not closed", "conector \"a\" {\n",
		"@1: error: no such block \"conector\"; did you mean "
		"\"connector\"?\n"
		"@1: " UNCLOSED_SENTENCE },

	{ "string of two lines where a key begins", "\n\"a\\\nb\" = c\n",
		"@2: error: \"a\\ b\" " TOP_SENTENCE },
	{ "include in a block", "connector \"a\" {\n include(\"x.conf\")\n}\n",
		"@2: error: include stands outside of all blocks: "
		"include(\"FILE\")\n" },
	{ "include without parentheses", "\ninclude \"x.conf\"\n",
		"@2: " INCLUDE_SENTENCE },
	{ "include of nothing", "include()\n", "@1: " INCLUDE_SENTENCE },
	{ "include of an empty name", "include(\"\")\n",
		"@1: " INCLUDE_SENTENCE },
	{ "include of a control character", "include(\"a\\tb\")\n",
		"@1: " INCLUDE_SENTENCE },
	{ "include of what is not UTF-8", "include(\"a\\xfc\")\n",
		"@1: " INCLUDE_SENTENCE },
	{ "include of two files", "\ninclude(\"a\", \"b\")\n",
		"@2: " INCLUDE_SENTENCE },
	{ "include is not closed", "\ninclude(\"a\"\n",
		"@2: " INCLUDE_SENTENCE },
	{ "fault in the name of an include", "include(\"a)\n",
		"@1: error: the quote that opens here is not closed on its "
		"line; write \" after the text\n" },
	{ "fault after the name of an include", "include(a \"b)\n",
		"@1: error: the quote that opens here is not closed on its "
		"line; write \" after the text\n" },

	{ "control character", "\n\nlinger = 5d \x01\n",
		"@3: error: a control character; only tabs and line ends may "
		"stand in the text\n" },
	{ "delete character", "\x7f\n",
		"@1: error: a control character; only tabs and line ends may "
		"stand in the text\n" },
	{ "invalid UTF-8", "\n# \xc3\xbc is good\n# \xfc is not\n",
		"@3: error: not valid UTF-8; save the file as UTF-8\n" },
};

CONFIG_CASES(cases)

START_TEST(syntax_fault_gives_no_namespace)
{
	struct fixture f;

	fixture_init(&f);
	ck_assert_ptr_null(read_text(&f, "accepted-domain \"d\" {\n"));
	ck_assert_uint_eq(faults_errors(f.faults), 1);
	fixture_fini(&f);
}
END_TEST

/* So many bytes between head and tail, behind a line of its own. */
static const struct {
	const char *name, *head, *tail;
	size_t n;
	bool is_too_long;
} lengths[] = {
	{ "a word", "extension = ", "\n", TOKEN_SIZE_MAX + 1, true },
	{ "a text in single quotes", "extension = '", "'\n", TOKEN_SIZE_MAX - 1,
		true },
	{ "a text in double quotes", "extension = \"", "\"\n",
		TOKEN_SIZE_MAX - 1, true },
	{ "a key", "", " = x\n", TOKEN_SIZE_MAX + 1, true },
	{ "a title", "connector ", " { }\n", TOKEN_SIZE_MAX + 1, true },
	{ "a file to include", "include(", ")\n", TOKEN_SIZE_MAX + 1, true },
	{ "a variable", "extension = ${", "}\n", TOKEN_SIZE_MAX - 2, true },
	{ "a comment to the end of its line", "#", "\n", 2 * TOKEN_SIZE_MAX,
		false },
	{ "a comment of several lines", "/*\n", "\n*/", 2 * TOKEN_SIZE_MAX,
		false },
};

START_TEST(too_long_a_text_names_its_line)
{
	struct fixture f;

	fixture_init(&f);
	const char *text = arena_printf(f.arena, "\n%s%s", lengths[_i].head,
		fill(f.arena, "", lengths[_i].n, 'a', lengths[_i].tail));
	const bool is_taken = read_text(&f, text) != NULL;

	ck_assert_msg(
		is_taken != lengths[_i].is_too_long, "%s", lengths[_i].name);
	if (lengths[_i].is_too_long) {
		const struct fault *fault = faults_get(f.faults, 0);

		ck_assert_uint_eq(faults_count(f.faults), 1);
		ck_assert_uint_eq(fault->place.line, 2);
		ck_assert_str_eq(fault->text,
			"what begins here has 65537 bytes, and no value has "
			"more than 65536; is a blank or a quote missing, or is "
			"this another file?");
	}
	fixture_fini(&f);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("syntax");

	CONFIG_ADD(tcase, cases);
	tcase_add_test(tcase, syntax_fault_gives_no_namespace);
	tcase_add_loop_test(
		tcase, too_long_a_text_names_its_line, 0, COUNT(lengths));
	return unit_run(suite_create("config_syntax"), tcase);
}
