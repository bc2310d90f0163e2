/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domain_mode.c - what is read for a domain is what is read of the whole host, only less
 *
 * usage: domain_mode TREE
 *
 * Takes:  a sysfs tree.
 * Gives:  a line and exit status 1 for each assignable function, mdev or vDPA device of which a
 *         domain that has only it sees something else than the whole host says.
 * Rule:   compares the lines of the host description, of which only what a plan needs
 *         (sysfs/function.h) is left. Of a bridge that only is above a device fewer things are
 *         read; of its config space what was read must be the same and must give the same answers.
 */
#include "model/host.h"
#include "model/pcicap.h"
#include "sysfs/function.h"
#include "sysfs/sysfs.h"
#include "json/host_description.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Leaves what is read for a domain. */
static void strip(struct host_function *function)
{
    function->subsystem_vendor = function->subsystem_device = function->revision = 0;
    function->vfs = function->vfs_total = 0;
    function->link_max = function->link_now = (struct host_link){0};
    free(function->smmu);
    function->smmu = NULL;
    free(function->netdev);
    function->netdev = NULL;
    function->use = HOST_USE_UNKNOWN;
    if (function_is_bridge(function)) {
        memset(function->bars, 0, sizeof(function->bars));
        free(function->driver);
        function->driver = NULL;
    } else {
        free(function->config);
        function->config = NULL;
        function->config_size = 0;
    }
}

/* Pages are for those that divide a domain into cells. */
static void strip_pages(struct vtopo_host *host)
{
    for (size_t i = 0; i < host->nodes.count; i++)
        host->nodes.items[i].pages.count = 0;
}

static void must(int code, struct vtopo_error *error)
{
    if (!code)
        return;
    fprintf(stderr, "%s\n", vtopo_error_message(error));
    exit(1);
}

static char *format(const struct vtopo_host *host)
{
    struct vtopo_error *error = NULL;
    char *text = NULL;

    must(host_description_format(host, &text, &error), error);
    return text;
}

/* The same capability, with the same first @count bytes, in both. */
static bool is_same_capability(const struct host_function *part, const struct host_function *whole,
                               bool extended, uint16_t id, size_t count)
{
    size_t at = 0, other = 0;
    enum pcicap_result result, expected;

    if (extended) {
        result = pcicap_find_extended(part->config, part->config_size, id, &at);
        expected = pcicap_find_extended(whole->config, whole->config_size, id, &other);
    } else {
        result = pcicap_find(part->config, part->config_size, (uint8_t)id, &at);
        expected = pcicap_find(whole->config, whole->config_size, (uint8_t)id, &other);
    }
    return result == expected && at == other &&
           (result != PCICAP_FOUND || (at + count <= part->config_size &&
                                       !memcmp(part->config + at, whole->config + at, count)));
}

/* Root ports and upstream ports may need no config space. */
static bool is_same_config(const struct host_function *part, const struct host_function *whole)
{
    size_t header = part->config_size < 64 ? part->config_size : 64;

    if (!part->config)
        return !whole->config || part->port == PORT_ROOT || part->port == PORT_UPSTREAM;
    return part->config_size <= whole->config_size && header <= whole->config_size &&
           !memcmp(part->config, whole->config, header) &&
           is_same_capability(part, whole, false, PCICAP_EXPRESS, 4) &&
           is_same_capability(part, whole, true, PCICAP_EXT_ACS, 8);
}

/* Fills in from the whole host what was not read of a bridge; false: what was read is another. */
static bool complete(struct host_function *part, const struct host_function *whole, bool only_above)
{
    if (!function_is_bridge(part))
        return !part->config;
    if (!is_same_config(part, whole))
        return false;
    free(part->config);
    part->config = whole->config_size ? malloc(whole->config_size) : NULL;
    if (part->config)
        memcpy(part->config, whole->config, whole->config_size);
    part->config_size = whole->config_size;
    memset(part->bars, 0, sizeof(part->bars));
    free(part->driver); /* of an assigned bridge */
    part->driver = NULL;
    if (only_above && part->node == -1 && part->iommu_group == -1) {
        part->node = whole->node;
        part->iommu_group = whole->iommu_group;
    }
    return true;
}

