/*
 * The outline of a configuration: which block and which key stands where,
 * in the file and in those it includes; and one buffer for libConfuse.
 */
#ifndef CONFIG_CONF_OUTLINE_H
#define CONFIG_CONF_OUTLINE_H

#include "config/conf_buffer.h"
#include "config/conf_tree.h"

/*
 * The buffer is the text of all files in one, a token a line, without
 * comments, without what the outline reported (keys that are unknown or
 * come twice), and with each block's title as its first key: libConfuse
 * would silently replace a block by a later one of the same title.
 */
struct conf_outline {
	struct conf_buffer buffer;
	const char *digest; /* BLAKE2b-512 of all bytes read, hexadecimal */
	struct arena *arena; /* of the tree and the files' bytes */
};

/* The name of the title among the keys of a block in the buffer. */
#define OUTLINE_TITLE "title"

void conf_outline_init(struct conf_outline *outline);
void conf_outline_fini(struct conf_outline *outline);

/*
 * Reads path and what it includes.  Blocks and keys go into tree, still
 * without values; it lives as long as the outline, its texts in config.
 * Unknown and repeated words are reported in faults.  False: a file can not
 * be read, or a fault of syntax.
 */
bool conf_outline_read(struct conf_outline *outline, struct conf_tree *tree,
	const char *path, struct arena *config, struct faults *faults);

#endif
