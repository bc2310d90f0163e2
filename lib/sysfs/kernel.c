/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel.c - see kernel.h
 *
 * Takes:  a tree whose root is called "sys", as that of a running host and of a copy of one.
 * Gives:  what proc/sys/kernel/osrelease beside it says, and of proc/cpuinfo the part of the first
 *         processor.
 * Rule:   a tree of another name is taken from somewhere else, and what is beside it is not its
 *         own: of that, and of anything that cannot be read or is no release, nothing is known.
 * Not here: everything below the root.
 */
#include "sysfs/kernel.h"

#include "base/error.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "proc/sys/kernel"

/* Is the last component of the path "sys"? */
static bool is_sys(const char *path)
{
    size_t length = strlen(path);

    while (length && path[length - 1] == '/')
        length--;
    return length >= 3 && !memcmp(path + length - 3, "sys", 3) &&
           (length == 3 || path[length - 4] == '/');
}

static int read_release(const struct tree *beside, char text[SHORT_TEXT], bool *ret_found)
{
    struct place place;
    int code = place_open(beside, FOLDER, strlen(FOLDER), &place);

    if (!code && place.fd >= 0)
        code = place_read_short(&place, "osrelease", text, ret_found);
    place_close(&place);
    return code;
}

/* What is beside the tree; .fd is -1: nothing of its own. */
static struct tree open_beside(const struct tree *tree, struct vtopo_error **error)
{
    struct tree beside = {.fd = -1, .name = tree->name, .reterr = error};

    if (is_sys(tree->name))
        beside.fd = openat(tree->fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return beside;
}

int kernel_read(const struct tree *tree, char ret_release[KERNEL_RELEASE_SIZE])
{
    struct vtopo_error *error = NULL;
    struct tree beside = open_beside(tree, &error);
    char text[SHORT_TEXT];
    bool found = false;
    int code;

    *ret_release = '\0';
    if (beside.fd < 0)
        return 0;
    code = read_release(&beside, text, &found);
    tree_close(&beside);
    vtopo_error_free(error);
    if (code == VTOPO_ERR_NOMEM)
        return error_nomem(tree->reterr);
    if (!code && found && host_is_kernel_release(text))
        memcpy(ret_release, text, strlen(text) + 1);
    return 0;
}

/* --- cpuinfo --- */

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

/*
 * KVM reaches more than 48 bits only with page tables of five levels: of Intel's processors as EPT
 * can, of AMD's as the host itself has them (arch/x86/kvm/mmu/mmu.c: kvm_configure_mmu()).
 */
static void parse_cpuinfo(const char *text, struct host_processor *processor)
{
    const char *flags = value_of(text, "flags");
    unsigned bits = width_of(value_of(text, "address sizes"));
    bool five;

    if (!bits)
        return;
    processor->bits = bits;
    processor->pages_1g = has_flag(flags, "pdpe1gb");
    processor->la57 = has_flag(flags, "la57");
    five = value_of(text, "vmx flags") ? has_flag(value_of(text, "vmx flags"), "ept_5level")
                                       : processor->la57;
    processor->guest_bits = five || bits < 48 ? bits : 48;
}

int cpuinfo_read(const struct tree *tree, struct host_processor *processor)
{
    struct vtopo_error *error = NULL;
    struct tree beside = open_beside(tree, &error);
    struct place place = {.fd = -1};
    autofree char *text = malloc(CPUINFO_SIZE + 1);
    ssize_t size = -1;
    int code = text ? 0 : VTOPO_ERR_NOMEM;

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
            parse_cpuinfo(text, processor);
        }
    }
    return 0;
}
