/* SPDX-License-Identifier: GPL-2.0-or-later */
/* version_text.c - see version_text.h */
#include "model/version_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "202411", as edk2's stable tags have it. */
static bool parse_month(const char *text, unsigned *ret_version)
{
    unsigned long number = strtoul(text, NULL, 10);

    if (strlen(text) != 6 || strspn(text, "0123456789") != 6 || number / 100 > VERSION_YEAR_MAX)
        return false;
    *ret_version = (unsigned)(number / 100 * 1000000 + number % 100 * 1000);
    return *ret_version;
}

bool version_parse(const char *text, unsigned *ret_version)
{
    static const unsigned weight[] = {1000000, 1000, 1};
    unsigned version = 0;

    if (parse_month(text, ret_version))
        return true;
    for (size_t part = 0; part < 3; part++) {
        size_t digits = strspn(text, "0123456789");

        if (!digits || digits > (part || strncmp(text, "20", 2) != 0 ? 3 : 4) ||
            strtoul(text, NULL, 10) > VERSION_YEAR_MAX)
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
    snprintf(text, VERSION_TEXT_SIZE, "%u.%u.%u", version / 1000000, version / 1000 % 1000,
             version % 1000);
    return text;
}
