/* A directory's name as the name of a file that is kept for it. */
#ifndef DIRECTORY_FILE_NAME_H
#define DIRECTORY_FILE_NAME_H

struct arena;

/*
 * In the arena.  Letters, digits, "_", "-" and inner dots stand for
 * themselves, other bytes as "%C3"; so no name leads out of a folder, and
 * none begins with a dot, as temporary files do.
 */
const char *file_name(const char *name, struct arena *arena);

#endif
