/* SPDX-License-Identifier: GPL-2.0-or-later */
/* undo.c - vtopo_domain_undo(): what goes is decided in model/undo.h, how it goes in apply.c */
#include "base/error.h"
#include "domxml/domxml.h"

const char *vtopo_domain_record_problem(const struct vtopo_domain *domain)
{
    return domain->model.record.problem;
}

size_t vtopo_domain_changed_count(const struct vtopo_domain *domain)
{
    const struct record_additions *recorded = &domxml_plain(domain)->model.record.additions;
    size_t count = 0;

    for (size_t i = 0; i < recorded->count; i++)
        count += recorded->items[i].element == SCAN_NONE;
    return count;
}

int vtopo_domain_undo(const struct vtopo_domain *domain, char **ret_text, size_t *ret_length,
                      struct vtopo_error **reterr)
{
    const struct vtopo_domain *plain = domxml_plain(domain);
    struct undo undo;
    int r;

    if (!undo_make(&plain->model, &undo))
        return error_nomem(reterr);
    r = domxml_undo(plain, &undo, ret_text, ret_length, reterr);
    undo_clear(&undo);
    return r;
}
