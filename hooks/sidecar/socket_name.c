/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * socket_name.c - see socket_name.h
 *
 * Takes:  a folder, the name of a container.
 * Gives:  the path of a dead socket of the same container, or one that nobody else has.
 * Rule:   virt-launcher ignores a second socket with a file name that it knows, so there is a
 *         random number in it; and it goes on calling the file name that once answered, so the name
 *         stays what it is when a container is started again.
 */
#include "socket_name.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "vtopo-"
#define SUFFIX ".sock"
#define DIGITS 16

int socket_new(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

struct sockaddr_un socket_address(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    memccpy(address.sun_path, path, '\0', sizeof(address.sun_path) - 1);
    return address;
}

bool socket_is_dead(const char *path)
{
    struct sockaddr_un address = socket_address(path);
    int fd = socket_new();
    bool dead = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) &&
                errno == ECONNREFUSED;

    if (fd >= 0)
        close(fd);
    return dead;
}

/* A container's name, as Kubernetes allows it. */
static bool is_name(const char *container)
{
    size_t length = container ? strlen(container) : 0;

    for (size_t i = 0; i < length; i++) {
        if (!islower((unsigned char)container[i]) && !isdigit((unsigned char)container[i]) &&
            container[i] != '-')
            return false;
    }
    return length && length <= 63;
}

static bool has_form(const char *name, const char *begin)
{
    size_t length = strlen(name), rest = strlen(begin) + DIGITS + strlen(SUFFIX);

    return length == rest && !strncmp(name, begin, strlen(begin)) &&
           strspn(name + strlen(begin), "0123456789abcdef") == DIGITS &&
           !strcmp(name + length - strlen(SUFFIX), SUFFIX);
}

/* Is it a dead socket of an earlier run of this user's?  Then @ret_path is its path. */
static bool is_left(const char *folder, const char *name, const char *begin, char *ret_path,
                    size_t size)
{
    struct stat file;

    return has_form(name, begin) &&
           (size_t)snprintf(ret_path, size, "%s/%s", folder, name) < size &&
           !lstat(ret_path, &file) && S_ISSOCK(file.st_mode) && file.st_uid == geteuid() &&
           socket_is_dead(ret_path);
}

/* Leaves the first of them, and removes the others. */
static bool find_left(const char *folder, const char *begin, char *ret_path, size_t size)
{
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    DIR *entries = opendir(folder);
    bool found = false;
    struct dirent *entry;

    while (entries && (entry = readdir(entries))) {
        if (!is_left(folder, entry->d_name, begin, path, sizeof(path)))
            continue;
        if (found)
            unlink(path);
        else
            snprintf(ret_path, size, "%s", path);
        found = true;
    }
    if (entries)
        closedir(entries);
    return found;
}

bool socket_name(const char *folder, const char *container, char *ret_path, size_t size)
{
    bool named = is_name(container);
    unsigned long long number = 0;
    char begin[96];

    snprintf(begin, sizeof(begin), PREFIX "%s%s", named ? container : "", named ? "-" : "");
    if (find_left(folder, begin, ret_path, size))
        return true;
    /* What the kernel has not got at this moment is no reason not to start. */
    if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != (ssize_t)sizeof(number))
        number = (unsigned long long)getpid();
    return (size_t)snprintf(ret_path, size, "%s/%s%016llx" SUFFIX, folder, begin, number) < size;
}
