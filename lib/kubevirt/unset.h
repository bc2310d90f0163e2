/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unset.h - elements that KubeVirt writes although there is nothing in them */
#ifndef VTOPO_KUBEVIRT_UNSET_H
#define VTOPO_KUBEVIRT_UNSET_H

#include <stddef.h>
#include <vtopo/error.h>

/*
 * @text      a domain, well-formed or not; need not end with a NUL
 * @ret_text  the same without them, free with free(); NULL: it has none
 * Returns 0, VTOPO_ERR_NOMEM.
 */
int kubevirt_remove_unset(const char *text, size_t length, char **ret_text, size_t *ret_length,
                          struct vtopo_error **reterr);

#endif
