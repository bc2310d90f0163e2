/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rewrite.h - one call of a KubeVirt hook: what the programs for KubeVirt have in common
 *
 * The same call gives the same answer, whoever asks.  Nothing is printed, nothing is kept from one
 * call to the next, the process does not end; what is read is the VMI, the domain, the host, the
 * policy and the CDI specs.
 */
#ifndef VTOPO_KUBEVIRT_REWRITE_H
#define VTOPO_KUBEVIRT_REWRITE_H

#include "answer.h"

#include <stddef.h>

struct kubevirt_call {
    const char *vmi; /* JSON of the VirtualMachineInstance; need not end with a NUL */
    size_t vmi_length;
    const char *domain; /* its libvirt domain; need not end with a NUL */
    size_t domain_length;
    const char *host;   /* NULL: /sys */
    const char *config; /* of the node; NULL: /etc/vtopo/vtopo.json, if it is there */
    /* A folder of device metadata (KEP-5304); NULL: where Kubernetes mounts it. */
    const char *metadata;
};

/*
 * The domain that the hook answers with.
 *
 * @ret  what came out; kubevirt_answer_clear() frees it, also after a failure
 * Returns 0, or VTOPO_ERR_* (vtopo/error.h): then @ret has no domain, and a reason.
 */
int kubevirt_rewrite(const struct kubevirt_call *call, struct kubevirt_answer *ret);

/*
 * Whose VMI it is, for what is said of a call that is not acted on.  What cannot be read stays
 * NULL.
 *
 * @ret  kubevirt_answer_clear() frees it
 */
void kubevirt_read_names(const struct kubevirt_call *call, struct kubevirt_answer *ret);

#endif
