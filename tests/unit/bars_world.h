/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bars_world.h - for suites of I/O and memory space: cards with given BARs
 *
 * To be included by a suite, which has the one world.
 */
#ifndef VTOPO_TESTS_BARS_WORLD_H
#define VTOPO_TESTS_BARS_WORLD_H

#include "build.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct world w;

#define KIB UINT64_C(1024)
#define MIB (KIB * 1024)
#define GIB (MIB * 1024)
#define CARDS 30

/* @bar64 and the other BARs for each of CARDS cards, with a second function that has a BAR of 1
 * MiB. */
static void setup_host(uint64_t bar64, uint64_t bar32, uint64_t io)
{
    static struct row rows[CARDS * 3];
    static char bdfs[CARDS * 3][32];

    world_init(&w);
    add_bound_cells(&w, 1);
    for (unsigned i = 0; i < CARDS; i++) {
        for (unsigned n = 0; n < 3; n++)
            snprintf(bdfs[3 * i + n], sizeof(bdfs[0]), n ? "%02x:00.%u" : "40:%02x.%u",
                     n ? 0x41 + i : i, n ? n - 1 : 0);
        rows[3 * i] = (struct row){bdfs[3 * i], NULL, PORT_ROOT, 0};
        rows[3 * i + 1] = (struct row){.bdf = bdfs[3 * i + 1],
                                       .parent = bdfs[3 * i],
                                       .class_code = GPU,
                                       .bar64 = bar64,
                                       .bar32 = bar32,
                                       .io = io};
        rows[3 * i + 2] = (struct row){
            .bdf = bdfs[3 * i + 2], .parent = bdfs[3 * i], .class_code = AUDIO, .bar64 = MIB};
    }
    ADD_FUNCTIONS(&w, rows);
}

static __attribute__((unused)) void assign(unsigned cards, const char *place)
{
    for (unsigned i = 0; i < cards; i++) {
        char host[32];

        snprintf(host, sizeof(host), "%02x:00.0", 0x41 + i);
        add_hostdev(&w, host, place);
    }
}

static void teardown(void)
{
    world_clear(&w);
}

static __attribute__((unused)) void refused(const char *what)
{
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
    ck_assert_msg(strstr(vtopo_error_message(w.error), what), "%s", vtopo_error_message(w.error));
}

#endif
