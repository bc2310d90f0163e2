/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place.c - which devices belong together, as the public header gives it
 *
 * Takes:  a host, a request.
 * Gives:  proposals as text.
 * Not here: which ones (lib/place), how they look (lib/report), the values of a request
 * (request.c).
 */
#include "vtopo/place.h"

#include "api/request.h"
#include "base/error.h"
#include "report/place_view.h"

static int print(const struct place_view *view, enum vtopo_place_style style, char **ret_text,
                 struct vtopo_error **reterr)
{
    autobuffer struct buffer out = {0};
    char *text;

    switch (style) {
    case VTOPO_PLACE_JSON:
        place_view_json(view, &out);
        break;
    case VTOPO_PLACE_XML:
        place_view_xml(view, 0, &out);
        break;
    case VTOPO_PLACE_TEXT:
        place_view_text(view, &out);
        break;
    }
    text = buffer_steal(&out);
    if (!text)
        return error_nomem(reterr);
    *ret_text = text;
    return 0;
}

static int view(const struct place *place, const struct place_request *request, size_t most,
                enum vtopo_place_style style, char **ret_text, struct vtopo_error **reterr)
{
    struct place_view view = {place, request, device_names_new(), most};
    int r = view.names ? print(&view, style, ret_text, reterr) : error_nomem(reterr);

    device_names_free(view.names);
    return r;
}

int vtopo_host_place(const struct vtopo_host *host, const struct vtopo_request *request,
                     enum vtopo_place_style style, char **ret_text, struct vtopo_error **reterr)
{
    const struct place_request wish = {
        .gpus = request->gpus,
        .nics = request->nics,
        .cpus = request->cpus,
        .memory_kib = request->memory_kib,
        .owners = request->asked ? &request->owners : NULL,
        .avoid = &request->avoid,
        .only = request->only.items,
        .only_count = request->only.count,
    };
    struct place place;
    int r;

    if (!wish.gpus && !wish.nics)
        return error_set(reterr, VTOPO_ERR_USAGE, "neither a GPU nor a NIC is asked for");
    r = place_make(host, &wish, &place, reterr);
    if (!r)
        r = view(&place, &wish, request->most, style, ret_text, reterr);
    place_clear(&place);
    return r;
}
