/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * owned_devices.c - see owned_devices.h
 *
 * Takes:  a host, libvirt's address.
 * Gives:  the list of devices, or a host description, with the VMs that have them or will have
 *         them.
 * Rule:   libvirt's client library comes with a module that is loaded here and nowhere else: it
 *         brings some forty others, and most of what vtopo-host is asked needs none of them.
 * Not here: who has which (owners_module.c), how it looks (lib/report).
 */
#include "owned_devices.h"

#include "base/error.h"
#include "terminal.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Not by name alone: what is searched for along some path can be somebody else's.  Beside the
 * program it is where both are built.
 */
static void *open_module(void)
{
    static const char *const folders[] = {".", VTOPO_MODULES};
    char own[PATH_MAX], path[PATH_MAX + sizeof("/" VTOPO_MODULES "/" OWNERS_MODULE)];
    ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
    char *slash;
    void *module = NULL;

    own[length < 0 ? 0 : length] = '\0';
    slash = strrchr(own, '/');
    if (!slash)
        return NULL;
    *slash = '\0';
    for (size_t i = 0; !module && i < sizeof(folders) / sizeof(*folders); i++) {
        snprintf(path, sizeof(path), "%s/%s/" OWNERS_MODULE, own, folders[i]);
        module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    }
    return module;
}

/* A function of the module; NULL: there is none. */
static void *load(const char *name, struct vtopo_error **reterr)
{
    void *module = open_module();
    void *function = module ? dlsym(module, name) : NULL;
    const char *why = function ? NULL : dlerror();

    if (!function)
        error_set(reterr, VTOPO_ERR_FILE,
                  "libvirt cannot be asked: the part of vtopo that does it is missing (%s)",
                  why ? why : OWNERS_MODULE);
    return function;
}

int read_owners(const char *uri, const char *vm, struct owner_lists *ret,
                struct vtopo_error **reterr)
{
    read_owners_function *read = (read_owners_function *)load(OWNERS_FUNCTION, reterr);

    *ret = (struct owner_lists){0};
    return read ? read(uri, vm, ret, reterr) : VTOPO_ERR_FILE;
}

void owner_lists_clear(struct owner_lists *lists)
{
    for (size_t i = 0; i < lists->count; i++) {
        free(lists->devices[i]);
        free(lists->names[i]);
    }
    free(lists->devices);
    free(lists->names);
    free(lists->claims);
    free(lists->cpus);
    free(lists->live_xml);
    free(lists->xml);
    *lists = (struct owner_lists){0};
}

int list_owned_devices(const char *uri, const struct vtopo_host *host, enum vtopo_host_style style,
                       char **ret_text, struct vtopo_error **reterr)
{
    struct owner_lists lists;
    int r = read_owners(uri, NULL, &lists, reterr);

    if (!r)
        r = vtopo_host_list_owned(
            host, style, terminal_width(STDOUT_FILENO), (const char *const *)lists.devices,
            (const char *const *)lists.names, lists.claims, lists.count, ret_text, reterr);
    owner_lists_clear(&lists);
    return r;
}

int describe_owned_host(const char *uri, const char *path, const struct vtopo_host *host,
                        char **ret_text, struct vtopo_error **reterr)
{
    read_vms_function *read = (read_vms_function *)load(VMS_FUNCTION, reterr);
    struct vtopo_vms *vms = NULL;
    int r = read ? read(uri, path, &vms, reterr) : VTOPO_ERR_FILE;

    if (!r)
        r = vtopo_host_format_vms(host, vms, ret_text, reterr);
    vtopo_vms_free(vms);
    return r;
}
