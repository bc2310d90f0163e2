/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_emulator.h - the emulators of a host, and what libvirt knows of them
 */
#ifndef VTOPO_MODEL_HOST_EMULATOR_H
#define VTOPO_MODEL_HOST_EMULATOR_H

#include "base/mem.h"

struct vtopo_error;

/* A machine type that stands for another one: libvirt stores the latter in a definition. */
struct host_machine {
    char *alias; /* "q35" */
    char *name;  /* "pc-q35-7.2" */
};

enum emulator_state {
    EMULATOR_KNOWN,
    EMULATOR_STALE,      /* what libvirt knows is of another file that was at this path */
    EMULATOR_UNREADABLE, /* only root may read what libvirt knows */
    EMULATOR_UNUSABLE,   /* what is there is not root's, or not what libvirt writes of this path */
};

/* What libvirt keeps of an emulator in its capability cache (lib/emulator). */
struct host_emulator {
    char *path;
    enum emulator_state state;
    bool is_default; /* libvirt takes it for a domain of its architecture that names none */
    /* EMULATOR_KNOWN, otherwise nothing: */
    unsigned qemu_version;             /* 7002022 is 7.2.22 */
    unsigned libvirt_version;          /* of the libvirt that asked it */
    char *arch;                        /* "x86_64"; of a default one it is known in any case */
    VEC(struct host_machine) machines; /* ascending by alias */
};

struct host_emulators { /* ascending by path */
    struct host_emulator *items;
    size_t count, cap;
};

/* Longer ones are not looked at. */
#define EMULATOR_PATH_MAX 1024
/* Of machine types and architectures. */
#define EMULATOR_NAME_MAX 64
#define EMULATOR_MACHINES_MAX 64
#define EMULATORS_MAX 256

/* Absolute, UTF-8 without control characters, not too long.  Libvirt takes it as it is written: a
 * path with "//" or a link is another emulator to it. */
bool emulator_is_path(const char *text);
/* Letters, digits and any of -_.+ */
bool emulator_is_name(const char *text);

/* "known", "stale"... */
const char *emulator_state_name(enum emulator_state state);
bool emulator_state_parse(const char *text, enum emulator_state *ret_state);

/* @path NULL: the one that libvirt takes where a domain of this architecture (NULL: x86_64) names
 * none.  NULL: nothing is known of it. */
const struct host_emulator *emulators_find(const struct host_emulators *emulators, const char *path,
                                           const char *arch);
/* What the machine type stands for, or itself.  @emulator may be NULL. */
const char *emulator_machine(const struct host_emulator *emulator, const char *machine);

/* Adds a machine type, once.  False: out of memory. */
bool emulator_add_machine(struct host_emulator *emulator, const char *alias, const char *name);
/* Sorts them.  VTOPO_ERR_HOST if a path, or a default of an architecture, is there twice. */
int emulators_finish(struct host_emulators *emulators, struct vtopo_error **reterr);
void emulators_clear(struct host_emulators *emulators);
void emulator_clear(struct host_emulator *emulator);

#endif
