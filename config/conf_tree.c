/*
 * The only place that parses by libConfuse.  Each option is a list of pointers,
 * so that a value comes with the line that libConfuse had reached: it keeps
 * none afterwards.  What takes one value and what a list is judged later,
 * with a sentence.
 *
 * libConfuse's hook for errors has no context, so the message is left in
 * the comment field of the section that failed, and fetched from there.
 */
#include "config/conf_tree.h"

#include "base/arena.h"
#include "base/memory.h"
#include "config/conf_outline.h"
#include "namespace/fold.h"

#include <confuse.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parsed {
	unsigned line;
	char text[];
};

static int parsed_open(
	cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	const size_t len = strlen(value);
	struct parsed *parsed = memory_must(malloc(sizeof *parsed + len + 1));

	(void)opt;
	parsed->line = (unsigned)cfg->line;
	memcpy(parsed->text, value, len + 1);
	*(void **)result = parsed;
	return 0;
}

static cfg_opt_t option(const char *name)
{
	return (cfg_opt_t)CFG_PTR_LIST_CB(
		name, 0, CFGF_NONE, parsed_open, free);
}

/* Room for more options after those of the kind; zero bytes end them. */
static cfg_opt_t *options(
	enum conf_kind kind, size_t more, size_t *count, struct arena *arena)
{
	const struct conf_word *words = conf_words(kind);
	size_t n = 0;

	while (words[n].name != NULL)
		n++;
	cfg_opt_t *opts = arena_array(arena, n + more + 1, sizeof *opts);

	for (size_t i = 0; i < n; i++)
		opts[i] = option(words[i].name);
	*count = n;
	return opts;
}

static cfg_t *language_open(struct arena *arena)
{
	size_t n;
	cfg_opt_t *top = options(CONF_TOP, CONF_KINDS - 1, &n, arena);

	for (unsigned i = CONF_TOP + 1; i < CONF_KINDS; i++) {
		const enum conf_kind kind = (enum conf_kind)i;
		size_t n_keys;
		cfg_opt_t *opts = options(kind, 1, &n_keys, arena);

		opts[n_keys] = option(OUTLINE_TITLE);
		top[n++] = (cfg_opt_t)CFG_SEC(
			conf_kind_word(kind), opts, CFGF_MULTI);
	}
	return memory_must(cfg_init(top, CFGF_NONE));
}

static void keep_message(cfg_t *cfg, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

static void keep_message(cfg_t *cfg, const char *format, va_list args)
{
	free(cfg->comment);
	if (vasprintf(&cfg->comment, format, args) < 0)
		memory_must(NULL);
}

/* The section where reading ended; it is the last one of its kind. */
static const cfg_t *failed_section(cfg_t *root)
{
	for (unsigned kind = CONF_TOP + 1; kind < CONF_KINDS; kind++) {
		const char *word = conf_kind_word((enum conf_kind)kind);
		const unsigned n = cfg_size(root, word);
		const cfg_t *section = n == 0 ? NULL
					      : cfg_getnsec(root, word, n - 1);

		if (section != NULL && section->comment != NULL)
			return section;
	}
	return root;
}

/* The outline has refused what libConfuse would: this is the second net. */
static bool syntax_fault(
	cfg_t *root, const struct conf_outline *outline, struct faults *faults)
{
	const cfg_t *section = failed_section(root);
	const unsigned line = (unsigned)section->line;

	faults_error(faults, conf_buffer_place(&outline->buffer, line),
		"syntax: %s",
		section->comment == NULL ? "not understood" : section->comment);
	return false;
}

static bool has_control(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	}
	return false;
}

/* False: a fault of meaning, and out is left as it was. */
static bool value_take(struct conf_value *out, const struct parsed *parsed,
	struct place place, struct arena *config, struct faults *faults)
{
	if (has_control(parsed->text)) {
		faults_error(faults, place,
			"the value holds a control character; in double "
			"quotes a backslash makes one, in single quotes it "
			"stands for itself");
		return false;
	}
	if (fold(parsed->text, strlen(parsed->text), config) == NULL) {
		faults_error(faults, place,
			"the value is not valid UTF-8; write its characters "
			"as they are, without \\x");
		return false;
	}
	out->text = arena_strdup(config, parsed->text);
	out->place = place;
	return true;
}

