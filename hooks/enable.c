/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * enable.c - see enable.h
 *
 * Takes:  50-vtopo of this installation; what is in /etc/libvirt/hooks.
 * Gives:  the script in /etc/libvirt/hooks/qemu.d, or none of vtopo's there.
 * Rule:   a copy, no link: the AppArmor profile of libvirtd (Debian 12, 13) lets it execute what
 *         lies in /etc/libvirt/hooks and in /usr/bin; a link counts as what it leads to, and a hook
 *         that cannot be executed stops every guest. What does not have the script's mark is
 *         somebody else's: it is never replaced or taken away. In qemu.d, where libvirt executes
 *         what it finds, nothing appears before it is whole.
 * Not here: restarting libvirt.
 */
#include "enable.h"

#include "../cmd/blocked_signals.h"
#include "../cmd/common.h"
#include "base/readall.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOOKS "/etc/libvirt/hooks"
#define FOLDER HOOKS "/qemu.d"
#define SCRIPT FOLDER "/50-vtopo"
#define MARK                                                                                       \
    "\n# Put here by \"vtopo-qemu-hook --enable\"; \"vtopo-qemu-hook --disable\" takes it away.\n"
#define SCRIPT_MAX (64 << 10)

enum owner { OWNER_NOBODY, OWNER_VTOPO, OWNER_OTHERS };

static int complain_errno(const char *program, const char *what, const char *path, int error)
{
    complain(program, "cannot %s %s: %s", what, path, strerror(error));
    return STATUS_FILE;
}

/* @flags: O_NOFOLLOW, or 0.  Returns 0 or an errno. */
static int read_file(const char *path, int flags, char **ret_text, size_t *ret_length)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags);
    struct stat status;
    int error;

    if (fd < 0)
        return errno;
    error = fstat(fd, &status) ? errno : S_ISREG(status.st_mode) ? 0 : EINVAL;
    if (!error)
        error = read_all(fd, SCRIPT_MAX, ret_text, ret_length);
    close(fd);
    return error;
}

/* The script of this installation: its folder is where this program's own is. */
static int read_own_script(const char *program, char **ret_text, size_t *ret_length)
{
    char own[PATH_MAX], path[PATH_MAX + sizeof("/" VTOPO_SCRIPTS "/50-vtopo")];
    ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
    char *slash;
    int error;

    if (length < 0)
        return complain_errno(program, "read", "/proc/self/exe", errno);
    own[length] = '\0';
    slash = strrchr(own, '/');
    if (slash)
        *slash = '\0';
    snprintf(path, sizeof(path), "%s/" VTOPO_SCRIPTS "/50-vtopo", own);
    error = read_file(path, 0, ret_text, ret_length);
    if (error == ENOMEM)
        return no_memory(program);
    return error ? complain_errno(program, "read", path, error) : STATUS_DONE;
}

/* Whose is what stands in the script's place?  A link is never vtopo's. */
static int find_owner(const char *program, enum owner *ret_owner)
{
    size_t length;
    char *text;
    int error = read_file(SCRIPT, O_NOFOLLOW, &text, &length);

    if (error == ENOENT)
        *ret_owner = OWNER_NOBODY;
    else if (error == ELOOP || error == EINVAL || error == ENXIO)
        *ret_owner = OWNER_OTHERS; /* a link, a folder, something else that is no file */
    else if (error == ENOMEM)
        return no_memory(program);
    else if (error)
        return complain_errno(program, "read", SCRIPT, error);
    else
        *ret_owner = strstr(text, MARK) ? OWNER_VTOPO : OWNER_OTHERS;
    if (!error)
        free(text);
    return STATUS_DONE;
}

static int refuse_others(const char *program)
{
    complain(program, SCRIPT " is somebody else's (no file with vtopo's mark), and stays as it is");
    return STATUS_REFUSED;
}

/* Has libvirt had a reason to look for hooks when it started? */
static bool has_hooks(void)
{
    DIR *folder = opendir(FOLDER);
    bool found = access(HOOKS "/qemu", X_OK) == 0;
    struct dirent *entry;

    if (!folder)
        return found;
    while (!found && (entry = readdir(folder)))
        found = strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
                faccessat(dirfd(folder), entry->d_name, X_OK, 0) == 0;
    closedir(folder);
    return found;
}

