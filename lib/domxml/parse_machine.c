/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_machine.c - the domain's UUID, type, machine, emulator, firmware, address bits, memory and
 * vCPU count
 *
 * Takes:  <domain> and its children; of <devices> the emulator alone.
 * Gives:  the plain members of struct domain.
 * Rule:   as libvirt 9.0 reads them (src/conf/domain_conf.c); what vtopo does not use is not looked
 *         at.
 */
#include "domxml/parse.h"

#include "base/error.h"
#include "base/hex.h"
#include "model/machine.h"

#include <limits.h>
#include <string.h>

static struct domain *model_of(const struct reader *reader)
{
    return &reader->domain->model;
}

bool path_is_bios(const char *path)
{
    const char *name = strrchr(path, '/');

    return strstr(name ? name : path, "bios") != NULL;
}

/*
 * Edk2 comes as pflash, or as a ROM where the guest is measured (SEV-SNP, TDX); the name of a ROM
 * is all that there is to tell it from SeaBIOS, which is what a domain without a loader gets.
 */
static int parse_firmware(const struct reader *reader, const struct node *root)
{
    const struct node *os = node_child(root, "os"), *loader = node_child(os, "loader");
    struct domain *model = model_of(reader);
    autofree char *path = loader ? node_text(loader) : NULL;

    if (loader && !path)
        return error_nomem(reader->reterr);
    if (node_attribute_is(os, "firmware", "efi") || node_attribute_is(loader, "type", "pflash") ||
        node_attribute_is(loader, "stateless", "yes") || (path && *path && !path_is_bios(path)))
        model->firmware = FIRMWARE_OVMF;
    if (path && *path) {
        model->firmware_choice = FIRMWARE_BY_LOADER;
        model->loader = steal(path);
    } else if (node_attribute_is(os, "firmware", "efi")) {
        model->firmware_choice = FIRMWARE_BY_LIBVIRT;
    } else if (loader || node_attribute(os, "firmware")) {
        model->firmware_choice = FIRMWARE_UNCLEAR;
    }
    return 0;
}

static int parse_os(const struct reader *reader, const struct node *root)
{
    struct domain *model = model_of(reader);
    const struct node *os = node_child(root, "os");
    int r = reader_copy(reader, node_child_attribute(os, "type", "arch"), &model->arch);

    if (!r)
        r = reader_copy(reader, node_child_attribute(os, "type", "machine"), &model->machine);
    if (r)
        return r;
    model->machine_kind = machine_kind_of(model->arch, model->machine);
    return parse_firmware(reader, root);
}

/*
 * Machine types that distributions give the host's address width by themselves: Red Hat's
 * ("pc-q35-rhel9.6.0", host-phys-bits in their compatibility properties) and Ubuntu's with -hpb in
 * the name.
 */
static bool machine_has_host_width(const char *machine)
{
    static const char hpb[] = "-hpb";
    size_t length = machine ? strlen(machine) : 0;

    if (length > strlen(hpb) && !strcmp(machine + length - strlen(hpb), hpb))
        return true;
    return machine && !strncmp(machine, "pc-q35-rhel", strlen("pc-q35-rhel"));
}

/*
 * <cpu mode='host-passthrough'> alone gives the guest the host's width, as maxphysaddr
 * passthrough does.
 */
static int parse_cpu(const struct reader *reader, const struct node *root)
{
    struct domain *model = model_of(reader);
    const struct node *cpu = node_child(root, "cpu");
    const struct node *width = node_child(cpu, "maxphysaddr");
    uint64_t bits = 0;
    int r;

    /* Under KVM both modes take the host's address width (QEMU's models "host" and "max"). */
    model->cpu_is_host = node_attribute_is(cpu, "mode", "host-passthrough") ||
                         node_attribute_is(cpu, "mode", "maximum");
    model->phys_bits = model->cpu_is_host || machine_has_host_width(model->machine) ? 0 : -1;
    if (!width)
        return 0;
    if (node_attribute_is(width, "mode", "passthrough")) {
        r = node_number(reader, width, "limit", 10, INT_MAX, &bits);
        model->phys_bits = (int)bits;
        return r;
    }
    r = node_number(reader, width, "bits", 10, INT_MAX, &bits);
    if (bits)
        model->phys_bits = (int)bits;
    return r;
}

