/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * claims.c - see claims.h
 *
 * Takes:  the definitions of all VMs, and what those that run were started with.
 * Gives:  one list of who wants which of the host's devices, sorted.
 * Rule:   a guest that runs has what it was started with; its definition says what comes next.
 * Not here: what is done about two claims to one device.
 */
#include "virt/claims.h"

#include "base/search.h"

#include <string.h>
#include <vtopo/domain.h>

static int add_claim(const struct definition *by, const char *device, bool now,
                     struct claims *claims, struct vtopo_error **reterr)
{
    struct claim *claim = vec_add(claims);

    if (!claim)
        return error_nomem(reterr);
    *claim = (struct claim){strdup(device), by, now, !now};
    return claim->device ? 0 : error_nomem(reterr);
}

static int add_names(const struct definition *by, const struct vtopo_domain *domain, bool now,
                     struct claims *claims, struct vtopo_error **reterr)
{
    autofree char **names = NULL;
    int r = vtopo_domain_assigned_names(domain, &names, reterr);

    for (char **name = names; !r && *name; name++)
        r = add_claim(by, *name, now, claims, reterr);
    return r;
}

static int add_text(const struct definition *by, const char *xml, bool now, struct claims *claims,
                    struct vtopo_error **reterr)
{
    struct vtopo_domain *domain = NULL;
    int r = xml ? vtopo_domain_parse(xml, strlen(xml), by->name, &domain, NULL) : 0;

    if (r == VTOPO_ERR_NOMEM)
        return error_nomem(reterr);
    r = domain ? add_names(by, domain, now, claims, reterr) : 0;
    vtopo_domain_free(domain);
    return r;
}

static int compare(const void *left, const void *right)
{
    const struct claim *a = left, *b = right;
    int order = strcmp(a->device, b->device);

    if (!order)
        order = strcmp(a->by->name, b->by->name);
    return order ? order : b->now - a->now;
}

/* Both claims of one VM are one. */
static void merge(struct claims *claims)
{
    size_t left = 0;

    for (size_t i = 0; i < claims->count; i++) {
        struct claim *last = left ? &claims->items[left - 1] : NULL, *claim = &claims->items[i];

        if (last && last->by == claim->by && !strcmp(last->device, claim->device)) {
            last->now |= claim->now;
            last->next |= claim->next;
            free(claim->device);
        } else {
            claims->items[left++] = *claim;
        }
    }
    claims->count = left;
}

int claims_make(const struct definitions *definitions, struct claims *ret_claims,
                struct vtopo_error **reterr)
{
    int r = 0;

    *ret_claims = (struct claims){0};
    for (size_t i = 0; !r && i < definitions->count; i++) {
        const struct definition *d = &definitions->items[i];

        r = add_text(d, d->xml, false, ret_claims, reterr);
        if (!r)
            r = add_text(d, d->live_xml, true, ret_claims, reterr);
    }
    if (r || !ret_claims->count)
        return r;
    qsort(ret_claims->items, ret_claims->count, sizeof(*ret_claims->items), compare);
    merge(ret_claims);
    return 0;
}

static int compare_device(const void *key, const void *item)
{
    return strcmp(key, ((const struct claim *)item)->device);
}

const struct claim *claims_find(const struct claims *claims, const char *device, size_t *ret_count)
{
    size_t first = search_lower_bound(device, claims->items, claims->count, sizeof(*claims->items),
                                      compare_device);
    size_t end = first;

    while (end < claims->count && !strcmp(claims->items[end].device, device))
        end++;
    *ret_count = end - first;
    return claims->items + first;
}

void claims_clear(struct claims *claims)
{
    for (size_t i = 0; i < claims->count; i++)
        free(claims->items[i].device);
    free(claims->items);
    *claims = (struct claims){0};
}
