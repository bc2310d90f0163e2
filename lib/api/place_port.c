/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place_port.c - where a device is plugged in, as the public header gives it
 *
 * Takes:  a host, a domain, the address of a function.
 * Gives:  the element with the guest's address.
 * Rule:   what the host works with, and what another guest runs with, is not given away; a driver
 *         of the host's, or that a VM is defined with it, is only told.
 * Not here: which port (lib/attach), what holds a function (lib/place).
 */
#include "vtopo/place.h"

#include "api/request.h"
#include "base/error.h"
#include "domxml/domxml.h"
#include "model/named_function.h"
#include "plan/devices/devices.h"
#include "report/attach_view.h"
#include "report/hold_words.h"

static int check_free(const struct attach_view *view, struct vtopo_error **reterr)
{
    enum hold hold = view->holds[view->function];
    autobuffer struct buffer why = {0};

    for (size_t i = 0; i < view->domain->devices.count; i++) {
        if (host_function_of(view->host, &view->domain->devices.items[i]) == view->function)
            return error_set(reterr, VTOPO_ERR_REFUSED, "the domain has %s already",
                             BDF_TEXT(&view->host->functions.items[view->function].bdf));
    }
    if (hold < HOLD_RUNNING)
        return 0;
    hold_describe(view->host, view->owners, view->function, hold, &why);
    if (why.failed)
        return error_nomem(reterr);
    return error_set(reterr, VTOPO_ERR_REFUSED, "%s %s",
                     BDF_TEXT(&view->host->functions.items[view->function].bdf), why.text);
}

/* Empty in the definition, too, if there is such a port. */
static int find_port(struct attach_view *view, const struct domain *definition,
                     struct attach *attach, struct vtopo_error **reterr)
{
    autofree char *why = NULL;
    bool done = attach_find(view->host, view->domain, definition, view->function, attach);

    if (done && definition && attach->problem != ATTACH_FOUND) {
        done = attach_find(view->host, view->domain, NULL, view->function, attach);
        view->only_live = true;
    }
    if (!done)
        return error_nomem(reterr);
    if (attach->problem == ATTACH_FOUND)
        return 0;
    why = attach_problem_words(view);
    return why ? error_set(reterr, VTOPO_ERR_REFUSED, "%s", why) : error_nomem(reterr);
}

static int print(struct attach_view *view, enum vtopo_place_style style, char **ret_text,
                 struct vtopo_error **reterr)
{
    autobuffer struct buffer out = {0};
    char *text;

    view->names = device_names_new();
    if (!view->names)
        return error_nomem(reterr);
    if (style == VTOPO_PLACE_JSON)
        attach_view_json(view, &out);
    else
        attach_view_xml(view, &out);
    device_names_free(view->names);
    text = buffer_steal(&out);
    if (!text)
        return error_nomem(reterr);
    *ret_text = text;
    return 0;
}

int vtopo_host_place_port(const struct vtopo_host *host, const struct vtopo_domain *domain,
                          const struct vtopo_domain *definition, const char *device,
                          const struct vtopo_request *request, enum vtopo_place_style style,
                          char **ret_text, struct vtopo_error **reterr)
{
    const struct owners *owners = request && request->asked ? &request->owners : NULL;
    autofree enum hold *holds = holds_find(host, owners);
    struct attach attach;
    struct attach_view view = {.host = host,
                               .domain = &domain->model,
                               .attach = &attach,
                               .holds = holds,
                               .owners = owners};
    int r = holds ? find_named_function(host, device, &view.function, reterr) : error_nomem(reterr);

    if (!r)
        r = check_free(&view, reterr);
    if (!r)
        r = find_port(&view, definition ? &definition->model : NULL, &attach, reterr);
    return r ? r : print(&view, style, ret_text, reterr);
}
