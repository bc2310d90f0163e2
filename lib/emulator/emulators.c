/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emulators.c - see emulator.h
 *
 * Takes:  a domain, or none.
 * Gives:  host->emulators, in order.
 * Rule:   with a domain at most one file is read; without one, every file that is libvirt's.
 * Not here: one file (cache_file.c), which one libvirt takes by itself (default_path.c).
 */
#include "emulator/emulator.h"

#include "base/error.h"
#include "emulator/cache_file.h"
#include "emulator/default_path.h"
#include "plan/ground/libvirt_adds.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

/* Of the system's libvirt.  A user's (qemu:///session) and a pod's are elsewhere. */
static const struct emulator_cache system_cache = {"/var/cache/libvirt/qemu/capabilities", 0};

/* --- of a domain --- */

/* Takes over the emulator. */
static int add(struct vtopo_host *host, struct host_emulator *emulator, struct vtopo_error **reterr)
{
    struct host_emulator *added = vec_add(&host->emulators);

    if (!added) {
        emulator_clear(emulator);
        return error_nomem(reterr);
    }
    *added = *emulator;
    return 0;
}

/* The default one is known by its architecture, whatever else is known of it. */
static int set_default(const char *arch, struct host_emulator *emulator,
                       struct vtopo_error **reterr)
{
    if (emulator->arch && strcmp(emulator->arch, arch))
        return 0;
    if (!emulator->arch)
        emulator->arch = strdup(arch);
    emulator->is_default = emulator->arch;
    return emulator->arch ? 0 : error_nomem(reterr);
}

static int read_one(const struct emulator_cache *cache, const char *path, const char *default_of,
                    struct vtopo_host *host, struct vtopo_error **reterr)
{
    struct host_emulator emulator;
    bool found;
    int r = cache_file_find(cache, path, &emulator, &found, reterr);

    if (r || !found)
        return r;
    if (default_of)
        r = set_default(default_of, &emulator, reterr);
    if (r) {
        emulator_clear(&emulator);
        return r;
    }
    return add(host, &emulator, reterr);
}

static int read_of_domain(const struct emulator_cache *cache, const struct domain *domain,
                          struct vtopo_host *host, struct vtopo_error **reterr)
{
    const char *arch = domain->arch ? domain->arch : "x86_64";
    char path[PATH_MAX];

    if (domain->emulator)
        return read_one(cache, domain->emulator, NULL, host, reterr);
    return default_path_find(arch, path) ? read_one(cache, path, arch, host, reterr) : 0;
}

/* --- all --- */

static int add_file(const struct emulator_cache *cache, const char *name, struct vtopo_host *host,
                    struct vtopo_error **reterr)
{
    struct host_emulator emulator;
    bool found;
    int r = cache_file_read(cache, name, &emulator, &found, reterr);

    return r || !found ? r : add(host, &emulator, reterr);
}

static int read_files(const struct emulator_cache *cache, DIR *folder, struct vtopo_host *host,
                      struct vtopo_error **reterr)
{
    const struct dirent *entry;
    int r = 0;

    while (!r && host->emulators.count < EMULATORS_MAX && (entry = readdir(folder)))
        r = add_file(cache, entry->d_name, host, reterr);
    return r;
}

static struct host_emulator *find(struct vtopo_host *host, const char *path)
{
    for (size_t i = 0; i < host->emulators.count; i++) {
        if (!strcmp(host->emulators.items[i].path, path))
            return &host->emulators.items[i];
    }
    return NULL;
}

static int mark_defaults(struct vtopo_host *host, struct vtopo_error **reterr)
{
    static const char *const archs[] = {"x86_64", "i686", "aarch64"};
    char path[PATH_MAX];
    int r = 0;

    for (size_t i = 0; !r && i < sizeof(archs) / sizeof(*archs); i++) {
        struct host_emulator *emulator =
            default_path_find(archs[i], path) ? find(host, path) : NULL;

        if (emulator)
            r = set_default(archs[i], emulator, reterr);
    }
    return r;
}

static int read_all(const struct emulator_cache *cache, struct vtopo_host *host,
                    struct vtopo_error **reterr)
{
    DIR *folder = opendir(cache->folder);
    int r;

    if (!folder)
        return errno == ENOMEM ? error_nomem(reterr) : 0;
    r = read_files(cache, folder, host, reterr);
    closedir(folder);
    return r ? r : mark_defaults(host, reterr);
}

int emulators_read(const struct emulator_cache *cache, const struct domain *domain,
                   struct vtopo_host *host, struct vtopo_error **reterr)
{
    int r = domain ? read_of_domain(cache, domain, host, reterr) : read_all(cache, host, reterr);

    return r ? r : emulators_finish(&host->emulators, reterr);
}

/* Does a version decide anything? */
static bool is_needed(const struct domain *domain, unsigned details)
{
    return !domain || details & HOST_EMULATOR || domain->iommufd || libvirt_version_counts(domain);
}

int emulators_read_live(const struct domain *domain, unsigned details, struct vtopo_host *host,
                        struct vtopo_error **reterr)
{
    return is_needed(domain, details) ? emulators_read(&system_cache, domain, host, reterr) : 0;
}
