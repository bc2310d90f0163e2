/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clique_world.h - for suites of P2P cliques and overrides: GPUs below switches, and what is
 * written
 *
 * To be included by a suite, which has the one world.
 */
#ifndef VTOPO_TESTS_CLIQUE_WORLD_H
#define VTOPO_TESTS_CLIQUE_WORLD_H

#include "build.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct world w;

#define NVIDIA .vendor = 0x10de

/* Three GPUs and a NIC below a switch, two GPUs below one inside it; a GPU of AMD and a VF of
 * NVIDIA beside it. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:02.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, GPU, NVIDIA},
        {"44:00.0", "42:01.0", PORT_NONE, 0, GPU, NVIDIA},
        {"45:00.0", "42:02.0", PORT_NONE, 0, NIC, .vendor = 0x15b3},
        {"42:03.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"48:00.0", "42:03.0", PORT_NONE, 0, GPU, NVIDIA},
        {"42:04.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"50:00.0", "42:04.0", PORT_UPSTREAM, 0},
        {"51:00.0", "50:00.0", PORT_DOWNSTREAM, 0},
        {"51:01.0", "50:00.0", PORT_DOWNSTREAM, 0},
        {"52:00.0", "51:00.0", PORT_NONE, 0, GPU, NVIDIA},
        {"53:00.0", "51:01.0", PORT_NONE, 0, GPU, NVIDIA},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"46:00.0", "40:02.0", PORT_NONE, 0, GPU, .vendor = 0x1002},
        {"40:03.0", NULL, PORT_ROOT, 0},
        {"47:00.0", "40:03.0", PORT_NONE, 0, GPU, NVIDIA},
        {"47:00.4", "40:03.0", PORT_NONE, 0, GPU, "47:00.0", NVIDIA},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
}

static void teardown(void)
{
    world_clear(&w);
}

static __attribute__((unused)) void add_cdi_clique(const char *bdf, int clique, const char *file)
{
    struct policy_cdi *cdi = vec_add(&w.policy.cdi);

    ck_assert_ptr_nonnull(cdi);
    *cdi = (struct policy_cdi){bdf_of(bdf), clique, -1, strdup(file), 7};
}

static __attribute__((unused)) void add_override(const char *alias, const char *name,
                                                 const char *value)
{
    struct domain_override *o = vec_add(&w.domain.overrides);

    ck_assert_ptr_nonnull(o);
    *o = (struct domain_override){.alias = strdup(alias),
                                  .name = strdup(name),
                                  .type = strdup("unsigned"),
                                  .value = strdup(value)};
}

/* "ALIAS=VALUE ..." of what is written. */
static __attribute__((unused)) const char *written(void)
{
    static char text[512];
    size_t used = 0;

    *text = '\0';
    for (size_t i = 0; i < w.plan->overrides.count; i++) {
        const struct plan_override *o = &w.plan->overrides.items[i];

        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s=%s%s", used ? " " : "",
                                 o->alias, o->value, o->command_line ? "!" : "");
    }
    return text;
}

#endif
