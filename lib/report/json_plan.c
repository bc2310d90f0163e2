/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_plan.c - see json_plan.h
 *
 * Rule:   keys are in a fixed order and never left out: what is not known, or makes no sense for a
 *         kind of controller, is null. Places in lists ("card", "controller") are places in this
 *         document.
 * Not here: the plan for people (explain.c).
 */
#include "report/json_plan.h"

#include "base/error.h"
#include "check/check.h"
#include "model/high_memory.h"
#include "model/link_text.h"
#include "model/pci_class.h"
#include "model/policy_key.h"
#include "peer/pairs.h"
#include "json/writer.h"

#include <stdio.h>
#include <string.h>

struct source {
    const struct vtopo_plan *plan;
    const struct vtopo_host *host;
    const struct domain *domain;
    struct pairs pairs;
    struct json_writer json;
};

static void write_bdf_or_null(struct json_writer *json, const char *key, bool known,
                              const struct bdf *bdf)
{
    json_text(json, key, known ? BDF_TEXT(bdf) : NULL);
}

static void write_root_complex(struct json_writer *json, const char *key, const struct bdf *root)
{
    char text[BDF_TEXT_SIZE];

    bdf_format(root, text);
    *strrchr(text, ':') = '\0'; /* a root complex is a domain and a bus */
    json_text(json, key, text);
}

/* What a controller stands for on the host. */
static void write_counterpart(struct json_writer *json, const struct plan_controller *controller)
{
    json_open(json, "host", '{');
    if (controller->has_root)
        write_root_complex(json, "root_complex", &controller->root);
    else
        json_nothing(json, "root_complex");
    json_number_or_null(json, "node", model_is_expander(controller->model) ? controller->node : -1);
    write_bdf_or_null(json, "switch", controller->has_switch, &controller->switch_bdf);
    json_close(json, '}');
}

static void write_bus_range(struct json_writer *json, const struct plan_controller *expander)
{
    json_open(json, "bus_range", '{');
    json_number(json, "first", expander->bus_nr);
    json_number(json, "last", expander->bus_nr + expander->buses - 1);
    json_close(json, '}');
}

/* The keys that only expanders, or only ports, have a value for. */
static void write_target(struct json_writer *json, const struct plan_controller *controller)
{
    bool expander = model_is_expander(controller->model);
    bool port = controller->model == CTRL_ROOT_PORT || controller->model == CTRL_DOWNSTREAM;

    if (expander)
        write_bus_range(json, controller);
    else
        json_nothing(json, "bus_range");
    json_number_or_null(json, "cell", expander ? controller->cell : -1);
    json_number_or_null(json, "chassis", port ? (int)controller->chassis : -1);
    json_number_or_null(json, "port", port ? (int)controller->port : -1);
    if (port)
        json_flag(json, "hotplug", !controller->hotplug_off);
    else
        json_nothing(json, "hotplug");
}

static void write_controller(struct json_writer *json, const struct plan_controller *controller)
{
    json_open(json, NULL, '{');
    json_number(json, "index", controller->index);
    json_text(json, "model", controller_model_name(controller->model));
    json_text(json, "alias", controller->alias);
    json_number(json, "parent", controller->parent_index);
    json_number(json, "slot", controller->slot);
    json_number(json, "function", controller->function);
    write_bdf_or_null(json, "guest_bdf", bdf_is_set(&controller->guest), &controller->guest);
    write_target(json, controller);
    json_text(json, "link",
              controller->link.speed ? link_format(&controller->link, (char[LINK_TEXT_SIZE]){0})
                                     : NULL);
    json_flag(json, "spare", controller->spare);
    json_flag(json, "filler", controller->filler);
    write_counterpart(json, controller);
    json_close(json, '}');
}

static void write_controllers(struct source *source)
{
    json_open(&source->json, "controllers", '[');
    for (size_t i = 0; i < source->plan->controllers.count; i++)
        write_controller(&source->json, &source->plan->controllers.items[i]);
    json_close(&source->json, ']');
}

/* The upstream ports from the root port down to a function. */
static void write_switches_above(struct source *source, size_t at)
{
    size_t below = HOST_NONE;

    /* Each step down looks for the child from the top again: switches are a few levels deep. */
    while (below != at) {
        size_t next = at;

        while (source->host->functions.items[next].parent != below)
            next = source->host->functions.items[next].parent;
        if (source->host->functions.items[next].port == PORT_UPSTREAM)
            json_text(&source->json, NULL, BDF_TEXT(&source->host->functions.items[next].bdf));
        below = next;
    }
}

