/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_links.c - do the links of the devices, and of the switches above them, run as fast and wide
 * as they can?
 *
 * Takes:  speeds and widths as the kernel gives them; Link Status of the PCI Express capability as
 *         it was read.
 * Gives:  a result for the lower end of each link that is below its maximum, and what the port
 *         above it can.
 * Rule:   a function 0 speaks for the link of its slot, a physical function for its virtual ones.
 *         What is unknown is not low.
 */
#include "check/checker.h"

#define LINK_STATUS 0x12

#define MEANS "everything that passes it waits"
#define SHOULD "the speed and width that both ends can do"

static const struct check_advice slow = {
    FINDING_LINK_LOW,
    MEANS,
    SHOULD,
    "many GPUs slow their link down while idle, so look while it works; else the slot, riser or "
    "cable, and bifurcation "
    "and link speed in the BIOS",
    {"has a slow link: ",
     "; many GPUs slow down while idle, so look while it works; then the slot, "
     "riser or cable, and bifurcation and link speed in the BIOS"},
};
static const struct check_advice port_slow = {
    FINDING_LINK_LOW,
    MEANS,
    SHOULD,
    "the port above it cannot do more: another slot",
    {"has a slow link: ", ", and the port above it cannot do more; another slot can"},
};

/* Speeds are hundreds of MT/s. */
static char *format(const struct host_link *link)
{
    autofree char *speed =
        link->speed ? mem_printf("%u.%u", link->speed / 10, link->speed % 10) : mem_printf("?");
    autofree char *width = link->width ? mem_printf("%u", link->width) : mem_printf("?");

    return speed && width ? mem_printf("%s GT/s x%s", speed, width) : NULL;
}

static bool is_below(const struct host_link *now, const struct host_link *max)
{
    return (now->speed && now->speed < max->speed) || (now->width && now->width < max->width);
}

bool check_is_link_low(const struct host_function *function)
{
    return is_below(&function->link_now, &function->link_max);
}

/* Link Status where it can be read; it is only shown, so that not reading it is no fault. */
static bool read_status(const struct host_function *f, struct check_register *reg)
{
    *reg = (struct check_register){
        .name = "Link Status", .capability = "PCI Express", .id = PCICAP_EXPRESS};
    if (pcicap_find(f->config, f->config_size, PCICAP_EXPRESS, &reg->at) != PCICAP_FOUND)
        return false;
    reg->offset = reg->at + LINK_STATUS;
    return pcicap_read16(f->config, f->config_size, reg->offset, &reg->value) &&
           reg->value != UINT16_MAX;
}

/* "; the port 0000:3a:00.0 above it can do 8.0 GT/s x16", "" where that is unknown. */
static char *describe_above(const struct host_function *above)
{
    autofree char *max = NULL;

    if (!above || (!above->link_max.speed && !above->link_max.width))
        return mem_printf("%s", "");
    max = format(&above->link_max);
    return max ? mem_printf("; the port %s above it can do %s", BDF_TEXT(&above->bdf), max) : NULL;
}

static char *describe(const struct host_function *f, const struct host_function *above,
                      const struct check_register *reg)
{
    autofree char *text = reg ? check_register_text(reg) : mem_printf("its link is slow");
    autofree char *now = format(&f->link_now), *max = format(&f->link_max);
    autofree char *other = describe_above(above);

    if (!text || !now || !max || !other)
        return NULL;
    return mem_printf("%s: it runs at %s and could run at %s%s", text, now, max, other);
}

static char *describe_briefly(const struct host_function *f)
{
    autofree char *now = format(&f->link_now), *max = format(&f->link_max);

    return now && max ? mem_printf("%s, where %s is possible", now, max) : NULL;
}

static bool check_link(struct checker *c, size_t function)
{
    const struct host_function *f = &c->host->functions.items[function], *above = NULL;
    struct check_register reg;
    bool has_reg = read_status(f, &reg), port_low;

    if (!is_below(&f->link_now, &f->link_max))
        return true;
    if (f->parent != HOST_NONE)
        above = &c->host->functions.items[f->parent];
    port_low = above && is_below(&above->link_max, &f->link_max) &&
               !is_below(&f->link_now, &above->link_max);
    return check_add_detail(c, function, port_low ? &port_slow : &slow, has_reg ? &reg : NULL,
                            describe(f, above, has_reg ? &reg : NULL), describe_briefly(f));
}

/* The devices, and upstream ports above them: what goes from switch to switch passes these. */
static bool *collect(const struct checker *c)
{
    bool *wanted = calloc(c->host->functions.count + 1, sizeof(*wanted));

    for (size_t i = 0; wanted && i < c->set->count; i++) {
        size_t at = check_physical(c, c->set->devices[i].function);

        wanted[at] = true;
        for (at = c->host->functions.items[at].parent; at != HOST_NONE;
             at = c->host->functions.items[at].parent) {
            if (c->host->functions.items[at].port == PORT_UPSTREAM)
                wanted[at] = true;
        }
    }
    return wanted;
}

bool check_links(struct checker *c)
{
    autofree bool *wanted = collect(c);
    const struct bdf *last =
        NULL; /* the lowest function of a slot that is wanted about says it for all */

    for (size_t i = 0; wanted && i < c->host->functions.count; i++) {
        const struct bdf *bdf = &c->host->functions.items[i].bdf;

        if (!wanted[i])
            continue;
        if (!(last && bdf_same_slot(last, bdf)) && !check_link(c, i))
            return false;
        last = bdf;
    }
    return wanted;
}
