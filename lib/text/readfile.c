/* SPDX-License-Identifier: GPL-2.0-or-later */
/* readfile.c - see readfile.h */
#include "text/readfile.h"

#include "core/error.h"
#include "core/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int open_file(const char *path)
{
    int fd;

    do
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* Returns -1 with errno, or how many bytes were read: @size if there may be more. */
static ssize_t read_fully(int fd, char *text, size_t size)
{
    size_t used = 0;

    while (used < size) {
        ssize_t n = read(fd, text + used, size - used);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (!n)
            break;
        used += (size_t)n;
    }
    return (ssize_t)used;
}

int read_file(const char *path, size_t limit, int code, char **ret_text, size_t *ret_length,
              struct vtopo_error **reterr)
{
    autofree char *text = malloc(limit + 2);
    ssize_t length;
    int fd, cause;

    if (!text)
        return error_nomem(reterr);
    fd = open_file(path);
    if (fd < 0)
        return error_set(reterr, code, "cannot open '%s': %s", path, strerror(errno));
    length = read_fully(fd, text, limit + 1);
    cause = errno;
    close(fd);
    if (length < 0)
        return error_set(reterr, code, "cannot read '%s': %s", path, strerror(cause));
    if ((size_t)length > limit)
        return error_set(reterr, code, "'%s' is larger than %zu bytes", path, limit);
    text[length] = '\0';
    *ret_length = (size_t)length;
    *ret_text = steal(text);
    return 0;
}
