/* SPDX-License-Identifier: GPL-2.0-or-later */
/* request.h - what is behind struct vtopo_request */
#ifndef VTOPO_API_REQUEST_H
#define VTOPO_API_REQUEST_H

#include "place/place.h"

struct vtopo_request {
    unsigned gpus, nics, cpus, most;
    uint64_t memory_kib;
    VEC(struct place_id) only;
    struct idset avoid;
    bool asked; /* VMs were */
    struct owners owners;
    char **texts; /* that the owners point to */
};

#endif
