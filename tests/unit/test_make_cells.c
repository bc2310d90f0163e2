/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_make_cells.c - the cells that a domain lacks: every decision of lib/plan/cells */
#include "build.h"

#include "plan/cells/make_cells.h"
#include "plan/cells/node_without_cell.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct world w;
static struct cells_wish wish;
static struct idset wished_nodes, avoided;
static struct made_cells made;
static int device_nodes[8];
static size_t device_count;

/* Nodes of four CPUs in two cores of two threads (0 and 2, 1 and 3), 64 GiB each. */
static void setup(void)
{
    world_init(&w);
    add_nodes(&w, 3, 4);
    for (size_t i = 0; i < w.host.cpus.count; i++) {
        struct host_cpu *cpu = &w.host.cpus.items[i];

        ck_assert(idset_add(&cpu->siblings, cpu->id ^ 2));
    }
    w.domain.vcpus = 4;
    w.domain.memory_kib = 8 << 20;
    wish = (struct cells_wish){.nodes = &wished_nodes, .avoid = &avoided};
    device_nodes[0] = 2;
    device_nodes[1] = 0;
    device_count = 2;
}

static void teardown(void)
{
    made_cells_clear(&made);
    idset_free(&wished_nodes);
    idset_free(&avoided);
    world_clear(&w);
}

static void describe_cells(char **text)
{
    for (size_t i = 0; i < made.count; i++) {
        autofree char *vcpus = idset_format(&made.items[i].vcpus);

        if (made.items[i].tied)
            text_append(text, "%s%u:%s", i ? " " : "", made.items[i].node_id, vcpus);
        else
            text_append(text, "%s-:%s", i ? " " : "", vcpus);
        if (made.items[i].memory_kib % 1024)
            text_append(text, ":%lluK", (unsigned long long)made.items[i].memory_kib);
        else
            text_append(text, ":%llu", (unsigned long long)made.items[i].memory_kib / 1024);
    }
}

/* "NODE:VCPUS:MIB ... SOCKETSxCORESxTHREADS", that in () where it only would suit, or why not;
 * w.text. */
static const char *cells(void)
{
    const struct facts facts = {.host = &w.host,
                                .input = &w.domain,
                                .origin = &w.domain,
                                .base = &w.domain,
                                .policy = &w.policy};

    made_cells_clear(&made);
    ck_assert(made_cells_make(&facts, &wish, device_nodes, device_count, &made));
    free(w.text);
    w.text = NULL;
    if (made.why)
        text_append(&w.text, "%s: %s", made.state == MADE_NONE ? "none" : "refused", made.why);
    else
        describe_cells(&w.text);
    if (!made.why && made.topology.sockets)
        text_append(&w.text, " %ux%ux%u", made.topology.sockets, made.topology.cores,
                    made.topology.threads);
    if (!made.why && made.would_suit.sockets)
        text_append(&w.text, " (%ux%ux%u)", made.would_suit.sockets, made.would_suit.cores,
                    made.would_suit.threads);
    return w.text;
}

/* "VCPU:CPUS ..." */
static const char *pins(void)
{
    static char text[512];
    size_t used = 0;

    cells();
    *text = '\0';
    for (size_t i = 0; i < made.pins.count; i++) {
        autofree char *cpus = idset_format(&made.pins.items[i].cpus);

        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u:%s", i ? " " : "",
                                 made.pins.items[i].vcpu, cpus);
    }
    return made.why ? made.why : text;
}

static bool says(const char *words)
{
    return strstr(cells(), words);
}

static const char *note_of(enum finding_id id)
{
    cells();
    for (size_t i = 0; i < made.notes.count; i++) {
        if (made.notes.items[i].id == id)
            return made.notes.items[i].text;
    }
    return "";
}

static void bind_cpus(const char *cpus)
{
    idset_free(&w.domain.vcpu_cpuset);
    ck_assert_int_eq(idset_parse(cpus, &w.domain.vcpu_cpuset), IDSET_OK);
}

static void bind_all_memory(const char *nodes, const char *mode)
{
    idset_free(&w.domain.memory_nodes);
    free(w.domain.memory_mode);
    ck_assert_int_eq(idset_parse(nodes, &w.domain.memory_nodes), IDSET_OK);
    w.domain.memory_mode = strdup(mode);
}

static void forget_pins(void)
{
    for (size_t i = 0; i < w.domain.pins.count; i++)
        idset_free(&w.domain.pins.items[i].cpus);
    w.domain.pins.count = 0;
}

static void topology(unsigned sockets, unsigned dies, unsigned threads)
{
    w.domain.sockets = sockets;
    w.domain.dies = dies;
    w.domain.threads = threads;
}

/* --- nodes --- */

START_TEST(a_cell_for_each_node_with_a_device)
{
    ck_assert_str_eq(cells(), "0:0-1:4096 2:2-3:4096 2x2x1");
    device_count = 1;
    ck_assert_str_eq(cells(), "2:0-3:8192 1x4x1");
    device_nodes[0] = -1; /* nobody knows */
    ck_assert_str_eq(cells(), "0:0-3:8192 1x4x1");
}
END_TEST