static bool complete_all(struct vtopo_host *part, const struct vtopo_host *whole,
                         const struct bdf *device)
{
    for (size_t i = 0; i < part->functions.count; i++) {
        struct host_function *function = &part->functions.items[i];
        size_t at = host_find(whole, &function->bdf);

        if (at == HOST_NONE || !complete(function, &whole->functions.items[at],
                                         !device || !bdf_equal(device, &function->bdf))) {
            printf("%s has another config space than in the whole host\n",
                   BDF_TEXT(&function->bdf));
            return false;
        }
    }
    return true;
}

/* Every line of @part, but for a comma at its end, is in @whole. */
static bool is_part(char *part, const char *whole)
{
    char *save = NULL;

    for (char *line = strtok_r(part, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        size_t length = strlen(line);

        if (line[length - 1] == ',')
            line[length - 1] = '\0';
        if (!strstr(whole, line)) {
            printf("not in the whole host: %s\n", line);
            return false;
        }
    }
    return true;
}

/*
 * @expected: its function, NULL: it is made by software.  The domain has a cell that is tied to
 * a node, so that the CPUs are not read.
 */
static bool check(const char *tree, const struct vtopo_host *all, const char *whole,
                  struct domain_device device, const struct bdf *expected)
{
    struct domain_cell cell = {0};
    struct domain_memnode memnode = {0};
    struct domain domain = {
        .cells = {&cell, 1, 1},
        .memnodes = {&memnode, 1, 1},
        .devices = {&device, 1, 1},
    };
    struct vtopo_host host = {0};
    struct vtopo_error *error = NULL;
    char *part;
    bool good;

    must(sysfs_read(tree, &domain, HOST_PLACES, &host, &error), error);
    good = complete_all(&host, all, expected);
    part = format(&host);
    good &= is_part(part, whole);

    if (good && !expected && host.functions.count + host.mdevs.count + host.vdpas.count != 1) {
        printf("%s is missing, or not alone\n", device.source_id);
        good = false;
    }
    if (good && ((expected && host_find(&host, expected) == HOST_NONE) || host.cpus.count)) {
        printf("%s is missing, or CPUs were read\n", expected ? BDF_TEXT(expected) : "it");
        good = false;
    }
    free(part);
    host_clear(&host);
    return good;
}

static bool check_all(const char *tree, const struct vtopo_host *host, const char *whole)
{
    bool good = true;

    for (size_t i = 0; i < host->functions.count; i++) {
        const struct bdf *bdf = &host->functions.items[i].bdf;

        good &= check(tree, host, whole,
                      (struct domain_device){.kind = DEVICE_HOSTDEV_PCI, .source = *bdf}, bdf);
    }
    for (size_t i = 0; i < host->mdevs.count; i++) {
        struct host_mdev *mdev = &host->mdevs.items[i];

        good &= check(tree, host, whole,
                      (struct domain_device){.kind = DEVICE_HOSTDEV_MDEV, .source_id = mdev->uuid},
                      mdev->software ? NULL : &mdev->parent);
    }
    for (size_t i = 0; i < host->vdpas.count; i++) {
        const struct host_vdpa *vdpa = &host->vdpas.items[i];
        char path[128];

        if (!vdpa->device)
            continue;
        snprintf(path, sizeof(path), "/dev/%s", vdpa->device);
        good &= check(tree, host, whole,
                      (struct domain_device){.kind = DEVICE_INTERFACE_VDPA, .source_id = path},
                      vdpa->software ? NULL : &vdpa->parent);
    }
    return good;
}

int main(int argc, char **argv)
{
    struct vtopo_host host = {0};
    struct vtopo_error *error = NULL;
    char *whole;
    bool good;

    if (argc != 2)
        return 2;
    must(sysfs_read(argv[1], NULL, HOST_PLACES, &host, &error), error);
    for (size_t i = 0; i < host.functions.count; i++)
        strip(&host.functions.items[i]);
    strip_pages(&host);
    whole = format(&host);
    good = check_all(argv[1], &host, whole);
    free(whole);
    host_clear(&host);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
