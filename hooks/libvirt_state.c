/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvirt_state.c - see libvirt_state.h
 *
 * Takes:  the name of a domain, which is somebody else's.
 * Gives:  what is in /etc/libvirt/qemu (libvirt's virDomainConfigFile(): NAME.xml there is the
 *         definition, and a link to it in autostart makes it start with libvirt), and in /proc.
 * Rule:   libvirt waits for its hook with the domain locked, so nothing here talks to it.  What
 *         is not as libvirt 9.0 and 11.3 have it is not known.
 */
#include "libvirt_state.h"

#include "base/readfile.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFINITIONS "/etc/libvirt/qemu"
#define ANCESTORS 16 /* between this process and libvirt: a shell or two */

/* False: it is no name of a file. */
static bool make_path(const char *folder, const char *name, const char *end, char path[PATH_MAX])
{
    int length = snprintf(path, PATH_MAX, "%s/%s%s", folder, name, end);

    return *name && !strchr(name, '/') && length > 0 && length < PATH_MAX;
}

bool libvirt_read_definition(const char *name, struct vtopo_domain **ret_domain)
{
    char path[PATH_MAX], *text = NULL;
    size_t length;
    struct stat st;
    bool ok;

    *ret_domain = NULL;
    if (!make_path(DEFINITIONS, name, ".xml", path))
        return false;
    if (lstat(path, &st))
        return errno == ENOENT;
    if (!S_ISREG(st.st_mode) ||
        read_file(path, VTOPO_DOMAIN_MAX, VTOPO_ERR_FILE, &text, &length, NULL))
        return false;
    ok = !vtopo_domain_parse(text, length, path, ret_domain, NULL);
    free(text);
    return ok;
}

bool libvirt_starts_it(const char *name)
{
    static const char *const ends[] = {".xml", ".xml.once"}; /* "once" since libvirt 11.2 */
    char path[PATH_MAX];
    struct stat st;

    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        if (make_path(DEFINITIONS "/autostart", name, ends[i], path) && !lstat(path, &st))
            return true;
    }
    return false;
}

/* proc(5): "PID (NAME) STATE PPID ...", the start is field 22; a name may have anything in it. */
static bool read_process(long pid, char name[32], long *ret_parent, unsigned long long *ret_start)
{
    char path[48], line[1024];
    const char *begin, *end;
    size_t length;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    file = fopen(path, "re");
    if (!file)
        return false;
    length = fread(line, 1, sizeof(line) - 1, file);
    fclose(file);
    line[length] = '\0';
    begin = strchr(line, '(');
    end = strrchr(line, ')');
    if (!begin || !end)
        return false;
    snprintf(name, 32, "%.*s", (int)(end - begin - 1), begin + 1);
    return sscanf(
               end + 1,
               " %*c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
               ret_parent, ret_start) == 2;
}

bool libvirt_find_process(char ret_words[LIBVIRT_PROCESS_SIZE])
{
    long pid = getppid(), parent;
    unsigned long long start;
    char name[32];

    for (int i = 0; i < ANCESTORS && pid > 1 && read_process(pid, name, &parent, &start); i++) {
        if (!strcmp(name, "libvirtd") || !strcmp(name, "virtqemud")) {
            snprintf(ret_words, LIBVIRT_PROCESS_SIZE, "%ld %llu", pid, start);
            return true;
        }
        pid = parent;
    }
    return false;
}
