/* SPDX-License-Identifier: GPL-2.0-or-later */
/* build.c - see build.h */
#include "build.h"

#include "base/buffer.h"
#include "check/check.h"
#include "model/target_link.h"

#include "plan/tree/number.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct bdf bdf_of(const char *text)
{
    struct bdf bdf = {0};

    if (!bdf_parse(text, &bdf))
        ck_abort_msg("\"%s\" is not a BDF", text);
    return bdf;
}

/* A new, zeroed last element; tests have memory. */
#define add(vec)                                                                                   \
    __extension__({                                                                                \
        __typeof__((vec)->items) added_ = vec_add(vec);                                            \
        ck_assert_ptr_nonnull(added_);                                                             \
        memset(added_, 0, sizeof(*added_));                                                        \
        added_;                                                                                    \
    })

static char *copy_of(const char *text)
{
    char *copy = strdup(text);

    ck_assert_ptr_nonnull(copy);
    return copy;
}

static void read_set(const char *text, struct idset *ret_set)
{
    ck_assert_msg(idset_parse(text, ret_set) == IDSET_OK, "\"%s\" is not a set", text);
}

/* --- world --- */

void world_init(struct world *w)
{
    *w = (struct world){.policy = policy_default};
    w->domain.name = copy_of("vm");
    w->domain.machine = copy_of("pc-q35-7.2");
    w->domain.arch = copy_of("x86_64");
    w->domain.machine_kind = MACHINE_Q35;
    w->domain.memory_kib = 1024 * 1024;
    w->domain.vcpus = 1;
    w->domain.needs.has_usb = w->domain.needs.has_balloon = true;
    add_controller(w, 0, CTRL_PCIE_ROOT, NULL);
}

static void forget_plan(struct world *w)
{
    plan_free(w->plan);
    vtopo_error_free(w->error);
    w->plan = NULL;
    w->error = NULL;
}

void world_become_pc(struct world *w)
{
    free(w->domain.machine);
    w->domain.machine = strdup("pc-i440fx-7.2");
    w->domain.machine_kind = MACHINE_PC;
    w->domain.controllers.items[0].model = CTRL_PCI_ROOT;
}

void world_become_virt(struct world *w)
{
    free(w->domain.arch);
    free(w->domain.machine);
    w->domain.arch = strdup("aarch64");
    w->domain.machine = strdup("virt-9.0");
    ck_assert(w->domain.arch && w->domain.machine);
    w->domain.machine_kind = MACHINE_VIRT;
    w->domain.firmware = FIRMWARE_OVMF;
}

void world_clear(struct world *w)
{
    forget_plan(w);
    host_clear(&w->host);
    domain_clear(&w->domain);
    for (size_t i = 0; i < w->policy.cdi.count; i++)
        free(w->policy.cdi.items[i].file);
    for (size_t i = 0; i < w->policy.problems.count; i++)
        free(w->policy.problems.items[i].text);
    free(w->policy.problems.items);
    free(w->policy.cdi.items);
    free(w->policy.devices.items);
    for (size_t i = 0; i < w->policy.aliases.count; i++)
        free(w->policy.aliases.items[i].alias);
    free(w->policy.aliases.items);
    free(w->policy.domain_devices.items);
    free(w->text);
}

/* --- host --- */

static const struct row *row_of(const struct row *rows, size_t count, const char *bdf)
{
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(rows[i].bdf, bdf))
            return &rows[i];
    }
    ck_abort_msg("no row has the BDF \"%s\"", bdf);
    return NULL;
}

static struct bdf root_of(const struct row *rows, size_t count, const struct row *row)
{
    struct bdf top;

    while (row->parent)
        row = row_of(rows, count, row->parent);
    top = bdf_of(row->bdf);
    return (struct bdf){top.domain, top.bus, 0, 0};
}

