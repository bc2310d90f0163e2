/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_domain.c - a fuzz target for the XML side (libFuzzer's entry, or the files named as
 * arguments)
 *
 * Takes:  any bytes.
 * Gives:  abort() if a promise is broken: an error has a message of one line; a plan and an undo
 *          that change
 *         nothing give the input's bytes; what undo and apply write can be parsed again and means
 *         what was asked for; apply, undo, apply is apply.
 */
#include "domxml/domxml.h"

#include "vtopo/diff.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);              \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static struct vtopo_domain *parse(const char *text, size_t length)
{
    struct vtopo_domain *domain = NULL;
    struct vtopo_error *error = NULL;
    int r = vtopo_domain_parse(text, length, "fuzz", &domain, &error);

    if (!r)
        return domain;
    REQUIRE(r == VTOPO_ERR_DOMAIN);
    REQUIRE(*vtopo_error_message(error) && !strchr(vtopo_error_message(error), '\n'));
    vtopo_error_free(error);
    return NULL;
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
    REQUIRE(port);
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
        REQUIRE(device);
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

    REQUIRE(domxml_apply(domain, plan, &text, ret_length, NULL) == 0);
    REQUIRE(strlen(text) == *ret_length);
    return text;
}

/* The text means what the plan wanted. */
static void check_applied(const struct vtopo_domain *before, const struct vtopo_domain *after,
                          const struct vtopo_plan *plan)
{
    REQUIRE(after->model.controllers.count ==
            before->model.controllers.count + plan->controllers.count);
    REQUIRE(after->model.devices.count == before->model.devices.count);
    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *planned = &plan->devices.items[i];
        const struct domain_device *found = &after->model.devices.items[planned->device];

        REQUIRE(found->address.kind == ADDRESS_PCI);
        REQUIRE(bdf_equal(&found->address.at, &planned->after.at));
        REQUIRE(!planned->multifunction || found->address.multifunction == 1);
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

        REQUIRE(device);
        *device = (struct undo_device){plan->devices.items[i].device, {.kind = ADDRESS_NONE}};
    }
    REQUIRE(domxml_undo(domain, &undo, &text, ret_length, NULL) == 0);
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

    REQUIRE(length == domain->length && memcmp(text, domain->text, length) == 0);
    free(text);
    REQUIRE(domxml_undo(domain, &undo, &text, &length, NULL) == 0);
    REQUIRE(length == domain->length && memcmp(text, domain->text, length) == 0);
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
    REQUIRE(after);
    check_applied(domain, after, &plan);
    REQUIRE(vtopo_diff(domain->text, domain->length, first, first_length, "a", "b", &diff, NULL) ==
            0);
    undone = undo(after, &plan, &undone_length);
    without = parse(undone, undone_length);
    REQUIRE(without);
    REQUIRE(without->model.devices.count <= domain->model.devices.count);
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
    REQUIRE(domain_copy(&domain->model, &copy));
    domain_clear(&copy);
    check_nothing_changes(domain);
    if (!has_marks(&domain->model))
        check_changes(domain);
    vtopo_domain_free(domain);
    return 0;
}

#ifndef FUZZING_ENGINE
/* Without a fuzzer: the files of the corpus. */
int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        char *bytes = malloc(VTOPO_DOMAIN_MAX + 2);
        size_t size;

        if (!file || !bytes) {
            fprintf(stderr, "%s: cannot be read\n", argv[i]);
            return EXIT_FAILURE;
        }
        size = fread(bytes, 1, VTOPO_DOMAIN_MAX + 2, file);
        fclose(file);
        LLVMFuzzerTestOneInput((const uint8_t *)bytes, size);
        free(bytes);
    }
    return EXIT_SUCCESS;
}
#endif
