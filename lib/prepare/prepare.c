/* SPDX-License-Identifier: GPL-2.0-or-later */
/* prepare.c - see prepare.h */
#include "prepare/prepare.h"

#include "base/error.h"

int prepare_make(const struct vtopo_host *host, const char *const *names, size_t count,
                 const char *command_line, struct prepare *ret, struct vtopo_error **reterr)
{
    int r;

    *ret = (struct prepare){.host = host, .holds = holds_find(host, NULL)};
    r = ret->holds ? prepare_select(names, count, ret, reterr) : error_nomem(reterr);
    if (r)
        return r;
    prepare_boot(command_line, ret);
    return prepare_drivers(ret) ? 0 : error_nomem(reterr);
}

void prepare_clear(struct prepare *prepare)
{
    for (size_t i = 0; i < prepare->modules.count; i++)
        free(prepare->modules.items[i].name);
    free(prepare->modules.items);
    free(prepare->devices.items);
    free(prepare->left_out.items);
    free(prepare->holds);
    *prepare = (struct prepare){0};
}
