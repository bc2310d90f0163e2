/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view.c - what people want to see of a host, as the public header gives it
 *
 * Takes:  a host.
 * Gives:  a drawing, a list.
 * Rule:   apart from host.c, because the names of devices need libpci: a program that is linked
 *         with the static library and shows no host is not linked with it.
 * Not here: how they look (lib/report).
 */
#include "vtopo/host.h"

#include "base/buffer.h"
#include "base/error.h"
#include "model/host.h"
#include "report/hostview.h"

#include <stdlib.h>

static int print_view(const struct vtopo_host *host, unsigned width, const struct owners *owners,
                      void (*print)(const struct view *, struct buffer *), char **ret_text,
                      struct vtopo_error **reterr)
{
    autobuffer struct buffer out = {0};
    struct owners saved = {0};
    struct view view;
    char *text;

    if (!view_open(host, &view) || !owners_of_host(host, &saved)) {
        view_close(&view);
        return error_nomem(reterr);
    }
    view.width = width;
    view.owners = owners ? owners : host->vms.known ? &saved : NULL;
    print(&view, &out);
    view_close(&view);
    free(saved.items);
    text = buffer_steal(&out);
    if (!text)
        return error_nomem(reterr);
    *ret_text = text;
    return 0;
}

int vtopo_host_draw(const struct vtopo_host *host, enum vtopo_host_style style, char **ret_text,
                    struct vtopo_error **reterr)
{
    return print_view(host, 0, NULL,
                      style == VTOPO_HOST_JSON  ? view_draw_json
                      : style == VTOPO_HOST_SVG ? view_draw_svg
                                                : view_draw_text,
                      ret_text, reterr);
}

int vtopo_host_list(const struct vtopo_host *host, enum vtopo_host_style style, unsigned width,
                    char **ret_text, struct vtopo_error **reterr)
{
    return print_view(host, width, NULL, style == VTOPO_HOST_JSON ? view_list_json : view_list_text,
                      ret_text, reterr);
}

int vtopo_host_list_owned(const struct vtopo_host *host, enum vtopo_host_style style,
                          unsigned width, const char *const *devices, const char *const *names,
                          const unsigned *claims, size_t count, char **ret_text,
                          struct vtopo_error **reterr)
{
    struct owners owners = {calloc(count + 1, sizeof(*owners.items)), count};
    int r;

    if (!owners.items)
        return error_nomem(reterr);
    for (size_t i = 0; i < count; i++)
        owners.items[i] = (struct owner){devices[i], names[i], claims[i] & VTOPO_CLAIM_NOW,
                                         claims[i] & VTOPO_CLAIM_NEXT};
    owners_sort(&owners);
    r = print_view(host, width, &owners, style == VTOPO_HOST_JSON ? view_list_json : view_list_text,
                   ret_text, reterr);
    free(owners.items);
    return r;
}