START_TEST(nodes_are_those_of_the_pins)
{
    pin_vcpus(&w, "0-1", "4-5");
    pin_vcpus(&w, "2", "6-7");
    pin_vcpus(&w, "3", "0-11"); /* ties nothing */
    ck_assert_str_eq(cells(), "1:0-3:8192 1x4x1");
    ck_assert(!made_cells_have_node(&made, 2) && made_cells_have_node(&made, 1));
    forget_pins();
    pin_vcpus(&w, "0,2", "4");
    pin_vcpus(&w, "1,3", "8");
    ck_assert_str_eq(cells(), "1:0,2:4096 2:1,3:4096 4x1x1");
    forget_pins();
    pin_vcpus(&w, "0-3", "0-7"); /* some of the nodes, but not all */
    ck_assert_str_eq(cells(), "0:0-1:4096 1:2-3:4096 2x2x1");
}
END_TEST

/* vcpupin, then <vcpu cpuset>, then numatune. */
/* Those without a pin are beside those that have one. */
START_TEST(some_are_pinned)
{
    w.domain.vcpus = 8;
    pin_vcpus(&w, "0-1", "0-3");
    pin_vcpus(&w, "4-5", "8-11");
    ck_assert_str_eq(cells(), "0:0-3:4096 2:4-7:4096 2x4x1");
    forget_pins();
    pin_vcpus(&w, "0", "8");
    pin_vcpus(&w, "7", "0");
    ck_assert_str_eq(cells(), "0:4-7:4096 2:0-3:4096 2x4x1");
    w.domain.vcpus = 7; /* a part is 4 */
    pin_vcpus(&w, "6", "0");
    ck_assert_str_eq(cells(), "0:4-6:4096 2:0-3:4096 7x1x1");
    topology(1, 1, 2);
    w.domain.vcpus = 8;
    forget_pins();
    pin_vcpus(&w, "3", "8");
    pin_vcpus(&w, "4", "0");
    ck_assert_str_eq(cells(), "0:4-7:4096 2:0-3:4096 (2x2x2)");
    pin_vcpus(&w, "6-7", "8"); /* too many up to there for one part: nobody is alone */
    ck_assert_str_eq(cells(), "0:0-1,4-5:4096 2:2-3,6-7:4096 (4x1x2)");
    forget_pins();
    pin_vcpus(&w, "0", "0");
    pin_vcpus(&w, "1-6", "0-11"); /* to where the cells are, and more */
    pin_vcpus(&w, "7", "8");
    ck_assert_str_eq(cells(), "0:0-3:4096 2:4-7:4096 (2x2x2)");
}
END_TEST

START_TEST(which_binding_wins)
{
    bind_cpus("5-6");
    w.domain.vcpus = 2;
    ck_assert_str_eq(cells(), "1:0-1:8192 1x2x1");
    pin_vcpus(&w, "0-1", "8");
    ck_assert_str_eq(cells(), "2:0-1:8192 1x2x1");
    forget_pins();
    pin_vcpus(&w, "0", "8"); /* the other one has the cpuset */
    ck_assert_str_eq(cells(), "1:1:4096 2:0:4096 2x1x1");
    forget_pins();
    bind_cpus("0-11"); /* binds nothing */
    ck_assert_str_eq(cells(), "0:0:4096 2:1:4096 2x1x1");
    bind_all_memory("1", "strict");
    ck_assert_str_eq(cells(), "1:0-1:8192 1x2x1");
    bind_all_memory("0-2", "strict");
    ck_assert_str_eq(cells(), "0:0:4096 2:1:4096 2x1x1");
}
END_TEST

START_TEST(what_contradicts_itself_is_refused)
{
    bind_cpus("4-7");
    bind_all_memory("0", "strict");
    ck_assert(says("refused: a cell on host node 1 would be outside of the nodes that <numatune> "
                   "binds the memory to (0)"));
    bind_cpus("0-11"); /* binds nothing: the memory does */
    ck_assert_str_eq(cells(), "0:0-3:8192 1x4x1");
    w.domain.placement_auto = true;
    ck_assert(says("refused: placement='auto'"));
    w.domain.placement_auto = false;
    w.domain.qemu_cells = true;
    ck_assert(says("refused: QEMU takes no cells"));
}
END_TEST

START_TEST(the_policy_names_nodes)
{
    ck_assert(idset_add(&wished_nodes, 1) && idset_add(&wished_nodes, 2));
    ck_assert_str_eq(cells(), "1:0-1:4096 2:2-3:4096 2x2x1");
    pin_vcpus(&w, "0", "4");
    ck_assert_str_eq(cells(), "1:0-1:4096 2:2-3:4096 2x2x1");
    pin_vcpus(&w, "1", "0");
    ck_assert(says("refused: vCPU 1 is bound to CPUs outside of the nodes that policy"));
    forget_pins();
    pin_vcpus(&w, "0-3", "4");
    ck_assert(says("refused: no vCPU is left for a cell on node 2"));
    forget_pins();
    ck_assert(idset_add(&wished_nodes, 7));
    ck_assert(says("refused: policy cells_nodes names node 7"));
}
END_TEST

