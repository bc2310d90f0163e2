/* SPDX-License-Identifier: GPL-2.0-or-later */
/* claims.h - which VM has which of the host's devices */
#ifndef VTOPO_VIRT_CLAIMS_H
#define VTOPO_VIRT_CLAIMS_H

#include "virt/definition.h"

/* One VM wants one device. */
struct claim {
    char *device; /* vtopo_domain_assigned_name() */
    const struct definition *by;
    bool now;  /* its guest has it */
    bool next; /* it will have it at its next start */
};

struct claims {
    struct claim *items; /* by device, then by name of the VM; one for each VM */
    size_t count, cap;
};

/*
 * @definitions  of all VMs; has to outlive the claims.  A definition that vtopo cannot read claims
 *               nothing.
 * @ret_claims   free with claims_clear(), also after a failure
 */
int claims_make(const struct definitions *definitions, struct claims *ret_claims,
                struct vtopo_error **reterr);
/* The claims to one device, @ret_count of them. */
const struct claim *claims_find(const struct claims *claims, const char *device, size_t *ret_count);
void claims_clear(struct claims *claims);

#endif
