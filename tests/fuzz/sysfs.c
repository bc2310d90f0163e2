/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysfs.c - fuzz the sysfs tree: read it, show it, plan fixed domains on it
 *
 * Takes:  an archive of a tree (archive.h).
 */
#include "archive.h"
#include "fuzz.h"

static void read_tree(const char *path, const struct vtopo_domain *domain)
{
    struct vtopo_host *host = NULL;
    struct vtopo_error *error = NULL;

    if (!fuzz_done(vtopo_host_read(path, domain, &host, &error), &error))
        return;
    if (domain)
        fuzz_plan(host, domain, NULL);
    else
        fuzz_show_host(host);
    vtopo_host_free(host);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vtopo_domain *functions, *mediated;
    const char *path = archive_unpack(data, size);

    if (!functions) {
        functions = fuzz_read_domain("tests/fuzz/devices.xml");
        mediated = fuzz_read_domain("tests/fuzz/mediated.xml");
    }
    read_tree(path, NULL);
    read_tree(path, functions);
    read_tree(path, mediated);
    return 0;
}
