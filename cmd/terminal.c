/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terminal.c - see terminal.h */
#include "terminal.h"

#include "base/wrap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MESSAGE_WIDTH_MIN 20

unsigned terminal_width(int fd)
{
    struct winsize size;

    return ioctl(fd, TIOCGWINSZ, &size) ? 0 : size.ws_col;
}

bool use_colour(int fd)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(fd) && !(no_color && *no_color) && term && strcmp(term, "dumb");
}

unsigned message_width(void)
{
    unsigned width = terminal_width(STDERR_FILENO);

    if (!width && isatty(STDERR_FILENO))
        return 80;
    return width < MESSAGE_WIDTH_MIN && width ? MESSAGE_WIDTH_MIN : width;
}

bool print_wrapped(FILE *stream, const char *text, size_t length, size_t printed, size_t indent,
                   size_t width)
{
    autobuffer struct buffer out = {0};

    wrap_add_width(&out, text, length, printed, indent, width);
    if (out.failed)
        return false;
    fputs(out.text + printed, stream);
    return true;
}
