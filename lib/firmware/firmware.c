/* SPDX-License-Identifier: GPL-2.0-or-later */
/* firmware.c - see firmware.h */
#include "firmware/firmware.h"

#include "base/error.h"
#include "firmware/bios.h"
#include "firmware/descriptors.h"
#include "firmware/package.h"
#include "firmware/paths.h"
#include "model/high_memory.h"
#include "model/machine.h"

/* What domains of an architecture boot. */
struct uefi {
    enum host_firmware_kind kind;
    const char *arch, *package;
};

static const struct uefi uefi_x86 = {FIRMWARE_FILE_OVMF, "x86_64", "ovmf"};
static const struct uefi uefi_aarch64 = {FIRMWARE_FILE_AAVMF, "aarch64", "qemu-efi-aarch64"};

static int add(const char *path, enum host_firmware_kind kind, bool offered, unsigned version,
               struct vtopo_host *host, struct vtopo_error **reterr)
{
    return firmwares_add(&host->firmwares, path, kind, offered, version) ? 0 : error_nomem(reterr);
}

/* Those that QEMU may load by itself. */
static int add_bioses(const struct firmware_places *places, struct vtopo_host *host,
                      struct vtopo_error **reterr)
{
    int r = 0;

    for (size_t i = 0; !r && bios_paths[i]; i++) {
        unsigned version;
        bool there;

        r = bios_identify(places, bios_paths[i], &version, &there, reterr);
        if (!r && there)
            r = add(bios_paths[i], FIRMWARE_FILE_SEABIOS, false, version, host, reterr);
    }
    return r;
}

static int add_ovmf(const struct uefi *uefi, const struct package *package, const char *path,
                    bool offered, struct vtopo_host *host, struct vtopo_error **reterr)
{
    unsigned version;
    int r = package_identify(package, path, &version, reterr);

    /* What nothing is known of counts only beside others. */
    return r || (!version && !offered) || !emulator_is_path(path)
               ? r
               : add(path, uefi->kind, offered, version, host, reterr);
}

/* All that libvirt may take, and with @packaged all that there are. */
static int add_ovmfs(const struct uefi *uefi, const struct package *package, bool packaged,
                     struct vtopo_host *host, struct vtopo_error **reterr)
{
    struct paths paths;
    size_t offered;
    int r = descriptors_read(package->places, uefi->arch, &paths, reterr);

    offered = paths.count;
    if (!r && packaged)
        r = package_list(package, &paths, reterr);
    for (size_t i = 0; !r && i < paths.count && i < FIRMWARES_MAX / 2; i++)
        r = add_ovmf(uefi, package, paths.items[i], i < offered, host, reterr);
    paths_clear(&paths);
    return r;
}

/* What <loader> names. */
static int add_loader(const struct uefi *uefi, const struct package *package, const char *path,
                      struct vtopo_host *host, struct vtopo_error **reterr)
{
    unsigned version;
    bool there;
    int r;

    if (!bios_is_known(path))
        return add_ovmf(uefi, package, path, false, host, reterr);
    r = bios_identify(package->places, path, &version, &there, reterr);
    return r || !there ? r : add(path, FIRMWARE_FILE_SEABIOS, false, version, host, reterr);
}

/* Of a domain's firmware that may be OVMF; NULL: of all. */
static int add_of_package(const struct uefi *uefi, const struct firmware_places *places,
                          const struct domain *domain, struct vtopo_host *host,
                          struct vtopo_error **reterr)
{
    struct package package;
    int r = package_open(places, uefi->package, &package, reterr);

    if (!r)
        r = domain && domain->loader ? add_loader(uefi, &package, domain->loader, host, reterr)
                                     : add_ovmfs(uefi, &package, !domain, host, reterr);
    package_close(&package);
    return r;
}

int firmwares_read(const struct firmware_places *places, const struct domain *domain,
                   struct vtopo_host *host, struct vtopo_error **reterr)
{
    int r = 0;

    if (!domain || domain->firmware_choice == FIRMWARE_BY_QEMU)
        r = add_bioses(places, host, reterr);
    if (!r && (!domain || domain->firmware_choice == FIRMWARE_BY_LOADER ||
               domain->firmware_choice == FIRMWARE_BY_LIBVIRT))
        r = add_of_package(domain && domain_machine(domain)->needs_uefi ? &uefi_aarch64 : &uefi_x86,
                           places, domain, host, reterr);
    if (!r && !domain)
        r = add_of_package(&uefi_aarch64, places, NULL, host, reterr);
    return r ? r : firmwares_finish(&host->firmwares, reterr);
}

/* Before 2023.02 an aarch64 guest sees no NUMA nodes. */
static bool decides_cells(const struct domain *domain)
{
    return domain_machine(domain)->needs_uefi && domain->cells.count;
}

int firmwares_read_live(const struct domain *domain, unsigned details, struct vtopo_host *host,
                        struct vtopo_error **reterr)
{
    static const struct firmware_places system = {.root = "", .owner = 0};
    bool decides = !domain || decides_cells(domain) ||
                   (details & HOST_ADDRESSES && domain->kvm && domain_machine(domain)->rewritten &&
                    host_has_high_memory(host));

    return decides ? firmwares_read(&system, domain, host, reterr) : 0;
}
