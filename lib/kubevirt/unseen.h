/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unseen.h - devices of a domain that the pod's /sys does not show */
#ifndef VTOPO_KUBEVIRT_UNSEEN_H
#define VTOPO_KUBEVIRT_UNSEEN_H

#include "kubevirt/device_metadata.h"

#include <vtopo/domain.h>
#include <vtopo/host.h>

struct unseen_device {
    char *alias;     /* of the domain; NULL: it has none */
    char *name;      /* "0000:41:00.0", or the UUID of an mdev */
    bool is_added;   /* its metadata says where it is; what follows is of that */
    bool has_root;   /* false: it counts as in a root complex with all others of its node */
    struct bdf root; /* domain and bus */
    int node;        /* -1: not known */
};

struct unseen {
    VEC(struct unseen_device) devices; /* in the order of the domain */
};

/* What the guest gets and the host lacks.  False: out of memory. */
bool unseen_find(const struct vtopo_domain *domain, const struct vtopo_host *host,
                 struct unseen *ret);
void unseen_clear(struct unseen *unseen);

/*
 * Adds those to the host that @list knows, directly at a root complex; nodes, too, if the host has
 * none.  Returns 0, or a code with @reterr.
 */
int unseen_add(struct unseen *unseen, const struct device_metadata_list *list,
               struct vtopo_host *host, struct vtopo_error **reterr);

/* A host of which nothing is known; NULL: out of memory. */
struct vtopo_host *unseen_host(void);

#endif
