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

static int add(const char *path, bool is_ovmf, bool offered, unsigned version,
               struct vtopo_host *host, struct vtopo_error **reterr)
{
    return firmwares_add(&host->firmwares, path, is_ovmf, offered, version) ? 0
                                                                            : error_nomem(reterr);
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
            r = add(bios_paths[i], false, false, version, host, reterr);
    }
    return r;
}

static int add_ovmf(const struct package *package, const char *path, bool offered,
                    struct vtopo_host *host, struct vtopo_error **reterr)
{
    unsigned version;
    int r = package_identify(package, path, &version, reterr);

    /* What nothing is known of counts only beside others. */
    return r || (!version && !offered) || !emulator_is_path(path)
               ? r
               : add(path, true, offered, version, host, reterr);
}

/* All that libvirt may take, and with @packaged all that there are. */
static int add_ovmfs(const struct package *package, bool packaged, struct vtopo_host *host,
                     struct vtopo_error **reterr)
{
    struct paths paths;
    size_t offered;
    int r = descriptors_read(package->places, &paths, reterr);

    offered = paths.count;
    if (!r && packaged)
        r = package_list(package, &paths, reterr);
    for (size_t i = 0; !r && i < paths.count && i < FIRMWARES_MAX / 2; i++)
        r = add_ovmf(package, paths.items[i], i < offered, host, reterr);
    paths_clear(&paths);
    return r;
}

/* What <loader> names. */
static int add_loader(const struct package *package, const char *path, struct vtopo_host *host,
                      struct vtopo_error **reterr)
{
    unsigned version;
    bool there;
    int r;

    if (!bios_is_known(path))
        return add_ovmf(package, path, false, host, reterr);
    r = bios_identify(package->places, path, &version, &there, reterr);
    return r || !there ? r : add(path, false, false, version, host, reterr);
}

/* Of a domain's firmware that may be OVMF; NULL: of all. */
static int add_of_package(const struct firmware_places *places, const struct domain *domain,
                          struct vtopo_host *host, struct vtopo_error **reterr)
{
    struct package package;
    int r = package_open(places, &package, reterr);

    if (!r)
        r = domain && domain->loader ? add_loader(&package, domain->loader, host, reterr)
                                     : add_ovmfs(&package, !domain, host, reterr);
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
        r = add_of_package(places, domain, host, reterr);
    return r ? r : firmwares_finish(&host->firmwares, reterr);
}

int firmwares_read_live(const struct domain *domain, unsigned details, struct vtopo_host *host,
                        struct vtopo_error **reterr)
{
    static const struct firmware_places system = {.root = "", .owner = 0};
    bool decides = !domain || (details & HOST_ADDRESSES && domain->kvm &&
                               domain_machine(domain)->rewritten && host_has_high_memory(host));

    return decides ? firmwares_read(&system, domain, host, reterr) : 0;
}
