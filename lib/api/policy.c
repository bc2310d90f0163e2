/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy.c - make and change a policy through the public interface (vtopo/policy.h)
 *
 * Takes:  what a domain and the options of a program say.
 * Gives:  struct vtopo_policy.
 * Rule:   who comes later wins, key by key: the file, the domain, the options.
 * Not here: the policy file (json/policy.c), the domain's policy (domxml/parse_policy.c), CDI specs
 *         (cdi/).
 */
#include "vtopo/policy.h"

#include "vtopo/host.h"

#include "base/error.h"
#include "cdi/cdi.h"
#include "domxml/domxml.h"
#include "model/policy.h"

_Static_assert(VTOPO_MIRROR_NUMA == (int)MIRROR_NUMA && VTOPO_MIRROR_ROOT == (int)MIRROR_ROOT &&
                   VTOPO_MIRROR_SWITCH == (int)MIRROR_SWITCH &&
                   VTOPO_MIRROR_EXACT == (int)MIRROR_EXACT,
               "the public mirrors are the core's");
_Static_assert(VTOPO_CLIQUE_OFF == (int)CLIQUE_OFF && VTOPO_CLIQUE_CDI == (int)CLIQUE_CDI &&
                   VTOPO_CLIQUE_AUTO == (int)CLIQUE_AUTO,
               "the public cliques are the core's");

_Static_assert(VTOPO_LINKS_STOCK == (int)LINKS_STOCK && VTOPO_LINKS_HOST == (int)LINKS_HOST,
               "the public links are the core's");

int vtopo_policy_new(struct vtopo_policy **ret_policy, struct vtopo_error **reterr)
{
    struct vtopo_policy *policy = malloc(sizeof(*policy));

    if (!policy)
        return error_nomem(reterr);
    *policy = policy_default;
    *ret_policy = policy;
    return 0;
}

bool vtopo_mirror_parse(const char *text, enum vtopo_mirror *ret_mirror)
{
    int word = policy_word(mirror_words, text);

    if (word >= 0)
        *ret_mirror = (enum vtopo_mirror)word;
    return word >= 0;
}

void vtopo_policy_set_mirror(struct vtopo_policy *policy, enum vtopo_mirror mirror)
{
    policy->mirror = (enum mirror)mirror;
}

bool vtopo_links_parse(const char *text, enum vtopo_links *ret_links)
{
    int word = policy_word(links_words, text);

    if (word >= 0)
        *ret_links = (enum vtopo_links)word;
    return word >= 0;
}

void vtopo_policy_set_links(struct vtopo_policy *policy, enum vtopo_links links)
{
    policy->links = (enum links)links;
}

unsigned vtopo_policy_details(const struct vtopo_policy *policy)
{
    return policy->links == LINKS_HOST ? VTOPO_HOST_LINKS : VTOPO_HOST_PLACES;
}

bool vtopo_clique_parse(const char *text, enum vtopo_clique *ret_clique)
{
    int word = policy_word(clique_words, text);

    if (word >= 0)
        *ret_clique = (enum vtopo_clique)word;
    return word >= 0;
}

int vtopo_policy_read_cdi(struct vtopo_policy *policy, const char *folder,
                          struct vtopo_error **reterr)
{
    return cdi_read_folder(folder, false, policy, reterr);
}

int vtopo_policy_read_default_cdi(struct vtopo_policy *policy, struct vtopo_error **reterr)
{
    /* The CDI project's own: SPEC.md. */
    static const char *const folders[] = {"/etc/cdi", "/var/run/cdi"};
    int r = 0;

    for (size_t i = 0; !r && i < sizeof(folders) / sizeof(*folders); i++)
        r = cdi_read_folder(folders[i], true, policy, reterr);
    return r;
}

void vtopo_policy_set_clique(struct vtopo_policy *policy, enum vtopo_clique clique)
{
    policy->clique = (enum clique_mode)clique;
}

void vtopo_policy_set_strict(struct vtopo_policy *policy, bool strict)
{
    policy->strict = strict;
}

void vtopo_policy_set_adopt(struct vtopo_policy *policy, bool adopt)
{
    policy->adopt = adopt;
}

void vtopo_policy_set_spare_ports(struct vtopo_policy *policy, unsigned ports)
{
    /* More never fit; the planner need not try. */
    policy->spare_ports = ports < POLICY_SPARE_PORTS_MAX ? ports : POLICY_SPARE_PORTS_MAX;
}

void vtopo_policy_set_checks(struct vtopo_policy *policy, bool checks)
{
    policy->checks = checks;
}

int vtopo_policy_take_domain(struct vtopo_policy *policy, const struct vtopo_domain *domain,
                             struct vtopo_error **reterr)
{
    const struct policy_wish *wish = &domain->policy;

    policy->domain_devices.count = 0;
    for (size_t i = 0; i < wish->devices.count; i++) {
        struct policy_device *device = vec_add(&policy->domain_devices);

        if (!device)
            return error_nomem(reterr);
        *device = wish->devices.items[i];
    }
    if (wish->mirror >= 0)
        policy->mirror = (enum mirror)wish->mirror;
    if (wish->strict >= 0)
        policy->strict = wish->strict;
    if (wish->links >= 0)
        policy->links = (enum links)wish->links;
    if (wish->clique >= 0)
        policy->clique = (enum clique_mode)wish->clique;
    if (wish->spare_ports >= 0)
        policy->spare_ports = (unsigned)wish->spare_ports;
    return 0;
}

void vtopo_policy_free(struct vtopo_policy *policy)
{
    if (!policy)
        return;
    for (size_t i = 0; i < policy->cdi.count; i++)
        free(policy->cdi.items[i].file);
    for (size_t i = 0; i < policy->problems.count; i++)
        free(policy->problems.items[i].text);
    free(policy->cdi.items);
    free(policy->problems.items);
    free(policy->domain_devices.items);
    free(policy->devices.items);
    free(policy);
}
