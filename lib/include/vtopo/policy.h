/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file vtopo/policy.h
 * What the admin wants: how much of the host to rebuild, and exceptions.
 */
#ifndef VTOPO_POLICY_H
#define VTOPO_POLICY_H

#include <stdbool.h>
#include <vtopo/domain.h>
#include <vtopo/error.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct vtopo_policy;

/** How much of the host to rebuild in the guest; each includes more than the one before. */
enum vtopo_mirror {
    VTOPO_MIRROR_NUMA,   /**< an expander per guest cell, a root port per card */
    VTOPO_MIRROR_ROOT,   /**< an expander per host root complex, a root port per card */
    VTOPO_MIRROR_SWITCH, /**< as root, and one switch for the cards of one host switch tree */
    VTOPO_MIRROR_EXACT,  /**< as root, and the host's switches with their levels */
};

/** The built-in policy: mirror switch, nothing else.  Free with vtopo_policy_free(). */
int vtopo_policy_new(struct vtopo_policy **ret_policy, struct vtopo_error **reterr);

/**
 * Read a policy file (JSON, schemas/policy.schema.json).  Unknown keys and wrong types are errors
 * with the file and the line.  Returns 0, VTOPO_ERR_FILE, VTOPO_ERR_NOMEM.
 */
int vtopo_policy_read(const char *path, struct vtopo_policy **ret_policy,
                      struct vtopo_error **reterr);

/**
 * Put what a domain says of its own policy (<metadata>, schemas/domain-policy.rng) over a policy,
 * key by key. Before what options say.  Returns 0, VTOPO_ERR_NOMEM.
 */
int vtopo_policy_apply_domain(struct vtopo_policy *policy, const struct vtopo_domain *domain,
                              struct vtopo_error **reterr);

/**
 * Set a key of the policy by its name in the policy file: "mirror" to "exact", "strict" to "yes"
 * or "no", "spare_ports" to "2", "qemu_version" to "10.0".  vtopo-policy(5) lists all but
 * "devices", for which there is vtopo_policy_set_device().
 *
 * Returns 0, or VTOPO_ERR_USAGE if there is no such key or the value is none of its values; the
 * policy is unchanged then.
 */
int vtopo_policy_set(struct vtopo_policy *policy, const char *key, const char *value,
                     struct vtopo_error **reterr);
/** Would vtopo_policy_set() accept that?  Returns 0, VTOPO_ERR_USAGE. */
int vtopo_policy_check(const char *key, const char *value, struct vtopo_error **reterr);
/**
 * The value of a key, as vtopo_policy_set() accepts it; "" for a version that is not set.  A domain
 * that was taken in (vtopo_policy_apply_domain()) is counted in.
 *
 * @ret_value  on success: free with free()
 * Returns 0, VTOPO_ERR_USAGE if there is no such key, VTOPO_ERR_NOMEM.
 */
int vtopo_policy_get(const struct vtopo_policy *policy, const char *key, char **ret_value,
                     struct vtopo_error **reterr);
/**
 * Set a key of the entry for one device ("0000:41:00.0") or for all devices with the same ids
 * ("10de:2235"): "keep", "node", "hotplug", "clique" or "attach_pci".  Makes the entry if there is
 * none.  Returns 0, VTOPO_ERR_USAGE, VTOPO_ERR_NOMEM.
 */
int vtopo_policy_set_device(struct vtopo_policy *policy, const char *device, const char *key,
                            const char *value, struct vtopo_error **reterr);
/**
 * The value of a key in the entry for a device or for ids (not for both: an entry for the ids of a
 * device is another one); what the domain says is not in it.
 *
 * @ret_value  on success: free with free(); NULL: it is not set
 * Returns 0, VTOPO_ERR_USAGE, VTOPO_ERR_NOMEM.
 */
int vtopo_policy_get_device(const struct vtopo_policy *policy, const char *device, const char *key,
                            char **ret_value, struct vtopo_error **reterr);

