/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_description_format.c - write a host as a JSON file
 *
 * Takes:  a host.
 * Gives:  JSON text: a line for each emulator, node, core, function, mdev, vDPA device and VM, and
 *         config space last, because it is long.
 * Rule:   made for people too: addresses and ids as they are written elsewhere, unknown things left
 *         out.
 */
#include "json/host_description.h"

#include "base/error.h"
#include "model/link_text.h"
#include "model/version_text.h"
#include "json/writer.h"

#include <inttypes.h>
#include <string.h>

#define CONFIG_ROW 32

/* ", " between entries of a list, each on a line of its own. */
static void next_line(struct buffer *out, size_t at)
{
    buffer_add(out, at ? ",\n    " : "\n    ");
}

static bool print_set(struct buffer *out, const char *key, const struct idset *set)
{
    autofree char *text = idset_format(set);

    if (text)
        buffer_printf(out, "\"%s\": \"%s\"", key, text);
    return text;
}

static void print_pages(struct buffer *out, const struct host_node *node)
{
    for (size_t i = 0; i < node->pages.count; i++) {
        const struct host_pages *pages = &node->pages.items[i];

        buffer_printf(
            out, "%s{\"size_kib\": %" PRIu64 ", \"total\": %" PRIu64 ", \"free\": %" PRIu64 "}",
            i ? ", " : ", \"huge_pages\": [", pages->size_kib, pages->total, pages->free);
    }
    if (node->pages.count)
        buffer_add(out, "]");
}

static void print_name(struct buffer *out, const char *key, const char *name)
{
    if (!name)
        return;
    buffer_printf(out, ", \"%s\": ", key);
    json_add_string(out, name);
}

static void print_machines(struct buffer *out, const struct host_emulator *emulator)
{
    for (size_t i = 0; i < emulator->machines.count; i++) {
        buffer_add(out, i ? ", " : ", \"machines\": {");
        json_add_string(out, emulator->machines.items[i].alias);
        buffer_add(out, ": ");
        json_add_string(out, emulator->machines.items[i].name);
    }
    if (emulator->machines.count)
        buffer_add(out, "}");
}

static void print_emulator(struct buffer *out, const struct host_emulator *emulator)
{
    buffer_add(out, "{\"path\": ");
    json_add_string(out, emulator->path);
    if (emulator->state != EMULATOR_KNOWN)
        print_name(out, "state", emulator_state_name(emulator->state));
    if (emulator->is_default)
        buffer_add(out, ", \"default\": true");
    print_name(out, "arch", emulator->arch);
    if (emulator->state == EMULATOR_KNOWN)
        buffer_printf(out, ", \"qemu_version\": \"%s\", \"libvirt_version\": \"%s\"",
                      VERSION_TEXT(emulator->qemu_version),
                      VERSION_TEXT(emulator->libvirt_version));
    print_machines(out, emulator);
    buffer_add(out, "}");
}

static void print_emulators(struct buffer *out, const struct vtopo_host *host)
{
    buffer_add(out, ",\n  \"emulators\": [");
    for (size_t i = 0; i < host->emulators.count; i++) {
        next_line(out, i);
        print_emulator(out, &host->emulators.items[i]);
    }
    buffer_add(out, "\n  ]");
}

static void print_firmware(struct buffer *out, const struct host_firmware *firmware)
{
    static const char *const kinds[] = {[FIRMWARE_FILE_SEABIOS] = "seabios",
                                        [FIRMWARE_FILE_OVMF] = "ovmf",
                                        [FIRMWARE_FILE_AAVMF] = "aavmf"};

    buffer_add(out, "{\"path\": ");
    json_add_string(out, firmware->path);
    buffer_printf(out, ", \"kind\": \"%s\"", kinds[firmware->kind]);
    if (firmware->version)
        buffer_printf(out, ", \"version\": \"%s\"", VERSION_TEXT(firmware->version));
    buffer_add(out, firmware->offered ? ", \"offered\": true}" : "}");
}

static void print_firmwares(struct buffer *out, const struct vtopo_host *host)
{
    buffer_add(out, ",\n  \"firmware\": [");
    for (size_t i = 0; i < host->firmwares.count; i++) {
        next_line(out, i);
        print_firmware(out, &host->firmwares.items[i]);
    }
    buffer_add(out, "\n  ]");
}

