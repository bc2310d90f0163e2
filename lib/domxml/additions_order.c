/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * additions_order.c - where among its siblings libvirt prints an element
 *
 * Takes:  a parsed domain, a parent in it, the name of a child.
 * Gives:  the sibling behind which that goes.
 * Rule:   the order is that of virDomainDefFormatInternalSetRootName() and the functions that it
 *         calls (libvirt 9.0, <devices> of 12.8). Behind the last sibling of a name that comes
 * before, or is the same: a name that is not in the table goes last.
 */
#include "domxml/additions.h"

#include <string.h>

#define NAMES_MAX 48

static const struct {
    const char *parent;
    const char *names[NAMES_MAX];
} orders[] = {
    {"domain",
     {"name",
      "uuid",
      "genid",
      "title",
      "description",
      "metadata",
      "maxMemory",
      "memory",
      "currentMemory",
      "blkiotune",
      "memtune",
      "memoryBacking",
      "vcpu",
      "vcpus",
      "iothreads",
      "iothreadids",
      "defaultiothread",
      "cputune",
      "numatune",
      "resource",
      "sysinfo",
      "bootloader",
      "bootloader_args",
      "os",
      "idmap",
      "features",
      "cpu",
      "clock",
      "on_poweroff",
      "on_reboot",
      "on_crash",
      "on_lockfailure",
      "pm",
      "perf",
      "devices",
      "seclabel",
      "keywrap",
      "launchSecurity",
      "qemu:commandline"}},
    {"devices",
     {"emulator", "disk",       "controller", "lease",   "filesystem", "interface",   "smartcard",
      "serial",   "parallel",   "console",    "channel", "input",      "tpm",         "graphics",
      "sound",    "audio",      "video",      "hostdev", "redirdev",   "redirfilter", "hub",
      "watchdog", "memballoon", "rng",        "nvram",   "panic",      "shmem",       "memory",
      "crypto",   "iommu",      "vsock",      "pstore"}},
    {"controller", {"model", "target", "pcihole64", "driver", "alias", "address"}},
    {"cputune",
     {"shares", "period", "quota", "global_period", "global_quota", "emulator_period",
      "emulator_quota", "iothread_period", "iothread_quota", "vcpupin", "emulatorpin",
      "iothreadpin", "vcpusched", "emulatorsched", "iothreadsched", "cachetune", "memorytune"}},
    {"numatune", {"memory", "memnode"}},
    {"numa", {"cell", "interconnects"}},
    {"cell", {"distances", "cache"}},
    {"hostdev",
     {"driver", "source", "teaming", "readonly", "shareable", "boot", "alias", "rom", "acpi",
      "address"}},
    {"features", {"acpi", "apic", "pae", "hap", "viridian", "privnet", "hyperv", "kvm"}},
    {"hyperv",
     {"relaxed", "vapic", "spinlocks", "vpindex", "runtime", "synic", "stimer", "reset",
      "vendor_id"}},
    {"kvm", {"hidden"}},
    {"cpu",
     {"arch", "model", "vendor", "microcode", "counter", "signature", "topology", "cache",
      "maxphysaddr", "feature", "numa"}},
};

/* The place of the name in the order; NAMES_MAX: behind all that are there. */
static size_t rank_of(const char *const *names, const char *text, struct span name)
{
    for (size_t i = 0; i < NAMES_MAX && names[i]; i++) {
        if (scan_span_is(text, name, names[i]))
            return i;
    }
    return NAMES_MAX;
}

static const char *const *names_below(const struct vtopo_domain *domain, size_t parent)
{
    static const char *const none[] = {NULL};

    for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
        if (scan_span_is(domain->text, domain->scan.elements.items[parent].name, orders[i].parent))
            return orders[i].names;
    }
    return none;
}

size_t additions_neighbour(const struct vtopo_domain *domain, size_t parent, const char *name)
{
    const struct scan_element *items = domain->scan.elements.items;
    const char *const *names = names_below(domain, parent);
    size_t rank = rank_of(names, name, (struct span){0, strlen(name)}), found = SCAN_NONE;

    for (size_t child = items[parent].first_child; child != SCAN_NONE; child = items[child].next) {
        size_t other =
            items[child].foreign ? NAMES_MAX : rank_of(names, domain->text, items[child].name);

        if (other <= rank && (other < NAMES_MAX || rank == NAMES_MAX))
            found = child;
    }
    return found;
}
