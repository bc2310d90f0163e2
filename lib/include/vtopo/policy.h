/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file vtopo/policy.h
 * What the admin wants: how much of the host to rebuild, and exceptions.
 */
#ifndef VTOPO_POLICY_H
#define VTOPO_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <vtopo/domain.h>
#include <vtopo/error.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/**
 * @struct vtopo_policy
 * A policy.  Functions that take one that is not const change it; nothing else ever does.  Free
 * with vtopo_policy_free().
 * @since 0.1
 */
struct vtopo_policy;

/** How much of the host to rebuild in the guest; each includes more than the one before. @since 0.1
 */
enum vtopo_mirror {
    VTOPO_MIRROR_NUMA,   /**< an expander per cell or coherent GPU, a root port per card */
    VTOPO_MIRROR_ROOT,   /**< an expander per host root complex, a root port per card */
    VTOPO_MIRROR_SWITCH, /**< as root, and one switch for the cards of one host switch tree */
    VTOPO_MIRROR_EXACT,  /**< as root, and the host's switches with their levels */
};

/**
 * The built-in policy: mirror switch, nothing else.
 *
 * @param[out] ret_policy  on success: the policy; free with vtopo_policy_free()
 * @param[out] reterr      on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_policy_new(struct vtopo_policy **ret_policy, struct vtopo_error **reterr);

/**
 * Read a policy file.
 *
 * @param path             of the file: JSON as schemas/policy.schema.json describes it.  Unknown
 *                         keys and wrong types are errors.
 * @param[out] ret_policy  on success: the built-in policy with what the file says put over it; free
 *                         with vtopo_policy_free()
 * @param[out] reterr      on failure: the reason with file and line; NULL if not wanted; free with
 *                         vtopo_error_free()
 * @return 0; #VTOPO_ERR_FILE if it cannot be read or is wrong; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_policy_read(const char *path, struct vtopo_policy **ret_policy,
                      struct vtopo_error **reterr);

/**
 * Put what a policy file says over a policy, key by key.
 *
 * @param path         as in vtopo_policy_read()
 * @param policy       the policy; on failure it may have what comes before the mistake
 * @param[out] reterr  on failure: the reason with file and line; NULL if not wanted; free with
 *                     vtopo_error_free()
 * @return 0; #VTOPO_ERR_FILE if the file cannot be read or is wrong; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_policy_read_over(const char *path, struct vtopo_policy *policy,
                           struct vtopo_error **reterr);

/**
 * A policy from the text of a policy file.
 *
 * @param text             JSON as schemas/policy.schema.json describes it; need not end with a NUL
 * @param length           its length in bytes
 * @param name             what to call it in messages
 * @param[out] ret_policy  as vtopo_policy_read()
 * @param[out] reterr      as vtopo_policy_read()
 * @return 0, #VTOPO_ERR_FILE, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_policy_parse(const char *text, size_t length, const char *name,
                       struct vtopo_policy **ret_policy, struct vtopo_error **reterr);

/**
 * Put what a domain says of its own policy (its metadata, schemas/domain-policy.rng) over a policy,
 * key by key.  What an earlier domain said of devices goes.
 *
 * @param policy       the policy
 * @param domain       the domain
 * @param[out] reterr  on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_policy_apply_domain(struct vtopo_policy *policy, const struct vtopo_domain *domain,
                              struct vtopo_error **reterr);

/**
 * Set a key of the policy by its name in the policy file.
 *
 * @param policy       the policy; unchanged on failure
 * @param key          such as "mirror", "strict", "spare_ports" or "qemu_version".  vtopo-policy(5)
 *                     lists all; "devices" is for vtopo_policy_set_device().
 * @param value        such as "exact", "yes", "2" or "10.0"
 * @param[out] reterr  on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, or #VTOPO_ERR_USAGE if there is no such key or the value is none of its values
 * @since 0.1
 */
int vtopo_policy_set(struct vtopo_policy *policy, const char *key, const char *value,
                     struct vtopo_error **reterr);

/**
 * Set a version that the policy does not say to what is known otherwise, of the libvirt that the
 * caller talks to, say.  Findings then name libvirt, not the policy, as the one who says it.
 *
 * @param policy       the policy; unchanged on failure, and where it says the version already
 * @param key          "qemu_version", "libvirt_version", "ovmf_version" or "seabios_version"
 * @param version      such as "10.0.2"
 * @param[out] reterr  on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, or #VTOPO_ERR_USAGE if there is no such key, it is none of a version, or the value is
 *         none
 * @since 0.1
 */
int vtopo_policy_learn(struct vtopo_policy *policy, const char *key, const char *version,
                       struct vtopo_error **reterr);

/**
 * Would vtopo_policy_set() accept that?
 *
 * @param key          as in vtopo_policy_set()
 * @param value        as in vtopo_policy_set()
 * @param[out] reterr  on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_USAGE
 * @since 0.1
 */