static void write_port(struct json_writer *json, const struct host_function *port)
{
    json_open(json, NULL, '{');
    json_text(json, "bdf", BDF_TEXT(&port->bdf));
    json_text(json, "acs", acs_state_name(check_acs_state(port, NULL)));
    json_close(json, '}');
}

/* The downstream ports above a function, from it upwards: what decides about requests from card to
 * card. */
static void write_ports_above(struct source *source, size_t at)
{
    for (; at != HOST_NONE; at = source->host->functions.items[at].parent) {
        if (source->host->functions.items[at].port == PORT_DOWNSTREAM)
            write_port(&source->json, &source->host->functions.items[at]);
    }
}

static void write_card(struct source *source, const struct plan_card *card)
{
    const struct plan_device *device = &source->plan->devices.items[card->first_device];
    struct json_writer *json = &source->json;

    json_open(json, NULL, '{');
    json_text(json, "host_bdf", BDF_TEXT(&card->host));
    json_number_or_null(json, "node", card->node);
    write_root_complex(json, "root_complex", &card->root);
    json_open(json, "switches", '[');
    if (device->function != HOST_NONE)
        write_switches_above(source, device->function);
    json_close(json, ']');
    json_open(json, "downstream_ports", '[');
    write_ports_above(source, device->function);
    json_close(json, ']');
    json_number_or_null(json, "cell", card->cell);
    json_number(json, "controller", source->plan->controllers.items[card->port].index);
    json_close(json, '}');
}

static void write_cards(struct source *source)
{
    json_open(&source->json, "cards", '[');
    for (size_t i = 0; i < source->plan->cards.count; i++)
        write_card(source, &source->plan->cards.items[i]);
    json_close(&source->json, ']');
}

/* The address as the XML gives it. */
static void write_address(struct json_writer *json, const char *key, const struct address *address)
{
    if (address->kind != ADDRESS_PCI) {
        json_nothing(json, key);
        return;
    }
    json_open(json, key, '{');
    json_number(json, "controller", address->at.bus);
    json_number(json, "slot", address->at.slot);
    json_number(json, "function", address->at.function);
    json_close(json, '}');
}

static void write_function(struct json_writer *json, const struct host_function *function)
{
    char ids[sizeof("10de:2235")], class_code[sizeof("030200")];

    if (!function) {
        json_nothing(json, "vendor_device");
        json_nothing(json, "class");
        json_nothing(json, "class_name");
        return;
    }
    snprintf(ids, sizeof(ids), "%04x:%04x", function->vendor, function->device);
    snprintf(class_code, sizeof(class_code), "%06x", function->class_code & 0xffffffU);
    json_text(json, "vendor_device", ids);
    json_text(json, "class", class_code);
    json_text(json, "class_name", class_word(function->class_code));
}

/* What a device that is given itself says it can do, in the guest as on the host. */
static void write_link(struct json_writer *json, const char *key,
                       const struct domain_device *device, const struct host_function *function)
{
    bool itself = device->kind == DEVICE_HOSTDEV_PCI || device->kind == DEVICE_INTERFACE_HOSTDEV;

    if (itself && function && function->link_max.speed && function->link_max.width)
        json_text(json, key, link_format(&function->link_max, (char[LINK_TEXT_SIZE]){0}));
    else
        json_nothing(json, key);
}

/* Of a function that is given itself; what is made on one has a group of its own, and no link. */
static void write_marks(struct json_writer *json, const struct host_function *function)
{
    const struct host_link *link = function ? &function->link_now : NULL;
    bool known = link && (link->speed || link->width);

    json_number_or_null(json, "iommu_group", function ? function->iommu_group : -1);
    json_text(json, "link_now", known ? link_format(link, (char[LINK_TEXT_SIZE]){0}) : NULL);
}

static void write_clique(struct json_writer *json, const struct plan_device *device)
{
    static const char *const sources[] = {
        [CLIQUE_NOBODY] = "nobody", [CLIQUE_DOMAIN] = "domain", [CLIQUE_POLICY] = "policy",
        [CLIQUE_CDI_SPEC] = "cdi",  [CLIQUE_HOST] = "host",
    };

    if (device->clique_source == CLIQUE_NOBODY || device->clique < 0) {
        json_nothing(json, "clique");
        return;
    }
    json_open(json, "clique", '{');
    json_number(json, "id", (uint64_t)device->clique);
    json_text(json, "source", sources[device->clique_source]);
    json_flag(json, "given", device->clique_given);
    json_close(json, '}');
}

