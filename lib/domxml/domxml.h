/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domxml.h - a parsed domain inside the library: its meaning, its text, and where each element is
 * in it
 *
 * vtopo_domain_parse() and vtopo_domain_free() are public (vtopo/domain.h).
 */
#ifndef VTOPO_DOMXML_DOMXML_H
#define VTOPO_DOMXML_DOMXML_H

#include "domxml/edit.h"
#include "domxml/scan.h"
#include "model/domain.h"
#include "model/policy.h"
#include "model/undo.h"
#include "plan/ground/plan.h"

#include "vtopo/domain.h"

/* Where in the text things in libvirt's namespace for QEMU are: places in scan.elements, SCAN_NONE:
 * none. */
struct qemu_device { /* <qemu:device> of the first <qemu:override> */
    char *alias;
    size_t element, frontend;
};

struct qemu_places {
    size_t override, commandline, deprecation; /* the first of each */
    char *prefix;                              /* that <domain> declares for it; NULL: none */
    VEC(struct qemu_device) devices;
};

/* An element whose attribute an addition may change (model/additions.def). */
struct changeable {
    enum addition_kind kind;
    size_t element;
    char *value; /* of the attribute; NULL: it is not there */
};

struct vtopo_domain {
    struct domain model;
    struct policy_wish policy; /* what <metadata> says */
    char *text;                /* as given; NUL behind it */
    size_t length;
    char *name;       /* what messages call the text: a file name, "stdin" */
    struct scan scan; /* "element" in the model is a place in scan.elements */
    /* place in scan.elements of the <devices> that the model was read from; SCAN_NONE: none */
    size_t devices;
    struct qemu_places qemu;
    VEC(size_t) records;               /* places in scan.elements of vtopo's records, */
    VEC(size_t) added;                 /* and of their entries of additions */
    VEC(struct changeable) changeable; /* kinds ascend, then document order */
    /* The same without what vtopo has added (model/additions.h), with the additions of its record:
     * what a plan is made from; NULL: nothing was added. */
    struct vtopo_domain *plain;
};

/* What a plan is made from, and what an undo begins with. */
static inline const struct vtopo_domain *domxml_plain(const struct vtopo_domain *domain)
{
    return domain->plain ? domain->plain : domain;
}

struct edits domxml_edits(const struct vtopo_domain *domain);
/* Applies and frees them.  @ok: all edits could be made from what the caller gave.  As
 * domxml_apply(). */
int domxml_finish(struct edits *edits, bool ok, char **ret_text, size_t *ret_length,
                  struct vtopo_error **reterr);

/*
 * The domain's text with what the plan wants, and the record of what that changes: its controllers,
 * the addresses of devices with FATE_MOVED, bus numbers of others' expanders (bus_fixes),
 * hotplug='off' of others' ports (ports_off), overrides and the aliases that they need.  @domain
 * holds no marked controllers, overrides or aliases (undo them first).  What is remembered is how
 * @origin has it, the same devices before anything was changed; NULL: nothing is.  All other bytes
 * stay.
 * @ret_text is NUL-terminated and the caller's, free with free().
 *
 * Returns 0, VTOPO_ERR_BUG if the plan is not one of this domain, VTOPO_ERR_NOMEM.
 */
int domxml_apply(const struct vtopo_domain *domain, const struct vtopo_domain *origin,
                 const struct vtopo_plan *plan, char **ret_text, size_t *ret_length,
                 struct vtopo_error **reterr);

/*
 * The domain's text after @undo, which was made from domain->model: the controllers that go are
 * taken out with their lines, devices get the addresses that it says, marked overrides and aliases
 * go.  Otherwise as domxml_apply().
 */
int domxml_undo(const struct vtopo_domain *domain, const struct undo *undo, char **ret_text,
                size_t *ret_length, struct vtopo_error **reterr);

/* The text of a domain that has none of them with the plan's additions, and the record of them.
 * Otherwise as domxml_apply(). */
int domxml_add(const struct vtopo_domain *domain, const struct additions *additions,
               char **ret_text, size_t *ret_length, struct vtopo_error **reterr);

#endif
