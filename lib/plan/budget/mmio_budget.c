/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mmio_budget.c - see mmio_budget.h
 *
 * Takes:  the layout, and all cases that can be of the guest's firmware and processor.
 * Gives:  what is needed and what there is in the worst of them; a finding where only some hold it,
 *         with what the domain would have to say.
 * Rule:   refused is only what no case can hold: the large BARs alone are more than the window, and
 *         than what the domain asks for. What the order of BARs, or what firmware keeps for ports,
 *         costs is told.
 * Not here: what makes room (mmio_wish.c).
 */
#include "plan/budget/mmio_budget.h"

#include "base/buffer.h"
#include "model/high_memory.h"
#include "model/machine.h"
#include "plan/budget/guest_bars.h"
#include "plan/budget/mmio_obstacle.h"
#include "plan/budget/mmio_wish.h"
#include "plan/ground/versions.h"

#include <string.h>

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* <pcihole64> of machine virt: virtqemud makes highmem-mmio-size of it, which QEMU has. */
#define HOLE_LIBVIRT 12008000
#define HOLE_QEMU 10000000

/* The first SeaBIOS that puts no BAR where it cannot be, as the policy has versions. */
#define SEABIOS_THAT_PLACES 1017000

static const char mmio64_name[] = MMIO64_NAME;

static bool is_large(const struct layout_input *in)
{
    return guest_bars_sum(in) >= HOST_HIGH_MEMORY;
}

/* Of BARs alone, where nothing is known of the address space. */
static bool need_anywhere(const struct mmio_tree *tree, uint64_t *ret)
{
    const struct mmio_space space = {.bits = 63, .ram_end = 4 * GIB, .asked = UINT64_C(1) << 44};
    struct mmio_verdict verdict;
    bool done = mmio_judge(OVMF_OLD, &space, UINT64_C(1) << 63, tree, &verdict);

    *ret = verdict.need;
    return done;
}

static const char *note_of(const struct domain *domain, const struct plan_space *space)
{
    bool ovmf = domain->firmware == FIRMWARE_OVMF;

    if (domain_machine(domain)->needs_uefi)
        return NULL;
    if (ovmf && domain->ovmf_mmio64_in_file)
        return "OVMF's window is in a file (X-PciMmio64Mb)";
    if (ovmf && domain->ovmf_mmio64_mib && !guest_asked(domain))
        return "OVMF ignores X-PciMmio64Mb: it is larger than 16 TiB";
    if (ovmf && domain->ovmf_mmio64_no_number)
        return "OVMF ignores X-PciMmio64Mb: it is not a number";
    if (!space->there)
        return "addresses are as wide as the host's";
    if (space->may_fit && !space->old_fits)
        return "OVMF before 2022.11 has less";
    return domain->phys_bits < 0 ? "with 40 address bits, QEMU's default" : NULL;
}

static void set_space(const struct mmio_outcome *outcome, struct plan_space *ret)
{
    const struct mmio_judged *worst = &outcome->worst;

    *ret = (struct plan_space){
        .there = outcome->known,
        .fits = outcome->fits_all,
        .may_fit = outcome->fits_some,
        .old_fits = outcome->old_fits,
        .bits = worst->at.space.bits,
        .firmware = firmware_name(worst->at.firmware),
        .ram_end = worst->at.space.ram_end,
        .hotplug_end = worst->at.space.hotplug_end,
        .base = worst->verdict.base,
        .size = worst->verdict.size,
        .need = worst->verdict.need,
        .limit = worst->at.reach,
    };
}

/*
 * Is there room for the large BARs, or does the domain ask for so much, and only the firmware's
 * order and what it keeps between them, or the width of addresses, leaves too little?  That is told
 * and not refused: it depends on more than is known of a firmware and its processor.  So does what
 * has no KVM and says "maximum": QEMU's own processor stands for another one then, in a trial.
 */
static bool is_told_only(const struct domain *domain, const struct mmio_tree *tree,
                         const struct mmio_outcome *outcome)
{
    uint64_t sum = 0, room = mmio_available(&outcome->best);

    if (!domain->kvm && (!domain->phys_bits || domain_machine(domain)->needs_uefi))
        return true;
    if (room < guest_asked(domain))
        room = guest_asked(domain);
    for (size_t i = 0; i < tree->nodes.count && sum <= room; i++) {
        const struct mmio_node *node = &tree->nodes.items[i];

        if (node->kind == MMIO_BAR && node->size >= GIB)
            sum = node->size > room ? UINT64_MAX : sum + node->size;
    }
    return sum <= room;
}