int vtopo_policy_check(const char *key, const char *value, struct vtopo_error **reterr);

/**
 * The value of a key, as vtopo_policy_set() accepts it.
 *
 * What a domain says of its own policy counts, if vtopo_policy_apply_domain() put it there.
 *
 * @param policy          the policy
 * @param key             as in vtopo_policy_set()
 * @param[out] ret_value  on success: the value, "" for a version that is not set; free with free()
 * @param[out] reterr     on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0; #VTOPO_ERR_USAGE if there is no such key; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_policy_get(const struct vtopo_policy *policy, const char *key, char **ret_value,
                     struct vtopo_error **reterr);

/**
 * Set a key of the entry for one device or for all devices with the same ids; make the entry if
 * there is none.
 *
 * @param policy       the policy; unchanged on failure
 * @param device       "0000:41:00.0", or ids, "10de:2235", or the alias of a device of the domain,
 *                     "ua-gpu1", which goes before the other two
 * @param key          "keep", "node", "hotplug", "clique" or "attach_pci"
 * @param value        of the key, as in the policy file
 * @param[out] reterr  on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0; #VTOPO_ERR_USAGE if there is no such key, or a value is none; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_policy_set_device(struct vtopo_policy *policy, const char *device, const char *key,
                            const char *value, struct vtopo_error **reterr);

/**
 * The value of a key in the entry for a device or for ids; not for both: an entry for the ids of a
 * device is another one.  What a domain says is not in it.
 *
 * @param policy          the policy
 * @param device          as in vtopo_policy_set_device()
 * @param key             as in vtopo_policy_set_device()
 * @param[out] ret_value  on success: the value, free with free(); NULL: it is not set
 * @param[out] reterr     on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_USAGE, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_policy_get_device(const struct vtopo_policy *policy, const char *device, const char *key,
                            char **ret_value, struct vtopo_error **reterr);

/**
 * Set how much of the host to rebuild.
 *
 * @param policy  the policy; unchanged on failure
 * @param mirror  how much
 * @return 0, #VTOPO_ERR_USAGE if @p mirror is none
 * @since 0.1
 */
int vtopo_policy_set_mirror(struct vtopo_policy *policy, enum vtopo_mirror mirror);

/**
 * How much of the host to rebuild.
 *
 * @param policy  the policy
 * @return how much
 * @since 0.1
 */
enum vtopo_mirror vtopo_policy_get_mirror(const struct vtopo_policy *policy);

/**
 * The mirror that has a name.
 *
 * @param text             "numa", "root", "switch" or "exact"
 * @param[out] ret_mirror  the mirror; unchanged if it is another text
 * @return false if it is another text
 * @since 0.1
 */
bool vtopo_mirror_parse(const char *text, enum vtopo_mirror *ret_mirror);

/** Where P2P cliques of GPUs come from. @since 0.1 */
enum vtopo_clique {
    VTOPO_CLIQUE_OFF,  /**< from nowhere: none is written */
    VTOPO_CLIQUE_CDI,  /**< from policy files and CDI specs (built in) */
    VTOPO_CLIQUE_AUTO, /**< and where these say nothing, from the host's switches and their ACS
                          state */
};

/**
 * Set where P2P cliques come from.
 *
 * @param policy  the policy; unchanged on failure
 * @param clique  from where
 * @return 0, #VTOPO_ERR_USAGE if @p clique is none
 * @since 0.1
 */
int vtopo_policy_set_clique(struct vtopo_policy *policy, enum vtopo_clique clique);

/**
 * Where P2P cliques come from.
 *
 * @param policy  the policy
 * @return from where
 * @since 0.1
 */
enum vtopo_clique vtopo_policy_get_clique(const struct vtopo_policy *policy);

/**
 * The source of cliques that has a name.
 *
 * @param text             "off", "cdi" or "auto"
 * @param[out] ret_clique  the source; unchanged if it is another text
 * @return false if it is another text
 * @since 0.1
 */
bool vtopo_clique_parse(const char *text, enum vtopo_clique *ret_clique);

