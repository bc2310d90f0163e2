/* SPDX-License-Identifier: GPL-2.0-or-later */
/* definition.h - the definitions of a libvirt's VMs: read, and replaced */
#ifndef VTOPO_VIRT_DEFINITION_H
#define VTOPO_VIRT_DEFINITION_H

#include "base/mem.h"
#include "virt/connection.h"

/* One VM and its definition, as it was read. */
struct definition {
    virDomainPtr domain;
    char uuid[VIR_UUID_STRING_BUFLEN];
    char *name;
    char *xml;             /* of its next start, with passwords; NULL: it is transient */
    char *live_xml;        /* of the guest that runs, if that was asked for; NULL: none */
    bool running;          /* or paused: QEMU is there */
    bool has_managed_save; /* its next start brings that back, with the devices of then */
};

struct definitions {
    struct definition *items;
    size_t count, cap;
};

/*
 * The VM of this name, else of this UUID, or all (NULL), sorted by name.  They are added; of
 * names one that is there already is not.
 *
 * @definitions  free with definitions_clear(), also after a failure
 * VTOPO_ERR_FILE: libvirt does not know it, or does not answer
 */
int definitions_add(virConnectPtr conn, const char *name, struct definitions *definitions,
                    struct vtopo_error **reterr);
/* The VM of this UUID, added; 0, and none added: there is no such VM (any more). */
int definitions_add_uuid(virConnectPtr conn, const char *uuid, struct definitions *definitions,
                         struct vtopo_error **reterr);
/* Reads live_xml of those that run. */
int definitions_read_live(struct definitions *definitions, struct vtopo_error **reterr);
void definitions_clear(struct definitions *definitions);

/*
 * Is the VM still defined as it was read?
 * VTOPO_ERR_FILE: it cannot be read any more
 */
int definition_is_unchanged(const struct definition *definition, bool *ret_unchanged,
                            struct vtopo_error **reterr);

/*
 * Define it otherwise.  libvirt checks it against its schema first.
 *
 * VTOPO_ERR_FILE: libvirt does not take it
 */
int definition_replace(const struct definition *definition, const char *xml,
                       struct vtopo_error **reterr);

#endif
