/* SPDX-License-Identifier: GPL-2.0-or-later */
/* owners_module.h - between vtopo-host and the module that asks libvirt for it */
#ifndef VTOPO_CMD_OWNERS_MODULE_H
#define VTOPO_CMD_OWNERS_MODULE_H

#include <stddef.h>
#include <vtopo/error.h>

/* Beside vtopo-host, or in the folder VTOPO_MODULES as seen from there: the installed tree can be
 * moved. */
#define OWNERS_MODULE "vtopo-owners.so"
#define OWNERS_FUNCTION "vtopo_read_owners"

/* As vtopo_host_list_owned() takes them; all in it is freed with free(), also after a failure. */
struct owner_lists {
    char **devices, **names;
    unsigned *claims;
    size_t count;
    char *cpus; /* that VMs pin vCPUs to, as their own: "0-3,8"; "": none */
};

typedef int read_owners_function(const char *uri, struct owner_lists *ret,
                                 struct vtopo_error **reterr);

#endif