void add_functions(struct world *w, const struct row *rows, size_t count)
{
    const struct bdf **parents = calloc(count + 1, sizeof(*parents));
    struct bdf *bdfs = calloc(count + 1, sizeof(*bdfs));

    ck_assert(parents && bdfs && !w->host.functions.count);
    for (size_t i = 0; i < count; i++) {
        const struct row *row = &rows[i];
        struct host_function *f = add(&w->host.functions);

        if (row->parent) {
            bdfs[i] = bdf_of(row->parent);
            parents[i] = &bdfs[i];
        }
        f->bdf = bdf_of(row->bdf);
        f->root = root_of(rows, count, row);
        f->port = row->port;
        f->node = row->node;
        f->class_code = row->port == PORT_NONE ? row->class_code : 0x060400;
        f->vendor = row->vendor;
        f->device = row->device;
        f->iommu_group = -1;
        f->is_vf = row->physfn != NULL;
        f->physfn = row->physfn ? bdf_of(row->physfn) : (struct bdf){0};
        f->bars[0] = (struct host_bar){.size = row->bar64, .wide = true, .prefetch = true};
        f->bars[2] = (struct host_bar){.size = row->bar32};
        f->bars[3] = (struct host_bar){.size = row->io, .io = true};
    }
    if (host_finish(&w->host, parents, &w->error))
        ck_abort_msg("%s", vtopo_error_message(w->error));
    free(parents);
    free(bdfs);
}

struct host_function *function_of(struct world *w, const char *host)
{
    struct bdf bdf = bdf_of(host);
    size_t at = host_find(&w->host, &bdf);

    if (at == HOST_NONE)
        ck_abort_msg("the host has no \"%s\"", host);
    return &w->host.functions.items[at];
}

static void put(unsigned char *config, size_t at, unsigned long value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        config[at + i] = (unsigned char)(value >> 8 * i);
}

void add_config_space(struct world *w, const char *host, uint16_t device_control)
{
    struct host_function *f = function_of(w, host);

    free(f->config);
    f->config = calloc(1, 4096);
    ck_assert_ptr_nonnull(f->config);
    f->config_size = 4096;
    put(f->config, 0, 0x10de, 2);
    put(f->config, 0x06, 0x0010, 2); /* Status: there are capabilities */
    put(f->config, 0x34, 0x40, 1);
    put(f->config, 0x40, 0x10, 1);
    put(f->config, 0x48, device_control, 2);
}

void add_extended_capability(struct world *w, const char *host, uint16_t id, uint16_t capability,
                             uint16_t control)
{
    unsigned char *config = function_of(w, host)->config;
    size_t at = 0x100;

    while (config[at] || config[at + 1])
        at += 0x20;
    if (at > 0x100) {
        put(config, at - 0x20 + 2, at << 4 | 1, 2);
    }
    put(config, at, 0x00010000UL | id, 4);
    put(config, at + 4, capability, 2);
    put(config, at + 6, control, 2);
}

void add_express_port(struct world *w, const char *host, uint32_t capabilities2, uint16_t control2)
{
    struct host_function *f = function_of(w, host);

    add_config_space(w, host, 0);
    f->config_size = 256;
    put(f->config, 0x42, 2, 2);
    put(f->config, 0x64, capabilities2, 4);
    put(f->config, 0x68, control2, 2);
}

void cut_config(struct world *w, const char *host, size_t size)
{
    struct host_function *f = function_of(w, host);
    unsigned char *config = calloc(1, size + 1);

    /* A block of its own, so that a read behind its end is seen. */
    ck_assert_ptr_nonnull(config);
    memcpy(config, f->config, size);
    free(f->config);
    f->config = realloc(config, size ? size : 1);
    f->config_size = size;
}

const struct check_result *result_of(const struct check_results *results, enum finding_id id,
                                     const char *host)
{
    for (size_t i = 0; i < results->count; i++) {
        const struct check_result *result = &results->items[i];
        struct bdf bdf = host ? bdf_of(host) : (struct bdf){0};

        if (result->id == id && result->of_host == !host &&
            (!host || bdf_equal(&result->bdf, &bdf)))
            return result;
    }
    return NULL;
}

void run_checks(struct world *w, unsigned questions, struct check_results *results, ...)
{
    struct check_device devices[64];
    struct check_set set = {.host = &w->host, .devices = devices};
    const char *host;
    va_list ap;

    check_results_clear(results);
    va_start(ap, results);
    while ((host = va_arg(ap, const char *)))
        devices[set.count++] =
            (struct check_device){(size_t)(function_of(w, host) - w->host.functions.items), true};
    va_end(ap);
    set.everything = !set.count;
    for (size_t i = 0; set.everything && i < w->host.functions.count; i++) {
        if (check_is_gpu_or_nic(&w->host, &w->host.functions.items[i]))
            devices[set.count++] = (struct check_device){i, true};
    }
    ck_assert(check_host(&set, questions, results));
}

