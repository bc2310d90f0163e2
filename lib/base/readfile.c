/* SPDX-License-Identifier: GPL-2.0-or-later */
/* readfile.c - see readfile.h */
#include "base/readfile.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/readall.h"

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

int read_open_file(int fd, const char *path, size_t limit, int code, char **ret_text,
                   size_t *ret_length, struct vtopo_error **reterr)
{
    autofree char *text = NULL;
    size_t length = 0;
    int why = read_all(fd, limit, &text, &length);

    if (why == ENOMEM)
        return error_nomem(reterr);
    if (why)
        return error_set(reterr, code, "cannot read '%s': %s", path, strerror(why));
    if (length > limit)
        return error_set(reterr, code, "'%s' is larger than %zu bytes", path, limit);
    *ret_length = length;
    *ret_text = steal(text);
    return 0;
}

int read_file(const char *path, size_t limit, int code, char **ret_text, size_t *ret_length,
              struct vtopo_error **reterr)
{
    int fd = open_file(path), r;

    if (fd < 0)
        return error_set(reterr, code, "cannot open '%s': %s", path, strerror(errno));
    r = read_open_file(fd, path, limit, code, ret_text, ret_length, reterr);
    close(fd);
    return r;
}
