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
#include <vtopo/policy.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct vtopo_host;

/**
 * Read a host.
 *
 * @path      a directory: the root of a sysfs tree ("/sys" or a copy of one); a file: a host
 *            description as vtopo_host_format() writes it
 * @domain    read only what this domain's assigned devices need; NULL: everything there is
 * @ret_host  on success: the host; free with vtopo_host_free()
 * @reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 *
 * Returns 0, VTOPO_ERR_HOST, VTOPO_ERR_NOMEM.  A device that @domain names and the host lacks is
 * not an error here but in vtopo_plan_make(), which knows whether it matters.
 */
int vtopo_host_read(const char *path, const struct vtopo_domain *domain,
                    struct vtopo_host **ret_host, struct vtopo_error **reterr);

/**
 * A host from the text of a host description.
 *
 * @text      as vtopo_host_format() writes it; need not end with a NUL
 * @name      what to call it in messages
 *
 * Returns 0, VTOPO_ERR_HOST, VTOPO_ERR_NOMEM.
 */
int vtopo_host_parse(const char *text, size_t length, const char *name,
                     struct vtopo_host **ret_host, struct vtopo_error **reterr);

/** What to read of the functions that a domain needs, besides their places; may be or-ed. */
enum vtopo_host_details {
    VTOPO_HOST_PLACES = 0, /**< what vtopo_plan_make() needs */
    VTOPO_HOST_CHECKS = 2, /**< for vtopo_policy_set_checks(): drivers, links, all of config space;
                              wakes up devices */
    VTOPO_HOST_LINKS =
        1, /**< link speeds and widths: for vtopo_plan_nccl_topo(), vtopo_plan_format() */
};

/**
 * vtopo_host_read() that reads more of what @domain needs, and so opens more files.
 *
 * @details  bits of enum vtopo_host_details; without @domain everything is read in any case
 */
int vtopo_host_read_details(const char *path, const struct vtopo_domain *domain, unsigned details,
                            struct vtopo_host **ret_host, struct vtopo_error **reterr);

/**
 * A host description: JSON (schemas/host.schema.json) that vtopo_host_read() reads on any machine.
 * The same host gives the same bytes.
 *
 * @ret_text  on success: NUL-terminated UTF-8; free with free()
 */
int vtopo_host_format(const struct vtopo_host *host, char **ret_text, struct vtopo_error **reterr);

/** What vtopo_host_draw(), vtopo_host_list() and vtopo_host_check() print. */
enum vtopo_host_style {
    VTOPO_HOST_TEXT, /**< for people */
    VTOPO_HOST_JSON, /**< for scripts */
};

/** Root complexes, switches, devices and nodes as a tree; @ret_text is the caller's, free with
 * free(). */
int vtopo_host_draw(const struct vtopo_host *host, enum vtopo_host_style style, char **ret_text,
                    struct vtopo_error **reterr);

/**
 * What can be assigned to a guest, one device a line; @ret_text is the caller's, free with free().
 *
 * @width  of a terminal, to which names of devices are cut; 0: they are whole
 */
int vtopo_host_list(const struct vtopo_host *host, enum vtopo_host_style style, unsigned width,
                    char **ret_text, struct vtopo_error **reterr);

/**
 * Look for what keeps devices from their speed in a guest, or the guest from starting: IOMMU
 * groups, drivers, nodes, ACS, ATS, relaxed ordering, links.
 *
 * @host       read without a domain
 * @devices    PCI addresses of the devices that are meant for one guest
 * @count      how many; 0: all GPUs and NICs of the host
 * @warnings   leave out what is only worth knowing
 * @ret_text   for people, or schemas/check.schema.json; free with free()
 * @ret_found  how many findings there are in @ret_text
 *
 * Returns 0; VTOPO_ERR_USAGE if a text in @devices is no address; VTOPO_ERR_HOST if the host has no
 * such device or it is a bridge; VTOPO_ERR_NOMEM.
 */
int vtopo_host_check(const struct vtopo_host *host, const char *const *devices, size_t count,
                     bool warnings, enum vtopo_host_style style, char **ret_text, size_t *ret_found,
                     struct vtopo_error **reterr);

/** Frees @host; NULL is fine. */
void vtopo_host_free(struct vtopo_host *host);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
