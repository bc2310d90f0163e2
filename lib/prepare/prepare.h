/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prepare.h - what a host needs before devices of it can be assigned
 *
 * Takes:  a host, the command line of its kernel if that is known, devices or none.
 * Gives:  which devices (select.c), arguments of the kernel (boot.c), how devices come to vfio-pci
 *         and what is to be kept from them (drivers.c).  Nothing is written anywhere.
 * Not here: how that looks, and the words of those who assign (lib/report).
 */
#ifndef VTOPO_PREPARE_PREPARE_H
#define VTOPO_PREPARE_PREPARE_H

#include "place/holds.h"

struct vtopo_error;

enum prepare_kind {
    PREPARE_GPU,
    PREPARE_NIC,
    PREPARE_OTHER,     /* that somebody named */
    PREPARE_COMPANION, /* it shares an IOMMU group, or a card, with another one */
};

struct prepare_device {
    size_t function;
    enum prepare_kind kind;
    bool by_id;       /* vfio-pci takes it by its vendor and device id; else by its address */
    size_t taken_too; /* the first function that its id would take, too, and that is no device;
                         HOST_NONE: there is none */
};

struct prepare_left_out {
    size_t function;
    size_t holder;  /* the function that is the reason, perhaps the same */
    enum hold hold; /* of the holder */
};

/* What is to be done about an argument of the kernel's command line. */
enum argument_advice {
    ARGUMENT_THERE,
    ARGUMENT_ADD,
    ARGUMENT_USEFUL, /* not needed, and makes the host's own devices faster */
    ARGUMENT_REMOVE,
};

struct prepare_argument {
    const char *text;
    enum argument_advice advice;
};
#define PREPARE_ARGUMENTS 8

/* A driver of the host that must not be faster than vfio-pci. */
struct prepare_module {
    char *name;
    bool blacklist; /* nothing on the host is left for it */
};

struct prepare {
    const struct vtopo_host *host;
    enum hold *holds;                      /* of all functions */
    VEC(struct prepare_device) devices;    /* ascending by function */
    VEC(struct prepare_left_out) left_out; /* ascending by function */
    bool knows_command_line;
    bool iommu_on; /* there are IOMMU groups */
    struct prepare_argument arguments[PREPARE_ARGUMENTS];
    size_t argument_count;
    VEC(struct prepare_module) modules; /* in the order of names */
};

/*
 * @names         PCI addresses; none: all GPUs and NICs that the host does not use
 * @command_line  NULL: not known
 * @ret           free with prepare_clear(), also after a failure
 * VTOPO_ERR_USAGE, VTOPO_ERR_HOST: as of vtopo_host_check()
 */
int prepare_make(const struct vtopo_host *host, const char *const *names, size_t count,
                 const char *command_line, struct prepare *ret, struct vtopo_error **reterr);
void prepare_clear(struct prepare *prepare);

/* The device that the function is, NULL: it is none of them. */
const struct prepare_device *prepare_find(const struct prepare *prepare, size_t function);

/* --- the steps --- */

int prepare_select(const char *const *names, size_t count, struct prepare *p,
                   struct vtopo_error **reterr);
void prepare_boot(const char *command_line, struct prepare *p);
bool prepare_drivers(struct prepare *p); /* false: out of memory */

#endif