static int make_folder(const char *program, const char *path)
{
    if (!mkdir(path, 0755) || errno == EEXIST)
        return STATUS_DONE;
    return complain_errno(program, "make", path, errno);
}

static bool fill_script(int fd, const char *text, size_t length)
{
    return write_all(fd, text, length) && !fchmod(fd, 0755) && !fsync(fd);
}

/* Written beside qemu.d and closed (Linux executes nothing that is open for writing), then put into
 * its place. */
static int place_script(const char *program, const char *text, size_t length)
{
    char path[] = HOOKS "/.50-vtopo.XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    int error = 0;

    if (fd < 0)
        return complain_errno(program, "write into", HOOKS, errno);
    if (!fill_script(fd, text, length))
        error = errno;
    if (close(fd) && !error)
        error = errno;
    if (!error && link(path, SCRIPT))
        error = errno;
    unlink(path);
    if (error == EEXIST)
        return refuse_others(program);
    return error ? complain_errno(program, "write", SCRIPT, error) : STATUS_DONE;
}

/* Fedora's SELinux lets virtqemud read hooks, and not run them. */
static void warn_of_selinux(const char *program)
{
    int fd = open("/sys/fs/selinux/enforce", O_RDONLY | O_CLOEXEC);
    char enforce = '0';

    if (fd < 0)
        return;
    if (read(fd, &enforce, 1) == 1 && enforce == '1')
        complain(program, "SELinux is enforced here, and libvirt starts no guest whose hook it may "
                          "not run: see what 'vtopo-host check' says before the next start");
    close(fd);
}

static int put_script(const char *program, const char *text, size_t length)
{
    struct blocked_signals blocked;
    bool first = !has_hooks();
    int status = make_folder(program, HOOKS);

    if (!status)
        status = make_folder(program, FOLDER);
    if (status)
        return status;
    block_signals(&blocked);
    status = place_script(program, text, length);
    unblock_signals(&blocked);
    if (!status)
        complain(program, "enabled: " SCRIPT "%s",
                 first ? "; it is the first hook here, which libvirt looks for when it starts, so "
                         "restart it once (guests go on running): systemctl try-restart libvirtd "
                         "virtqemud"
                       : "");
    if (!status)
        warn_of_selinux(program);
    return status;
}

/* One with options in it is left as it is, and so is one that is older. */
static void report_enabled(const char *program, const char *text)
{
    size_t length;
    char *there;
    bool same = !read_file(SCRIPT, O_NOFOLLOW, &there, &length);

    if (same) {
        same = !strcmp(there, text);
        free(there);
    }
    complain(program, "enabled already: " SCRIPT "%s",
             same ? ""
                  : ", which is not as this version has it (somebody put options into it, or it is "
                    "older): --disable and --enable replace it");
}

int enable_hook(const char *program)
{
    enum owner owner = OWNER_NOBODY;
    size_t length = 0;
    char *text = NULL;
    int status = find_owner(program, &owner);

    if (status)
        return status;
    if (owner == OWNER_OTHERS)
        return refuse_others(program);
    status = read_own_script(program, &text, &length);
    if (!status && owner == OWNER_VTOPO)
        report_enabled(program, text);
    else if (!status)
        status = put_script(program, text, length);
    free(text);
    return status;
}

int disable_hook(const char *program)
{
    enum owner owner = OWNER_NOBODY;
    int status = find_owner(program, &owner);

    if (status)
        return status;
    if (owner == OWNER_OTHERS)
        return refuse_others(program);
    if (owner == OWNER_VTOPO && unlink(SCRIPT))
        return complain_errno(program, "take away", SCRIPT, errno);
    if (owner == OWNER_VTOPO)
        rmdir(FOLDER); /* if nothing else is in it */
    complain(program, owner == OWNER_VTOPO ? "disabled: " SCRIPT " is taken away"
                                           : "not enabled: there is no " SCRIPT);
    return STATUS_DONE;
}