/* As many nodes as vCPUs and memory need; or none, and why. */
START_TEST(more_nodes_where_one_is_too_small)
{
    w.domain.vcpus = 12;
    ck_assert_str_eq(cells(), "0:0-3:2732 1:4-7:2730 2:8-11:2730 3x4x1");
    w.domain.vcpus = 13;
    ck_assert(says("refused: no cells fit: of 3 cells the one on node 0 would have 5 vCPUs"));
    w.domain.vcpus = 4;
    w.domain.memory_kib = UINT64_C(150) << 20; /* nodes have 64 GiB */
    ck_assert_str_eq(cells(), "0:0-1:51200 1:2:51200 2:3:51200 4x1x1");
    w.domain.memory_kib = UINT64_C(200) << 20;
    ck_assert(says("refused: no cells fit: of 3 cells the one on node 0 would have 68268 MiB"));
    w.domain.memory_kib = UINT64_C(192) << 20; /* nothing would be left for the host */
    ck_assert(says("no cells fit"));
    ck_assert(idset_add(&wished_nodes, 1)); /* who names them gets these alone */
    w.domain.memory_kib = UINT64_C(65) << 20;
    ck_assert(says("no cells fit: of 1 cell the one on node 1"));
}
END_TEST

START_TEST(a_node_without_memory_is_no_cell)
{
    w.host.nodes.items[0].memory_kib = 0;
    ck_assert_str_eq(cells(), "2:0-3:8192 1x4x1");
    pin_vcpus(&w, "0", "0");
    ck_assert(says("refused: no cells fit") || says("it has no memory"));
}
END_TEST

START_TEST(a_node_without_cpus_is_a_cell_without_vcpus)
{
    idset_free(&w.host.nodes.items[2].cpus);
    ck_assert_str_eq(cells(), "0:0-3:4096 2::4096 1x4x1");
    ck_assert_str_eq(pins(), "0:0-3 1:0-3 2:0-3 3:0-3");
    bind_all_memory("2", "strict");
    ck_assert_str_eq(cells(), "2:0-3:8192 1x4x1");
    ck_assert_str_eq(pins(), "");
}
END_TEST

/* Linux gives nodes without CPUs the highest numbers. */
START_TEST(cells_without_vcpus_come_last)
{
    idset_free(&w.host.nodes.items[0].cpus);
    ck_assert_str_eq(cells(), "2:0-3:4096 0::4096 1x4x1");
    ck_assert_uint_eq(made.items[0].distances[1], 30);
}
END_TEST

/* Numbers of nodes have gaps; cells do not. */
START_TEST(sparse_nodes)
{
    w.host.nodes.items[1].id = 5;
    w.host.nodes.items[2].id = 8;
    device_nodes[0] = 8;
    ck_assert_str_eq(cells(), "0:0-1:4096 8:2-3:4096 2x2x1");
    ck_assert_uint_eq(made.items[0].distances[1], 30);
}
END_TEST

START_TEST(a_kernel_without_numa_has_all_cpus)
{
    for (size_t i = 0; i < w.host.nodes.count; i++) {
        idset_free(&w.host.nodes.items[i].cpus);
        free(w.host.nodes.items[i].distances);
    }
    w.host.nodes.count = 0;
    device_nodes[0] = -1;
    ck_assert_str_eq(cells(), "0:0-3:8192 1x4x1");
    ck_assert_str_eq(pins(), "0:0-11 1:0-11 2:0-11 3:0-11");
    ck_assert(!made.items[0].distances);
}
END_TEST

/* --- vCPUs --- */

START_TEST(odd_numbers)
{
    w.domain.vcpus = 3;
    w.domain.memory_kib = (UINT64_C(5) << 20) + 1;
    ck_assert_str_eq(cells(), "0:0-1:2560 2:2:2621441K 3x1x1");
    w.domain.vcpus = 7;
    ck_assert_str_eq(cells(), "0:0-3:2560 2:4-6:2621441K 7x1x1");
    ck_assert_ptr_nonnull(strstr(note_of(FINDING_MANY_SOCKETS), "has 7 sockets"));
}
END_TEST

START_TEST(too_few_vcpus_for_the_nodes)
{
    w.domain.vcpus = 1;
    ck_assert(says("none: there can be no cells: 1 vCPU cannot be divided over 2 nodes"));
    w.domain.vcpus = 2;
    topology(1, 1, 2);
    ck_assert(says("none: there can be no cells: 1 guest cores cannot be divided"));
    topology(0, 0, 0);
    w.domain.vcpus = 0; /* libvirt: one */
    device_count = 1;
    ck_assert_str_eq(cells(), "2:0:8192 1x1x1");
}
END_TEST

START_TEST(sockets_dies_and_cores_stay_whole)
{
    w.domain.vcpus = 12;
    ck_assert(idset_add(&wished_nodes, 0) && idset_add(&wished_nodes, 1) &&
              idset_add(&wished_nodes, 2));
    topology(3, 1, 2);
    ck_assert_str_eq(cells(), "0:0-3:2732 1:4-7:2730 2:8-11:2730");
    topology(1, 3, 2);
    ck_assert_str_eq(cells(), "0:0-3:2732 1:4-7:2730 2:8-11:2730");
    w.domain.vcpus = 6;
    idset_remove(&wished_nodes, 1);
    topology(3, 1, 2); /* four and two, not three and three */
    ck_assert_str_eq(cells(), "0:0-3:4096 2:4-5:4096");
    topology(1, 1, 2);
    ck_assert_str_eq(cells(), "0:0-3:4096 2:4-5:4096 (3x1x2)");
    topology(1, 1, 4); /* no number of cores: libvirt refuses it, nothing to go by */
    ck_assert_str_eq(cells(), "0:0-2:4096 2:3-5:4096 (2x3x1)");
}
END_TEST

