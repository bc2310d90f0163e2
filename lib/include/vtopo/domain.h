/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file vtopo/domain.h
 * A libvirt domain, understood from its XML and kept with its text.
 */
#ifndef VTOPO_DOMAIN_H
#define VTOPO_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <vtopo/error.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/**
 * @struct vtopo_domain
 * A domain.  It never changes.  Free with vtopo_domain_free().
 * @since 0.1
 */
struct vtopo_domain;

/** Largest domain XML that is read, in bytes. @since 0.1 */
#define VTOPO_DOMAIN_MAX (16u * 1024u * 1024u)

/**
 * Parse a domain XML, as `virsh dumpxml --inactive` prints it.
 *
 * No network, no DTD, no external entities; UTF-8 only.
 *
 * @param text             the XML, need not end with a NUL; copied
 * @param length           its length in bytes, at most #VTOPO_DOMAIN_MAX
 * @param name             what to call it in messages: a file name, "stdin"; copied
 * @param[out] ret_domain  on success: the domain; free with vtopo_domain_free()
 * @param[out] reterr      on failure: the reason with the line; NULL if not wanted; free with
 *                         vtopo_error_free()
 * @return 0; #VTOPO_ERR_DOMAIN if it is no domain, or one that contradicts itself; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_domain_parse(const char *text, size_t length, const char *name,
                       struct vtopo_domain **ret_domain, struct vtopo_error **reterr);

/**
 * The text that was parsed.
 *
 * @param domain           the domain
 * @param[out] ret_length  its length in bytes; NULL if not wanted
 * @return the text, NUL-terminated; lives as long as @p domain
 * @since 0.1
 */
const char *vtopo_domain_text(const struct vtopo_domain *domain, size_t *ret_length);

/**
 * The domain without what vtopo put in (option --undo of vtopo-xml).
 *
 * @param domain           the domain
 * @param[out] ret_text    on success: the new XML, NUL-terminated; free with free()
 * @param[out] ret_length  on success: its length in bytes
 * @param[out] reterr      on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_domain_undo(const struct vtopo_domain *domain, char **ret_text, size_t *ret_length,
                      struct vtopo_error **reterr);

/**
 * Why vtopo_domain_undo() does not know where the devices were, although the domain has a record of
 * it: somebody changed that.
 *
 * @param domain  the domain
 * @return a few words, with the line; lives as long as @p domain; NULL: there is no such reason
 * @since 0.1
 */
const char *vtopo_domain_record_problem(const struct vtopo_domain *domain);

/**
 * How many of the elements that vtopo added besides controllers and addresses vtopo_domain_undo()
 * leaves where they are: somebody has changed them since, or what belongs to them.
 *
 * @param domain  the domain
 * @return their number; 0: there are none, or it has no record of any
 * @since 0.1
 */
size_t vtopo_domain_changed_count(const struct vtopo_domain *domain);

/**
 * What differs between the domain's text and another one: a unified diff, as patch(1) takes it.
 *
 * Both texts have the domain's name in it.
 *
 * @param domain         the domain: its text is the one before
 * @param text           the one after, such as vtopo_plan_apply() gives; without NULs, need not end
 *                       with one
 * @param length         its length in bytes
 * @param[out] ret_text  on success: the diff, "" if there is no difference; NUL-terminated; free
 *                       with free()
 * @param[out] reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_domain_diff(const struct vtopo_domain *domain, const char *text, size_t length,
                      char **ret_text, struct vtopo_error **reterr);

/**
 * Has the domain root ports on pcie.0, or ones without an address, which libvirt puts there?
 *
 * @param domain  the domain
 * @return true if it has
 * @since 0.1
 */
bool vtopo_domain_has_root_ports(const struct vtopo_domain *domain);

/**
 * Has any PCI device of the domain (PCI controllers excepted) this alias or this `<target dev>`?
 *
 * @param domain  the domain
 * @param name    the alias or the name
 * @return true if one has
 * @since 0.1
 */
bool vtopo_domain_has_device(const struct vtopo_domain *domain, const char *name);

/**
 * How many host devices the guest gets.
 *
 * Networks (one may be a pool of host devices) and NVMe disks are not counted.
 *
 * @param domain  the domain
 * @return their number
 * @since 0.1
 */
size_t vtopo_domain_assigned_count(const struct vtopo_domain *domain);

/**
 * What the host devices stand for on their host.
 *
 * @param domain          the domain
 * @param[out] ret_names  on success: vtopo_domain_assigned_count() names and a NULL behind them, in
 *                        the order of the XML: a PCI address as "0000:41:00.0", of an mdev its
 * UUID, of a vDPA device its path; all in one block, free with free()
 * @param[out] reterr     on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_domain_assigned_names(const struct vtopo_domain *domain, char ***ret_names,
                                struct vtopo_error **reterr);

/**
 * The domain's UUID.
 *
 * @param domain  the domain
 * @return 36 characters, in lower case; lives as long as @p domain; NULL: it has none, or none in
 *         the form that libvirt prints
 * @since 0.1
 */
const char *vtopo_domain_uuid(const struct vtopo_domain *domain);

/**
 * Where the domain's PCI controllers and devices are, to be compared: of a definition, and of the
 * guest that starts with it, it is the same.
 *
 * @param domain         the domain
 * @param[out] ret_text  on success: a line for each, which may change between versions; "" if there
 *                       are none; NUL-terminated; free with free()
 * @param[out] reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_domain_places(const struct vtopo_domain *domain, char **ret_text,
                        struct vtopo_error **reterr);

/**
 * The emulator that the domain names.
 *
 * @param domain  the domain
 * @return its path; lives as long as @p domain; NULL: it names none
 * @since 0.1
 */
const char *vtopo_domain_emulator(const struct vtopo_domain *domain);

/**
 * The host's CPUs that vCPUs of the domain are pinned to.
 *
 * @param domain         the domain
 * @param most           only pins to at most this many CPUs: 2 leaves those to whole NUMA nodes out
 * @param[out] ret_list  on success: "0-3,8", "" if there are none; free with free()
 * @param[out] reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_domain_pinned_cpus(const struct vtopo_domain *domain, size_t most, char **ret_list,
                             struct vtopo_error **reterr);

/**
 * The host's CPUs that \<emulatorpin\> and \<iothreadpin\> of the domain name.
 *
 * @param domain         the domain
 * @param[out] ret_list  on success: "0-3,8", "" if there are none; free with free()
 * @param[out] reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0, #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_domain_helper_cpus(const struct vtopo_domain *domain, char **ret_list,
                             struct vtopo_error **reterr);

/**
 * Check a domain XML against libvirt's RELAX NG schema, as `virsh define --validate` does.
 *
 * Only local files are read.
 *
 * @param text         the XML, need not end with a NUL
 * @param length       its length in bytes
 * @param schema       path of a RELAX NG file; NULL: the one that libvirt installs
 * @param[out] reterr  on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0; #VTOPO_ERR_DOMAIN with the first line that is not valid, or if the text is not XML;
 *         #VTOPO_ERR_FILE if the schema cannot be used; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_domain_validate(const char *text, size_t length, const char *schema,
                          struct vtopo_error **reterr);

/**
 * Free a domain.
 *
 * @param domain  the domain; NULL is fine
 * @since 0.1
 */
void vtopo_domain_free(struct vtopo_domain *domain);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