static void write_device(struct source *source, const struct plan_device *device)
{
    static const char *const kinds[] = {
        [DEVICE_OTHER] = "other",
        [DEVICE_HOSTDEV_PCI] = "hostdev",
        [DEVICE_HOSTDEV_MDEV] = "mdev",
        [DEVICE_INTERFACE_HOSTDEV] = "interface",
        [DEVICE_INTERFACE_VDPA] = "vdpa",
        [DEVICE_DISK_NVME] = "nvme",
        [DEVICE_INTERFACE_NETWORK] = "network",
    };
    static const char *const fates[] = {
        [FATE_MOVED] = "moved",
        [FATE_STAYS] = "stays",
        [FATE_UNASSIGNED] = "unassigned",
    };
    const struct domain_device *named = &source->domain->devices.items[device->device];
    bool known = device->function != HOST_NONE;
    struct json_writer *json = &source->json;

    json_open(json, NULL, '{');
    write_bdf_or_null(json, "host_bdf", known, &device->host);
    json_text(json, "kind", kinds[named->kind]);
    json_text(json, "name", named->label);
    json_number(json, "line", (uint64_t)named->line);
    json_text(json, "alias", named->alias);
    write_function(json, known ? &source->host->functions.items[device->function] : NULL);
    write_marks(json,
                known && named->kind != DEVICE_HOSTDEV_MDEV && named->kind != DEVICE_INTERFACE_VDPA
                    ? &source->host->functions.items[device->function]
                    : NULL);
    json_text(json, "fate", fates[device->fate]);
    json_text(json, "peer", peer_kind_name(device->peer));
    json_text(json, "vgpu_type", device->vgpu_type);
    write_link(json, "link", named,
               known && device->shows_link ? &source->host->functions.items[device->function]
                                           : NULL);
    json_number_or_null(json, "card", device->card == PLAN_NONE ? -1 : (int)device->card);
    write_address(json, "address_before", &device->before);
    write_address(json, "address_after", &device->after);
    write_bdf_or_null(json, "guest_bdf_before", device->before_known, &device->guest_before);
    write_bdf_or_null(json, "guest_bdf_after", device->after_known, &device->guest_after);
    write_clique(json, device);
    json_close(json, '}');
}

static void write_devices(struct source *source)
{
    json_open(&source->json, "devices", '[');
    for (size_t i = 0; i < source->plan->devices.count; i++)
        write_device(source, &source->plan->devices.items[i]);
    json_close(&source->json, ']');
}

/* What NCCL makes of a pair; a bandwidth that may be less is not known. */
static void write_path(struct json_writer *json, const char *key, const struct nccl_path *path)
{
    json_open(json, key, '{');
    json_text(json, "path", nccl_path_name(path->type));
    if (path->at_most)
        json_nothing(json, "gb_per_s");
    else
        json_fraction(json, "gb_per_s", path->bandwidth, NCCL_PER_GB);
    json_close(json, '}');
}

static void write_pair(struct json_writer *json, const struct pair *pair)
{
    bool pcie = pair->mode == PAIR_P2P || pair->mode == PAIR_RDMA;

    json_open(json, NULL, '{');
    json_number(json, "one", pair->one);
    json_number(json, "other", pair->other);
    json_text(json, "mode", pair_mode_name(pair->mode));
    json_text(json, "works", pcie ? pair_verdict_name(pair->verdict) : NULL);
    json_open(json, "obstacles", '[');
    for (unsigned i = 0; i < OBSTACLES; i++) {
        if (pair->obstacles & 1U << i)
            json_text(json, NULL, pair_obstacle_name((enum pair_obstacle)(1U << i)));
    }
    json_close(json, ']');
    json_text(json, "nvlink", pair_nvlink_name(pair->nvlink));
    write_path(json, "nccl", &pair->guest);
    write_path(json, "nccl_with_links", &pair->links);
    write_path(json, "nccl_with_file", &pair->with_file);
    json_close(json, '}');
}

static void write_pairs(struct source *source)
{
    json_open(&source->json, "pairs", '[');
    for (size_t i = 0; i < source->pairs.items.count; i++)
        write_pair(&source->json, &source->pairs.items.items[i]);
    json_close(&source->json, ']');
}

