/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file vtopo/place.h
 * Which free devices of a host belong together, and what the host needs before they are assigned.
 */
#ifndef VTOPO_PLACE_H
#define VTOPO_PLACE_H

#include <stddef.h>
#include <vtopo/error.h>
#include <vtopo/host.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/**
 * @struct vtopo_request
 * What a new guest is to get.  Functions that take one that is not const change it; nothing else
 * ever does.  Free with vtopo_request_free().
 * @since 0.1
 */
struct vtopo_request;

/**
 * A request for nothing yet.
 *
 * @param[out] ret_request  on success: the request; free with vtopo_request_free()
 * @param[out] reterr       on failure: the reason; NULL if not wanted; free with
 *                          vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_request_new(struct vtopo_request **ret_request, struct vtopo_error **reterr);

/**
 * Ask for something.
 *
 * @param request      the request
 * @param key          "gpus", "nics", "cpus": a number; "memory": a size ("64G"); "only": ids
 *                     ("10de:20b5,15b3:a2d6") of GPUs and NICs: of whichever kind there are any,
 *                     no others; "avoid_cpus": a list ("0-3,8") of CPUs that are not for the guest,
 *                     each call adds to it; "most": how many proposals are printed (3)
 * @param value        as text
 * @param[out] reterr  on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0; #VTOPO_ERR_USAGE if there is no such key, or it has no such value; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_request_set(struct vtopo_request *request, const char *key, const char *value,
                      struct vtopo_error **reterr);

/**
 * Say which VMs have which devices: they are not free.  Without this nobody is known to have any.
 *
 * @param request      the request
 * @param devices      @p count names of devices, as of vtopo_host_list_owned(); copied
 * @param names        for each of them the name of a VM; copied
 * @param claims       for each of them enum vtopo_claim
 * @param count        how many there are; 0: VMs were asked, and have none
 * @param[out] reterr  on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_request_set_owners(struct vtopo_request *request, const char *const *devices,
                             const char *const *names, const unsigned *claims, size_t count,
                             struct vtopo_error **reterr);

/** How proposals are printed. @since 0.1 */
enum vtopo_place_style {
    VTOPO_PLACE_TEXT, /**< for people; may change between versions */
    VTOPO_PLACE_JSON, /**< schemas/place.schema.json */
    VTOPO_PLACE_XML,  /**< of the best proposal the elements for a domain's `<devices>` */
};

/**
 * Propose devices, CPUs and memory, best first.
 *
 * @param host           the host, read without a domain
 * @param request        what is wanted: at least one GPU or NIC
 * @param style          how
 * @param[out] ret_text  on success: NUL-terminated UTF-8; free with free()
 * @param[out] reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0; #VTOPO_ERR_USAGE if nothing is wanted; #VTOPO_ERR_REFUSED if the host has not so much
 *         that is free; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_host_place(const struct vtopo_host *host, const struct vtopo_request *request,
                     enum vtopo_place_style style, char **ret_text, struct vtopo_error **reterr);

/**
 * Find the port that a device is to be plugged into, so that the guest sees it on its node.
 *
 * @param host           the host, read without a domain
 * @param domain         of a guest that runs what virsh dumpxml prints, else its definition
 * @param definition     of a guest that runs, where the port is to be empty, too; NULL: not known
 * @param device         PCI address of a function, "0000:41:00.0"
 * @param request        of which only the owners count; NULL: nobody was asked
 * @param style          how: #VTOPO_PLACE_TEXT and #VTOPO_PLACE_XML are both the element that
 *                       virsh attach-device takes, #VTOPO_PLACE_JSON is
 *                       schemas/place-port.schema.json
 * @param[out] ret_text  on success: NUL-terminated UTF-8; free with free()
 * @param[out] reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0; #VTOPO_ERR_USAGE if @p device is no address; #VTOPO_ERR_HOST if the host has no such
 *         device or it is a bridge; #VTOPO_ERR_REFUSED if there is no such port, or the device is
 *         somebody else's; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_host_place_port(const struct vtopo_host *host, const struct vtopo_domain *domain,
                          const struct vtopo_domain *definition, const char *device,
                          const struct vtopo_request *request, enum vtopo_place_style style,
                          char **ret_text, struct vtopo_error **reterr);

/**
 * What a host needs before devices can be assigned: arguments of its kernel, how vfio-pci comes to
 * the devices, and the words of those who assign them.  Nothing is written anywhere.
 *
 * @param host           the host, read without a domain
 * @param devices        PCI addresses ("0000:41:00.0"); what goes with them is added
 * @param count          how many; 0: all GPUs and NICs that the host does not use
 * @param command_line   of the host's kernel, as /proc/cmdline has it; NULL: not known
 * @param form           "text": all of it, for people; "json": schemas/prepare.schema.json;
 *                       "cmdline": arguments to add; "modprobe": a file for /etc/modprobe.d;
 *                       "driverctl": commands; "nova", "kubevirt", "proxmox"
 * @param node           Proxmox's name of the host; NULL: not known
 * @param[out] ret_text  on success: NUL-terminated UTF-8; free with free()
 * @param[out] reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0; #VTOPO_ERR_USAGE if there is no such form, a text in @p devices is no address, or
 *         "proxmox" has no node; #VTOPO_ERR_HOST if the host has no such device or it is a bridge;
 *         #VTOPO_ERR_REFUSED if the host uses all of them; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_host_prepare(const struct vtopo_host *host, const char *const *devices, size_t count,
                       const char *command_line, const char *form, const char *node,
                       char **ret_text, struct vtopo_error **reterr);

/**
 * Free a request.
 *
 * @param request  the request; NULL is fine
 * @since 0.1
 */
void vtopo_request_free(struct vtopo_request *request);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
