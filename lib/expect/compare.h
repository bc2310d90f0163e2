/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare.h - what a plan foretells of a guest, and what the guest shows
 */
#ifndef VTOPO_EXPECT_COMPARE_H
#define VTOPO_EXPECT_COMPARE_H

#include "model/host.h"

#define FORETOLD_PORTS 64 /* more than bus numbers let anybody nest */
#define FORETOLD_ANY (-2) /* a node that is not foretold */

/* One assigned device, or one port (for its link), as the plan has it. */
struct foretold {
    char *name;
    bool has_bdf; /* false: libvirt chooses the address, and nothing is foretold */
    struct bdf bdf;
    bool has_ids;
    uint16_t vendor, device;
    int node; /* numa_node in the guest; FORETOLD_ANY */
    bool has_ports;
    size_t port_count;
    struct bdf
        ports[FORETOLD_PORTS]; /* bridges from the root bus down: who shares one shares a switch */
    struct host_link link;     /* its maximum; 0: not foretold */
};

struct foretold_list {
    struct foretold *items;
    size_t count, cap;
};

/* What is compared of each. */
enum guest_question { GUEST_ADDRESS, GUEST_NODE, GUEST_PORTS, GUEST_LINK, GUEST_QUESTIONS };
enum guest_answer { GUEST_UNASKED, GUEST_AGREES, GUEST_DIFFERS };

struct guest_row {
    enum guest_answer answers[GUEST_QUESTIONS];
    char *difference; /* a sentence for each that differs, a line each; NULL: none */
};

/* Fills @rows, one for each of the list.  False: out of memory. */
bool guest_compare(const struct foretold_list *list, const struct vtopo_host *guest,
                   struct guest_row *rows);

void foretold_clear(struct foretold_list *list);

#endif