START_TEST(pins_that_cut_a_core_are_refused)
{
    topology(1, 1, 2);
    pin_vcpus(&w, "0", "0");
    pin_vcpus(&w, "1", "8");
    ck_assert(says("refused: vCPUs 0-1 are one core of <topology>, and are pinned to different"));
    forget_pins();
    pin_vcpus(&w, "0", "8"); /* the core follows */
    pin_vcpus(&w, "2", "0");
    ck_assert_str_eq(cells(), "0:2-3:4096 2:0-1:4096 (2x1x2)");
}
END_TEST

START_TEST(each_cell_starts_with_a_vcpu)
{
    ck_assert(idset_add(&w.domain.vcpus_off, 2) && idset_add(&w.domain.vcpus_off, 3));
    ck_assert(says("refused: all vCPUs of the cell on node 2 would be plugged in later"));
    idset_remove(&w.domain.vcpus_off, 2);
    ck_assert_str_eq(cells(), "0:0-1:4096 2:2-3:4096 2x2x1");
}
END_TEST

START_TEST(parts_go_by_the_cpus_where_equal_ones_do_not_fit)
{
    bind_cpus("0-3,4");
    w.domain.vcpus = 5;
    ck_assert_str_eq(cells(), "0:0-3:4096 1:4:4096 5x1x1");
    w.domain.vcpus = 6; /* they share CPUs as it is */
    ck_assert_str_eq(cells(), "0:0-4:4096 1:5:4096 6x1x1");
    bind_cpus("1-2");
    ck_assert_str_eq(cells(), "0:0-5:8192 1x6x1");
    ck_assert_str_eq(pins(), ""); /* the cpuset says it */
}
END_TEST

START_TEST(more_vcpus_than_the_node_of_the_memory_has)
{
    bind_all_memory("0", "strict");
    w.domain.vcpus = 5;
    ck_assert(says("refused: no cells fit: of 1 cell the one on node 0 would have 5 vCPUs"));
}
END_TEST

/* Pins stay as they are, however many vCPUs share a CPU; the others need one each. */
START_TEST(vcpus_without_a_pin_fit_beside_those_with_one)
{
    w.domain.vcpus = 8;
    pin_vcpus(&w, "0-4", "4"); /* share one CPU, as somebody wants it */
    ck_assert_str_eq(cells(), "1:0-7:8192 1x8x1");
    w.domain.vcpus = 9;
    ck_assert(says("refused: no cells fit: of 1 cell the one on node 1 would have 9 vCPUs, of "
                   "which 4 have no <vcpupin>, and that node has 3 CPUs left for these; a"));
    ck_assert(idset_add(&wished_nodes, 1) && idset_add(&wished_nodes, 2));
    ck_assert_str_eq(cells(), "1:0-4:4096 2:5-8:4096 9x1x1");
    idset_free(&wished_nodes);
    forget_pins();
    w.domain.vcpus = 5;
    pin_vcpus(&w, "0-2", "4-7"); /* to any: still three of them */
    ck_assert(says("of which 2 have no <vcpupin>, and that node has 1 CPU left for these"));
    forget_pins();
    pin_vcpus(&w, "0-3", "4");
    pin_vcpus(&w, "4", "4-7"); /* not on 4, which has its vCPUs */
    w.domain.vcpus = 8;
    ck_assert(says("of which 3 have no <vcpupin>, and that node has 2 CPUs left for these"));
    w.domain.vcpus = 5;
    forget_pins();
    pin_vcpus(&w, "0-4", "4"); /* all say where they are */
    ck_assert_str_eq(cells(), "1:0-4:8192 1x5x1");
    forget_pins();
    pin_vcpus(&w, "0", "4-5");
    ck_assert(idset_add(&w.host.isolated, 5)); /* is where nobody else is */
    w.domain.vcpus = 4;
    ck_assert_str_eq(cells(), "1:0-3:8192 1x4x1");
}
END_TEST

START_TEST(a_small_node_gets_no_more_vcpus_than_it_has_cpus)
{
    idset_remove(&w.host.nodes.items[0].cpus, 2);
    idset_remove(&w.host.nodes.items[0].cpus, 3);
    w.domain.vcpus = 6;
    pin_vcpus(&w, "0", "0");
    pin_vcpus(&w, "5", "8");
    ck_assert_str_eq(cells(), "0:0-1:4096 2:2-5:4096 3x2x1");
    w.domain.vcpus = 7;
    ck_assert(says("refused: no cells fit: of 2 cells the one on node"));
}
END_TEST

START_TEST(a_cpuset_that_is_too_small_is_shared)
{
    bind_cpus("0-3,8");
    pin_vcpus(&w, "0", "8");
    w.domain.vcpus = 5;
    ck_assert(says("4 have no <vcpupin>, and that node has 0 CPUs left for these"));
    ck_assert(idset_add(&wished_nodes, 0) && idset_add(&wished_nodes, 2));
    ck_assert_str_eq(cells(), "0:1-4:4096 2:0:4096 5x1x1");
    w.domain.vcpus = 6; /* five for four CPUs */
    ck_assert_str_eq(cells(), "0:3-5:4096 2:0-2:4096 2x3x1");
}
END_TEST

