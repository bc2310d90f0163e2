/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * splice.c - fuzz how plans are written into texts and taken out again
 *
 * Takes:  a domain XML.
 * Rule:   a plan and an undo that change nothing give the input's bytes; what apply and undo write
 *         can be parsed again and means what was asked for; additions come out byte for byte.
 * Not here: plans that a planner makes (domain.c).
 */
#include "domxml/domxml.h"
#include "fuzz.h"

#include "base/diff.h"

#include <stdlib.h>
#include <string.h>

static struct vtopo_domain *parse(const char *text, size_t length)
{
    struct vtopo_domain *domain = NULL;
    struct vtopo_error *error = NULL;

    fuzz_done(vtopo_domain_parse(text, length, "input", &domain, &error), &error);
    return domain;
}

/* Does any address use bus @bus, or slot @slot of it if that is not negative? */
static bool is_used(const struct domain *model, unsigned bus, int slot)
{
    bool used = false;

    for (size_t i = 0; i < model->controllers.count + model->devices.count; i++) {
        const struct address *address =
            i < model->controllers.count
                ? &model->controllers.items[i].address
                : &model->devices.items[i - model->controllers.count].address;

        used = used || (address->kind == ADDRESS_PCI && address->at.bus == bus &&
                        (slot < 0 || address->at.slot == slot));
    }
    return used;
}

/* A plan with one root port on a free index, and some devices behind it, one function each. */
static void make_plan(const struct vtopo_domain *domain, struct vtopo_plan *plan)
{
    const struct domain *model = &domain->model;
    const struct domain_controller *root = domain_controller_at(model, 0);
    struct plan_controller *port;
    unsigned index = 1, slot = 1;

    while (index < 256 && (domain_controller_at(model, index) || is_used(model, index, -1)))
        index++;
    while (slot < 32 && is_used(model, 0, (int)slot))
        slot++;
    if (index == 256 || slot == 32 || domain->devices == SCAN_NONE ||
        (root && root->address.kind != ADDRESS_NONE))
        return;
    port = vec_add(&plan->controllers);
    must(port);
    *port = (struct plan_controller){.model = CTRL_ROOT_PORT,
                                     .index = index,
                                     .slot = slot,
                                     .chassis = index,
                                     .alias = strdup("ua-vtopo-fuzz")};
    for (size_t i = 0; i < model->devices.count && plan->devices.count < 8; i++) {
        struct plan_device *device;

        if (model->devices.items[i].address.kind > ADDRESS_PCI)
            continue;
        device = vec_add(&plan->devices);
        must(device);
        *device = (struct plan_device){
            .device = i,
            .fate = FATE_MOVED,
            .multifunction = plan->devices.count == 1,
            .after = {
                ADDRESS_PCI, {0, (uint8_t)index, 0x1f, (uint8_t)(plan->devices.count - 1)}, -1}};
    }
}

static void clear_plan(struct vtopo_plan *plan)
{
    for (size_t i = 0; i < plan->controllers.count; i++)
        free(plan->controllers.items[i].alias);
    free(plan->controllers.items);
    free(plan->devices.items);
}

static char *apply(const struct vtopo_domain *domain, const struct vtopo_plan *plan,
                   size_t *ret_length)
{
    char *text = NULL;

    must(domxml_apply(domain, domain, plan, &text, ret_length, NULL) == 0);
    must(strlen(text) == *ret_length);
    return text;
}

/* The text means what the plan wanted. */
static void check_applied(const struct vtopo_domain *before, const struct vtopo_domain *after,
                          const struct vtopo_plan *plan)
{
    must(after->model.controllers.count ==
         before->model.controllers.count + plan->controllers.count);
    must(after->model.devices.count == before->model.devices.count);
    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *planned = &plan->devices.items[i];
        const struct domain_device *found = &after->model.devices.items[planned->device];

        must(found->address.kind == ADDRESS_PCI);
        must(bdf_equal(&found->address.at, &planned->after.at));
        must(!planned->multifunction || found->address.multifunction == 1);
    }
}

/* Everything marked goes, the devices of the plan lose their addresses. */
static char *undo(const struct vtopo_domain *domain, const struct vtopo_plan *plan,
                  size_t *ret_length)
{
    struct undo undo = {0};
    char *text = NULL;

    for (size_t i = 0; i < domain->model.controllers.count; i++) {
        size_t *place =
            domain->model.controllers.items[i].marked ? vec_add(&undo.controllers) : NULL;

        if (place)
            *place = i;
    }
    for (size_t i = 0; i < plan->devices.count; i++) {
        struct undo_device *device = vec_add(&undo.devices);

        must(device);
        *device = (struct undo_device){.device = plan->devices.items[i].device,
                                       .address = {.kind = ADDRESS_NONE}};
    }
    must(domxml_undo(domain, &undo, &text, ret_length, NULL) == 0);
    free(undo.controllers.items);
    free(undo.devices.items);
    return text;
}

