/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libvirt_state.h - what can be known of libvirt without asking it, which a hook must not */
#ifndef VTOPO_HOOKS_LIBVIRT_STATE_H
#define VTOPO_HOOKS_LIBVIRT_STATE_H

#include <stdbool.h>
#include <vtopo/domain.h>

/*
 * The definition of a domain as libvirt has it on the disk.
 *
 * @ret_domain  NULL: there is none; else free with vtopo_domain_free()
 * Returns false: it cannot be read.
 */
bool libvirt_read_definition(const char *name, struct vtopo_domain **ret_domain);
/* Does libvirt start it by itself? */
bool libvirt_starts_it(const char *name);
/* The process of libvirt that has called this one, in words that no other process ever has; false:
 * there is none. */
#define LIBVIRT_PROCESS_SIZE 48
bool libvirt_find_process(char ret_words[LIBVIRT_PROCESS_SIZE]);

#endif
