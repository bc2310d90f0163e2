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
 * (sysfs/function.h) is left.
 */
#include "model/host.h"
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
    free(function->driver);
    free(function->netdev);
    function->driver = function->netdev = NULL;
    if (function_is_bridge(function)) {
        memset(function->bars, 0, sizeof(function->bars));
    } else {
        free(function->config);
        function->config = NULL;
        function->config_size = 0;
    }
}

static char *read_as_text(const char *tree, const struct domain *domain, struct vtopo_host *host)
{
    struct vtopo_error *error = NULL;
    char *text = NULL;

    int code = sysfs_read(tree, domain, HOST_PLACES, host, &error);

    for (size_t i = 0; !code && !domain && i < host->functions.count; i++)
        strip(&host->functions.items[i]);
    if (code || host_description_format(host, &text, &error)) {
        fprintf(stderr, "%s\n", vtopo_error_message(error));
        exit(1);
    }
    return text;
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
 * @expected: its function, NULL: it is made by software.  The domain has a cell, so that the CPUs
 * are not read.
 */
static bool check(const char *tree, const char *whole, struct domain_device device,
                  const struct bdf *expected)
{
    struct domain_cell cell = {0};
    struct domain domain = {
        .cells = {&cell, 1, 1},
        .devices = {&device, 1, 1},
    };
    struct vtopo_host host = {0};
    char *part = read_as_text(tree, &domain, &host);
    bool good = is_part(part, whole);

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

        good &= check(tree, whole,
                      (struct domain_device){.kind = DEVICE_HOSTDEV_PCI, .source = *bdf}, bdf);
    }
    for (size_t i = 0; i < host->mdevs.count; i++) {
        struct host_mdev *mdev = &host->mdevs.items[i];

        good &= check(tree, whole,
                      (struct domain_device){.kind = DEVICE_HOSTDEV_MDEV, .source_id = mdev->uuid},
                      mdev->software ? NULL : &mdev->parent);
    }
    for (size_t i = 0; i < host->vdpas.count; i++) {
        const struct host_vdpa *vdpa = &host->vdpas.items[i];
        char path[128];

        if (!vdpa->device)
            continue;
        snprintf(path, sizeof(path), "/dev/%s", vdpa->device);
        good &= check(tree, whole,
                      (struct domain_device){.kind = DEVICE_INTERFACE_VDPA, .source_id = path},
                      vdpa->software ? NULL : &vdpa->parent);
    }
    return good;
}

int main(int argc, char **argv)
{
    struct vtopo_host host = {0};
    char *whole;
    bool good;

    if (argc != 2)
        return 2;
    whole = read_as_text(argv[1], NULL, &host);
    good = check_all(argv[1], &host, whole);
    free(whole);
    host_clear(&host);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
