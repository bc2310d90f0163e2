/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place_world.h - the host that suites of lib/place share
 *
 * On node 0 a switch with two GPUs and a NIC, and below another root complex one with a GPU and a
 * NIC; on node 1 a switch with three GPUs and a NIC, and a NIC of two ports without a switch.  To
 * be included by a suite, which has the one world.
 */
#ifndef VTOPO_TESTS_PLACE_WORLD_H
#define VTOPO_TESTS_PLACE_WORLD_H

#include "place/place.h"

#include "build.h"

#include <check.h>
#include <string.h>

#define A100 .vendor = 0x10de, .device = 0x20f1
#define CX6 .vendor = 0x15b3, .device = 0x101d

static struct world w;
static struct place_request request;
static struct place place;

__attribute__((unused)) static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:02.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, GPU, A100},
        {"44:00.0", "42:01.0", PORT_NONE, 0, GPU, A100},
        {"45:00.0", "42:02.0", PORT_NONE, 0, NIC, CX6},
        {"50:01.0", NULL, PORT_ROOT, 0},
        {"51:00.0", "50:01.0", PORT_UPSTREAM, 0},
        {"52:00.0", "51:00.0", PORT_DOWNSTREAM, 0},
        {"52:01.0", "51:00.0", PORT_DOWNSTREAM, 0},
        {"53:00.0", "52:00.0", PORT_NONE, 0, GPU, A100},
        {"54:00.0", "52:01.0", PORT_NONE, 0, NIC, CX6},
        {"60:01.0", NULL, PORT_ROOT, 1},
        {"61:00.0", "60:01.0", PORT_UPSTREAM, 1},
        {"62:00.0", "61:00.0", PORT_DOWNSTREAM, 1},
        {"62:01.0", "61:00.0", PORT_DOWNSTREAM, 1},
        {"62:02.0", "61:00.0", PORT_DOWNSTREAM, 1},
        {"62:03.0", "61:00.0", PORT_DOWNSTREAM, 1},
        {"63:00.0", "62:00.0", PORT_NONE, 1, GPU, A100},
        {"64:00.0", "62:01.0", PORT_NONE, 1, GPU, A100},
        {"65:00.0", "62:02.0", PORT_NONE, 1, GPU, A100},
        {"66:00.0", "62:03.0", PORT_NONE, 1, NIC, CX6},
        {"60:02.0", NULL, PORT_ROOT, 1},
        {"68:00.0", "60:02.0", PORT_NONE, 1, NIC, CX6},
        {"68:00.1", "60:02.0", PORT_NONE, 1, NIC, CX6},
    };

    world_init(&w);
    add_nodes(&w, 2, 8);
    ADD_FUNCTIONS(&w, rows);
    for (size_t i = 0; i < w.host.functions.count; i++)
        w.host.functions.items[i].iommu_group = (int)i;
    request = (struct place_request){0};
}

static void teardown(void)
{
    place_clear(&place);
    place = (struct place){0};
    world_clear(&w);
}

__attribute__((unused)) static void bind(const char *host, const char *driver)
{
    struct host_function *f = function_of(&w, host);

    free(f->driver);
    f->driver = strdup(driver);
    ck_assert_ptr_nonnull(f->driver);
}

__attribute__((unused)) static void use(const char *host, enum host_use how)
{
    bind(host, "eth");
    function_of(&w, host)->use = how;
}

/* Members of one IOMMU group, NULL last. */
__attribute__((unused)) static void group(int number, ...)
{
    const char *host;
    va_list ap;

    va_start(ap, number);
    while ((host = va_arg(ap, const char *)))
        function_of(&w, host)->iommu_group = number;
    va_end(ap);
}

/* "43:00.0 44:00.0 45:00.0": the functions of a proposal; in w.text. */
__attribute__((unused)) static const char *devices(const struct place_proposal *p)
{
    free(w.text);
    w.text = NULL;
    for (size_t i = 0; i < p->units.count; i++) {
        const struct stock_unit *unit = &place.stock.units.items[p->units.items[i]];

        for (size_t k = unit->first; k < unit->first + unit->count; k++) {
            const struct host_function *f = &w.host.functions.items[place.stock.members.items[k]];

            text_append(&w.text, "%s%s", w.text ? " " : "", BDF_TEXT(&f->bdf) + strlen("0000:"));
        }
    }
    return w.text ? w.text : "";
}

__attribute__((unused)) static int try(unsigned gpus, unsigned nics)
{
    request.gpus = gpus;
    request.nics = nics;
    place_clear(&place);
    vtopo_error_free(w.error);
    w.error = NULL;
    return place_make(&w.host, &request, &place, &w.error);
}

/* The best proposal; it has to be there. */
__attribute__((unused)) static const char *best(unsigned gpus, unsigned nics)
{
    if (try(gpus, nics))
        ck_abort_msg("%s", vtopo_error_message(w.error));
    return devices(&place.proposals.items[0]);
}

#endif
