/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * history.c - see history.h
 *
 * Takes:  a folder, the UUID of a VM, its definition.
 * Gives:  files UUID.NUMBER.xml there; the highest number is the newest.
 * Rule:   what is kept is never changed, and goes only when HISTORY_GENERATIONS newer ones are
 *         there.
 * Not here: what is defined (definition.c), how a file is written (state/folder.c).
 */
#include "virt/history.h"

#include "base/mem.h"
#include "state/folder.h"

#include <stdio.h>
#include <string.h>

#define UUID_LENGTH 36
#define NUMBER_FORMAT "%s.%08u.xml"
#define NAME_SIZE (UUID_LENGTH + sizeof(".12345678.xml"))
#define XML_MAX (16U * 1024 * 1024)

struct generations {
    const char *uuid;
    unsigned *items; /* their numbers, ascending */
    size_t count, cap;
};

static void name_file(const char *uuid, unsigned number, char name[NAME_SIZE])
{
    snprintf(name, NAME_SIZE, NUMBER_FORMAT, uuid, number % 100000000);
}

static bool parse_name(const char *name, const char *uuid, unsigned *ret_number)
{
    char again[NAME_SIZE];
    size_t length = strlen(uuid);

    if (strncmp(name, uuid, length) || name[length] != '.')
        return false;
    *ret_number = (unsigned)strtoul(name + length + 1, NULL, 10);
    name_file(uuid, *ret_number, again);
    return !strcmp(again, name);
}

static int compare_numbers(const void *left, const void *right)
{
    unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;

    return (a > b) - (a < b);
}

static int add_number(void *data, const char *name, struct vtopo_error **reterr)
{
    struct generations *generations = data;
    unsigned number, *item;

    if (!parse_name(name, generations->uuid, &number))
        return 0;
    item = vec_add(generations);
    if (!item)
        return error_nomem(reterr);
    *item = number;
    return 0;
}

/* @ret: free its items, also after a failure */
static int list(const struct folder *folder, const char *uuid, struct generations *ret,
                struct vtopo_error **reterr)
{
    int r;

    *ret = (struct generations){.uuid = uuid};
    r = folder_list(folder, add_number, ret, reterr);
    if (!r && ret->count)
        qsort(ret->items, ret->count, sizeof(unsigned), compare_numbers);
    return r;
}

/* @ret_xml NULL: it is gone since it was listed. */
static int read_one(const struct folder *folder, const char *uuid, unsigned number, char **ret_xml,
                    struct vtopo_error **reterr)
{
    char name[NAME_SIZE];

    name_file(uuid, number, name);
    return folder_read(folder, name, XML_MAX, ret_xml, reterr);
}

static int write_one(const struct folder *folder, const char *uuid, unsigned number,
                     const char *xml, struct vtopo_error **reterr)
{
    char name[NAME_SIZE];

    name_file(uuid, number, name);
    return folder_write(folder, name, xml, reterr);
}

/* What cannot be taken away does no harm. */
static void remove_old(const struct folder *folder, const struct generations *generations)
{
    for (size_t i = 0; i + HISTORY_GENERATIONS <= generations->count; i++) {
        char name[NAME_SIZE];

        name_file(generations->uuid, generations->items[i], name);
        folder_remove(folder, name, NULL);
    }
}

static int keep(const struct folder *folder, const char *uuid, const char *xml,
                struct vtopo_error **reterr)
{
    struct generations generations;
    autofree char *newest = NULL;
    int r = list(folder, uuid, &generations, reterr);
    unsigned last = generations.count ? generations.items[generations.count - 1] : 0;

    if (!r && generations.count)
        r = read_one(folder, uuid, last, &newest, reterr);
    if (!r && (!newest || strcmp(newest, xml)))
        r = write_one(folder, uuid, last + 1, xml, reterr);
    if (!r && (!newest || strcmp(newest, xml)))
        remove_old(folder, &generations);
    free(generations.items);
    return r;
}

static int open_folder(const char *path, bool make, struct folder *ret, struct vtopo_error **reterr)
{
    return folder_open(path, "where replaced definitions are kept", make, ret, reterr);
}

int history_keep(const char *folder, const char *uuid, const char *xml, struct vtopo_error **reterr)
{
    struct folder open;
    int r = open_folder(folder, true, &open, reterr);

    if (!r) /* two that keep at once would choose the same number */
        r = folder_lock(&open, reterr);
    if (!r)
        r = keep(&open, uuid, xml, reterr);
    folder_close(&open);
    return r;
}

static int find(const struct folder *folder, const char *uuid, const char *current, char **ret_xml,
                struct vtopo_error **reterr)
{
    struct generations generations;
    int r = list(folder, uuid, &generations, reterr);

    for (size_t i = generations.count; !r && !*ret_xml && i > 0; i--) {
        r = read_one(folder, uuid, generations.items[i - 1], ret_xml, reterr);
        if (!r && current && *ret_xml && !strcmp(*ret_xml, current)) {
            free(*ret_xml);
            *ret_xml = NULL;
        }
    }
    free(generations.items);
    return r;
}

int history_find(const char *folder, const char *uuid, const char *current, char **ret_xml,
                 struct vtopo_error **reterr)
{
    struct folder open;
    int r = open_folder(folder, false, &open, reterr);

    *ret_xml = NULL;
    if (!r && open.fd >= 0)
        r = find(&open, uuid, current, ret_xml, reterr);
    folder_close(&open);
    return r;
}
