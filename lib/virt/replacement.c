/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replacement.c - see replacement.h
 *
 * Takes:  a definition as it was read, another one.
 * Gives:  the other one, or what came in between.
 * Rule:   the old one is on the disk before the new one is defined, and none is defined over a
 *         change that somebody made meanwhile.  libvirt cannot replace a definition only if it is
 *         still the same: it is read again directly before, and what is left is the moment
 *         between these two calls.
 * Not here: what the other one is (cmd/vm_plan.c), who is asked (cmd/vtopo-define.c).
 */
#include "virt/replacement.h"

#include "virt/history.h"

#include <libvirt/virterror.h>

/* What keeps it from being as it was read; NULL: nothing.  @r: of the calls. */
static const char *find_change(const struct definition *d, bool shut_off, int *r,
                               struct vtopo_error **reterr)
{
    int active = virDomainIsActive(d->domain), persistent = virDomainIsPersistent(d->domain);
    bool unchanged = false;

    if (active < 0 || persistent < 0)
        *r = connection_error(reterr, "VM '%s' cannot be read again", d->name);
    else
        *r = definition_is_unchanged(d, &unchanged, reterr);
    if (shut_off && active > 0)
        return "was started";
    return !persistent ? "was undefined" : !unchanged ? "was defined otherwise" : NULL;
}

static enum replacement look_again(const struct definition *d, bool shut_off,
                                   struct vtopo_error **reterr)
{
    int r;
    const char *change = find_change(d, shut_off, &r, reterr);
    const virError *why = r ? virGetLastError() : NULL;

    if (r)
        return why && why->code == VIR_ERR_NO_DOMAIN ? REPLACEMENT_CHANGED : REPLACEMENT_UNSURE;
    if (!change)
        return REPLACED;
    error_set(reterr, VTOPO_ERR_REFUSED, "VM '%s' %s meanwhile, by somebody else", d->name, change);
    return REPLACEMENT_CHANGED;
}

enum replacement replace_definition(const struct definition *definition, const char *xml,
                                    const char *history, bool shut_off, struct vtopo_error **reterr)
{
    enum replacement result;

    if (history_keep(history, definition->uuid, definition->xml, reterr))
        return REPLACEMENT_NOT_KEPT;
    result = look_again(definition, shut_off, reterr);
    if (result != REPLACED)
        return result;
    if (!definition_replace(definition, xml, reterr))
        return REPLACED;
    return virConnectIsAlive(virDomainGetConnect(definition->domain)) == 1 ? REPLACEMENT_REFUSED
                                                                           : REPLACEMENT_UNSURE;
}
