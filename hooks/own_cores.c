/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * own_cores.c - see own_cores.h
 *
 * Takes:  a domain, its policy.
 * Gives:  the policy with all CPUs in avoid_cpus but those that vCPUs of the domain are pinned to.
 * Rule:   which cores other VMs have is libvirt's to say, and a hook must not ask it: so a VM that
 *         is as vtopo would make it on its own cores is right, wherever these are.  CPUs that the
 *         policy itself keeps from it stay so.
 */
#include "own_cores.h"

#include "base/idset.h"
#include "base/mem.h"

#include <string.h>
#include <vtopo/error.h>

#define CPUS 8192 /* that avoid_cpus can name */
#define CPUS_OF_A_CORE 2

static bool asks_for_cores(const struct vtopo_policy *policy)
{
    autofree char *word = NULL;

    return !vtopo_policy_get(policy, "cells_pin", &word, NULL) && word && !strcmp(word, "core");
}

/* NULL: out of memory. */
static char *list_all_but(const char *own, const char *said)
{
    struct idset all = {0}, some = {0};
    bool done = idset_parse(own, &some) == IDSET_OK;
    char *list = NULL;

    for (size_t i = 0; done && i < CPUS; i++)
        done = idset_has(&some, i) || idset_add(&all, i);
    idset_free(&some);
    if (done && *said)
        done = idset_parse(said, &some) == IDSET_OK && idset_add_all(&all, &some);
    if (done)
        list = idset_format(&all);
    idset_free(&some);
    idset_free(&all);
    return list;
}

int leave_own_cores(const struct vtopo_domain *domain, struct vtopo_policy *policy,
                    bool *ret_leaves)
{
    autofree char *own = NULL, *said = NULL, *list = NULL;
    int r;

    *ret_leaves = false;
    if (!asks_for_cores(policy))
        return 0;
    r = vtopo_domain_pinned_cpus(domain, CPUS_OF_A_CORE, &own, NULL);
    if (!r)
        r = vtopo_policy_get(policy, "avoid_cpus", &said, NULL);
    if (r || !*own)
        return r;
    list = list_all_but(own, said ? said : "");
    if (!list)
        return VTOPO_ERR_NOMEM;
    *ret_leaves = true;
    return vtopo_policy_set(policy, "avoid_cpus", list, NULL);
}