START_TEST(eight_nodes)
{
    struct world eight;

    world_init(&eight);
    add_nodes(&eight, 8, 4);
    host_clear(&w.host);
    w.host = eight.host;
    eight.host = (struct vtopo_host){0};
    world_clear(&eight);
    for (int i = 0; i < 8; i++)
        device_nodes[i] = i;
    device_count = 8;
    w.domain.vcpus = 16;
    ck_assert_str_eq(cells(), "0:0-1:1024 1:2-3:1024 2:4-5:1024 3:6-7:1024 4:8-9:1024 "
                              "5:10-11:1024 6:12-13:1024 7:14-15:1024 8x2x1");
    ck_assert_ptr_nonnull(strstr(note_of(FINDING_MANY_SOCKETS), "has 8 sockets"));
}
END_TEST

/* --- topology --- */

START_TEST(threads_where_pins_make_siblings)
{
    pin_vcpus(&w, "0", "0");
    pin_vcpus(&w, "1", "2");
    pin_vcpus(&w, "2", "9");
    pin_vcpus(&w, "3", "11");
    ck_assert_str_eq(cells(), "0:0-1:4096 2:2-3:4096 2x1x2");
    forget_pins();
    pin_vcpus(&w, "0", "0");
    pin_vcpus(&w, "1", "1"); /* not one core */
    pin_vcpus(&w, "2", "8");
    pin_vcpus(&w, "3", "10");
    ck_assert_str_eq(cells(), "0:0-1:4096 2:2-3:4096 2x2x1");
}
END_TEST

/* --- pins --- */

START_TEST(pins_are_those_of_the_node)
{
    ck_assert_str_eq(pins(), "0:0-3 1:0-3 2:8-11 3:8-11");
    ck_assert(idset_add(&w.host.isolated, 3) && idset_add(&w.host.isolated, 8));
    ck_assert_str_eq(pins(), "0:0-2 1:0-2 2:9-11 3:9-11");
    bind_cpus("2-11"); /* names them */
    ck_assert(idset_add(&wished_nodes, 0) && idset_add(&wished_nodes, 2));
    ck_assert_str_eq(pins(), "0:2-3 1:2-3 2:8-11 3:8-11");
    ck_assert(idset_add(&avoided, 9));
    ck_assert_str_eq(pins(), "0:2-3 1:2-3 2:8,10-11 3:8,10-11");
    wish.pinning = PIN_NONE;
    ck_assert_str_eq(pins(), "");
}
END_TEST

START_TEST(no_cpu_is_left)
{
    w.domain.vcpus = 2;
    pin_vcpus(&w, "1", "1");
    for (size_t id = 0; id < 4; id++)
        ck_assert(idset_add(&w.host.isolated, id));
    ck_assert(says("refused: no CPU of node 0 is left"));
    forget_pins(); /* then it would get no vCPU */
    ck_assert(says("refused: no CPU of node 0 is left"));
    pin_vcpus(&w, "1", "99");
    ck_assert(says("refused: vCPU 1 is bound to CPUs that no node of this host has (99)"));
}
END_TEST

START_TEST(pins_that_are_there_stay)
{
    device_count = 1;
    pin_vcpus(&w, "0", "4");
    pin_vcpus(&w, "1", "5");
    ck_assert_str_eq(pins(), "2:4-7 3:4-7");
}
END_TEST

START_TEST(one_to_one_on_whole_cores)
{
    wish.pinning = PIN_CORE;
    ck_assert_str_eq(cells(), "0:0-1:4096 2:2-3:4096 2x1x2");
    ck_assert_str_eq(pins(), "0:0 1:2 2:8 3:10");
    ck_assert(idset_add(&avoided, 2)); /* takes the core */
    ck_assert_str_eq(pins(), "0:1 1:3 2:8 3:10");
    ck_assert(idset_add(&avoided, 1));
    ck_assert(strstr(pins(), "node 0 has too few whole cores"));
    idset_free(&avoided);
    topology(2, 1, 1); /* two to a core all the same: it is this guest's */
    ck_assert_str_eq(pins(), "0:0 1:2 2:8 3:10");
    device_count = 1;
    w.domain.vcpus = 3;
    topology(0, 0, 0);
    ck_assert_str_eq(cells(), "2:0-2:8192 1x3x1");
    ck_assert_str_eq(pins(), "0:8 1:10 2:9");
    pin_vcpus(&w, "1", "9");
    ck_assert_str_eq(pins(), "0:8 2:10");
}
END_TEST

