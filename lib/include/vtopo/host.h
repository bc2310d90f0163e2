/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file vtopo/host.h
 * The machine that runs the guest: its PCI functions, switches and NUMA nodes.
 */
#ifndef VTOPO_HOST_H
#define VTOPO_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <vtopo/domain.h>
#include <vtopo/error.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/**
 * @struct vtopo_host
 * A host, as it was when it was read.  It never changes.  Free with vtopo_host_free().
 * @since 0.1
 */
struct vtopo_host;

/**
 * Read a host: what vtopo_plan_make() needs, #VTOPO_HOST_PLACES.
 *
 * @param path           a directory: the root of a sysfs tree ("/sys" or a copy of one); a file: a
 *                       host description as vtopo_host_format() writes it
 * @param domain         read only what this domain's assigned devices need; NULL: everything there
 *                       is
 * @param[out] ret_host  on success: the host; free with vtopo_host_free()
 * @param[out] reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0; #VTOPO_ERR_HOST if it cannot be read or contradicts itself; #VTOPO_ERR_NOMEM.  A
 *         device that @p domain names and the host lacks is not an error here but in
 *         vtopo_plan_make(), which knows whether it matters.
 * @since 0.1
 */
int vtopo_host_read(const char *path, const struct vtopo_domain *domain,
                    struct vtopo_host **ret_host, struct vtopo_error **reterr);

/** What to read of the functions that a domain needs; may be or-ed. @since 0.1 */
enum vtopo_host_details {
    VTOPO_HOST_PLACES = 0, /**< what vtopo_plan_make() needs */
    VTOPO_HOST_CHECKS = 2, /**< for vtopo_policy_set_checks(): drivers, links, all of config space;
                              wakes up devices */
    VTOPO_HOST_LINKS =
        1, /**< link speeds and widths: for vtopo_plan_nccl_topo(), vtopo_plan_format() */
    VTOPO_HOST_EMULATOR =
        4, /**< what libvirt's capability cache says of the domain's emulator: with "/sys" only */
    VTOPO_HOST_ADDRESSES =
        8, /**< for policy mmio: how wide the processor's addresses are, if BARs are large */
};

/**
 * vtopo_host_read() that reads more of what a domain needs, and so opens more files.
 *
 * @param path           as in vtopo_host_read()
 * @param domain         as in vtopo_host_read(); without a domain everything is read in any case
 * @param details        bits of enum vtopo_host_details; vtopo_policy_details() gives what a policy
 *                       needs
 * @param[out] ret_host  on success: the host; free with vtopo_host_free()
 * @param[out] reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return as vtopo_host_read()
 * @since 0.1
 */
int vtopo_host_read_details(const char *path, const struct vtopo_domain *domain, unsigned details,
                            struct vtopo_host **ret_host, struct vtopo_error **reterr);

/**
 * A host from the text of a host description.
 *
 * @param text           JSON as vtopo_host_format() writes it; need not end with a NUL
 * @param length         its length in bytes
 * @param name           what to call it in messages
 * @param[out] ret_host  on success: the host; free with vtopo_host_free()
 * @param[out] reterr    on failure: the reason with the place; NULL if not wanted; free with
 *                       vtopo_error_free()
 * @return 0; #VTOPO_ERR_HOST if it is none or contradicts itself; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_host_parse(const char *text, size_t length, const char *name,
                     struct vtopo_host **ret_host, struct vtopo_error **reterr);

/**
 * A host description, which vtopo_host_read() and vtopo_host_parse() take on any machine.
 *
 * The same host gives the same bytes.  The contract is schemas/host.schema.json.
 *
 * @param host           the host
 * @param[out] ret_text  on success: JSON, NUL-terminated UTF-8; free with free()
 * @param[out] reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_host_format(const struct vtopo_host *host, char **ret_text, struct vtopo_error **reterr);

/** For whom a text about a host is. @since 0.1 */
enum vtopo_host_style {
    VTOPO_HOST_TEXT, /**< for people; may change between versions */
    VTOPO_HOST_JSON, /**< for scripts */
    VTOPO_HOST_SVG,  /**< for people: a picture, a document of its own; vtopo_host_draw() only */
};

/**
 * Root complexes, switches, devices and nodes as a tree.
 *
 * @param host           the host
 * @param style          for whom
 * @param[out] ret_text  on success: NUL-terminated UTF-8; free with free()
 * @param[out] reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_host_draw(const struct vtopo_host *host, enum vtopo_host_style style, char **ret_text,
                    struct vtopo_error **reterr);

/**
 * What can be assigned to a guest, one device a line.
 *
 * @param host           the host
 * @param style          for whom
 * @param width          of a terminal, in columns, to which names of devices are cut; 0: they are
 *                       whole
 * @param[out] ret_text  on success: NUL-terminated UTF-8; free with free()
 * @param[out] reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_host_list(const struct vtopo_host *host, enum vtopo_host_style style, unsigned width,
                    char **ret_text, struct vtopo_error **reterr);

/** What a VM has to do with a device, or'ed. @since 0.1 */
enum vtopo_claim {
    VTOPO_CLAIM_NOW = 1,  /**< its guest runs with the device */
    VTOPO_CLAIM_NEXT = 2, /**< it is defined with the device, for its next start */
};

/**
 * vtopo_host_list() with a word for each device on who has it: a VM, several, the host, nobody.
 *
 * @param host           the host
 * @param style          for whom
 * @param width          as of vtopo_host_list()
 * @param devices        @p count names of devices as vtopo_domain_assigned_names() gives them; one
 *                       may be there several times
 * @param names          for each of them the name of a VM
 * @param claims         for each of them enum vtopo_claim
 * @param count          how many there are
 * @param[out] ret_text  on success: NUL-terminated UTF-8; free with free()
 * @param[out] reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_host_list_owned(const struct vtopo_host *host, enum vtopo_host_style style,
                          unsigned width, const char *const *devices, const char *const *names,
                          const unsigned *claims, size_t count, char **ret_text,
                          struct vtopo_error **reterr);

/**
 * Look for what keeps devices from their speed in a guest, or the guest from starting: IOMMU
 * groups, drivers, nodes, ACS, ATS, relaxed ordering, links.
 *
 * The contract of the JSON is schemas/check.schema.json.
 *
 * @param host            read without a domain
 * @param devices         PCI addresses ("0000:41:00.0") of the devices that are meant for one guest
 * @param count           how many; 0: all GPUs and NICs of the host
 * @param warnings        leave out what is only worth knowing
 * @param style           for whom
 * @param[out] ret_text   on success: NUL-terminated UTF-8; free with free()
 * @param[out] ret_found  on success: how many findings there are in it
 * @param[out] reterr     on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0; #VTOPO_ERR_USAGE if a text in @p devices is no address; #VTOPO_ERR_HOST if the host
 * has no such device or it is a bridge; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_host_check(const struct vtopo_host *host, const char *const *devices, size_t count,
                     bool warnings, enum vtopo_host_style style, char **ret_text, size_t *ret_found,
                     struct vtopo_error **reterr);

/**
 * Free a host.
 *
 * @param host  the host; NULL is fine
 * @since 0.1
 */
void vtopo_host_free(struct vtopo_host *host);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