struct host_node *add_node(struct world *w, unsigned id, const char *cpus)
{
    struct host_node *node = add(&w->host.nodes);

    node->id = id;
    node->memory_kib = UINT64_C(64) << 20;
    read_set(cpus, &node->cpus);
    for (size_t cpu = idset_next(&node->cpus, 0); cpu < IDSET_LIMIT;
         cpu = idset_next(&node->cpus, cpu + 1)) {
        struct host_cpu *c = add(&w->host.cpus);

        c->id = c->core = (unsigned)cpu;
        c->package = id;
        ck_assert(idset_add(&c->siblings, cpu));
    }
    return node;
}

void add_nodes(struct world *w, unsigned nodes, unsigned cpus)
{
    for (unsigned n = 0; n < nodes; n++) {
        struct host_node *node;
        char text[32];

        snprintf(text, sizeof(text), "%u-%u", n * cpus, n * cpus + cpus - 1);
        node = add_node(w, n, text);
        node->distances = calloc(nodes, sizeof(*node->distances));
        ck_assert_ptr_nonnull(node->distances);
        for (unsigned m = 0; m < nodes; m++)
            node->distances[m] = 10 + 10 * (m > n ? m - n : n - m);
    }
}

void add_mdev(struct world *w, const char *uuid, const char *parent)
{
    struct host_mdev *mdev = add(&w->host.mdevs);

    snprintf(mdev->uuid, sizeof(mdev->uuid), "%s", uuid);
    mdev->parent = bdf_of(parent);
}

void add_vdpa(struct world *w, const char *name, const char *parent)
{
    struct host_vdpa *vdpa = add(&w->host.vdpas);

    vdpa->name = copy_of(name);
    vdpa->device = mem_printf("vhost-%s", name);
    vdpa->parent = bdf_of(parent);
}

void add_unknown_emulator(struct world *w, const char *path, enum emulator_state state)
{
    struct host_emulator *added = vec_add(&w->host.emulators);

    ck_assert_ptr_nonnull(added);
    added->path = copy_of(path);
    added->arch = copy_of("x86_64");
    added->is_default = true;
    added->state = state;
}

void add_emulator(struct world *w, const char *path, unsigned qemu, unsigned libvirt,
                  const char *machine)
{
    struct host_emulator *added;

    add_unknown_emulator(w, path, EMULATOR_KNOWN);
    added = &w->host.emulators.items[w->host.emulators.count - 1];
    added->qemu_version = qemu;
    added->libvirt_version = libvirt;
    ck_assert(!machine || emulator_add_machine(added, "q35", machine));
}

/* --- domain --- */

void add_cells(struct world *w, unsigned cells, unsigned vcpus)
{
    for (unsigned i = 0; i < cells; i++) {
        unsigned id = (unsigned)w->domain.cells.count;
        struct domain_cell *cell = add(&w->domain.cells);

        cell->id = id;
        for (unsigned v = 0; v < vcpus; v++)
            ck_assert(idset_add(&cell->vcpus, id * vcpus + v));
    }
    w->domain.vcpus = (unsigned)w->domain.cells.count * vcpus;
}

void bind_memory(struct world *w, unsigned cell, const char *nodes)
{
    struct domain_memnode *m = add(&w->domain.memnodes);

    m->cell = cell;
    read_set(nodes, &m->nodes);
}

void pin_vcpus(struct world *w, const char *vcpus, const char *cpus)
{
    struct idset set;

    read_set(vcpus, &set);
    for (size_t v = idset_next(&set, 0); v < IDSET_LIMIT; v = idset_next(&set, v + 1)) {
        struct domain_pin *pin = add(&w->domain.pins);

        pin->vcpu = (unsigned)v;
        read_set(cpus, &pin->cpus);
    }
    idset_free(&set);
}

void add_bound_cells(struct world *w, unsigned n)
{
    add_nodes(w, n, 4);
    add_cells(w, n, 2);
    for (unsigned i = 0; i < n; i++) {
        char node[16];

        snprintf(node, sizeof(node), "%u", i);
        bind_memory(w, i, node);
    }
}

static struct address address_of(const char *place)
{
    struct address address = {.kind = ADDRESS_NONE, .multifunction = -1};

