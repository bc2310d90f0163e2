/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link_text.c - see link_text.h */
#include "model/link_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What sysfs can say: 255 is unknown there. */
#define LINK_WIDTH_MAX 254

static const char units[] = " KMGTPE";

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

/*
 * PCI Express Base Specification 6.0, 4.2: 8b/10b up to 5 GT/s, 128b/130b up to 32 GT/s, then flits
 * of 256 bytes with 14 for checks (as hwloc counts them, too).
 */
static uint64_t hundredths(const struct host_link *link)
{
    uint64_t raw = (uint64_t)link->speed * link->width * 100;

    if (link->speed <= 50)
        return raw * 8 / 10 / 80;
    return link->speed <= 320 ? (raw * 128 + 130 * 40) / (130 * 80)
                              : (raw * 242 + 256 * 40) / (256 * 80);
}

const char *link_rate_format(const struct host_link *link, char text[LINK_RATE_SIZE])
{
    uint64_t rate = hundredths(link);

    *text = '\0';
    if (link->speed && link->width && rate < 100)
        snprintf(text, LINK_RATE_SIZE, "0.%02" PRIu64 " GB/s", rate);
    else if (link->speed && link->width)
        snprintf(text, LINK_RATE_SIZE, "%" PRIu64 ".%" PRIu64 " GB/s", (rate + 5) / 100,
                 (rate + 5) / 10 % 10);
    return text;
}

/* Up to @digits decimal digits; steps over them. */
static bool parse_digits(const char **text, int digits, unsigned *ret_number)
{
    const char *start = *text;

    for (*ret_number = 0; digits-- && **text >= '0' && **text <= '9'; (*text)++)
        *ret_number = *ret_number * 10 + (unsigned)(**text - '0');
    return *text > start;
}

/* Steps over @word if the text starts with it. */
static bool skip_word(const char **text, const char *word)
{
    size_t length = strlen(word);

    if (strncmp(*text, word, length))
        return false;
    *text += length;
    return true;
}

bool link_parse(const char *text, struct host_link *ret_link)
{
    struct host_link link = {0};
    unsigned tenth = 0;

    if (!skip_word(&text, "?")) {
        if (!parse_digits(&text, 4, &link.speed) ||
            (skip_word(&text, ".") && !parse_digits(&text, 1, &tenth)) ||
            !skip_word(&text, " GT/s"))
            return false;
        link.speed = link.speed * 10 + tenth;
    }
    if (!skip_word(&text, " x"))
        return false;
    if (!skip_word(&text, "?") &&
        (*text == '0' || !parse_digits(&text, 3, &link.width) || link.width > LINK_WIDTH_MAX))
        return false;
    *ret_link = link;
    return !*text;
}

const char *size_format(uint64_t size, char text[SIZE_TEXT_SIZE])
{
    size_t unit = 0;

    for (; size && size % 1024 == 0 && units[unit + 1]; unit++)
        size /= 1024;
    snprintf(text, SIZE_TEXT_SIZE, unit ? "%" PRIu64 "%c" : "%" PRIu64, size, units[unit]);
    return text;
}

bool size_parse(const char *text, uint64_t *ret_size)
{
    uint64_t size = 0;
    const char *unit;
    unsigned shift = 0;

    if (*text < '1' || *text > '9')
        return false;
    for (; *text >= '0' && *text <= '9'; text++) {
        unsigned digit = (unsigned)(*text - '0');

        if (size > (UINT64_MAX - digit) / 10)
            return false;
        size = size * 10 + digit;
    }
    unit = *text ? strchr(units + 1, *text) : NULL;
    if (unit) {
        shift = 10 * (unsigned)(unit - units);
        text++;
    }
    if (*text || size > UINT64_MAX >> shift)
        return false;
    *ret_size = size << shift;
    return true;
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

bool bar_parse(const char *text, struct host_bar *ret_bar)
{
    static const struct {
        const char *word;
        struct host_bar bar;
    } kinds[] = {
        {"io ", {.io = true}},
        {"mem64 prefetch ", {.wide = true, .prefetch = true}},
        {"mem64 ", {.wide = true}},
        {"mem prefetch ", {.prefetch = true}},
        {"mem ", {0}},
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (skip_word(&text, kinds[i].word)) {
            *ret_bar = kinds[i].bar;
            return size_parse(text, &ret_bar->size);
        }
    }
    return false;
}

static const char *const port_words[] = {
    [PORT_NONE] = NULL,           [PORT_ROOT] = "root",
    [PORT_UPSTREAM] = "upstream", [PORT_DOWNSTREAM] = "downstream",
    [PORT_BRIDGE] = "bridge",
};

const char *port_kind_format(enum port_kind kind)
{
    return port_words[kind];
}

bool port_kind_parse(const char *text, enum port_kind *ret_kind)
{
    for (size_t i = 0; i < sizeof(port_words) / sizeof(*port_words); i++) {
        if (port_words[i] && !strcmp(text, port_words[i])) {
            *ret_kind = (enum port_kind)i;
            return true;
        }
    }
    return false;
}
