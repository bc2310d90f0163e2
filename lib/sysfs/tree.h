/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree.h - files, links and directories below the root of a sysfs tree, and nothing else
 *
 * No symbolic link is ever followed by the kernel: a link is text, which device_path.h turns into
 * a path below the root or refuses.  So a tree that somebody made up cannot lead anywhere else.
 *
 * "Absent" is an answer of its own (-1 for a directory, NULL, false), never an error.  An attribute
 * costs one open and one read; what is no regular file shows itself by what that read gives.
 */
#ifndef VTOPO_SYSFS_TREE_H
#define VTOPO_SYSFS_TREE_H

#include "base/mem.h"
#include "vtopo/error.h"

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

struct tree {
    int fd;           /* O_PATH */
    const char *name; /* as the user gave it, for messages */
    struct vtopo_error **reterr;
};

/* An open directory of a tree.  The path is the caller's and outlives the place. */
struct place {
    const struct tree *tree;
    int fd;           /* O_PATH; -1: absent */
    const char *path; /* below the root, without "." and ".."; may go on behind the place */
    size_t length;    /* of the path */
};

struct names {
    char **items;
    size_t count, cap;
};

/* @name is kept, not copied. */
int tree_open(const char *name, struct tree *ret_tree, struct vtopo_error **reterr);
void tree_close(struct tree *tree);
/* The names in the directory @path (without "." and ".."), sorted by byte order; absent: none. */
int tree_list(const struct tree *tree, const char *path, struct names *ret_names);
void names_clear(struct names *names);

/* Opens the directory that the first @length characters of @path name; of its components none may
 * be a symbolic link. */
int place_open(const struct tree *tree, const char *path, size_t length, struct place *ret_place);
/* The same where these characters are the path of @above and one component more. */
int place_open_below(const struct place *above, const char *path, size_t length,
                     struct place *ret_place);
void place_close(struct place *place);

/*
 * An attribute's text without the newline at the end, the caller's to free(); NULL: absent.  A read
 * that the kernel answers with EINVAL counts as absent: so an attribute says that it has no value
 * now (link speed of a device that sleeps).
 */
int place_read(const struct place *place, const char *name, char **ret_text);
/* The same for one that is short, else it is an error. */
#define SHORT_TEXT 128
int place_read_short(const struct place *place, const char *name, char ret_text[SHORT_TEXT],
                     bool *ret_found);
/* The first bytes of it, at most @limit, as they are.  *ret_size is -1 where it is absent. */
int place_read_bytes(const struct place *place, const char *name, void *ret_bytes, size_t limit,
                     ssize_t *ret_size);

/* Opens an attribute; -1: absent. */
int place_open_file(const struct place *place, const char *name, int *ret_fd);
/* Sets an error, VTOPO_ERR_HOST, or VTOPO_ERR_NOMEM for ENOMEM: @name (NULL: the place itself)
 * cannot be read, and why. */
int place_unreadable(const struct place *place, const char *name, int why);

/* The text of a symbolic link, "": absent. */
int place_read_link(const struct place *place, const char *name, char ret_text[PATH_MAX]);
/* The last component of that text, which is in @text; NULL: absent. */
int place_read_link_name(const struct place *place, const char *name, char text[PATH_MAX],
                         const char **ret_name);

/*
 * Sets an error that names the file and what it says, and why that is wrong; returns
 * VTOPO_ERR_HOST.
 */
int place_wrong(const struct place *place, const char *name, const char *value, const char *why);

/* Numbers: absent leaves *ret_value as it is. "0x" is required for hexadecimal ones. */
int place_read_hex(const struct place *place, const char *name, uint32_t max, uint32_t *ret_value);
int place_read_int(const struct place *place, const char *name, int min, int max, int *ret_value);

/*
 * Printable ASCII without blanks, 1 to 64 characters: what the kernel calls drivers and most
 * devices.
 */
bool is_plain_name(const char *name);

/* What a driver calls a type: ASCII with blanks, up to 64 characters. */
bool is_printable_name(const char *name);

#endif
