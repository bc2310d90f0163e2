/* SPDX-License-Identifier: GPL-2.0-or-later */
/* domain.c - see domain.h */
#include "model/domain.h"

#include <string.h>

/* docs: libvirt, "Controllers" in the domain XML format; the names are its whole vocabulary. */
static const char *const model_names[] = {
    [CTRL_PCIE_ROOT] = "pcie-root",
    [CTRL_PCI_ROOT] = "pci-root",
    [CTRL_EXPANDER] = "pcie-expander-bus",
    [CTRL_PCI_EXPANDER] = "pci-expander-bus",
    [CTRL_ROOT_PORT] = "pcie-root-port",
    [CTRL_UPSTREAM] = "pcie-switch-upstream-port",
    [CTRL_DOWNSTREAM] = "pcie-switch-downstream-port",
    [CTRL_PCIE_TO_PCI] = "pcie-to-pci-bridge",
    [CTRL_PCI_BRIDGE] = "pci-bridge",
    [CTRL_DMI_TO_PCI] = "dmi-to-pci-bridge",
};

#define MODELS (sizeof(model_names) / sizeof(*model_names))

const char *controller_model_name(enum controller_model model)
{
    return (size_t)model < MODELS ? model_names[model] : NULL;
}

enum controller_model controller_model_of(const char *name)
{
    for (size_t i = 0; i < MODELS; i++) {
        if (model_names[i] && strcmp(model_names[i], name) == 0)
            return (enum controller_model)i;
    }
    return CTRL_OTHER;
}

bool device_is_assigned(const struct domain_device *device)
{
    return device->kind != DEVICE_OTHER && device->kind != DEVICE_INTERFACE_NETWORK;
}

void domain_controllers_by_index(const struct domain *domain,
                                 const struct domain_controller *ret_at[DOMAIN_INDEXES])
{
    for (size_t i = 0; i < DOMAIN_INDEXES; i++)
        ret_at[i] = NULL;
    for (size_t i = domain->controllers.count; i-- > 0;) {
        const struct domain_controller *c = &domain->controllers.items[i];

        if (c->index < DOMAIN_INDEXES)
            ret_at[c->index] = c;
    }
}

const struct domain_controller *domain_controller_at(const struct domain *domain, unsigned index)
{
    for (size_t i = 0; i < domain->controllers.count; i++) {
        if (domain->controllers.items[i].index == index)
            return &domain->controllers.items[i];
    }
    return NULL;
}

const struct domain_override *domain_find_override(const struct domain *domain, const char *alias,
                                                   const char *name)
{
    for (size_t i = domain->overrides.count; alias && i-- > 0;) {
        const struct domain_override *o = &domain->overrides.items[i];

        if (!strcmp(o->alias, alias) && !strcmp(o->name, name))
            return o;
    }
    return NULL;
}

/* NULL stays NULL. */
static bool copy_text(const char *text, char **ret_text)
{
    *ret_text = text ? strdup(text) : NULL;
    return *ret_text || !text;
}

/*
 * The copies below first take every plain member, then replace what the original owns, so that
 * clearing a half-made copy never touches the original.
 */

static bool copy_controller(const struct domain_controller *from, struct domain_controller *ret)
{
    bool ok;

    *ret = *from;
    ok = copy_text(from->model_name, &ret->model_name);
    return copy_text(from->alias, &ret->alias) && ok;
}

static bool copy_device(const struct domain_device *from, struct domain_device *ret)
{
    bool ok;

    *ret = *from;
    ok = copy_text(from->label, &ret->label);
    ok = copy_text(from->source_id, &ret->source_id) && ok;
    ok = copy_text(from->target, &ret->target) && ok;
    return copy_text(from->alias, &ret->alias) && ok;
}

static bool copy_override(const struct domain_override *from, struct domain_override *ret)
{
    bool ok;

    *ret = *from;
    ok = copy_text(from->alias, &ret->alias);
    ok = copy_text(from->name, &ret->name) && ok;
    ok = copy_text(from->type, &ret->type) && ok;
    return copy_text(from->value, &ret->value) && ok;
}

static bool copy_qemu_device(const struct domain_qemu_device *from, struct domain_qemu_device *ret)
{
    bool ok;

    *ret = *from;
    ok = copy_text(from->driver, &ret->driver);
    ok = copy_text(from->id, &ret->id) && ok;
    ok = copy_text(from->bus, &ret->bus) && ok;
    return copy_text(from->host, &ret->host) && ok;
}

static bool copy_cell(const struct domain_cell *from, struct domain_cell *ret)
{
    *ret = *from;
    ret->vcpus = (struct idset){0};
    return idset_copy(&from->vcpus, &ret->vcpus);
}

