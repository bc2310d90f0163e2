/* SPDX-License-Identifier: GPL-2.0-or-later */
/* printable.c - see vtopo/printable.h */
#include "vtopo/printable.h"

#include "base/printable.h"

void vtopo_printable(char *text)
{
    printable(text, false);
}