static bool print_nodes(struct buffer *out, const struct vtopo_host *host)
{
    buffer_add(out, ",\n  \"nodes\": [");
    for (size_t i = 0; i < host->nodes.count; i++) {
        const struct host_node *node = &host->nodes.items[i];

        next_line(out, i);
        buffer_printf(out, "{\"id\": %u, ", node->id);
        if (!print_set(out, "cpus", &node->cpus))
            return false;
        if (node->initiator)
            buffer_add(out, ", \"initiator\": true");
        if (node->memory_kib)
            buffer_printf(out, ", \"memory_kib\": %" PRIu64, node->memory_kib);
        if (node->memory_free_kib)
            buffer_printf(out, ", \"memory_free_kib\": %" PRIu64, node->memory_free_kib);
        print_pages(out, node);
        for (size_t k = 0; node->distances && k < host->nodes.count; k++)
            buffer_printf(out, k ? ", %u" : ", \"distances\": [%u", node->distances[k]);
        buffer_add(out, node->distances ? "]}" : "}");
    }
    buffer_add(out, "\n  ]");
    return true;
}

/* Every thread of a core says the same, so the lowest speaks for it. */
static bool print_cores(struct buffer *out, const struct vtopo_host *host)
{
    size_t printed = 0;

    buffer_add(out, ",\n  \"cores\": [");
    for (size_t i = 0; i < host->cpus.count; i++) {
        const struct host_cpu *cpu = &host->cpus.items[i];

        if (idset_next(&cpu->siblings, 0) != cpu->id)
            continue;
        next_line(out, printed++);
        buffer_printf(out, "{\"package\": %u, \"core\": %u, ", cpu->package, cpu->core);
        if (!print_set(out, "cpus", &cpu->siblings))
            return false;
        buffer_add(out, "}");
    }
    buffer_add(out, "\n  ]");
    return true;
}

static void print_bars(struct buffer *out, const struct host_function *function)
{
    size_t count = HOST_BARS;

    while (count && !function->bars[count - 1].size)
        count--;
    for (size_t i = 0; i < count; i++) {
        buffer_add(out, i ? ", " : ", \"bars\": [");
        if (function->bars[i].size)
            buffer_printf(out, "\"%s\"", bar_format(&function->bars[i], (char[BAR_TEXT_SIZE]){0}));
        else
            buffer_add(out, "null");
    }
    if (count)
        buffer_add(out, "]");
}

static void print_link(struct buffer *out, const char *key, const struct host_link *link)
{
    if (link->speed || link->width)
        buffer_printf(out, ", \"%s\": \"%s\"", key, link_format(link, (char[LINK_TEXT_SIZE]){0}));
}

static void print_ids(struct buffer *out, const struct host_function *function)
{
    buffer_printf(
        out, ", \"class\": \"0x%06" PRIx32 "\", \"vendor\": \"0x%04x\", \"device\": \"0x%04x\"",
        function->class_code, function->vendor, function->device);
    if (function->subsystem_vendor || function->subsystem_device)
        buffer_printf(out, ", \"subsystem_vendor\": \"0x%04x\", \"subsystem_device\": \"0x%04x\"",
                      function->subsystem_vendor, function->subsystem_device);
    if (function->revision)
        buffer_printf(out, ", \"revision\": \"0x%02x\"", function->revision);
}

static void print_function(struct buffer *out, const struct vtopo_host *host,
                           const struct host_function *function)
{
    buffer_printf(out, "{\"bdf\": \"%s\"", BDF_TEXT(&function->bdf));
    if (function->parent == HOST_NONE)
        buffer_printf(out, ", \"root\": \"%04" PRIx32 ":%02x\"", function->root.domain,
                      function->root.bus);
    else
        buffer_printf(out, ", \"parent\": \"%s\"",
                      BDF_TEXT(&host->functions.items[function->parent].bdf));
    print_name(out, "port", port_kind_format(function->port));
    print_ids(out, function);
    if (function->node >= 0)
        buffer_printf(out, ", \"node\": %d", function->node);
    if (function->iommu_group >= 0)
        buffer_printf(out, ", \"iommu_group\": %d", function->iommu_group);
    if (function->is_vf)
        buffer_printf(out, ", \"physfn\": \"%s\"", BDF_TEXT(&function->physfn));
    if (function->vfs || function->vfs_total)
        buffer_printf(out, ", \"vfs\": %u, \"vfs_total\": %u", function->vfs, function->vfs_total);
    print_name(out, "smmu", function->smmu);
    print_name(out, "driver", function->driver);
    print_name(out, "netdev", function->netdev);
    print_name(out, "use", host_use_name(function->use));
    print_name(out, "vgpu_type", function->vgpu_type);
    print_bars(out, function);
    print_link(out, "link_max", &function->link_max);
    print_link(out, "link_now", &function->link_now);
    buffer_add(out, "}");
}