/* With the tree of the layout. */
static int look(const struct layout_input *in, const struct layout *layout, uint64_t low_room,
                struct mmio_tree *tree, struct mmio_outcome *ret, struct vtopo_error **reterr)
{
    const struct space_change nothing = {0};
    const struct domain *domain = in->facts->base;
    int r = guest_bars_make(in, layout, tree, reterr);

    if (!r && !mmio_outcome_of(in->facts, is_large(in), &nothing, low_room, tree, ret))
        r = error_nomem(reterr);
    if (!r && domain->firmware == FIRMWARE_OVMF && domain->ovmf_mmio64_in_file)
        ret->known = false;
    return r;
}

int mmio64_count(const struct layout_input *in, struct layout *layout, uint64_t low_room,
                 struct vtopo_error **reterr)
{
    struct mmio_tree tree = {0};
    struct mmio_outcome outcome;
    struct plan_budget *line = NULL;
    uint64_t need = 0;
    int r = 0;

    layout->space = (struct plan_space){0};
    if (in->facts->policy->mmio == MMIO_OFF)
        return 0;
    r = look(in, layout, low_room, &tree, &outcome, reterr);
    if (!r && outcome.known) {
        set_space(&outcome, &layout->space);
        layout->space.may_fit |= is_told_only(in->facts->base, &tree, &outcome);
    }
    if (!r && !need_anywhere(&tree, &need))
        r = error_nomem(reterr);
    if (!r)
        line = vec_add(&layout->budgets);
    if (!r && !line)
        r = error_nomem(reterr);
    if (line)
        *line = (struct plan_budget){
            .name = mmio64_name,
            .used = outcome.known ? outcome.worst.verdict.need : need,
            .available = outcome.known ? mmio_available(&outcome.worst) : 0,
            .bytes = true,
            .unknown = !outcome.known,
            .note = note_of(in->facts->base, &layout->space),
        };
    mmio_tree_clear(&tree);
    return r;
}

/* --- what is said --- */

/* "SeaBIOS 1.16.3 on a processor of AMD's": what tells the one from the other. */
static void add_case(struct buffer *text, const struct guest_case *c,
                     const struct guest_case *other)
{
    static const char *const vendors[] = {" on a processor of Intel's", " on a processor of AMD's",
                                          ""};

    buffer_add(text, firmware_name(c->firmware));
    if (c->space.vendor != other->space.vendor)
        buffer_add(text, vendors[c->space.vendor]);
    if (c->space.pages_1g != other->space.pages_1g)
        buffer_add(text, c->space.pages_1g ? " with pages of 1 GiB (pdpe1gb)"
                                           : " without pages of 1 GiB (pdpe1gb)");
}

/* SeaBIOS puts what would fit so that it does not: aligned upwards from where addresses end. */
static void add_room(struct buffer *text, const struct mmio_judged *worst)
{
    const struct mmio_verdict *v = &worst->verdict;
    uint64_t reach = worst->at.reach, room = mmio_available(worst);

    if (v->misplaced)
        buffer_add(text, " puts some of them where they cannot be");
    else if (worst->at.firmware >= MMIO_SEABIOS_FIRST && v->need <= room &&
             v->base + v->need > reach)
        buffer_printf(text, " puts them so that they end %llu MiB behind the last address",
                      (unsigned long long)((v->base + v->need - reach) / MIB));
    else
        buffer_printf(text, " has %llu MiB", (unsigned long long)(room / MIB));
}

/* Why OVMF does not heed what the domain asks for; "" if it does. */
static const char *not_heeded(const struct domain *domain)
{
    if (domain->firmware != FIRMWARE_OVMF || domain_machine(domain)->needs_uefi)
        return "";
    if (domain->ovmf_mmio64_mib && !guest_asked(domain))
        return " (OVMF ignores the domain's X-PciMmio64Mb, which is larger than 16 TiB)";
    if (domain->ovmf_mmio64_no_number)
        return " (OVMF ignores the domain's X-PciMmio64Mb, which is not a number)";
    return domain->ovmf_mmio64_twice
               ? " (with more than one X-PciMmio64Mb, as the domain has, QEMU does not start)"
               : "";
}

