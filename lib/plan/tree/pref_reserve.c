/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pref_reserve.c - 64-bit memory that firmware keeps below ports, so that Linux finds enough
 *
 * Takes:  a layout with its numbers; the guest's 64-bit BARs.
 * Gives:  pref_reserve of the root ports of ours on expanders; a finding where one would need it
 *         and cannot have it.
 * Rule:   where Linux wants more for a port than firmware gives it (budget/linux_windows.h), the
 *         port asks for so much; firmware makes the window at least the next power of two, aligned
 *         to itself (OvmfPkg/PciHotPlugInitDxe), of a hot-pluggable port.  No port asks that need
 *         not: it is an override, for which libvirt calls the domain tainted.  Where the guest's
 *         window has no room for all of it none asks: firmware would give nothing to anybody, and
 *         a newer Linux does without.
 * Seen:   BARs of 64 GiB and 32 MiB alone below an expander, with AAVMF 2026.08; Linux
 *         6.1 and 6.12 give them nothing without, and all with it.
 * Not here: how it is written (extra/pref_reserve_wish.c), 32-bit memory (mem_reserve.c).
 */
#include "base/buffer.h"
#include "model/machine.h"
#include "plan/budget/guest_bars.h"
#include "plan/budget/linux_windows.h"
#include "plan/budget/mmio_budget.h"
#include "plan/ground/versions.h"
#include "plan/tree/number.h"

static uint64_t power_of_two(uint64_t value)
{
    uint64_t power = 1;

    while (power < value && power <= UINT64_MAX / 2)
        power *= 2;
    return power;
}

/* @wanted: one for each controller of the layout. */
static int find_wanted(const struct layout_input *in, const struct layout *layout, uint64_t *wanted,
                       struct vtopo_error **reterr)
{
    struct mmio_tree tree = {0};
    uint64_t *of_nodes = NULL;
    int r = guest_bars_make(in, layout, &tree, reterr);

    if (!r) {
        of_nodes = calloc(tree.nodes.count + 1, sizeof(*of_nodes));
        if (!of_nodes || !linux_windows_find(&tree, of_nodes))
            r = error_nomem(reterr);
    }
    for (size_t i = 0; !r && i < tree.nodes.count; i++) {
        if (tree.nodes.items[i].own && of_nodes[i])
            wanted[tree.nodes.items[i].own - 1] = power_of_two(of_nodes[i]);
    }
    free(of_nodes);
    mmio_tree_clear(&tree);
    return r;
}

/* Those that can ask do; is there one? */
static bool ask(struct layout *layout, const uint64_t *wanted)
{
    bool any = false;

    for (size_t i = 0; i < layout->controllers.count; i++) {
        struct plan_controller *c = &layout->controllers.items[i];

        c->pref_reserve = c->hotplug_off ? 0 : wanted[i];
        any |= c->pref_reserve;
    }
    return any;
}

static void ask_nothing(struct layout *layout)
{
    for (size_t i = 0; i < layout->controllers.count; i++)
        layout->controllers.items[i].pref_reserve = 0;
}

/* The cards whose port wants some and asks for none. */
static int report_lacking(const struct layout_input *in, struct layout *layout,
                          const uint64_t *wanted, const char *reason, struct vtopo_error **reterr)
{
    const struct reporter reporter = {&layout->findings, reterr};
    autobuffer struct buffer names = {0};

    for (size_t i = 0; i < in->cards->cards.count; i++) {
        size_t port = layout_root_port(layout, i);

        if (port != PLAN_NONE && wanted[port] && !layout->controllers.items[port].pref_reserve)
            buffer_printf(&names, "%s%s", names.length ? ", " : "",
                          BDF_TEXT(&in->cards->cards.items[i].host));
    }
    if (names.failed)
        return error_nomem(reterr);
    if (!names.length)
        return 0;
    return report_finding(
        &reporter, FINDING_PREF_RESERVE_LACKING, "domain",
        "a guest with Linux 6.1 or 6.12 may give no 64-bit memory to %s: it wants more on an expander than firmware gives, and its port cannot ask firmware for that (pref64-reserve), because %s; Linux 7.2 does without",
        names.text, reason);
}

static int decide(const struct layout_input *in, struct layout *layout, const uint64_t *wanted,
                  struct vtopo_error **reterr)
{
    autofree char *reason = NULL;
    uint64_t need = 0;
    bool fits = true;
    int r = 0;

    if (libvirt_lacks_overrides(in->facts))
        return report_lacking(in, layout, wanted, "that takes libvirt 8.5 or later", reterr);
    if (in->facts->base->qemu_global)
        return report_lacking(in, layout, wanted,
                              "<qemu:commandline> says by -global what all ports reserve", reterr);
    if (ask(layout, wanted))
        r = mmio64_fits(in, layout, &fits, &need, reterr);
    if (r)
        return r;
    if (fits)
        return report_lacking(in, layout, wanted, "it is not hot-pluggable", reterr);
    ask_nothing(layout);
    reason = mem_printf("the guest's window for 64-bit BARs would have to have %llu MiB",
                        (unsigned long long)(need >> 20));
    return reason ? report_lacking(in, layout, wanted, reason, reterr) : error_nomem(reterr);
}

int layout_set_pref_reserve(const struct layout_input *in, struct layout *layout,
                            struct vtopo_error **reterr)
{
    autofree uint64_t *wanted = NULL;
    int r;

    if (!domain_machine(in->facts->base)->assigned_anew)
        return 0;
    wanted = calloc(layout->controllers.count + 1, sizeof(*wanted));
    if (!wanted)
        return error_nomem(reterr);
    r = find_wanted(in, layout, wanted, reterr);
    return r ? r : decide(in, layout, wanted, reterr);
}
