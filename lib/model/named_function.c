/* SPDX-License-Identifier: GPL-2.0-or-later */
/* named_function.c - see named_function.h */
#include "model/named_function.h"

#include "base/error.h"
#include "model/assignable.h"

int find_named_function(const struct vtopo_host *host, const char *name, size_t *ret_function,
                        struct vtopo_error **reterr)
{
    struct bdf bdf;

    if (!bdf_parse(name, &bdf))
        return error_set(reterr, VTOPO_ERR_USAGE, "'%s' is not a PCI address like 0000:41:00.0",
                         name);
    *ret_function = host_find(host, &bdf);
    if (*ret_function == HOST_NONE)
        return error_set(reterr, VTOPO_ERR_HOST, "the host has no device %s", BDF_TEXT(&bdf));
    if (!is_assignable(&host->functions.items[*ret_function]))
        return error_set(reterr, VTOPO_ERR_HOST,
                         "%s is a bridge, port or part of the chipset, which cannot be given to a "
                         "guest",
                         BDF_TEXT(&bdf));
    return 0;
}
