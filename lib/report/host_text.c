/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_text.c - see host_text.h */
#include "report/host_text.h"

#include <inttypes.h>
#include <stdio.h>

void print_string(struct buffer *out, const char *text)
{
    buffer_add(out, "\"");
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            buffer_printf(out, "\\%c", *c);
        else if (*c < 0x20 || *c == 0x7f)
            buffer_printf(out, "\\u%04x", *c);
        else
            buffer_add_bytes(out, *c < 0x7f ? (const char *)c : "?", 1);
    }
    buffer_add(out, "\"");
}

const char *link_format(const struct host_link *link, char text[LINK_TEXT_SIZE])
{
    char speed[24] = "?", width[12] = "?";

    if (link->speed)
        snprintf(speed, sizeof(speed), "%u.%u GT/s", link->speed / 10, link->speed % 10);
    if (link->width)
        snprintf(width, sizeof(width), "%u", link->width);
    snprintf(text, LINK_TEXT_SIZE, "%s x%s", speed, width);
    return text;
}

const char *size_format(uint64_t size, char text[SIZE_TEXT_SIZE])
{
    static const char units[] = " KMGTPE";
    size_t unit = 0;

    for (; size && size % 1024 == 0 && units[unit + 1]; unit++)
        size /= 1024;
    snprintf(text, SIZE_TEXT_SIZE, unit ? "%" PRIu64 "%c" : "%" PRIu64, size, units[unit]);
    return text;
}

const char *bar_format(const struct host_bar *bar, char text[BAR_TEXT_SIZE])
{
    char size[SIZE_TEXT_SIZE];

    snprintf(text, BAR_TEXT_SIZE, "%s%s %s",
             bar->io     ? "io"
             : bar->wide ? "mem64"
                         : "mem",
             bar->prefetch ? " prefetch" : "", size_format(bar->size, size));
    return text;
}
