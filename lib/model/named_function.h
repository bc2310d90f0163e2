/* SPDX-License-Identifier: GPL-2.0-or-later */
/* named_function.h - a function that people name by its address */
#ifndef VTOPO_MODEL_NAMED_FUNCTION_H
#define VTOPO_MODEL_NAMED_FUNCTION_H

#include "model/host.h"

/*
 * A function that can be given to a guest.
 *
 * VTOPO_ERR_USAGE: @name is no address; VTOPO_ERR_HOST: the host has no such function, or it is a
 * bridge or part of the chipset
 */
int find_named_function(const struct vtopo_host *host, const char *name, size_t *ret_function,
                        struct vtopo_error **reterr);

#endif