static int parse_topology(const struct reader *reader, const struct node *root)
{
    const struct node *topology = node_child(node_child(root, "cpu"), "topology");
    uint64_t threads = 0, sockets = 0, dies = 1;
    int r = topology ? node_number(reader, topology, "threads", 10, UINT_MAX, &threads) : 0;

    if (!r && topology)
        r = node_number(reader, topology, "sockets", 10, UINT_MAX, &sockets);
    if (!r && topology)
        r = node_number(reader, topology, "dies", 10, UINT_MAX, &dies);

    model_of(reader)->threads = (unsigned)threads;
    model_of(reader)->sockets = (unsigned)sockets;
    model_of(reader)->dies = (unsigned)dies;
    return r;
}

static int parse_memory(const struct reader *reader, const struct node *root)
{
    const struct node *memory = node_child(root, "memory");
    autofree char *text = NULL;

    if (!memory)
        return 0;
    text = node_text(memory);
    if (!text)
        return error_nomem(reader->reterr);
    if (libvirt_size_kib(text, node_attribute(memory, "unit"), &model_of(reader)->memory_kib))
        return 0;
    return reader_refuse(reader, memory, "'%s' with this unit is not a size", CLIP(text));
}

/*
 * <vcpus> says it of each vCPU, and goes before <vcpu current>: the first ones
 * (virDomainVcpuParse()).
 */
static int parse_vcpus_off(const struct reader *reader, const struct node *root,
                           const struct node *vcpu)
{
    struct domain *model = model_of(reader);
    const struct node *list = node_child(root, "vcpus");
    uint64_t current = model->vcpus, id;
    int r = node_number(reader, vcpu, "current", 10, IDSET_LIMIT, &current);

    for (const struct node *one = node_child(list, "vcpu"); !r && one;
         one = node_next(one, "vcpu")) {
        id = IDSET_LIMIT;
        r = node_number(reader, one, "id", 10, UINT_MAX, &id);
        if (!r && id < model->vcpus && node_attribute_is(one, "enabled", "no") &&
            !idset_add(&model->vcpus_off, id))
            r = error_nomem(reader->reterr);
    }
    for (id = current; !r && !list && current && id < model->vcpus && id < IDSET_LIMIT; id++) {
        if (!idset_add(&model->vcpus_off, id))
            r = error_nomem(reader->reterr);
    }
    return r;
}

static int parse_vcpus(const struct reader *reader, const struct node *root)
{
    struct domain *model = model_of(reader);
    const struct node *vcpu = node_child(root, "vcpu");
    autofree char *text = NULL;
    uint64_t count;
    int r;

    model->vcpus = 1;
    model->placement_auto = node_attribute_is(vcpu, "placement", "auto");
    if (!vcpu)
        return 0;
    text = node_text(vcpu);
    if (!text)
        return error_nomem(reader->reterr);
    if (!libvirt_number(text, 10, IDSET_LIMIT, &count))
        return reader_refuse(reader, vcpu, "'%s' is not a number of vCPUs up to %d", CLIP(text),
                             IDSET_LIMIT);
    model->vcpus = (unsigned)count;
    r = parse_vcpus_off(reader, root, vcpu);
    if (r || model->placement_auto)
        return r; /* numad chooses: libvirt ignores the cpuset */
    return node_set(reader, vcpu, "cpuset", false, &model->vcpu_cpuset);
}

/* What decides whether P2P works (libvirt 12.2 has <iommufd> for all devices, older ones for each).
 */
