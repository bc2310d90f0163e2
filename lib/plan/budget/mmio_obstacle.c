/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mmio_obstacle.c - see mmio_obstacle.h */
#include "plan/budget/mmio_obstacle.h"

#include "base/buffer.h"
#include "plan/budget/mmio_wish.h"

static void add_element(struct buffer *text, const struct domain *domain)
{
    if (domain->phys_bits <= 0)
        buffer_add(text, "<maxphysaddr>");
    else
        buffer_printf(text, "<maxphysaddr mode='%s='%d'/>",
                      domain->space.limited ? "passthrough' limit" : "emulate' bits",
                      domain->phys_bits);
}

/* -cpu of the command line takes the place of all that <cpu> says. */
static char *text_of_argument(const struct mmio_wish *wish)
{
    autobuffer struct buffer text = {0};

    buffer_printf(&text,
                  "-cpu in <qemu:commandline> is in the way, and stays as it is: with phys-bits=%u",
                  wish->change.bits);
    if (wish->change.asked_mib)
        buffer_printf(&text, ", and X-PciMmio64Mb %llu,",
                      (unsigned long long)wish->change.asked_mib);
    buffer_add(&text, " there is room");
    return buffer_steal(&text);
}

static char *text_of_element(const struct facts *facts, const struct mmio_wish *wish)
{
    autobuffer struct buffer text = {0};
    autofree char *instead = mmio_wish_text(facts, wish);

    if (!instead)
        return NULL;
    buffer_add(&text, "the domain's ");
    add_element(&text, facts->base);
    buffer_printf(&text, " is in the way, and stays as it is: with %s instead there is room%s",
                  instead,
                  facts->base->kvm && !facts->host->processor.bits
                      ? ", if the host's processor has 46 address bits or more"
                      : "");
    return buffer_steal(&text);
}

/* Is the width guessed that would do?  Without KVM QEMU has any, and of some hosts it is not known.
 */
static bool is_guessed(const struct facts *facts)
{
    return !facts->base->kvm || !facts->host->processor.bits;
}

/* The domain without its word; where only a width of ours can stand for it, with that one. */
static bool take_out(const struct facts *facts, struct domain *as_if)
{
    if (!as_if->space.width_given)
        return false;
    if (!is_guessed(facts)) {
        as_if->space.width_given = false;
        return true;
    }
    if (as_if->phys_bits >= WISH_BITS || !as_if->phys_bits)
        return false;
    as_if->phys_bits = WISH_BITS;
    return true;
}

/* Does it fit then? */
static bool makes_room(const struct facts *facts, struct mmio_wish *wish)
{
    bool room = wish->result == WISH_FOUND || wish->result == WISH_SOME;

    if (!is_guessed(facts))
        return room;
    wish->change.bits = WISH_BITS;
    return room || wish->result == WISH_NOTHING ||
           (wish->result == WISH_UNKNOWN && wish->change.asked_mib);
}

bool mmio_obstacle_find(const struct facts *facts, bool large, uint64_t low_room,
                        const struct mmio_tree *tree, char **ret_text)
{
    struct domain as_if = *facts->base;
    struct facts without = *facts;
    struct mmio_wish wish;

    *ret_text = NULL;
    if (!take_out(facts, &as_if))
        return true;
    without.base = &as_if;
    if (!mmio_wish_find(&without, large, low_room, tree, &wish))
        return false;
    if (!makes_room(facts, &wish))
        return true;
    *ret_text = as_if.space.cpu_argument ? text_of_argument(&wish) : text_of_element(facts, &wish);
    return *ret_text;
}