START_TEST(cores_of_other_threads_are_left_out)
{
    ck_assert(idset_add(&w.domain.helper_cpus, 2)); /* its core is 0 and 2 */
    ck_assert_str_eq(pins(), "0:0-3 1:0-3 2:8-11 3:8-11");
    wish.pinning = PIN_CORE;
    ck_assert_str_eq(pins(), "0:1 1:3 2:8 3:10");
    ck_assert(idset_add(&w.domain.helper_cpus, 1));
    ck_assert(strstr(pins(), "node 0 has too few whole cores that are free for its 2 vCPUs beside "
                             "those that <emulatorpin> or <iothreadpin> names"));
    ck_assert(idset_add(&w.domain.helper_cpus, 0) && idset_add(&w.domain.helper_cpus, 3));
    ck_assert_str_eq(pins(), "0:0 1:2 2:8 3:10"); /* all of the node: none is theirs alone */
    device_count = 1;                             /* a node on which they are not */
    ck_assert_str_eq(pins(), "0:8 1:10 2:9 3:11");
    w.domain.vcpus = 5;
    bind_all_memory("2", "strict");
    ck_assert(!strstr(pins(), "beside"));
}
END_TEST

/* --- memory --- */

START_TEST(memory_in_whole_pages)
{
    w.domain.memory_kib = 4098 << 10;
    ck_assert_str_eq(cells(), "0:0-1:2050 2:2-3:2048 2x2x1");
    w.domain.memory_kib = 67 << 10;
    ck_assert_str_eq(cells(), "0:0-1:34 2:2-3:33 2x2x1");
    w.domain.memory_kib = 1;
    ck_assert(says("refused: its <memory> is too small"));
}
END_TEST

static void add_pages(uint64_t size_kib, bool of_cell_0)
{
    struct domain_pages *pages = vec_add(&w.domain.pages);

    ck_assert_ptr_nonnull(pages);
    *pages = (struct domain_pages){.size_kib = size_kib, .nodeset = of_cell_0 ? strdup("0") : NULL};
    ck_assert(!of_cell_0 || idset_add(&pages->cells, 0));
    w.domain.huge_pages = true;
}

START_TEST(huge_pages_of_a_gibibyte)
{
    w.domain.memory_kib = 7 << 20;
    add_pages(1 << 20, false);
    ck_assert_str_eq(cells(), "0:0-1:4096 2:2-3:3072 2x2x1");
    ck_assert_ptr_null(made.page_nodeset);
    w.domain.memory_kib = (7 << 20) + 1024;
    ck_assert(says("refused: the memory of the cells (7341056 KiB) is no multiple of the huge"));
    w.domain.memory_kib = 1 << 20;
    ck_assert(says("refused: no cells fit: 2 need at least one huge page of 1048576 KiB each"));
    w.domain.memory_kib = 8 << 20;
    w.domain.pages.count = 0;
    add_pages(1 << 20, true); /* which a domain without cells counts as */
    ck_assert_str_eq(cells(), "0:0-1:4096 2:2-3:4096 2x2x1");
    ck_assert_str_eq(made.page_nodeset, "0");
}
END_TEST

START_TEST(a_domain_with_huge_pages_of_no_size)
{
    w.domain.huge_pages = true;
    w.domain.memory_kib = 4097 << 10;
    ck_assert(says("no multiple of the huge page (2048 KiB)"));
}
END_TEST

static void add_host_pages(size_t node, uint64_t size_kib, uint64_t total, uint64_t free_pages)
{
    struct host_pages *pages = vec_add(&w.host.nodes.items[node].pages);

    ck_assert_ptr_nonnull(pages);
    *pages = (struct host_pages){size_kib, total, free_pages};
}

/* More than a node has, and what it has left. */
START_TEST(huge_pages_of_the_nodes)
{
    add_pages(1 << 20, false);
    add_host_pages(0, 1 << 20, 8, 3);
    add_host_pages(2, 1 << 20, 8, 8);
    ck_assert_str_eq(cells(), "0:0-1:4096 2:2-3:4096 2x2x1");
    ck_assert_ptr_nonnull(
        strstr(note_of(FINDING_MEMORY_LEFT),
               "gets 4096 MiB of host node 0, which now has 3072 MiB left in huge pages"));
    w.host.nodes.items[0].pages.items[0].total = 3; /* so more nodes; this one's share is three */
    ck_assert(says("0:0-1:3072 1:2:3072 2:3:2048"));
    ck_assert(idset_add(&wished_nodes, 0) && idset_add(&wished_nodes, 2));
    ck_assert(
        says("refused: no cells fit: of 2 cells the one on node 0 would have 4096 MiB in huge "
             "pages of 1048576 KiB, and that node has 3 of these"));
    add_host_pages(1, 2048, 100, 100); /* none of that size */
    idset_free(&wished_nodes);
    ck_assert(idset_add(&wished_nodes, 1));
    ck_assert(says("that node has 0 of these"));
}
END_TEST

START_TEST(what_a_node_has_left)
{
    ck_assert_str_eq(note_of(FINDING_MEMORY_LEFT), "");
    w.host.nodes.items[2].memory_free_kib = 2 << 20;
    ck_assert_ptr_nonnull(strstr(note_of(FINDING_MEMORY_LEFT),
                                 "gets 4096 MiB of host node 2, which now has 2048 MiB left;"));
    w.host.nodes.items[2].memory_free_kib = 4 << 20;
    ck_assert_str_eq(note_of(FINDING_MEMORY_LEFT), "");
}
END_TEST

static void add_dimm(uint64_t size_kib, int node)
{
    struct domain_memory *device = vec_add(&w.domain.memory_devices);

    ck_assert_ptr_nonnull(device);
    *device = (struct domain_memory){.size_kib = size_kib, .taken_kib = size_kib, .node = node};
}