/** Returns 0, VTOPO_ERR_USAGE if @mirror is none. */
int vtopo_policy_set_mirror(struct vtopo_policy *policy, enum vtopo_mirror mirror);
enum vtopo_mirror vtopo_policy_get_mirror(const struct vtopo_policy *policy);
/** "numa", "root", "switch" or "exact"; false: another text. */
bool vtopo_mirror_parse(const char *text, enum vtopo_mirror *ret_mirror);

/** Where P2P cliques of GPUs come from. */
enum vtopo_clique {
    VTOPO_CLIQUE_OFF,  /**< from nowhere: none is written */
    VTOPO_CLIQUE_CDI,  /**< from policy files and CDI specs (built in) */
    VTOPO_CLIQUE_AUTO, /**< and where these say nothing, from the host's switches and their ACS
                          state */
};

/** Returns 0, VTOPO_ERR_USAGE if @clique is none. */
int vtopo_policy_set_clique(struct vtopo_policy *policy, enum vtopo_clique clique);
enum vtopo_clique vtopo_policy_get_clique(const struct vtopo_policy *policy);
/** "off", "cdi" or "auto"; false: another text. */
bool vtopo_clique_parse(const char *text, enum vtopo_clique *ret_clique);
/**
 * Read the CDI specs (*.yaml, *.json) of a folder: their annotations "bdf" and "clique-id" put
 * devices into cliques.  A folder or a spec that cannot be read is an error.  Returns 0,
 * VTOPO_ERR_FILE, VTOPO_ERR_NOMEM.  Two specs that contradict each other are found by
 * vtopo_plan_make(), if the domain has the device.
 */
int vtopo_policy_read_cdi(struct vtopo_policy *policy, const char *folder,
                          struct vtopo_error **reterr);
/**
 * The same of /etc/cdi and /var/run/cdi, which need not be there; a spec that cannot be read
 * becomes a finding of the plan.  They describe this machine: read them if the host is /sys.
 */
int vtopo_policy_read_default_cdi(struct vtopo_policy *policy, struct vtopo_error **reterr);

/** What the link speed and width of the guest's ports are. */
enum vtopo_links {
    VTOPO_LINKS_STOCK, /**< QEMU's own (built in) */
    VTOPO_LINKS_HOST,  /**< of the host's links that they stand for; needs QEMU 10.0 or later */
};

/** Returns 0, VTOPO_ERR_USAGE if @links is none. */
int vtopo_policy_set_links(struct vtopo_policy *policy, enum vtopo_links links);
enum vtopo_links vtopo_policy_get_links(const struct vtopo_policy *policy);
/** "stock" or "host"; false: another text. */
bool vtopo_links_parse(const char *text, enum vtopo_links *ret_links);
/** What vtopo_plan_make() needs of a host under this policy: for vtopo_host_read_details(). */
unsigned vtopo_policy_details(const struct vtopo_policy *policy);

void vtopo_policy_set_strict(struct vtopo_policy *policy, bool strict);
bool vtopo_policy_get_strict(const struct vtopo_policy *policy);
void vtopo_policy_set_adopt(struct vtopo_policy *policy, bool adopt);
bool vtopo_policy_get_adopt(const struct vtopo_policy *policy);
/** Returns 0, VTOPO_ERR_USAGE if there are more than 255. */
int vtopo_policy_set_spare_ports(struct vtopo_policy *policy, unsigned ports);
unsigned vtopo_policy_get_spare_ports(const struct vtopo_policy *policy);
/**
 * Also look for what of the host spoils peer-to-peer of the domain's devices (vtopo_host_check()),
 * as findings of the plan. Needs VTOPO_HOST_CHECKS.
 */
void vtopo_policy_set_checks(struct vtopo_policy *policy, bool checks);

/** Frees @policy; NULL is fine. */
void vtopo_policy_free(struct vtopo_policy *policy);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
