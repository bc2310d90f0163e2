/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook_files.c - see hook_files.h
 *
 * Takes:  /etc/libvirt/hooks/qemu.d/50-vtopo, as "vtopo-qemu-hook --enable" puts it there.
 * Rule:   libvirt runs what is an executable file there. The program is read from the script,
 *         which somebody may have changed; where it says none, none is looked at.
 */
#include "lsm/hook_files.h"

#include "base/readall.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCRIPT "/etc/libvirt/hooks/qemu.d/50-vtopo"
#define SCRIPT_MAX (64 << 10)
#define PROGRAM "\nprogram=\""

/* The real path of the name from @begin up to any of @ends; "": there is none. */
static void find_real(const char *begin, const char *ends, char ret_path[PATH_MAX])
{
    size_t length = strcspn(begin, ends);
    char name[PATH_MAX];

    ret_path[0] = '\0';
    if (length >= sizeof(name) || *begin != '/')
        return;
    memcpy(name, begin, length);
    name[length] = '\0';
    if (!realpath(name, ret_path))
        ret_path[0] = '\0';
}

static void read_names(const char *text, struct hook_files *files)
{
    const char *program = strstr(text, PROGRAM);

    if (!strncmp(text, "#!", 2))
        find_real(text + 2 + strspn(text + 2, " \t"), " \t\n", files->shell);
    if (program)
        find_real(program + strlen(PROGRAM), "\"\n", files->program);
}

static void read_script(struct hook_files *files)
{
    int fd = open(files->script, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    size_t length;
    char *text;

    if (fd < 0)
        return;
    if (!read_all(fd, SCRIPT_MAX, &text, &length)) {
        read_names(text, files);
        free(text);
    }
    close(fd);
}

bool hook_files_find(struct hook_files *ret_files)
{
    struct stat status;

    *ret_files = (struct hook_files){0};
    if (lstat(SCRIPT, &status) || !realpath(SCRIPT, ret_files->script))
        return false;
    ret_files->is_link = S_ISLNK(status.st_mode);
    if (stat(ret_files->script, &status) || !S_ISREG(status.st_mode) || !(status.st_mode & 0111))
        return false;
    read_script(ret_files);
    return true;
}