static int parse_p2p(const struct reader *reader, const struct node *root)
{
    const struct node *features = node_child(root, "features");
    const struct node *kvm = node_child(features, "kvm"), *hyperv = node_child(features, "hyperv");
    const struct node *iommufd = node_child(root, "iommufd");
    struct domain *model = model_of(reader);

    if (domain_machine(model)->acpi_by_word && !node_child(features, "acpi"))
        model->acpi = ACPI_NOT_ASKED;
    model->acpi_table = node_child(node_child(node_child(root, "os"), "acpi"), "table");
    model->kvm_hidden = node_attribute_is(node_child(kvm, "hidden"), "state", "on");
    model->kvm_shown = node_child(kvm, "hidden") && !model->kvm_hidden;
    model->hyperv_host = node_attribute_is(hyperv, "mode", "passthrough");
    model->hyperv_vendor = node_child(hyperv, "vendor_id");
    model->guest_iommu = node_child(node_child(root, "devices"), "iommu");
    model->iommufd_for_all = iommufd && !node_attribute_is(iommufd, "enabled", "no");
    model->iommufd = model->iommufd_for_all;
    return 0;
}

static int parse_name(const struct reader *reader, const struct node *root)
{
    const struct node *name = node_child(root, "name");

    if (!name)
        return 0;
    model_of(reader)->name = node_text(name);
    return model_of(reader)->name ? 0 : error_nomem(reader->reterr);
}

/* 8-4-4-4-12 hexadecimal digits, as libvirt prints it: a name of a file, and nothing else. */
static bool copy_uuid(const char *text, char uuid[37])
{
    size_t i;

    for (i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? text[i] != '-' : hex_digit(text[i]) < 0)
            break;
        uuid[i] = dash ? '-' : "0123456789abcdef"[hex_digit(text[i])];
    }
    uuid[i] = '\0';
    return i == 36 && !text[i];
}

static int parse_uuid(const struct reader *reader, const struct node *root)
{
    const struct node *uuid = node_child(root, "uuid");
    autofree char *text = uuid ? node_text(uuid) : NULL;

    if (uuid && !text)
        return error_nomem(reader->reterr);
    if (uuid && !copy_uuid(text, model_of(reader)->uuid))
        model_of(reader)->uuid[0] = '\0';
    return 0;
}

/* <sysinfo type='fwcfg'><entry name=...>; plan/deliver.c */
static int parse_sysinfo(const struct reader *reader, const struct node *root)
{
    static const char delivered[] = "opt/org.vtopo/";
    const struct node *info = node_child(root, "sysinfo");

    for (; info; info = node_next(info, "sysinfo")) {
        const struct node *entry = node_child(info, "entry");

        for (; entry; entry = node_next(entry, "entry")) {
            const char *name = node_attribute(entry, "name");

            if (name && !strncmp(name, delivered, strlen(delivered)))
                model_of(reader)->delivered = true;
        }
    }
    return 0;
}

/* XPath's string(./devices/emulator[1]); an empty one is none. */
static int parse_emulator(const struct reader *reader, const struct node *root)
{
    const struct node *devices = node_child(root, "devices"), *emulator = NULL;
    autofree char *path = NULL;

    for (; devices && !emulator; devices = node_next(devices, "devices"))
        emulator = node_child(devices, "emulator");
    if (!emulator)
        return 0;
    path = node_text(emulator);
    if (!path)
        return error_nomem(reader->reterr);
    if (*path)
        model_of(reader)->emulator = steal(path);
    return 0;
}

int parse_machine(const struct reader *reader, const struct node *root)
{
    struct domain *model = model_of(reader);
    static int (*const parts[])(const struct reader *, const struct node *) = {
        parse_name,   parse_uuid,  parse_os,  parse_cpu,      parse_topology,
        parse_memory, parse_vcpus, parse_p2p, parse_emulator, parse_sysinfo,
    };
    int r = 0;

    model->running = node_attribute(root, "id") != NULL;
    model->kvm = node_attribute_is(root, "type", "kvm");
    for (size_t i = 0; !r && i < sizeof(parts) / sizeof(*parts); i++)
        r = parts[i](reader, root);
    return r;
}