/* Who puts all BARs where they can be; NULL: out of memory. */
static char *places_all(const struct layout_input *in, const struct space_change *change,
                        uint64_t low_room, const struct mmio_tree *tree)
{
    struct vtopo_policy newer = *in->facts->policy;
    struct facts facts = *in->facts;
    struct mmio_outcome outcome;

    newer.seabios_version = SEABIOS_THAT_PLACES;
    facts.policy = &newer;
    if (!mmio_outcome_of(&facts, is_large(in), change, low_room, tree, &outcome))
        return NULL;
    return mem_printf("%s if its window is large enough",
                      outcome.known && outcome.fits_all
                          ? "SeaBIOS 1.17 or later places all of them, and so does OVMF"
                          : "OVMF places all of them");
}

/* A width that the host's processor has, whatever it is, or a size that suffices without. */
static char *mends_unknown(const struct facts *facts, const struct mmio_wish *wish)
{
    autofree char *size = wish->change.asked_mib ? mmio_wish_text(facts, wish) : NULL;
    unsigned bits = 0;

    if (wish->change.asked_mib && !size)
        return NULL;
    while (bits < 63 && UINT64_C(1) << bits < wish->end)
        bits++;
    if (domain_machine(facts->base)->needs_uefi)
        return mem_printf("with %s there is room, if the processor has %u address bits or more",
                          size, bits);
    return mem_printf("a wider guest address space, <cpu mode='host-passthrough'> or "
                      "<maxphysaddr>, has more room%s%s%s%s",
                      size ? ", and with " : "", size ? size : "", size ? " there is room" : "",
                      not_heeded(facts->base));
}

/* What would mend it, or why nothing would. */
static char *mends(const struct facts *facts, const struct mmio_wish *wish)
{
    autofree char *text = NULL;

    switch (wish->result) {
    case WISH_FOUND:
        text = mmio_wish_text(facts, wish);
        return text ? mem_printf("with %s there is room%s", text, not_heeded(facts->base)) : NULL;
    case WISH_SMALLER:
        return mem_printf("with %llu there is room", (unsigned long long)wish->change.asked_mib);
    case WISH_SOME:
        text = mmio_wish_text(facts, wish);
        return text ? mem_printf(
                          "with %s there is room in one version of SeaBIOS or another (policy "
                          "seabios_version says which it is)",
                          text)
                    : NULL;
    case WISH_TOO_LARGE:
        return mem_printf("%s takes no window of more than 16 TiB",
                          domain_machine(facts->base)->uefi);
    case WISH_BEYOND:
        return mem_printf(
            "a window above memory would end at %llu GiB, and addresses end at %llu GiB",
            (unsigned long long)(wish->end / GIB), (unsigned long long)(wish->limit / GIB));
    case WISH_UNKNOWN:
        return mends_unknown(facts, wish);
    case WISH_NOTHING:
    case WISH_IMPOSSIBLE:
        break;
    }
    if (domain_machine(facts->base)->needs_uefi)
        return mem_printf("with that much memory the window of machine virt has no place in the "
                          "processor's addresses: less memory makes room");
    return mem_printf("SeaBIOS has no setting for its window, OVMF has one (X-PciMmio64Mb)");
}

/* What the domain asks for, where that is more than there is; "" if it is not. */
static char *too_large(const struct domain *domain, const struct mmio_wish *wish)
{
    if (!wish->asked_end)
        return strdup("");
    return mem_printf("the domain's X-PciMmio64Mb %llu is too large: its window would end at %llu "
                      "GiB, and addresses end at %llu GiB",
                      (unsigned long long)domain->ovmf_mmio64_mib,
                      (unsigned long long)(wish->asked_end / GIB),
                      (unsigned long long)(wish->asked_limit / GIB));
}

/* Does what is in the way say all? */
static bool says_all(const struct mmio_wish *wish, const char *obstacle)
{
    return (wish->result == WISH_UNKNOWN && obstacle) ||
           (wish->result == WISH_BEYOND && wish->asked_end);
}

/* "; " between those that are there and not empty; NULL: out of memory. */
static char *join(const char *const *parts, size_t count)
{
    autobuffer struct buffer text = {0};

    for (size_t i = 0; i < count; i++) {
        if (parts[i] && *parts[i])
            buffer_printf(&text, "%s%s", text.length ? "; " : "", parts[i]);
    }
    return buffer_steal(&text);
}

