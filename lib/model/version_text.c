/* SPDX-License-Identifier: GPL-2.0-or-later */
/* version_text.c - see version_text.h */
#include "model/version_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool version_parse(const char *text, unsigned *ret_version)
{
    static const unsigned weight[] = {1000000, 1000, 1};
    unsigned version = 0;

    for (size_t part = 0; part < 3; part++) {
        size_t digits = strspn(text, "0123456789");

        if (!digits || digits > 3)
            return false;
        version += (unsigned)strtoul(text, NULL, 10) * weight[part];
        text += digits;
        if (!*text) {
            *ret_version = version;
            return part > 0 && version;
        }
        if (*text++ != '.')
            return false;
    }
    return false;
}

const char *version_format(unsigned version, char text[VERSION_TEXT_SIZE])
{
    snprintf(text, VERSION_TEXT_SIZE, "%u.%u.%u", version / 1000000 % 1000, version / 1000 % 1000,
             version % 1000);
    return text;
}