static void write_overrides(struct source *source)
{
    struct json_writer *json = &source->json;

    json_open(json, "overrides", '[');
    for (size_t i = 0; i < source->plan->overrides.count; i++) {
        const struct plan_override *o = &source->plan->overrides.items[i];

        json_open(json, NULL, '{');
        json_text(json, "alias", o->alias);
        json_text(json, "name", o->name);
        json_text(json, "type", o->type);
        json_text(json, "value", o->value);
        json_flag(json, "command_line", o->command_line);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_additions(struct source *source)
{
    struct json_writer *json = &source->json;

    json_open(json, "additions", '[');
    for (size_t i = 0; i < source->plan->additions.count; i++) {
        const struct addition *addition = &source->plan->additions.items[i];
        const struct addition_place *place = addition_place(addition->kind);

        json_open(json, NULL, '{');
        json_text(json, "in", place->parent);
        if (*addition->of)
            json_text(json, "of", addition->of);
        json_text(json, "what", place->element);
        json_text(json, "attribute", place->attribute);
        json_text(json, "text", addition->text);
        json_text(json, "old", addition->old);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_budget(struct json_writer *json, const struct plan_budget *budget)
{
    json_open(json, NULL, '{');
    json_text(json, "name", budget->name);
    json_text(json, "unit", budget->bytes ? "bytes" : "count");
    json_number(json, "used", budget->used);
    if (budget->unknown)
        json_nothing(json, "available");
    else
        json_number(json, "available", budget->available);
    json_text(json, "note", budget->note);
    json_close(json, '}');
}

static void write_budgets(struct source *source)
{
    json_open(&source->json, "budgets", '[');
    for (size_t i = 0; i < source->plan->budgets.count; i++)
        write_budget(&source->json, &source->plan->budgets.items[i]);
    json_close(&source->json, ']');
}

/* Only where large BARs need it. */
static void write_space(struct source *source)
{
    const struct plan_space *space = &source->plan->space;
    struct json_writer *json = &source->json;

    if (!space->there || space->need < HOST_HIGH_MEMORY)
        return;
    json_open(json, "address_space", '{');
    json_text(json, "firmware", space->firmware);
    json_flag(json, "fits", space->fits);
    json_number(json, "bits", space->bits);
    json_number(json, "memory_end", space->ram_end);
    if (space->hotplug_end)
        json_number(json, "hotplug_end", space->hotplug_end);
    else
        json_nothing(json, "hotplug_end");
    json_number(json, "window_base", space->base);
    json_number(json, "window_size", space->size);
    json_number(json, "needed", space->need);
    json_number(json, "limit", space->limit);
    json_close(json, '}');
}

static void write_finding(struct json_writer *json, const struct finding *finding)
{
    json_open(json, NULL, '{');
    json_text(json, "id", finding_code(finding->id));
    json_text(json, "severity", severity_name(finding->severity));
    json_text(json, "title", finding_title(finding->id));
    json_text(json, "subject", finding->subject);
    json_open(json, "subjects", '[');
    for (size_t i = 0; i < finding_subject_count(finding); i++)
        json_text(json, NULL, finding_subject_at(finding, i));
    json_close(json, ']');
    json_text(json, "text", finding->text);
    json_close(json, '}');
}

static void write_findings(struct source *source)
{
    json_open(&source->json, "findings", '[');
    for (size_t i = 0; i < source->plan->findings.count; i++)
        write_finding(&source->json, &source->plan->findings.items[i]);
    json_close(&source->json, ']');
}

static void write_plan(struct source *source)
{
    const struct vtopo_plan *plan = source->plan;
    struct json_writer *json = &source->json;

    json_open(json, NULL, '{');
    json_text(json, "format", "vtopo-plan");
    json_number(json, "version", PLAN_JSON_VERSION);
    json_text(json, "domain", source->domain->name);
    json_text(json, "mirror", mirror_word(plan->mirror));
    json_text(json, "outcome", plan->outcome == PLAN_UNCHANGED ? "unchanged" : "layout");
    json_flag(json, "realised", plan->realised);
    write_controllers(source);
    write_cards(source);
    write_devices(source);
    write_overrides(source);
    write_additions(source);
    write_pairs(source);
    write_budgets(source);
    write_space(source);
    write_findings(source);
    json_close(json, '}');
}

int plan_to_json(const struct vtopo_plan *plan, char **ret_text, struct vtopo_error **reterr)
{
    struct source source = {
        .plan = plan, .host = &plan->extract.host, .domain = &plan->extract.domain};
    char *text;

    if (!pairs_make(plan, SIZE_MAX, &source.pairs))
        return error_nomem(reterr);
    write_plan(&source);
    pairs_clear(&source.pairs);
    text = buffer_steal(&source.json.out);
    if (!text)
        return error_nomem(reterr);
    *ret_text = text;
    return 0;
}