    if (place) {
        address.kind = ADDRESS_PCI;
        address.at = bdf_of(place);
    }
    return address;
}

struct domain_controller *add_controller(struct world *w, unsigned index,
                                         enum controller_model model, const char *place)
{
    struct domain_controller *c = add(&w->domain.controllers);

    *c = (struct domain_controller){
        .index = index,
        .index_given = true,
        .model = model,
        .address = address_of(place),
        .bus_nr = -1,
        .node = -1,
        .chassis = -1,
        .port = -1,
        .hotplug = -1,
        .element = w->domain.controllers.count,
    };
    return c;
}

struct domain_device *add_device(struct world *w, enum device_kind kind, const char *host,
                                 const char *place)
{
    struct domain_device *d = add(&w->domain.devices);

    d->kind = kind;
    d->address = address_of(place);
    d->maybe_pci = true;
    d->place.group = kind == DEVICE_OTHER ? PLACE_DISK : PLACE_HOSTDEV;
    d->place.number = (int)w->domain.devices.count;
    d->element = w->domain.devices.count;
    d->line = (long)w->domain.devices.count;
    d->label = mem_printf("hostdev %s", host);
    if (kind == DEVICE_HOSTDEV_PCI || kind == DEVICE_INTERFACE_HOSTDEV || kind == DEVICE_DISK_NVME)
        d->source = bdf_of(host);
    return d;
}

struct domain_device *add_hostdev(struct world *w, const char *host, const char *place)
{
    return add_device(w, DEVICE_HOSTDEV_PCI, host, place);
}

struct domain_device *add_named(struct world *w, enum device_kind kind, const char *id,
                                const char *place)
{
    struct domain_device *d = add_device(w, kind, id, place);

    d->source_id = copy_of(id);
    return d;
}

struct domain_device *add_other(struct world *w, const char *label, const char *place)
{
    return add_device(w, DEVICE_OTHER, label, place);
}

struct policy_device *add_wish(struct world *w, const char *host)
{
    struct policy_device *wish = add(&w->policy.devices);

    *wish = policy_device_unset;
    wish->by_bdf = true;
    wish->bdf = bdf_of(host);
    return wish;
}

/* --- plan --- */

int make_plan(struct world *w)
{
    forget_plan(w);
    return plan_make(&w->host, &w->domain, &w->policy, &w->plan, &w->error);
}

void plan_or_fail(struct world *w)
{
    if (make_plan(w))
        ck_abort_msg("no plan: %s", vtopo_error_message(w->error));
}

static void insert_controller(struct world *w, const struct plan_controller *c)
{
    struct domain_controller *d = add_controller(w, c->index, c->model, NULL);

    d->address = (struct address){
        .kind = ADDRESS_PCI,
        .at = {0, (uint8_t)c->parent_index, (uint8_t)c->slot, (uint8_t)c->function},
        .multifunction = c->multifunction ? 1 : -1,
    };
    d->alias = c->alias ? copy_of(c->alias) : NULL;
    d->marked = c->alias != NULL;
    if (model_is_expander(c->model)) {
        d->bus_nr = (int)c->bus_nr;
        d->node = c->cell;
    } else if (controller_is_port(c->model)) {
        d->chassis = (int)c->chassis;
        d->port = (int)c->port;
        d->hotplug = c->hotplug_off ? 0 : -1;
        d->mem_reserve = c->mem_reserve;
    }
    if (c->link_in_target) {
        d->generic = generic_port_name(c->model);
        d->speed = c->link.speed;
        d->width = c->link.width;
    }
}

static void remove_planned(struct world *w, const struct undo *undo)
{
    struct domain view, base;

    ck_assert(undo_apply(&w->domain, undo, &view));
    ck_assert(domain_copy(&view, &base));
    domain_view_clear(&view);
    domain_clear(&w->domain);
    w->domain = base;
}

/* Into the record. */
static void remove_adopted(struct world *w, const struct vtopo_plan *plan)
{
    size_t left = 0, next = 0;

    for (size_t i = 0; i < w->domain.controllers.count; i++) {
        const struct domain_controller c = w->domain.controllers.items[i];
        struct record_controller *entry;

        for (next = 0; next < plan->adopted.count && plan->adopted.items[next] != c.index;)
            next++;
        if (next == plan->adopted.count) {
            w->domain.controllers.items[left++] = c;
            continue;
        }
        entry = add(&w->domain.record.controllers);
        entry->controller = c;
        entry->controller.marked = false;
        w->domain.record.there = true;
    }
    w->domain.controllers.count = left;
}

