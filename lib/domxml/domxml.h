/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domxml.h - a parsed domain inside the library: its meaning, its text, and where each element is
 * in it
 *
 * vtopo_domain_parse() and vtopo_domain_free() are public (vtopo/domain.h).
 */
#ifndef VTOPO_DOMXML_DOMXML_H
#define VTOPO_DOMXML_DOMXML_H

#include "core/domain.h"
#include "core/plan.h"
#include "core/undo.h"
#include "domxml/scan.h"

#include "vtopo/domain.h"

struct vtopo_domain {
    struct domain model;
    char *text; /* as given; NUL behind it */
    size_t length;
    char *name;       /* what messages call the text: a file name, "stdin" */
    struct scan scan; /* "element" in the model is a place in scan.elements */
    /* place in scan.elements of the <devices> that the model was read from; SCAN_NONE: none */
    size_t devices;
};

/*
 * The domain's text with what the plan wants: its controllers, the addresses of devices with
 * FATE_MOVED, bus numbers of others' expanders (bus_fixes), hotplug='off' of others' ports
 * (ports_off).  @domain holds no marked controllers (undo them first).  All other bytes stay.  @ret_text is NUL-terminated and the caller's, free
 * with free().
 *
 * Returns 0, VTOPO_ERR_BUG if the plan is not one of this domain, VTOPO_ERR_NOMEM.
 */
int domxml_apply(const struct vtopo_domain *domain, const struct vtopo_plan *plan, char **ret_text,
                 size_t *ret_length, struct vtopo_error **reterr);

/*
 * The domain's text after @undo, which was made from domain->model: the controllers that go are
 * taken out with their lines, devices get the addresses that it says.  Otherwise as domxml_apply().
 */
int domxml_undo(const struct vtopo_domain *domain, const struct undo *undo, char **ret_text,
                size_t *ret_length, struct vtopo_error **reterr);

#endif
