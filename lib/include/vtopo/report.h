/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file vtopo/report.h
 * One or many hosts and who has their devices, as a page.
 */
#ifndef VTOPO_REPORT_H
#define VTOPO_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <vtopo/error.h>
#include <vtopo/host.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/**
 * @struct vtopo_vms
 * The VMs that have devices of a host, as its libvirt knows them.  Free with vtopo_vms_free().
 * @since 0.1
 */
struct vtopo_vms;

/** Does the definition of a VM give its guest the host's topology? @since 0.1 */
enum vtopo_vm_topology {
    VTOPO_VM_AS_HOST,   /**< it does */
    VTOPO_VM_LACKING,   /**< it does not, and vtopo would change nothing */
    VTOPO_VM_DIFFERS,   /**< vtopo would define it otherwise */
    VTOPO_VM_TRANSIENT, /**< it has no definition */
    VTOPO_VM_FAILED,    /**< it could not be found out */
};

/**
 * A list of VMs, empty.
 *
 * @param[out] ret_vms  on success: the list; free with vtopo_vms_free()
 * @param[out] reterr   on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_vms_new(struct vtopo_vms **ret_vms, struct vtopo_error **reterr);

/**
 * Add a VM.
 *
 * @param vms          the list
 * @param name         its name
 * @param running      its guest is there
 * @param topology     what its definition gives its guest
 * @param reason       for people: what would change, what is lacking, why it is not known; ""
 * @param[out] reterr  on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_vms_add(struct vtopo_vms *vms, const char *name, bool running,
                  enum vtopo_vm_topology topology, const char *reason, struct vtopo_error **reterr);

/**
 * Add a device to the VM that was added last.
 *
 * @param vms          the list
 * @param device       as vtopo_domain_assigned_name() gives it
 * @param claims       bits of enum vtopo_claim, at least one
 * @param[out] reterr  on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0; #VTOPO_ERR_USAGE if there is no VM yet; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_vms_add_device(struct vtopo_vms *vms, const char *device, unsigned claims,
                         struct vtopo_error **reterr);

/**
 * Free a list of VMs.
 *
 * @param vms  the list; NULL is fine
 * @since 0.1
 */
void vtopo_vms_free(struct vtopo_vms *vms);

/**
 * vtopo_host_format() with the VMs that have devices of the host.
 *
 * @param host           the host
 * @param vms            all VMs that have devices of it, or are defined with them
 * @param[out] ret_text  on success: JSON, NUL-terminated UTF-8; free with free()
 * @param[out] reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0; #VTOPO_ERR_HOST if a VM is there twice; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_host_format_vms(const struct vtopo_host *host, const struct vtopo_vms *vms,
                          char **ret_text, struct vtopo_error **reterr);

/**
 * @struct vtopo_report
 * A page of hosts.  Free with vtopo_report_free().
 * @since 0.1
 */
struct vtopo_report;

/**
 * A page without hosts.
 *
 * @param[out] ret_report  on success: the page; free with vtopo_report_free()
 * @param[out] reterr      on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_report_new(struct vtopo_report **ret_report, struct vtopo_error **reterr);

/**
 * Add a host to a page.  The page keeps what it shows of it.
 *
 * @param report       the page
 * @param name         what to call the host
 * @param host         read without a domain
 * @param[out] reterr  on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM; the page is then good for vtopo_report_free() only
 * @since 0.1
 */
int vtopo_report_add(struct vtopo_report *report, const char *name, const struct vtopo_host *host,
                     struct vtopo_error **reterr);

/**
 * The page as HTML: one document, without script, that fetches nothing.
 *
 * @param report         the page
 * @param[out] ret_text  on success: NUL-terminated UTF-8; free with free()
 * @param[out] reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_report_format(const struct vtopo_report *report, char **ret_text,
                        struct vtopo_error **reterr);

/**
 * Free a page.
 *
 * @param report  the page; NULL is fine
 * @since 0.1
 */
void vtopo_report_free(struct vtopo_report *report);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