static bool copy_memnode(const struct domain_memnode *from, struct domain_memnode *ret)
{
    *ret = *from;
    ret->nodes = (struct idset){0};
    return idset_copy(&from->nodes, &ret->nodes);
}

static bool copy_pages(const struct domain_pages *from, struct domain_pages *ret)
{
    *ret = *from;
    ret->cells = (struct idset){0};
    ret->nodeset = NULL;
    return idset_copy(&from->cells, &ret->cells) && copy_text(from->nodeset, &ret->nodeset);
}

static bool copy_memory(const struct domain_memory *from, struct domain_memory *ret)
{
    *ret = *from;
    return true;
}

static bool copy_pin(const struct domain_pin *from, struct domain_pin *ret)
{
    *ret = *from;
    ret->cpus = (struct idset){0};
    return idset_copy(&from->cpus, &ret->cpus);
}

/* Appends copies of all items of vector @from to the empty vector @to. */
#define COPY_ALL(from, to, copy_one)                                                               \
    do {                                                                                           \
        for (size_t i = 0; ok && i < (from)->count; i++)                                           \
            ok = vec_add(to) && copy_one(&(from)->items[i], &(to)->items[i]);                      \
    } while (0)

static bool copy_parts(const struct domain *from, struct domain *to)
{
    bool ok = true;

    COPY_ALL(&from->cells, &to->cells, copy_cell);
    COPY_ALL(&from->memnodes, &to->memnodes, copy_memnode);
    COPY_ALL(&from->pages, &to->pages, copy_pages);
    COPY_ALL(&from->memory_devices, &to->memory_devices, copy_memory);
    COPY_ALL(&from->pins, &to->pins, copy_pin);
    COPY_ALL(&from->controllers, &to->controllers, copy_controller);
    COPY_ALL(&from->devices, &to->devices, copy_device);
    COPY_ALL(&from->overrides, &to->overrides, copy_override);
    COPY_ALL(&from->qemu_devices, &to->qemu_devices, copy_qemu_device);
    return ok;
}

size_t domain_names_most(const struct domain *domain)
{
    return domain->controllers.count + domain->devices.count + domain->qemu_devices.count;
}

static size_t add_name(const char *name, const char **ret, size_t count)
{
    if (name)
        ret[count++] = name;
    return count;
}

size_t domain_names(const struct domain *domain, const char **ret)
{
    size_t count = 0;

    for (size_t i = 0; i < domain->controllers.count; i++)
        count = add_name(domain->controllers.items[i].alias, ret, count);
    for (size_t i = 0; i < domain->devices.count; i++)
        count = add_name(domain->devices.items[i].alias, ret, count);
    for (size_t i = 0; i < domain->qemu_devices.count; i++)
        count = add_name(domain->qemu_devices.items[i].id, ret, count);
    return count;
}

#define FORGET(vec) memset(&(vec), 0, sizeof(vec))

bool domain_copy(const struct domain *domain, struct domain *ret)
{
    struct domain copy = *domain;
    bool ok;

    copy.name = copy.arch = copy.machine = copy.emulator = copy.loader = copy.memory_mode = NULL;
    copy.qemu_global = copy.qemu_global_unfit = NULL;
    copy.ovmf_mmio64_text = copy.space.hole64_text = NULL;
    copy.vcpu_cpuset = copy.memory_nodes = copy.vcpus_off = copy.helper_cpus = (struct idset){0};
    FORGET(copy.cells);
    FORGET(copy.memnodes);
    FORGET(copy.pages);
    FORGET(copy.memory_devices);
    FORGET(copy.pins);
    FORGET(copy.controllers);
    FORGET(copy.announced);
    FORGET(copy.devices);
    FORGET(copy.overrides);
    FORGET(copy.qemu_devices);
    FORGET(copy.record);
    ok = copy_text(domain->name, &copy.name) && copy_text(domain->arch, &copy.arch) &&
         copy_text(domain->machine, &copy.machine) && copy_text(domain->emulator, &copy.emulator) &&
         copy_text(domain->loader, &copy.loader) &&
         copy_text(domain->memory_mode, &copy.memory_mode) &&
         copy_text(domain->qemu_global, &copy.qemu_global) &&
         copy_text(domain->qemu_global_unfit, &copy.qemu_global_unfit) &&
         copy_text(domain->ovmf_mmio64_text, &copy.ovmf_mmio64_text) &&
         copy_text(domain->space.hole64_text, &copy.space.hole64_text) &&
         idset_copy(&domain->vcpu_cpuset, &copy.vcpu_cpuset) &&
         idset_copy(&domain->helper_cpus, &copy.helper_cpus) &&
         idset_copy(&domain->memory_nodes, &copy.memory_nodes) &&
         idset_copy(&domain->vcpus_off, &copy.vcpus_off) && copy_parts(domain, &copy);
    if (!ok)
        domain_clear(&copy);
    *ret = copy;
    return ok;
}