/* <memory> counts them, and they keep their node. */
START_TEST(memory_devices)
{
    add_dimm(2 << 20, 1);
    ck_assert_str_eq(cells(), "0:0-1:3072 2:2-3:3072 2x2x1");
    add_dimm(1 << 20, 2);
    ck_assert(says("refused: a memory device belongs to cell 2 (<target><node>), and there would "
                   "be 2 cells"));
    w.domain.memory_devices.items[1].node = 0;
    w.domain.memory_devices.items[1].size_kib = 8 << 20;
    ck_assert(says("refused: its <memory> is too small"));
    w.domain.memory_kib = UINT64_C(126) << 20;
    w.domain.memory_devices.items[1].size_kib = UINT64_C(40) << 20;
    w.domain.memory_devices.items[1].taken_kib = UINT64_C(40) << 20;
    ck_assert(idset_add(&wished_nodes, 0) && idset_add(&wished_nodes, 2));
    ck_assert(says("the one on node 0 would have 83968 MiB")); /* with what is plugged in */
    w.domain.memory_devices.items[1].taken_kib = 0;            /* a file's */
    ck_assert_str_eq(cells(), "0:0-1:43008 2:2-3:43008 2x2x1");
}
END_TEST

START_TEST(the_mode)
{
    cells();
    ck_assert_str_eq(made.memory_mode, "strict");
    wish.preferred = true;
    cells();
    ck_assert_str_eq(made.memory_mode, "preferred");
    bind_all_memory("0-2", "interleave");
    cells();
    ck_assert_str_eq(made.memory_mode, "interleave");
    bind_all_memory("0-2", "a mode of next year");
    wish.preferred = false;
    cells();
    ck_assert_str_eq(made.memory_mode, "strict");
}
END_TEST

/* --- distances --- */

START_TEST(distances_of_the_host)
{
    cells();
    ck_assert_uint_eq(made.items[0].distances[0], 10);
    ck_assert_uint_eq(made.items[0].distances[1], 30);
    ck_assert_uint_eq(made.items[1].distances[0], 30);
    w.host.nodes.items[0].distances[2] = 10; /* libvirt refuses it between different cells */
    w.host.nodes.items[2].distances[2] = 11;
    cells();
    ck_assert_uint_eq(made.items[0].distances[1], 11);
    ck_assert_uint_eq(made.items[1].distances[1], 10);
    free(w.host.nodes.items[2].distances);
    w.host.nodes.items[2].distances = NULL;
    cells();
    ck_assert_ptr_null(made.items[0].distances);
    device_nodes[0] = 1;
    device_count = 1;
    cells();
    ck_assert_ptr_null(made.items[0].distances);
}
END_TEST

/* --- ties --- */

START_TEST(cells_that_nothing_ties)
{
    add_cells(&w, 2, 2);
    w.domain.cells.items[0].memory_kib = w.domain.cells.items[1].memory_kib = 1 << 20;
    ck_assert_str_eq(cells(), "0:0-1:1024 2:2-3:1024");
    ck_assert_int_eq(made.state, MADE_TIES);
    ck_assert_ptr_null(made.items[0].distances);
    ck_assert_str_eq(pins(), "0:0-3 1:0-3 2:8-11 3:8-11");
    bind_cpus("4-7");
    ck_assert_str_eq(cells(), "1:0-1:1024 1:2-3:1024");
    bind_cpus("0-11");
    device_count = 1; /* the nearest as well */
    ck_assert_str_eq(cells(), "1:0-1:1024 2:2-3:1024");
}
END_TEST

/* The GPUs of a node are not to be in a cell without a vCPU. */
START_TEST(a_cell_without_vcpus_takes_no_node_from_others)
{
    add_cells(&w, 3, 2);
    w.domain.vcpus = 4;
    idset_free(&w.domain.cells.items[1].vcpus);
    ck_assert(idset_add(&w.domain.cells.items[2].vcpus, 2));
    ck_assert(idset_add(&w.domain.cells.items[2].vcpus, 3));
    idset_remove(&w.domain.cells.items[2].vcpus, 4);
    idset_remove(&w.domain.cells.items[2].vcpus, 5);
    ck_assert_str_eq(cells(), "0:0-1:0 0::0 2:2-3:0");
    device_nodes[device_count++] = 1;
    idset_free(&w.host.nodes.items[1].cpus);
    ck_assert_str_eq(cells(), "0:0-1:0 1::0 2:2-3:0");
    idset_free(&w.domain.cells.items[2].vcpus);
    ck_assert_str_eq(cells(), "0:0-1:0 1::0 1::0");
}
END_TEST

START_TEST(a_cell_that_needs_two_nodes_is_not_tied)
{
    add_cells(&w, 2, 2);
    w.domain.cells.items[0].memory_kib = 1 << 20;
    w.domain.cells.items[1].memory_kib = UINT64_C(70) << 20;
    ck_assert_str_eq(cells(), "0:0-1:1024 -:2-3:71680");
    ck_assert_str_eq(pins(), "0:0-3 1:0-3");
    ck_assert_ptr_nonnull(
        strstr(note_of(FINDING_CELL_UNTIED), "with 71680 MiB and 2 vCPUs it has more memory than"));
    ck_assert(!made_cells_have_node(&made, 2));
    w.domain.cells.items[0].memory_kib = UINT64_C(70) << 20;
    ck_assert(says("none: no cell can be tied to one node"));
}
END_TEST