static void check_nothing_changes(const struct vtopo_domain *domain)
{
    struct vtopo_plan plan = {0};
    struct undo undo = {0};
    size_t length;
    char *text = apply(domain, &plan, &length);

    must(length == domain->length && memcmp(text, domain->text, length) == 0);
    free(text);
    must(domxml_undo(domain, &undo, &text, &length, NULL) == 0);
    must(length == domain->length && memcmp(text, domain->text, length) == 0);
    free(text);
}

static void check_changes(const struct vtopo_domain *domain)
{
    struct vtopo_plan plan = {0};
    size_t first_length, undone_length, second_length;
    char *first, *undone, *second, *diff = NULL;
    struct vtopo_domain *after, *without;

    make_plan(domain, &plan);
    first = apply(domain, &plan, &first_length);
    after = parse(first, first_length);
    must(after);
    check_applied(domain, after, &plan);
    must(diff_texts(domain->text, domain->length, first, first_length, "a", "b", &diff, NULL) == 0);
    undone = undo(after, &plan, &undone_length);
    without = parse(undone, undone_length);
    must(without);
    must(without->model.devices.count <= domain->model.devices.count);
    if (without->model.devices.count == domain->model.devices.count) {
        second = apply(without, &plan, &second_length);
        free(second);
    }
    vtopo_domain_free(after);
    vtopo_domain_free(without);
    free(first);
    free(undone);
    free(diff);
    clear_plan(&plan);
}

/* What any domain may have besides what it has. */
static const struct {
    enum addition_kind kind;
    const char *text;
} additions[] = {
    {ADDITION_SYSINFO, "<sysinfo type='fwcfg'>\n  <entry name='opt/a'>b</entry>\n</sysinfo>"},
    {ADDITION_HYPERV_VENDOR_ID, "<vendor_id state='on' value='x'/>"},
    {ADDITION_KVM_HIDDEN, "<hidden state='on'/>"},
    {ADDITION_CPU_FEATURE, "<feature policy='require' name='a'/>"},
    {ADDITION_CPU_FEATURE, "<feature policy='require' name='b'/>"},
    {ADDITION_QEMU_ARG, "<qemu:arg value='-msg'/>"},
    {ADDITION_QEMU_ARG, "<qemu:arg value='timestamp=on'/>"},
};

/* Lines end in one way only: new ones end as their neighbours do. */
static bool has_one_newline(const struct vtopo_domain *domain)
{
    size_t feeds = 0, returns = 0;

    for (size_t i = 0; i < domain->length; i++) {
        feeds += domain->text[i] == '\n';
        returns += domain->text[i] == '\n' && i && domain->text[i - 1] == '\r';
    }
    return !returns || returns == feeds;
}

/* Some of them, which the text chooses; the first value of an argument is changed, too. */
static void choose_additions(const struct vtopo_domain *domain, struct additions *chosen)
{
    unsigned which = (unsigned)domain->length;

    for (size_t i = 0; i < sizeof(additions) / sizeof(*additions); i++) {
        if (which % 5 == 0 || which >> i & 1)
            must(additions_add(chosen, additions[i].kind, strdup(additions[i].text)));
    }
    for (size_t i = 0; i < domain->changeable.count; i++) {
        const struct changeable *one = &domain->changeable.items[i];

        if (one->kind != ADDITION_QEMU_ARG_VALUE)
            continue;
        must(additions_change(chosen, one->kind, one->value, strdup("a value & 'more'")));
        break;
    }
}

static void check_additions(const struct vtopo_domain *domain)
{
    struct additions chosen = {0};
    struct vtopo_domain *after;
    char *text = NULL;
    size_t length;

    choose_additions(domain, &chosen);
    if (chosen.count) {
        must(domxml_add(domain, &chosen, &text, &length, NULL) == 0);
        after = parse(text, length);
        must(after && after->plain);
        must(additions_are_recorded(&chosen, &after->plain->model.record.additions));
        must(after->plain->length == domain->length &&
             !memcmp(after->plain->text, domain->text, domain->length));
        vtopo_domain_free(after);
        free(text);
    }
    additions_clear(&chosen);
}

static bool has_marks(const struct domain *model)
{
    for (size_t i = 0; i < model->controllers.count; i++) {
        if (model->controllers.items[i].marked)
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct vtopo_domain *domain = parse((const char *)bytes, size);
    struct domain copy;

    if (!domain)
        return 0;
    must(domain_copy(&domain->model, &copy));
    domain_clear(&copy);
    check_nothing_changes(domain);
    if (!has_marks(&domain->model))
        check_changes(domain);
    if (!domain->records.count && has_one_newline(domain))
        check_additions(domain);
    vtopo_domain_free(domain);
    return 0;
}
