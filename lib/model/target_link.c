/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target_link.c - see target_link.h */
#include "model/target_link.h"

#include <string.h>

#define UPSTREAM "pcie-upstream-port"
#define DOWNSTREAM "pcie-downstream-port"

const char *generic_port_name(enum controller_model model)
{
    if (model == CTRL_UPSTREAM)
        return UPSTREAM;
    return model == CTRL_DOWNSTREAM ? DOWNSTREAM : NULL;
}

bool generic_port_is(const char *name)
{
    return name && (!strcmp(name, UPSTREAM) || !strcmp(name, DOWNSTREAM));
}

static const struct {
    unsigned speed; /* of struct host_link */
    const char *word;
} speeds[] = {{25, "2.5"}, {50, "5"}, {80, "8"}, {160, "16"}, {320, "32"}, {640, "64"}};

#define SPEEDS (sizeof(speeds) / sizeof(*speeds))

const char *target_speed_word(unsigned speed)
{
    for (size_t i = 0; i < SPEEDS; i++) {
        if (speeds[i].speed == speed)
            return speeds[i].word;
    }
    return NULL;
}

unsigned target_speed_of(const char *word)
{
    for (size_t i = 0; i < SPEEDS; i++) {
        if (!strcmp(speeds[i].word, word))
            return speeds[i].speed;
    }
    return 0;
}