struct fill {
	const struct conf_outline *outline;
	struct arena *config;
	struct faults *faults;
};

static size_t take_values(
	struct conf_value *out, const struct fill *fill, cfg_opt_t *opt)
{
	size_t n = 0;

	for (unsigned i = 0; i < cfg_opt_size(opt); i++) {
		const struct parsed *parsed = cfg_opt_getnptr(opt, i);
		const struct place place =
			conf_buffer_place(&fill->outline->buffer, parsed->line);

		if (value_take(
			    &out[n], parsed, place, fill->config, fill->faults))
			n++;
	}
	return n;
}

static void fill_block(
	struct conf_block *block, cfg_t *section, const struct fill *fill)
{
	if (block->kind != CONF_TOP)
		take_values(&block->title, fill,
			cfg_getopt(section, OUTLINE_TITLE));
	for (size_t i = 0; i < block->n_keys; i++) {
		struct conf_key *key = &block->keys[i];
		cfg_opt_t *opt = cfg_getopt(section, key->word->name);

		key->values = arena_array(
			fill->config, cfg_opt_size(opt), sizeof *key->values);
		key->n_values = take_values(key->values, fill, opt);
	}
}

static void fill_blocks(
	struct conf_tree *tree, cfg_t *root, const struct fill *fill)
{
	unsigned count[CONF_KINDS] = { 0 };

	for (size_t i = 0; i < tree->n_blocks; i++) {
		struct conf_block *block = &tree->blocks[i];
		cfg_t *section = root;

		if (block->kind != CONF_TOP)
			section = cfg_getnsec(root, conf_kind_word(block->kind),
				count[block->kind]++);
		fill_block(block, section, fill);
	}
}

/* libConfuse does not always say so, and crashes on what is half made. */
static bool parse(cfg_t *cfg, const char *text)
{
	errno = 0;
	const int result = cfg_parse_buf(cfg, text);

	if (errno == ENOMEM)
		memory_must(NULL);
	return result == CFG_SUCCESS;
}

bool conf_tree_fill(struct conf_tree *tree, const struct conf_outline *outline,
	struct arena *config, struct faults *faults)
{
	const struct fill fill = { outline, config, faults };
	struct arena *scratch = arena_open();
	cfg_t *root = language_open(scratch);
	bool is_sound = true;

	cfg_set_error_function(root, keep_message);
	if (parse(root, outline->buffer.text.data))
		fill_blocks(tree, root, &fill);
	else
		is_sound = syntax_fault(root, outline, faults);
	cfg_free(root);
	arena_close(&scratch);
	return is_sound;
}

const char *conf_token_value(const char *raw, size_t len, struct arena *config)
{
	cfg_opt_t opts[] = { option("value"), CFG_END() };
	cfg_t *cfg = memory_must(cfg_init(opts, CFGF_NONE));
	const char *text = NULL;
	struct text buffer;

	cfg_set_error_function(cfg, keep_message);
	text_init(&buffer);
	text_adds(&buffer, "value = ");
	text_add(&buffer, raw, len);
	if (parse(cfg, buffer.data)) {
		const struct parsed *parsed = cfg_getnptr(cfg, "value", 0);

		if (!has_control(parsed->text) &&
			fold(parsed->text, strlen(parsed->text), config) !=
				NULL)
			text = arena_strdup(config, parsed->text);
	}
	text_fini(&buffer);
	cfg_free(cfg);
	return text;
}

const struct conf_key *conf_block_find(
	const struct conf_block *block, const char *name)
{
	for (size_t i = 0; i < block->n_keys; i++) {
		if (strcmp(block->keys[i].word->name, name) == 0)
			return &block->keys[i];
	}
	return NULL;
}
