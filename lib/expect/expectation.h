/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expectation.h - what a plan says that a guest will be like: plain data
 */
#ifndef VTOPO_EXPECT_EXPECTATION_H
#define VTOPO_EXPECT_EXPECTATION_H

#include "model/host.h"

#define EXPECTED_PORTS 64 /* more than bus numbers let anybody nest */
#define EXPECTED_ANY (-2) /* a node of which nothing is expected */

/* One assigned device, or one port (for its link), as the plan has it. */
struct expected {
    char *name;
    bool has_bdf; /* false: libvirt chooses the address, and nothing is expected */
    struct bdf bdf;
    bool has_ids;
    uint16_t vendor, device;
    int node; /* numa_node in the guest; EXPECTED_ANY */
    bool has_ports;
    size_t port_count;
    struct bdf
        ports[EXPECTED_PORTS]; /* bridges from the root bus down: who shares one shares a switch */
    struct host_link link;     /* its maximum; 0: nothing is expected */
};

struct expectation {
    struct expected *items;
    size_t count, cap;
};

/* How many are at an address that is known. */
size_t expectation_known(const struct expectation *expectation);
void expectation_clear(struct expectation *expectation);

#endif
