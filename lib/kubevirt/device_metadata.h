/* SPDX-License-Identifier: GPL-2.0-or-later */
/* device_metadata.h - what DRA drivers tell a pod of its devices */
#ifndef VTOPO_KUBEVIRT_DEVICE_METADATA_H
#define VTOPO_KUBEVIRT_DEVICE_METADATA_H

#include "base/bdf.h"
#include "base/mem.h"

#include <vtopo/error.h>

#define DEVICE_METADATA_FOLDER "/var/run/kubernetes.io/dra-device-attributes"
/* Where it was before KEP-5304 was finished, and KubeVirt 1.8.0 looks. */
#define DEVICE_METADATA_OLD_FOLDER "/var/run/dra-device-attributes"

#define DEVICE_METADATA_FILE_MAX (256 * 1024) /* bytes; in practice some hundred for a device */
#define DEVICE_METADATA_MAX 1024              /* devices, of all files together */

/* A device that a claim of the pod was given. */
struct device_metadata {
    struct bdf bdf;  /* pciBusID; of an mdev the device that it is made on */
    char uuid[37];   /* mdevUUID; "": it is none */
    bool has_root;   /* it says pcieRoot, and nothing contradicts it */
    struct bdf root; /* domain and bus */
    int node;        /* numaNode; -1: it says none, or contradicts itself */
};

struct device_metadata_list {
    VEC(struct device_metadata) devices; /* in the order of the files; each once */
    VEC(char *) problems;                /* what could not be used, a sentence each */
};

void device_metadata_clear(struct device_metadata_list *list);

/* A sentence for the list's problems, as printf() makes it; false: out of memory. */
bool device_metadata_add_problem(struct device_metadata_list *list, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Adds the devices of one file.
 *
 * @name  what problems call it
 * Returns 0, or VTOPO_ERR_NOMEM; what is wrong with the file is a problem of the list.
 */
int device_metadata_parse(const char *text, size_t length, const char *name,
                          struct device_metadata_list *list, struct vtopo_error **reterr);

/* Adds those of all files below @folder; one that is not there has none.  Returns as the above. */
int device_metadata_read(const char *folder, struct device_metadata_list *list,
                         struct vtopo_error **reterr);

#endif
