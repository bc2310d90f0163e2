/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terminal.c - see terminal.h */
#include "terminal.h"

#include "base/wrap.h"

#include <sys/ioctl.h>

unsigned terminal_width(int fd)
{
    struct winsize size;

    return ioctl(fd, TIOCGWINSZ, &size) ? 0 : size.ws_col;
}

bool print_wrapped(FILE *stream, const char *text, size_t length, size_t first, size_t indent,
                   size_t width)
{
    autobuffer struct buffer out = {0};

    wrap_add_width(&out, text, length, first, indent, width);
    if (out.failed)
        return false;
    fputs(out.text, stream);
    return true;
}