/* What would mend it, and what of the domain's own words is in the way. */
static int find_cure(const struct layout_input *in, uint64_t low_room, const struct mmio_tree *tree,
                     const struct mmio_wish *wish, struct vtopo_error **reterr, char **ret_cure)
{
    autofree char *large = too_large(in->facts->base, wish), *text = mends(in->facts, wish);
    autofree char *obstacle = NULL;
    bool settled = wish->result == WISH_FOUND || wish->result == WISH_SOME ||
                   wish->result == WISH_SMALLER ||
                   (wish->result == WISH_UNKNOWN && wish->change.asked_mib);

    *ret_cure = NULL;
    if (!large || !text ||
        (!settled && !mmio_obstacle_find(in->facts, is_large(in), low_room, tree, &obstacle)))
        return error_nomem(reterr);
    *ret_cure =
        join((const char *const[]){large, says_all(wish, obstacle) ? NULL : text, obstacle}, 3);
    return *ret_cure ? 0 : error_nomem(reterr);
}

/* What would tell which of the cases it is; "" if no word of the policy does. */
static const char *which(const struct facts *facts, const struct mmio_outcome *outcome)
{
    if (outcome->worst.at.firmware == outcome->best.at.firmware)
        return "";
    return facts->base->firmware == FIRMWARE_OVMF
               ? " (policy ovmf_version says which of them it is)"
               : " (policy seabios_version says which of them it is)";
}

static int report_unsure(const struct facts *facts, const struct mmio_outcome *outcome,
                         const char *cure, const struct reporter *reporter)
{
    const struct mmio_judged *worst = &outcome->worst;
    autobuffer struct buffer text = {0};

    buffer_printf(&text, "64-bit BARs need %llu MiB, and ",
                  (unsigned long long)(worst->verdict.need / MIB));
    add_case(&text, &worst->at, &outcome->best.at);
    add_room(&text, worst);
    buffer_add(&text, ": devices would get no memory; ");
    if (outcome->fits_some) {
        add_case(&text, &outcome->best.at, &worst->at);
        buffer_printf(&text, " has %llu MiB%s; ",
                      (unsigned long long)(mmio_available(&outcome->best) / MIB),
                      which(facts, outcome));
    }
    buffer_add(&text, cure);
    if (text.failed)
        return error_nomem(reporter->reterr);
    return report_finding(reporter, FINDING_BUDGET_UNSURE, "domain", "%s", text.text);
}

/*
 * QEMU takes each name once, so the domain's own X-PciMmio64Mb is raised; what is no number, is in
 * a file, or is more than OVMF heeds stays, and so do two, with which QEMU does not start.
 */
static bool can_add(const struct domain *domain, const struct mmio_wish *wish)
{
    return (wish->result == WISH_FOUND || wish->result == WISH_SOME) &&
           (!wish->change.asked_mib ||
            (domain->ovmf_mmio64_mib <= wish->change.asked_mib && !domain->ovmf_mmio64_no_number &&
             !domain->ovmf_mmio64_in_file && !domain->ovmf_mmio64_twice));
}

/* Libvirt would add the controller, and it is written ahead. */
static bool announces_root(const struct layout *layout)
{
    return layout->announced.count && !layout->announced.items[0];
}

/* Is the window of machine virt made larger, which older ones of both refuse? */
static bool can_widen(const struct facts *facts, const struct layout *layout,
                      const struct mmio_wish *wish)
{
    const struct domain_space *space = &facts->base->space;

    return wish->result == WISH_FOUND && (space->takes_hole64 || announces_root(layout)) &&
           space->hole64_kib < wish->change.asked_mib << 10 &&
           libvirt_is_at_least(facts, HOLE_LIBVIRT) && qemu_is_at_least(facts, HOLE_QEMU);
}

static bool is_to_add(const struct facts *facts, const struct layout *layout,
                      const struct mmio_wish *wish)
{
    if (facts->policy->mmio != MMIO_AUTO)
        return false;
    return domain_machine(facts->base)->needs_uefi ? can_widen(facts, layout, wish)
                                                   : can_add(facts->base, wish);
}

