/* SPDX-License-Identifier: GPL-2.0-or-later */
/* version.c - see vtopo/version.h */
#include "vtopo/version.h"

const char *vtopo_version(void)
{
    return VTOPO_VERSION;
}

int vtopo_version_number(void)
{
    return VTOPO_VERSION_NUMBER;
}
