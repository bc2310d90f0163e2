/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree.h - files, links and directories below the root of a sysfs tree, and nothing else
 *
 * No symbolic link is ever followed by the kernel: a link is text, which tree_resolve() turns into
 * a path below the root or refuses. So a tree that somebody made up cannot lead anywhere else.
 *
 * "Absent" is an answer of its own (NULL, or -1 for a directory), never an error.
 */
#ifndef VTOPO_SYSFS_TREE_H
#define VTOPO_SYSFS_TREE_H

#include "base/bdf.h"
#include "base/mem.h"
#include "vtopo/error.h"

#include <stdint.h>

struct tree {
    int fd;           /* O_PATH */
    const char *name; /* as the user gave it, for messages */
    struct vtopo_error **reterr;
};

/* An open directory of a tree. */
struct place {
    const struct tree *tree;
    int fd;     /* O_PATH; -1: absent */
    char *path; /* below the root, without "." and ".." */
};

struct names {
    char **items;
    size_t count, cap;
};

/* @name is kept, not copied. */
int tree_open(const char *name, struct tree *ret_tree, struct vtopo_error **reterr);
void tree_close(struct tree *tree);

/* Opens the directory @path; of its components none may be a symbolic link. */
int place_open(const struct tree *tree, const char *path, struct place *ret_place);
void place_close(struct place *place);

/*
 * An attribute's text without the newline at the end. A read that the kernel answers with EINVAL
 * counts as absent: so an attribute says that it has no value now (link speed of a device that
 * sleeps).
 */
int place_read(const struct place *place, const char *name, char **ret_text);
/* The same for bytes: at most @limit of them. */
int place_read_bytes(const struct place *place, const char *name, size_t limit,
                     unsigned char **ret_bytes, size_t *ret_size);
/* The text of a symbolic link. */
int place_read_link(const struct place *place, const char *name, char **ret_text);
/* The last component of a symbolic link's text. */
int place_read_link_name(const struct place *place, const char *name, char **ret_text);
/* The names in a directory (without "." and ".."), sorted by byte order. */
int place_list(const struct place *place, struct names *ret_names);
void names_clear(struct names *names);

/*
 * Sets an error that names the file and what it says, and why that is wrong; returns
 * VTOPO_ERR_HOST.
 */
int place_wrong(const struct place *place, const char *name, const char *value, const char *why);

/* Numbers: absent leaves *ret_value as it is. "0x" is required for hexadecimal ones. */
int place_read_hex(const struct place *place, const char *name, uint32_t max, uint32_t *ret_value);
int place_read_int(const struct place *place, const char *name, int min, int max, int *ret_value);

/* What the path of a device says: .../pci0000:3a/0000:3a:00.0/0000:3b:00.0/REST */
struct device_path {
    char *path;            /* below the root of the tree */
    bool has_root;         /* there is a root complex in the path */
    struct bdf root;       /* the last one: VMD puts one below another */
    VEC(struct bdf) chain; /* the functions below it */
    size_t chain_end;      /* where the path of the last function ends in "path" */
};

/*
 * Reads the link @name in @place and takes its path to pieces.  ret_path->path NULL: absent.
 * A link that is absolute or leads out of the tree is an error.
 */
int device_path_read(const struct place *place, const char *name, struct device_path *ret_path);
void device_path_clear(struct device_path *path);

/* True if @name is a PCI address as the kernel writes it. */
bool is_bdf_name(const char *name, struct bdf *ret_bdf);

/*
 * Printable ASCII without blanks, 1 to 64 characters: what the kernel calls drivers and most
 * devices.
 */
bool is_plain_name(const char *name);

/* What a driver calls a type: ASCII with blanks, up to 64 characters. */
bool is_printable_name(const char *name);

#endif
