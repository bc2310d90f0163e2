/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.c - fuzz the plan that a guest is compared with
 *
 * Takes:  a plan (JSON).
 */
#include "fuzz.h"

#include <stdlib.h>
#include <vtopo/guest.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vtopo_host *guest;
    struct vtopo_error *error = NULL;
    size_t differences;
    char *text = NULL;

    if (!guest)
        guest = fuzz_read_host("examples/hosts/two-dpu.json");
    for (int style = VTOPO_HOST_TEXT; style <= VTOPO_HOST_JSON; style++) {
        if (fuzz_done(vtopo_guest_compare(guest, (const char *)data, size, "plan",
                                          (enum vtopo_host_style)style, &text, &differences,
                                          &error),
                      &error))
            free(text);
    }
    return 0;
}