/**
 * Read the CDI specs (*.yaml, *.json) of a folder: their annotations "bdf", "clique-id" and
 * "attach-pci" are for devices of the host.
 *
 * Two specs that contradict each other are found by vtopo_plan_make(), if the domain has the
 * device.  A library that is built without CDI takes every spec for one that cannot be read.
 *
 * @param policy       the policy, to which they are added
 * @param folder       path of the folder
 * @param[out] reterr  on failure: the reason with file and line; NULL if not wanted; free with
 *                     vtopo_error_free()
 * @return 0; #VTOPO_ERR_FILE if the folder or a spec cannot be read; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_policy_read_cdi(struct vtopo_policy *policy, const char *folder,
                          struct vtopo_error **reterr);

/**
 * vtopo_policy_read_cdi() for /etc/cdi and /var/run/cdi, which need not be there.
 *
 * They describe this machine: read them if the host is /sys.
 *
 * @param policy       the policy, to which they are added; a spec that cannot be read becomes a
 *                     finding of the plan
 * @param[out] reterr  on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_policy_read_default_cdi(struct vtopo_policy *policy, struct vtopo_error **reterr);

/**
 * vtopo_policy_read_cdi() for one spec from memory.
 *
 * @param policy       the policy, to which it is added; unchanged on failure
 * @param text         YAML or JSON; need not end with a NUL
 * @param length       its length in bytes
 * @param name         what to call it in messages
 * @param[out] reterr  on failure: the reason with the line; NULL if not wanted; free with
 *                     vtopo_error_free()
 * @return 0; #VTOPO_ERR_FILE if it is wrong; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_policy_parse_cdi(struct vtopo_policy *policy, const char *text, size_t length,
                           const char *name, struct vtopo_error **reterr);

/** What the link speed and width of the guest's ports are. @since 0.1 */
enum vtopo_links {
    VTOPO_LINKS_STOCK, /**< QEMU's own (built in) */
    VTOPO_LINKS_HOST,  /**< of the host's links that they stand for; needs QEMU 10.0 or later */
};

/**
 * Set what the links of the guest's ports are.
 *
 * @param policy  the policy; unchanged on failure
 * @param links   what they are
 * @return 0, #VTOPO_ERR_USAGE if @p links is none
 * @since 0.1
 */
int vtopo_policy_set_links(struct vtopo_policy *policy, enum vtopo_links links);

/**
 * What the links of the guest's ports are.
 *
 * @param policy  the policy
 * @return what they are
 * @since 0.1
 */
enum vtopo_links vtopo_policy_get_links(const struct vtopo_policy *policy);

/**
 * The kind of links that has a name.
 *
 * @param text            "stock" or "host"
 * @param[out] ret_links  the kind; unchanged if it is another text
 * @return false if it is another text
 * @since 0.1
 */
bool vtopo_links_parse(const char *text, enum vtopo_links *ret_links);

/**
 * What vtopo_plan_make() needs of a host under a policy.
 *
 * @param policy  the policy
 * @return bits of enum vtopo_host_details, for vtopo_host_read_details()
 * @since 0.1
 */
unsigned vtopo_policy_details(const struct vtopo_policy *policy);

/**
 * Set whether a wish that cannot be met refuses the domain.
 *
 * @param policy  the policy
 * @param strict  true if it does
 * @since 0.1
 */
void vtopo_policy_set_strict(struct vtopo_policy *policy, bool strict);

/**
 * Does a wish that cannot be met refuse the domain?
 *
 * @param policy  the policy
 * @return true if it does
 * @since 0.1
 */
bool vtopo_policy_get_strict(const struct vtopo_policy *policy);

/**
 * Set whether expanders that others made are taken over.
 *
 * @param policy  the policy
 * @param adopt   true if they are
 * @since 0.1
 */
void vtopo_policy_set_adopt(struct vtopo_policy *policy, bool adopt);

/**
 * Are expanders that others made taken over?
 *
 * @param policy  the policy
 * @return true if they are
 * @since 0.1
 */
bool vtopo_policy_get_adopt(const struct vtopo_policy *policy);

/**
 * Set how many empty root ports are left on each expander.
 *
 * @param policy  the policy; unchanged on failure
 * @param ports   how many, 0 to 255
 * @return 0, #VTOPO_ERR_USAGE if there are more
 * @since 0.1
 */
int vtopo_policy_set_spare_ports(struct vtopo_policy *policy, unsigned ports);

/**
 * How many empty root ports are left on each expander.
 *
 * @param policy  the policy
 * @return how many
 * @since 0.1
 */
unsigned vtopo_policy_get_spare_ports(const struct vtopo_policy *policy);

/**
 * Set whether what of the host spoils peer-to-peer of the domain's devices (vtopo_host_check()) is
 * looked for, too, as findings of the plan.
 *
 * @param policy  the policy
 * @param checks  true if it is; the host must be read with #VTOPO_HOST_CHECKS then
 * @since 0.1
 */
void vtopo_policy_set_checks(struct vtopo_policy *policy, bool checks);

/**
 * Is what of the host spoils peer-to-peer looked for?
 *
 * @param policy  the policy
 * @return true if it is
 * @since 0.1
 */
bool vtopo_policy_get_checks(const struct vtopo_policy *policy);

/**
 * Free a policy.
 *
 * @param policy  the policy; NULL is fine
 * @since 0.1
 */
void vtopo_policy_free(struct vtopo_policy *policy);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