static const char *why_without(int node)
{
    cells();
    ck_assert(!made_cells_have_node(&made, node));
    return node_why_without_cell(&made, &w.host, node);
}

START_TEST(it_is_told_why_a_node_has_no_cell)
{
    pin_vcpus(&w, "0-3", "4-5");
    ck_assert_ptr_nonnull(strstr(why_without(2), "CPUs that its vCPUs are bound to"));
    forget_pins();
    bind_all_memory("1", "strict");
    ck_assert_ptr_nonnull(strstr(why_without(2), "<numatune><memory>"));
    ck_assert(idset_add(&wished_nodes, 0));
    ck_assert_ptr_nonnull(strstr(why_without(2), "policy cells_nodes"));
    idset_remove(&wished_nodes, 0);
    idset_free(&w.domain.memory_nodes);
    w.host.nodes.items[2].memory_kib = 0;
    ck_assert_ptr_nonnull(strstr(why_without(2), "the node has no memory"));
}
END_TEST

START_TEST(it_is_told_why_own_cells_leave_a_node_out)
{
    add_cells(&w, 1, 4);
    ck_assert_str_eq(cells(), "0:0-3:0");
    ck_assert_ptr_nonnull(strstr(why_without(2), "fewer cells"));
    bind_cpus("0-3");
    ck_assert_ptr_nonnull(strstr(why_without(2), "CPUs that its vCPUs are bound to"));
    idset_free(&w.domain.vcpu_cpuset);
    add_cells(&w, 1, 2);
    w.domain.cells.items[1].memory_kib = UINT64_C(70) << 20;
    ck_assert_ptr_nonnull(strstr(why_without(2), "larger than the node"));
}
END_TEST

START_TEST(a_cell_with_more_vcpus_than_the_node_has)
{
    add_cells(&w, 1, 6);
    w.domain.vcpus = 6;
    ck_assert(says("none: no cell can be tied"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("make_cells");
    TCase *tcase = tcase_create("make_cells");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_cell_for_each_node_with_a_device);
    tcase_add_test(tcase, nodes_are_those_of_the_pins);
    tcase_add_test(tcase, some_are_pinned);
    tcase_add_test(tcase, which_binding_wins);
    tcase_add_test(tcase, what_contradicts_itself_is_refused);
    tcase_add_test(tcase, the_policy_names_nodes);
    tcase_add_test(tcase, more_nodes_where_one_is_too_small);
    tcase_add_test(tcase, a_node_without_memory_is_no_cell);
    tcase_add_test(tcase, a_node_without_cpus_is_a_cell_without_vcpus);
    tcase_add_test(tcase, cells_without_vcpus_come_last);
    tcase_add_test(tcase, sparse_nodes);
    tcase_add_test(tcase, a_kernel_without_numa_has_all_cpus);
    tcase_add_test(tcase, odd_numbers);
    tcase_add_test(tcase, too_few_vcpus_for_the_nodes);
    tcase_add_test(tcase, sockets_dies_and_cores_stay_whole);
    tcase_add_test(tcase, pins_that_cut_a_core_are_refused);
    tcase_add_test(tcase, each_cell_starts_with_a_vcpu);
    tcase_add_test(tcase, parts_go_by_the_cpus_where_equal_ones_do_not_fit);
    tcase_add_test(tcase, more_vcpus_than_the_node_of_the_memory_has);
    tcase_add_test(tcase, vcpus_without_a_pin_fit_beside_those_with_one);
    tcase_add_test(tcase, a_small_node_gets_no_more_vcpus_than_it_has_cpus);
    tcase_add_test(tcase, a_cpuset_that_is_too_small_is_shared);
    tcase_add_test(tcase, eight_nodes);
    tcase_add_test(tcase, threads_where_pins_make_siblings);
    tcase_add_test(tcase, pins_are_those_of_the_node);
    tcase_add_test(tcase, no_cpu_is_left);
    tcase_add_test(tcase, pins_that_are_there_stay);
    tcase_add_test(tcase, one_to_one_on_whole_cores);
    tcase_add_test(tcase, cores_of_other_threads_are_left_out);
    tcase_add_test(tcase, memory_in_whole_pages);
    tcase_add_test(tcase, huge_pages_of_a_gibibyte);
    tcase_add_test(tcase, a_domain_with_huge_pages_of_no_size);
    tcase_add_test(tcase, huge_pages_of_the_nodes);
    tcase_add_test(tcase, what_a_node_has_left);
    tcase_add_test(tcase, memory_devices);
    tcase_add_test(tcase, the_mode);
    tcase_add_test(tcase, distances_of_the_host);
    tcase_add_test(tcase, cells_that_nothing_ties);
    tcase_add_test(tcase, a_cell_without_vcpus_takes_no_node_from_others);
    tcase_add_test(tcase, a_cell_that_needs_two_nodes_is_not_tied);
    tcase_add_test(tcase, it_is_told_why_a_node_has_no_cell);
    tcase_add_test(tcase, it_is_told_why_own_cells_leave_a_node_out);
    tcase_add_test(tcase, a_cell_with_more_vcpus_than_the_node_has);
    return run_suite(suite);
}