static void print_functions(struct buffer *out, const struct vtopo_host *host)
{
    buffer_add(out, ",\n  \"functions\": [");
    for (size_t i = 0; i < host->functions.count; i++) {
        next_line(out, i);
        print_function(out, host, &host->functions.items[i]);
    }
    buffer_add(out, "\n  ]");
}

static void print_mdevs(struct buffer *out, const struct vtopo_host *host)
{
    buffer_add(out, ",\n  \"mdevs\": [");
    for (size_t i = 0; i < host->mdevs.count; i++) {
        const struct host_mdev *mdev = &host->mdevs.items[i];

        next_line(out, i);
        buffer_printf(out, "{\"uuid\": \"%s\"", mdev->uuid);
        if (!mdev->software)
            buffer_printf(out, ", \"parent\": \"%s\"", BDF_TEXT(&mdev->parent));
        print_name(out, "type", mdev->type);
        print_name(out, "type_name", mdev->type_name);
        if (mdev->iommu_group >= 0)
            buffer_printf(out, ", \"iommu_group\": %d", mdev->iommu_group);
        buffer_add(out, "}");
    }
    buffer_add(out, "\n  ]");
}

static void print_vdpas(struct buffer *out, const struct vtopo_host *host)
{
    buffer_add(out, ",\n  \"vdpas\": [");
    for (size_t i = 0; i < host->vdpas.count; i++) {
        const struct host_vdpa *vdpa = &host->vdpas.items[i];

        next_line(out, i);
        buffer_add(out, "{\"name\": ");
        json_add_string(out, vdpa->name);
        if (!vdpa->software)
            buffer_printf(out, ", \"parent\": \"%s\"", BDF_TEXT(&vdpa->parent));
        print_name(out, "device", vdpa->device);
        buffer_add(out, "}");
    }
    buffer_add(out, "\n  ]");
}

static void print_claim(struct buffer *out, const struct host_claim *claim)
{
    buffer_add(out, "{\"device\": ");
    json_add_string(out, claim->device);
    if (claim->now)
        buffer_add(out, ", \"running\": true");
    if (claim->next)
        buffer_add(out, ", \"defined\": true");
    buffer_add(out, "}");
}

static void print_vm(struct buffer *out, const struct host_vm *vm)
{
    buffer_add(out, "{\"name\": ");
    json_add_string(out, vm->name);
    buffer_printf(out, ", \"running\": %s, \"topology\": \"%s\"", vm->running ? "true" : "false",
                  vm_topology_name(vm->topology));
    if (*vm->reason) {
        buffer_add(out, ", \"reason\": ");
        json_add_string(out, vm->reason);
    }
    for (size_t i = 0; i < vm->claims.count; i++) {
        buffer_add(out, i ? ",\n      " : ", \"devices\": [\n      ");
        print_claim(out, &vm->claims.items[i]);
    }
    buffer_add(out, vm->claims.count ? "]}" : "}");
}

static void print_vms(struct buffer *out, const struct vtopo_host *host)
{
    buffer_add(out, ",\n  \"vms\": [");
    for (size_t i = 0; i < host->vms.count; i++) {
        next_line(out, i);
        print_vm(out, &host->vms.items[i]);
    }
    buffer_add(out, host->vms.count ? "\n  ]" : "]");
}

static bool is_zero(const unsigned char *bytes, size_t count)
{
    while (count && !bytes[count - 1])
        count--;
    return !count;
}

static char *put_hex(char *at, unsigned byte)
{
    static const char digits[] = "0123456789abcdef";

    *at++ = digits[byte >> 4];
    *at++ = digits[byte & 15];
    return at;
}