/* The layout as it is with what is added. */
static int add_wish(const struct layout_input *in, struct layout *layout, uint64_t low_room,
                    const struct mmio_wish *wish, const struct mmio_tree *tree,
                    const struct reporter *reporter)
{
    const struct mmio_wish no_more = {.result = WISH_IMPOSSIBLE};
    struct mmio_outcome outcome;
    autofree char *cure = NULL;

    if (!mmio_outcome_of(in->facts, is_large(in), &wish->change, low_room, tree, &outcome))
        return error_nomem(reporter->reterr);
    set_space(&outcome, &layout->space);
    mmio_wish_width(in->facts, wish, layout->space.add_width);
    layout->space.add_pages = wish->change.pages_1g;
    if (domain_machine(in->facts->base)->needs_uefi)
        layout->space.add_hole = wish->change.asked_mib;
    else
        layout->space.add_asked = wish->change.asked_mib;
    for (size_t i = 0; i < layout->budgets.count; i++) {
        struct plan_budget *line = &layout->budgets.items[i];

        if (line->name != mmio64_name)
            continue;
        line->used = outcome.worst.verdict.need;
        line->available = mmio_available(&outcome.worst);
        line->note = "with what is added";
    }
    if (outcome.fits_all)
        return 0;
    cure = outcome.worst.verdict.misplaced ? places_all(in, &wish->change, low_room, tree)
                                           : mends(in->facts, &no_more);
    return cure ? report_unsure(in->facts, &outcome, cure, reporter)
                : error_nomem(reporter->reterr);
}

int mmio64_check(const struct layout_input *in, struct layout *layout, uint64_t low_room,
                 const struct reporter *reporter, char **ret_mends)
{
    const struct space_change nothing = {0};
    struct mmio_tree tree = {0};
    struct mmio_outcome outcome;
    struct mmio_wish wish;
    autofree char *cure = NULL;
    int r;

    *ret_mends = NULL;
    if (!layout->space.there || layout->space.fits)
        return 0;
    r = look(in, layout, low_room, &tree, &outcome, reporter->reterr);
    if (!r && !mmio_wish_find(in->facts, is_large(in), low_room, &tree, &wish))
        r = error_nomem(reporter->reterr);
    if (!r && is_to_add(in->facts, layout, &wish)) {
        r = add_wish(in, layout, low_room, &wish, &tree, reporter);
        mmio_tree_clear(&tree);
        return r;
    }
    if (!r && outcome.worst.verdict.misplaced)
        r = (cure = places_all(in, &nothing, low_room, &tree)) ? 0 : error_nomem(reporter->reterr);
    else if (!r)
        r = find_cure(in, low_room, &tree, &wish, reporter->reterr, &cure);
    mmio_tree_clear(&tree);
    if (!r && layout->space.may_fit)
        return report_unsure(in->facts, &outcome, cure, reporter);
    if (!r && !(*ret_mends = mem_printf("; %s", cure)))
        r = error_nomem(reporter->reterr);
    return r;
}

/* With what policy mmio "auto" adds, if it does. */
static int fit_with_wish(const struct layout_input *in, const struct layout *layout,
                         const struct mmio_tree *tree, struct mmio_outcome *outcome,
                         struct vtopo_error **reterr)
{
    struct mmio_wish wish;

    if (!outcome->known || outcome->fits_all)
        return 0;
    if (!mmio_wish_find(in->facts, is_large(in), 0, tree, &wish) ||
        (is_to_add(in->facts, layout, &wish) &&
         !mmio_outcome_of(in->facts, is_large(in), &wish.change, 0, tree, outcome)))
        return error_nomem(reterr);
    return 0;
}

/* Where a narrow processor has no such window at all there is nothing to lose. */
static bool fits_where_it_is(const struct mmio_outcome *outcome)
{
    return outcome->fits_all || (outcome->fits_some && !mmio_available(&outcome->worst));
}

int mmio64_fits(const struct layout_input *in, const struct layout *layout, bool *ret_fits,
                uint64_t *ret_need, struct vtopo_error **reterr)
{
    struct mmio_tree tree = {0};
    struct mmio_outcome outcome;
    uint64_t need = 0;
    int r = look(in, layout, 0, &tree, &outcome, reterr);

    if (!r && !need_anywhere(&tree, &need))
        r = error_nomem(reterr);
    if (!r)
        r = fit_with_wish(in, layout, &tree, &outcome, reterr);
    mmio_tree_clear(&tree);
    if (r)
        return r;
    *ret_need = outcome.known ? outcome.worst.verdict.need : need;
    *ret_fits = outcome.known ? fits_where_it_is(&outcome) : need <= VIRT_WINDOW;
    return 0;
}
