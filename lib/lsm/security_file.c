/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * security_file.c - see security_file.h
 */
#include "lsm/security_file.h"

#include <fcntl.h>
#include <unistd.h>

static bool read_short(int fd, char *text, size_t size)
{
    ssize_t length = read(fd, text, size);

    if (length < 0 || (size_t)length == size)
        return false;
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\0'))
        length--;
    text[length] = '\0';
    return true;
}

bool security_file_read(const char *path, char *ret_text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool done = fd >= 0 && read_short(fd, ret_text, size);

    if (fd >= 0)
        close(fd);
    return done;
}

bool security_file_ask(const char *path, const void *question, size_t length, char *ret_answer,
                       size_t size)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, question, length) == (ssize_t)length &&
                lseek(fd, 0, SEEK_SET) == 0 && read_short(fd, ret_answer, size);

    if (fd >= 0)
        close(fd);
    return done;
}
