/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_reader.h - what the files share that read a host description
 */
#ifndef VTOPO_JSON_HOST_READER_H
#define VTOPO_JSON_HOST_READER_H

#include "base/mem.h"
#include "model/host.h"
#include "json/object.h"

struct host_reader {
    struct json_source source;
    struct vtopo_host *host;
    VEC(struct bdf) parents; /* parallel to host->functions; of those with has_parent */
    VEC(bool) has_parent;
    struct idset cpus; /* those of the cores so far */
};

/* An entry of a list, where it is, and how many entries the list has. */
typedef int host_entry_reader(struct host_reader *reader, const json_t *json, const char *where,
                              size_t count);

/* host_description_nodes.c */
int host_read_kernel(struct host_reader *reader, const struct object *host);
int host_read_processor(struct host_reader *reader, const json_t *json);
host_entry_reader host_read_node;
host_entry_reader host_read_core;
/* host_description_emulators.c */
host_entry_reader host_read_emulator;
/* host_description_firmware.c */
host_entry_reader host_read_firmware;
/* host_description_functions.c */
host_entry_reader host_read_function;
/* host_description_mediated.c */
host_entry_reader host_read_mdev;
host_entry_reader host_read_vdpa;
/* host_description_vms.c */
host_entry_reader host_read_vm;
/* host_description_config.c: after host_finish(), so that functions can be found. */
int host_read_configs(struct host_reader *reader, const json_t *json);

#endif
