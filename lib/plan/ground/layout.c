/* SPDX-License-Identifier: GPL-2.0-or-later */
/* layout.c - see layout.h */
#include "plan/ground/layout.h"

#include <stdarg.h>

bool layout_init(const struct card_list *cards, struct layout *ret)
{
    *ret = (struct layout){.ports = calloc(cards->cards.count + 1, sizeof(*ret->ports))};
    for (size_t i = 0; ret->ports && i < cards->cards.count; i++)
        ret->ports[i].port = PLAN_NONE;
    return ret->ports != NULL;
}

bool layout_add_filler(struct layout *layout, enum controller_model model, unsigned index,
                       bool hotplug_off, char *alias)
{
    struct plan_controller *c = vec_add(&layout->controllers);

    if (!c) {
        free(alias);
        return false;
    }
    *c = (struct plan_controller){.model = model,
                                  .index = index,
                                  .parent = PLAN_NONE,
                                  .filler = true,
                                  .alias = alias,
                                  .hotplug_off = hotplug_off,
                                  .cell = -1,
                                  .node = -1};
    return true;
}

size_t layout_root_port(const struct layout *layout, size_t card)
{
    size_t at = layout->ports[card].port;

    while (at != PLAN_NONE && layout->controllers.items[at].model != CTRL_ROOT_PORT)
        at = layout->controllers.items[at].parent;
    return at;
}

int layout_set_shortage(struct layout *layout, struct vtopo_error **reterr, const char *cure,
                        const char *format, ...)
{
    va_list ap;

    free(layout->shortage.why);
    va_start(ap, format);
    layout->shortage = (struct shortage){mem_vprintf(format, ap), cure};
    va_end(ap);
    return layout->shortage.why ? VTOPO_ERR_REFUSED : error_nomem(reterr);
}

void layout_clear(struct layout *layout)
{
    for (size_t i = 0; i < layout->controllers.count; i++)
        free(layout->controllers.items[i].alias);
    free(layout->controllers.items);
    free(layout->announced.items);
    free(layout->ports);
    free(layout->bus_fixes.items);
    free(layout->ports_off.items);
    free(layout->vacated_off.items);
    free(layout->removed.items);
    free(layout->budgets.items);
    findings_clear(&layout->findings);
    free(layout->shortage.why);
    *layout = (struct layout){0};
}
