/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scene_parts.c - see scene_parts.h
 *
 * Rule:   no names of devices here: who draws a plan does without pci.ids.
 */
#include "report/scene_parts.h"

#include "base/buffer.h"
#include "check/check.h"
#include "model/link_text.h"
#include "report/node_words.h"

#include <inttypes.h>
#include <string.h>

#define CPUS_COLUMNS 44
#define CPUS_MAX (3 * CPUS_COLUMNS) /* a longer list is in the tip only */

static char *node_tip(const struct vtopo_host *host, const struct host_node *node, const char *cpus)
{
    struct buffer out = {0};

    buffer_printf(&out, "NUMA node %u: CPUs %s", node->id, *cpus ? cpus : "none");
    if (node->memory_kib)
        buffer_printf(&out, ", %" PRIu64 " MiB", node->memory_kib / 1024);
    node_distances(host, (size_t)(node - host->nodes.items), &out);
    return buffer_steal(&out);
}

/* "192 GiB, CPUs 0-19,40-59" */
static char *node_facts(const struct host_node *node, const char *cpus)
{
    struct buffer out = {0};

    if (node->memory_kib)
        buffer_printf(&out, "%" PRIu64 " GiB, ", (node->memory_kib + (1U << 19)) >> 20);
    if (!*cpus)
        buffer_add(&out, "no CPUs");
    else if (strlen(cpus) > CPUS_MAX)
        buffer_printf(&out, "%zu CPUs", idset_size(&node->cpus));
    else
        buffer_printf(&out, "CPUs %s", cpus);
    return buffer_steal(&out);
}

void scene_describe_node(const struct vtopo_host *host, const struct host_node *node, size_t box,
                         struct scene *scene)
{
    autofree char *cpus = idset_format(&node->cpus);

    scene_add_line(scene, box, LINE_HEADING, mem_printf("NUMA node %u", node->id));
    if (!cpus) {
        scene->failed = true;
        return;
    }
    scene_add_wrapped(scene, box, LINE_QUIET, node_facts(node, cpus), CPUS_COLUMNS);
    scene_set_tip(scene, box, node_tip(host, node, cpus));
}

void scene_set_host_link(const struct host_function *function, size_t box, struct scene *scene)
{
    bool low = check_is_link_low(function);
    char now[LINK_RATE_SIZE], max[LINK_RATE_SIZE];

    link_rate_format(&function->link_now, now);
    link_rate_format(&function->link_max, max);
    if (!*now)
        return;
    if (low && *max && strcmp(now, max))
        scene_set_link(scene, box, mem_printf("%.*s of %s", (int)strcspn(now, " "), now, max),
                       true);
    else
        scene_set_link(scene, box, strdup(now), false);
}