void rewrite(struct world *w)
{
    struct vtopo_plan *plan;

    plan_or_fail(w);
    plan = w->plan;
    w->plan = NULL;
    remove_planned(w, &plan->undo);
    remove_adopted(w, plan);
    for (size_t i = 0; i < plan->controllers.count; i++)
        insert_controller(w, &plan->controllers.items[i]);
    for (size_t i = 0; i < plan->announced.count; i++) {
        struct domain_announced *announced = add(&w->domain.announced);

        announced->index = plan->announced.items[i];
    }
    for (size_t i = 0; i < plan->devices.count; i++) {
        if (plan->devices.items[i].fate == FATE_MOVED)
            w->domain.devices.items[plan->devices.items[i].device].address =
                plan->devices.items[i].after;
    }
    for (size_t i = 0; i < plan->bus_fixes.count; i++) {
        for (size_t n = 0; n < w->domain.controllers.count; n++) {
            if (w->domain.controllers.items[n].index == plan->bus_fixes.items[i].index)
                w->domain.controllers.items[n].bus_nr = (int)plan->bus_fixes.items[i].bus_nr;
        }
    }
    plan_free(plan);
}

void undo(struct world *w)
{
    struct undo what;

    ck_assert(undo_make(&w->domain, &what));
    remove_planned(w, &what);
    undo_clear(&what);
}

/* --- what was built --- */

void text_append(char **text, const char *format, ...)
{
    struct buffer longer = {0};
    char *more;
    va_list ap;

    va_start(ap, format);
    more = mem_vprintf(format, ap);
    va_end(ap);
    ck_assert_ptr_nonnull(more);
    buffer_add(&longer, *text ? *text : "");
    buffer_add(&longer, more);
    free(more);
    free(*text);
    *text = buffer_steal(&longer);
    ck_assert_ptr_nonnull(*text);
}

const char *device_places(struct world *w)
{
    free(w->text);
    w->text = strdup("");
    for (size_t i = 0; i < w->domain.devices.count; i++) {
        const struct address *a = &w->domain.devices.items[i].address;
        const char *join = *w->text ? " " : "";

        if (a->kind == ADDRESS_PCI)
            text_append(&w->text, "%s%u:%02x.%x%s", join, a->at.bus, a->at.slot, a->at.function,
                        a->multifunction > 0 ? "*" : "");
        else
            text_append(&w->text, "%s-", join);
    }
    return w->text;
}

static void append_text(struct world *w, const char *text)
{
    text_append(&w->text, "%s", text);
}

/* "41:00.0" in domain 0. */
static void append_bdf(struct world *w, const struct bdf *bdf)
{
    const char *text = BDF_TEXT(bdf);

    append_text(w, bdf->domain ? text : text + strlen("0000:"));
}

static const struct plan_card *card_on(const struct vtopo_plan *plan, size_t port)
{
    for (size_t i = 0; i < plan->cards.count; i++) {
        if (plan->cards.items[i].port == port)
            return &plan->cards.items[i];
    }
    return NULL;
}

/* "pci(1:41:00.1 2:41:00.2)": the slots of a bridge. */
static void append_bridge(struct world *w, size_t at)
{
    const char *join = "";

    append_text(w, "pci(");
    for (size_t i = 0; i < w->plan->cards.count; i++) {
        const struct plan_card *card = &w->plan->cards.items[i];
        char slot[16];

        if (card->port != at)
            continue;
        snprintf(slot, sizeof(slot), "%s%u:", join, card->slot);
        append_text(w, slot);
        append_bdf(w, &card->host);
        join = " ";
    }
    append_text(w, ")");
}

static void append_children(struct world *w, size_t parent);

static void append_port(struct world *w, size_t at)
{
    const struct plan_controller *c = &w->plan->controllers.items[at];
    const struct plan_card *card = card_on(w->plan, at);

    if (c->model == CTRL_PCIE_TO_PCI) {
        append_bridge(w, at);
        return;
    }
    if (c->spare || c->filler) {
        append_text(w, c->spare ? "spare" : "filler");
        return;
    }
    append_text(w, c->model == CTRL_ROOT_PORT ? "rp" : c->model == CTRL_UPSTREAM ? "up" : "dp");
    append_text(w, c->hotplug_on ? "+" : "");
    if (c->model != CTRL_UPSTREAM && !card) {
        append_text(w, "-");
        append_children(w, at);
        return;
    }
    append_text(w, "(");
    if (card)
        append_bdf(w, &card->host);
    else
        append_children(w, at);
    append_text(w, ")");
}