/* One row of config space, put together by hand: a large host has millions of bytes. */
static void print_row(struct buffer *out, size_t offset, const unsigned char *bytes, size_t count)
{
    char row[sizeof(",\n      \"000\": \"\"") + 2 * CONFIG_ROW];
    char *at = stpcpy(row, ",\n      \"");

    *at++ = "0123456789abcdef"[offset >> 8 & 15];
    at = stpcpy(put_hex(at, offset & 0xff), "\": \"");
    for (size_t i = 0; i < count; i++)
        at = put_hex(at, bytes[i]);
    *at++ = '"';
    buffer_add_bytes(out, row, (size_t)(at - row));
}

/* Rows of 32 bytes by their offset; rows of zeros are left out. */
static void print_config(struct buffer *out, const struct host_function *function)
{
    buffer_printf(out, "\"%s\": {\"size\": %zu", BDF_TEXT(&function->bdf), function->config_size);
    for (size_t at = 0; at < function->config_size; at += CONFIG_ROW) {
        size_t left = function->config_size - at;
        size_t count = left < CONFIG_ROW ? left : CONFIG_ROW;

        if (!is_zero(function->config + at, count))
            print_row(out, at, function->config + at, count);
    }
    buffer_add(out, "}");
}

static void print_configs(struct buffer *out, const struct vtopo_host *host)
{
    size_t printed = 0;

    for (size_t i = 0; i < host->functions.count; i++) {
        if (!host->functions.items[i].config_size)
            continue;
        if (!printed)
            buffer_add(out, ",\n  \"config\": {");
        next_line(out, printed++);
        print_config(out, &host->functions.items[i]);
    }
    if (printed)
        buffer_add(out, "\n  }");
}

static void print_addresses(struct buffer *out, const struct host_processor *processor)
{
    buffer_printf(out, ", \"address_bits\": %u", processor->bits);
    if (processor->kernel_bits)
        buffer_printf(out, ", \"kernel_address_bits\": %u", processor->kernel_bits);
    buffer_printf(out, ", \"guest_address_bits\": %u, \"pdpe1gb\": %s, \"la57\": %s",
                  processor->guest_bits, processor->pages_1g ? "true" : "false",
                  processor->la57 ? "true" : "false");
}

static void print_processor(struct buffer *out, const struct host_processor *processor)
{
    buffer_printf(out, ",\n  \"processor\": {\"vendor\": \"%s\", \"family\": %u, \"model\": %u",
                  processor->vendor, processor->family, processor->model);
    if (processor->bits)
        print_addresses(out, processor);
    buffer_add(out, "}");
}

static bool print_host(struct buffer *out, const struct vtopo_host *host)
{
    buffer_printf(out, "{\n  \"vtopo_host\": %d", HOST_DESCRIPTION_VERSION);
    if (*host->kernel)
        buffer_printf(out, ",\n  \"kernel\": \"%s\"", host->kernel);
    if (*host->processor.vendor)
        print_processor(out, &host->processor);
    else if (host->processor.bits) /* not x86: nothing else is known, and counts */
        buffer_printf(out, ",\n  \"processor\": {\"address_bits\": %u}", host->processor.bits);
    if (host->emulators.count)
        print_emulators(out, host);
    if (host->firmwares.count)
        print_firmwares(out, host);
    if (host->nodes.count && !print_nodes(out, host))
        return false;
    if (!idset_empty(&host->isolated)) {
        buffer_add(out, ",\n  ");
        if (!print_set(out, "isolated", &host->isolated))
            return false;
    }
    if (host->cpus.count && !print_cores(out, host))
        return false;
    print_functions(out, host);
    if (host->mdevs.count)
        print_mdevs(out, host);
    if (host->vdpas.count)
        print_vdpas(out, host);
    if (host->vms.known)
        print_vms(out, host);
    print_configs(out, host);
    buffer_add(out, "\n}\n");
    return true;
}

int host_description_format(const struct vtopo_host *host, char **ret_text,
                            struct vtopo_error **reterr)
{
    autobuffer struct buffer out = {0};
    char *text = print_host(&out, host) ? buffer_steal(&out) : NULL;

    if (!text)
        return error_nomem(reterr);
    *ret_text = text;
    return 0;
}
