/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpuinfo.c - see cpuinfo.h
 *
 * Takes:  a tree (beside.h).
 * Gives:  of proc/cpuinfo beside it what the first processor's part says.
 * Rule:   of what cannot be read, or says something else, nothing is known.
 * Not here: what follows from it (addresses.c).
 */
#include "sysfs/cpuinfo.h"

#include "base/error.h"
#include "base/mem.h"
#include "sysfs/beside.h"

#include <stdlib.h>
#include <string.h>

#define CPUINFO_SIZE 16384 /* the first processor's part is a quarter of that */

/* What the line with this name says; NULL: there is none. */
static const char *value_of(const char *text, const char *name)
{
    size_t length = strlen(name);

    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (!strncmp(line, name, length) && (line[length] == '\t' || line[length] == ' ')) {
            line += length + strspn(line + length, "\t ");
            return *line == ':' ? line + 1 : NULL;
        }
    }
    return NULL;
}

static bool has_flag(const char *flags, const char *name)
{
    size_t length = strlen(name), end = flags ? strcspn(flags, "\n") : 0;

    for (const char *at = flags; at && (at = strstr(at, name)) && at < flags + end; at += length) {
        if (at[-1] == ' ' && (at[length] == ' ' || at[length] == '\n' || !at[length]))
            return true;
    }
    return false;
}

/* " 46 bits physical, 48 bits virtual"; 0: it says something else. */
static unsigned width_of(const char *sizes)
{
    static const char behind[] = " bits physical";
    unsigned bits = 0;

    if (!sizes)
        return 0;
    sizes += strspn(sizes, " ");
    for (; *sizes >= '0' && *sizes <= '9' && bits < 100; sizes++)
        bits = bits * 10 + (unsigned)(*sizes - '0');
    return bits < 32 || bits > 63 || strncmp(sizes, behind, strlen(behind)) != 0 ? 0 : bits;
}

/* The first processor's part; of what was not read to its end, whole lines. */
static void cut_first(char *text, bool whole)
{
    char *end = strstr(text, "\n\n");

    if (!end && !whole)
        end = strrchr(text, '\n');
    if (end)
        end[1] = '\0';
}

static void parse(const char *text, struct cpuinfo *ret)
{
    const char *flags = value_of(text, "flags"), *vmx = value_of(text, "vmx flags");

    *ret = (struct cpuinfo){
        .bits = width_of(value_of(text, "address sizes")),
        .has_flags = flags != NULL,
        .pages_1g = has_flag(flags, "pdpe1gb"),
        .la57 = has_flag(flags, "la57"),
        .has_vmx = vmx != NULL,
        .ept_5level = has_flag(vmx, "ept_5level"),
    };
}

int cpuinfo_read(const struct tree *tree, struct cpuinfo *ret)
{
    struct vtopo_error *error = NULL;
    struct tree beside = beside_open(tree, &error);
    struct place place = {.fd = -1};
    autofree char *text = malloc(CPUINFO_SIZE + 1);
    ssize_t size = -1;
    int code = text ? 0 : VTOPO_ERR_NOMEM;

    *ret = (struct cpuinfo){0};
    if (!code && beside.fd >= 0)
        code = place_open(&beside, "proc", strlen("proc"), &place);
    if (!code && place.fd >= 0)
        code = place_read_bytes(&place, "cpuinfo", text, CPUINFO_SIZE, &size);
    place_close(&place);
    if (beside.fd >= 0)
        tree_close(&beside);
    vtopo_error_free(error);
    if (code == VTOPO_ERR_NOMEM)
        return error_nomem(tree->reterr);
    if (!code && size > 0) {
        text[size] = '\0';
        if (!memchr(text, '\0', (size_t)size)) {
            cut_first(text, size < CPUINFO_SIZE);
            parse(text, ret);
        }
    }
    return 0;
}