static bool copy_array(const void *items, size_t count, size_t size, void **ret_items)
{
    *ret_items = calloc(count + 1, size);
    if (*ret_items && count)
        memcpy(*ret_items, items, count * size);
    return *ret_items;
}

#define OWN_ARRAY(from, to)                                                                        \
    ((to)->cap = (to)->count,                                                                      \
     copy_array((from)->items, (from)->count, sizeof(*(from)->items), (void **)&(to)->items))

bool domain_view(const struct domain *domain, struct domain *ret)
{
    bool ok;

    *ret = *domain;
    ok = OWN_ARRAY(&domain->controllers, &ret->controllers);
    ok = OWN_ARRAY(&domain->devices, &ret->devices) && ok;
    ok = OWN_ARRAY(&domain->overrides, &ret->overrides) && ok;
    if (!ok)
        domain_view_clear(ret);
    return ok;
}

void domain_view_clear(struct domain *view)
{
    free(view->controllers.items);
    free(view->devices.items);
    free(view->overrides.items);
    memset(view, 0, sizeof(*view));
}

static void clear_topology(struct domain *domain)
{
    for (size_t i = 0; i < domain->cells.count; i++)
        idset_free(&domain->cells.items[i].vcpus);
    for (size_t i = 0; i < domain->memnodes.count; i++)
        idset_free(&domain->memnodes.items[i].nodes);
    for (size_t i = 0; i < domain->pages.count; i++) {
        idset_free(&domain->pages.items[i].cells);
        free(domain->pages.items[i].nodeset);
    }
    for (size_t i = 0; i < domain->pins.count; i++)
        idset_free(&domain->pins.items[i].cpus);
    free(domain->cells.items);
    free(domain->memnodes.items);
    free(domain->pages.items);
    free(domain->memory_devices.items);
    free(domain->pins.items);
    idset_free(&domain->vcpus_off);
    idset_free(&domain->vcpu_cpuset);
    idset_free(&domain->helper_cpus);
    idset_free(&domain->memory_nodes);
    free(domain->memory_mode);
}

static void override_clear(struct domain_override *override)
{
    free(override->alias);
    free(override->name);
    free(override->type);
    free(override->value);
}

void record_clear(struct domain_record *record)
{
    for (size_t i = 0; i < record->devices.count; i++) {
        for (size_t k = 0; k < RECORD_ATTRIBUTES; k++)
            free(record->devices.items[i].texts[k]);
        free(record->devices.items[i].alias);
    }
    free(record->devices.items);
    for (size_t i = 0; i < record->controllers.count; i++) {
        free(record->controllers.items[i].controller.model_name);
        free(record->controllers.items[i].controller.alias);
        free(record->controllers.items[i].text);
    }
    free(record->controllers.items);
    free(record->targets.items);
    record_additions_clear(&record->additions);
    free(record->metadata);
    free(record->problem);
    *record = (struct domain_record){0};
}

static void clear_qemu_devices(struct domain *domain)
{
    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        free(domain->qemu_devices.items[i].driver);
        free(domain->qemu_devices.items[i].id);
        free(domain->qemu_devices.items[i].bus);
        free(domain->qemu_devices.items[i].host);
    }
    free(domain->qemu_devices.items);
}

void domain_clear(struct domain *domain)
{
    clear_qemu_devices(domain);
    for (size_t i = 0; i < domain->overrides.count; i++)
        override_clear(&domain->overrides.items[i]);
    for (size_t i = 0; i < domain->controllers.count; i++) {
        free(domain->controllers.items[i].model_name);
        free(domain->controllers.items[i].alias);
    }
    for (size_t i = 0; i < domain->devices.count; i++) {
        free(domain->devices.items[i].label);
        free(domain->devices.items[i].source_id);
        free(domain->devices.items[i].alias);
        free(domain->devices.items[i].target);
    }
    free(domain->controllers.items);
    free(domain->announced.items);
    free(domain->devices.items);
    free(domain->overrides.items);
    record_clear(&domain->record);
    clear_topology(domain);
    free(domain->name);
    free(domain->arch);
    free(domain->machine);
    free(domain->qemu_global);
    free(domain->qemu_global_unfit);
    free(domain->ovmf_mmio64_text);
    free(domain->space.hole64_text);
    free(domain->emulator);
    free(domain->loader);
    memset(domain, 0, sizeof(*domain));
}
