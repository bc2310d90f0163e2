/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link_choice.c - see link_choice.h
 *
 * Takes:  what the link is to count, its other end, the host link that it stands for.
 * Gives:  a speed and a width that QEMU has words for.
 * Rule:   the most that is not too much; of those the host's own, else its width with another
 *         speed, else its speed with another width, else the widest. For speed and width are read
 *         apart from each other: a card of x8 at 16 GT/s in a port of x16 at 5 GT/s counts as x8 at
 *         5 GT/s, which is less than either.
 * Not here: how much it is to count (star_rates.c, port_link.c).
 */
#include "plan/ground/link_choice.h"

#include <stdbool.h>

/* QEMU's words for x-speed (hw/core/qdev-properties-system.c, PCIELinkSpeed) and x-width. */
static const struct {
    unsigned speed; /* of struct host_link */
    const char *word;
} speeds[] = {{25, "2_5"}, {50, "5"}, {80, "8"}, {160, "16"}, {320, "32"}, {640, "64"}};

static const struct {
    unsigned width;
    const char *word;
} widths[] = {{1, "1"}, {2, "2"}, {4, "4"}, {8, "8"}, {12, "12"}, {16, "16"}, {32, "32"}};

#define SPEEDS (sizeof(speeds) / sizeof(*speeds))
#define WIDTHS (sizeof(widths) / sizeof(*widths))

const char *link_speed_word(unsigned speed)
{
    for (size_t i = 0; i < SPEEDS; i++) {
        if (speeds[i].speed == speed)
            return speeds[i].word;
    }
    return NULL;
}

const char *link_width_word(unsigned width)
{
    for (size_t i = 0; i < WIDTHS; i++) {
        if (widths[i].width == width)
            return widths[i].word;
    }
    return NULL;
}

unsigned link_rate_with(const struct host_link *port, const struct host_link *end)
{
    struct host_link link = end ? link_read(*end, *port) : *port;

    return link_rate(&link);
}

/* Is it better to count @one than @other, where @rate is wanted? */
static bool is_nearer(unsigned one, unsigned other, unsigned rate)
{
    if ((one > rate) != (other > rate))
        return one <= rate;
    return one > rate ? one < other : one > other;
}

static unsigned likeness(const struct host_link *link, const struct host_link *like)
{
    return 2 * (link->width == like->width) + (link->speed == like->speed);
}

struct host_link link_choose(unsigned rate, const struct host_link *end,
                             const struct host_link *like)
{
    struct host_link best = {speeds[0].speed, widths[0].width};

    /* Ascending, so that of equals the widest comes last. */
    for (size_t i = 0; i < SPEEDS * WIDTHS; i++) {
        struct host_link link = {speeds[i % SPEEDS].speed, widths[i / SPEEDS].width};
        unsigned counts = link_rate_with(&link, end), best_counts = link_rate_with(&best, end);

        if (is_nearer(counts, best_counts, rate) ||
            (counts == best_counts && likeness(&link, like) >= likeness(&best, like)))
            best = link;
    }
    return best;
}
