/* SPDX-License-Identifier: GPL-2.0-or-later */
/* readall.c - see readall.h */
#include "base/readall.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

/* Room for the first bytes; for more there is twice as much, again and again. */
#define FIRST_SIZE 65536

/* read() of a byte or more, 0 at the end, -1 and errno. */
static ssize_t read_some(int fd, char *text, size_t size)
{
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    ssize_t n;

    while ((n = read(fd, text, size)) < 0 && (errno == EINTR || errno == EAGAIN)) {
        if (errno == EAGAIN)
            poll(&readable, 1, -1);
    }
    return n;
}

int read_all(int fd, size_t limit, char **ret_text, size_t *ret_length)
{
    size_t used = 0, size = 0;
    char *text = NULL, *grown;
    int why = ENOMEM;
    ssize_t n;

    do {
        if (used + 1 >= size) {
            size = size ? size * 2 : FIRST_SIZE;
            if (size > limit + 2)
                size = limit + 2;
            grown = realloc(text, size);
            if (!grown)
                goto fail;
            text = grown;
        }
        n = read_some(fd, text + used, size - used - 1);
        why = errno;
        if (n < 0)
            goto fail;
        used += (size_t)n;
        why = ENOMEM;
    } while (n && used <= limit);
    text[used] = '\0';
    *ret_text = text;
    *ret_length = used;
    return 0;

fail:
    free(text);
    return why;
}
