/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * links_world.h - for suites of links: a card at a root port, and a switch in a switch
 *
 * To be included by a suite, which has the one world.
 */
#ifndef VTOPO_TESTS_LINKS_WORLD_H
#define VTOPO_TESTS_LINKS_WORLD_H

#include "build.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct world w;

/* A card at a root port, and a switch with two cards and, one level down, two more. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU},
        {"50:01.0", NULL, PORT_ROOT, 0},
        {"51:00.0", "50:01.0", PORT_UPSTREAM, 0},
        {"52:00.0", "51:00.0", PORT_DOWNSTREAM, 0},
        {"53:00.0", "52:00.0", PORT_NONE, 0, GPU},
        {"52:01.0", "51:00.0", PORT_DOWNSTREAM, 0},
        {"54:00.0", "52:01.0", PORT_UPSTREAM, 0},
        {"55:00.0", "54:00.0", PORT_DOWNSTREAM, 0},
        {"56:00.0", "55:00.0", PORT_NONE, 0, NIC},
        {"55:01.0", "54:00.0", PORT_DOWNSTREAM, 0},
        {"57:00.0", "55:01.0", PORT_NONE, 0, NIC},
        {"57:00.2", "55:01.0", PORT_NONE, 0, NIC, "57:00.0"},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    for (size_t i = 0; i < w.host.functions.count; i++)
        w.host.functions.items[i].link_max = (struct host_link){320, 16};
    free(w.domain.machine);
    w.domain.machine = strdup("pc-q35-10.0");
    w.policy.links = LINKS_HOST;
    w.policy.mirror = MIRROR_EXACT;
}

static void teardown(void)
{
    world_clear(&w);
}

static __attribute__((unused)) void assign_all(void)
{
    add_hostdev(&w, "41:00.0", NULL);
    add_hostdev(&w, "53:00.0", NULL);
    add_hostdev(&w, "56:00.0", NULL);
    add_hostdev(&w, "57:00.0", NULL);
}

static __attribute__((unused)) void set_link(const char *host, unsigned speed, unsigned width)
{
    function_of(&w, host)->link_max = (struct host_link){speed, width};
}

/* "rp 320x16 up 320x16 ...": every port and switch, in the order of the plan. */
static __attribute__((unused)) const char *links(void)
{
    plan_or_fail(&w);
    free(w.text);
    w.text = strdup("");
    for (size_t i = 0; i < w.plan->controllers.count; i++) {
        const struct plan_controller *c = &w.plan->controllers.items[i];

        if (c->model == CTRL_EXPANDER)
            continue;
        text_append(&w.text, "%s%s %ux%u", *w.text ? " " : "",
                    c->model == CTRL_ROOT_PORT  ? "rp"
                    : c->model == CTRL_UPSTREAM ? "up"
                                                : "dp",
                    c->link.speed, c->link.width);
    }
    return w.text;
}

#endif
