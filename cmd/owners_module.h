/* SPDX-License-Identifier: GPL-2.0-or-later */
/* owners_module.h - between vtopo-host and the module that asks libvirt for it */
#ifndef VTOPO_CMD_OWNERS_MODULE_H
#define VTOPO_CMD_OWNERS_MODULE_H

#include <stddef.h>
#include <vtopo/error.h>
#include <vtopo/report.h>

/* Beside vtopo-host, or in the folder VTOPO_MODULES as seen from there: the installed tree can be
 * moved. */
#define OWNERS_MODULE "vtopo-owners.so"
#define OWNERS_FUNCTION "vtopo_read_owners"
#define VMS_FUNCTION "vtopo_read_vms"

/* As vtopo_host_list_owned() takes them; all in it is freed with free(), also after a failure. */
struct owner_lists {
    char **devices, **names;
    unsigned *claims;
    size_t count;
    char *cpus; /* that VMs pin vCPUs to, as their own: "0-3,8"; "": none */
    /* Of the VM that was named: what its guest runs with, and its definition; NULL: there is none.
     */
    char *live_xml, *xml;
};

/*
 * @vm  name or UUID; NULL: none is named
 * VTOPO_ERR_FILE: libvirt does not answer, or does not know the VM
 */
typedef int read_owners_function(const char *uri, const char *vm, struct owner_lists *ret,
                                 struct vtopo_error **reterr);
/*
 * The VMs that have devices, and what vtopo makes of their definitions.
 *
 * @host     the path of the host's description
 * @ret_vms  free with vtopo_vms_free()
 */
typedef int read_vms_function(const char *uri, const char *host, struct vtopo_vms **ret_vms,
                              struct vtopo_error **reterr);

#endif