static void append_children(struct world *w, size_t parent)
{
    const char *join = "";

    for (size_t i = 0; i < w->plan->controllers.count; i++) {
        if (w->plan->controllers.items[i].parent != parent ||
            model_is_expander(w->plan->controllers.items[i].model))
            continue;
        append_text(w, join);
        append_port(w, i);
        join = " ";
    }
}

static void append_expander(struct world *w, size_t at)
{
    char name[32] = "none";

    if (w->plan->controllers.items[at].cell >= 0)
        snprintf(name, sizeof(name), "cell%d", w->plan->controllers.items[at].cell);
    append_text(w, *w->text ? " " : "");
    append_text(w, name);
    append_text(w, "{");
    append_children(w, at);
    append_text(w, "}");
}

const char *layout(struct world *w)
{
    bool on_root = false;

    free(w->text);
    w->text = copy_of("");
    for (size_t i = 0; i < w->plan->controllers.count; i++) {
        const struct plan_controller *c = &w->plan->controllers.items[i];

        if (model_is_expander(c->model))
            append_expander(w, i);
        else
            on_root = on_root || c->parent == PLAN_NONE;
    }
    if (on_root) {
        append_text(w, *w->text ? " pcie.0{" : "pcie.0{");
        append_children(w, PLAN_NONE);
        append_text(w, "}");
    }
    return w->text;
}

const char *places(struct world *w)
{
    free(w->text);
    w->text = copy_of("");
    for (size_t i = 0; i < w->plan->devices.count; i++) {
        const struct plan_device *d = &w->plan->devices.items[i];
        char text[32];

        if (d->fate != FATE_MOVED)
            continue;
        snprintf(text, sizeof(text), "%s%u:%02x.%x%s", *w->text ? " " : "", d->after.at.bus,
                 d->after.at.slot, d->after.at.function, d->after.multifunction > 0 ? "*" : "");
        append_text(w, text);
    }
    return w->text;
}

const struct plan_device *device_of(const struct world *w, const char *host)
{
    struct bdf bdf = bdf_of(host);

    for (size_t i = 0; i < w->plan->devices.count; i++) {
        if (w->plan->devices.items[i].function != HOST_NONE &&
            bdf_equal(&w->plan->devices.items[i].host, &bdf))
            return &w->plan->devices.items[i];
    }
    ck_abort_msg("the plan has no device %s", host);
    return NULL;
}

const struct plan_controller *port_of(const struct world *w, const char *host)
{
    const struct plan_device *device = device_of(w, host);

    ck_assert_int_eq(device->fate, FATE_MOVED);
    return &w->plan->controllers.items[w->plan->cards.items[device->card].port];
}

const struct plan_controller *expander(const struct world *w, size_t nth)
{
    for (size_t i = 0; i < w->plan->controllers.count; i++) {
        if (model_is_expander(w->plan->controllers.items[i].model) && !nth--)
            return &w->plan->controllers.items[i];
    }
    ck_abort_msg("the plan has no such expander");
    return NULL;
}

const char *finding_of(const struct world *w, enum finding_id id)
{
    for (size_t i = 0; i < w->plan->findings.count; i++) {
        if (w->plan->findings.items[i].id == id)
            return w->plan->findings.items[i].text;
    }
    return NULL;
}

size_t findings_of(const struct world *w, enum finding_id id)
{
    size_t n = 0;

    for (size_t i = 0; i < w->plan->findings.count; i++) {
        const struct finding *f = &w->plan->findings.items[i];

        n += f->id == id ? finding_subject_count(f) : 0;
    }
    return n;
}

const struct plan_budget *budget_of(const struct world *w, const char *name)
{
    for (size_t i = 0; i < w->plan->budgets.count; i++) {
        if (!strcmp(w->plan->budgets.items[i].name, name))
            return &w->plan->budgets.items[i];
    }
    ck_abort_msg("nothing is counted as \"%s\"", name);
    return NULL;
}
