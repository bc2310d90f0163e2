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

struct vtopo_domain;

/** Largest domain XML that is read, in bytes. */
#define VTOPO_DOMAIN_MAX (16u * 1024u * 1024u)

/**
 * Parse a domain XML.
 *
 * No network, no DTD, no external entities; UTF-8 only.
 *
 * @text        the XML, need not end with a NUL; copied
 * @length      its length in bytes
 * @name        what to call it in messages: a file name, "stdin"
 * @ret_domain  on success: the domain; free with vtopo_domain_free()
 * @reterr      on failure: the reason with the line; NULL if not wanted
 *
 * Returns 0, VTOPO_ERR_DOMAIN, VTOPO_ERR_NOMEM.
 */
int vtopo_domain_parse(const char *text, size_t length, const char *name,
                       struct vtopo_domain **ret_domain, struct vtopo_error **reterr);

/** The text that was parsed; lives as long as @domain; NUL-terminated. */
const char *vtopo_domain_text(const struct vtopo_domain *domain, size_t *ret_length);

/**
 * The domain without what vtopo put in (option --undo).
 *
 * @ret_text    on success: the new text, NUL-terminated; free with free()
 */
int vtopo_domain_undo(const struct vtopo_domain *domain, char **ret_text, size_t *ret_length,
                      struct vtopo_error **reterr);

/**
 * What differs between the domain's text and another one: a unified diff, as patch(1) takes it,
 * with the domain's name for both.
 *
 * @text      without NULs, need not end with one
 * @length    its length in bytes
 * @ret_text  on success: the diff, "" if there is no difference; NUL-terminated; free with free()
 *
 * Returns 0, VTOPO_ERR_NOMEM.
 */
int vtopo_domain_diff(const struct vtopo_domain *domain, const char *text, size_t length,
                      char **ret_text, struct vtopo_error **reterr);

/** Has it root ports on pcie.0, or ones without an address, which libvirt puts there? */
bool vtopo_domain_has_root_ports(const struct vtopo_domain *domain);

/** Has any PCI device (PCI controllers excepted) this alias or this <target dev>? */
bool vtopo_domain_has_device(const struct vtopo_domain *domain, const char *name);

/** How many host devices the guest gets, not counting networks (perhaps a pool) and NVMe disks. */
size_t vtopo_domain_assigned_count(const struct vtopo_domain *domain);

/**
 * Check a domain XML against libvirt's RELAX NG schema, as `virsh define --validate` does.
 *
 * Only local files are read.
 *
 * @schema   a RELAX NG file; NULL: the one that libvirt installs
 *
 * Returns 0; VTOPO_ERR_DOMAIN with the first line that is not valid, or if the text is not XML;
 * VTOPO_ERR_FILE if the schema cannot be used; VTOPO_ERR_NOMEM.
 */
int vtopo_domain_validate(const char *text, size_t length, const char *schema,
                          struct vtopo_error **reterr);

/** Frees @domain; NULL is fine. */
void vtopo_domain_free(struct vtopo_domain *domain);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
