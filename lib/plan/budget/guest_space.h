/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest_space.h - which firmware and which address space the guest may have
 *
 * Takes:  the domain, the host's processor and kernel, the release of its firmware
 *         (ground/versions.h).
 * Gives:  every case that can be, as far as one is not known from another: each release of firmware
 *         that decides otherwise, and what is not known of the processor both ways.
 * Rule:   of the host something counts only where devices have large BARs (HOST_HIGH_MEMORY), for
 *         otherwise it is not read.
 * Not here: what follows from a case (mmio_need.h), and from all of them (mmio_outcome.h).
 */
#ifndef VTOPO_PLAN_BUDGET_GUEST_SPACE_H
#define VTOPO_PLAN_BUDGET_GUEST_SPACE_H

#include "plan/budget/mmio_window.h"
#include "plan/ground/facts.h"

struct guest_case {
    enum mmio_firmware firmware;
    struct mmio_space space;
    uint64_t reach; /* addresses from here on do not work */
};

/* What would be changed of the domain; zeros: nothing. */
struct space_change {
    unsigned bits;      /* of addresses */
    bool pages_1g;      /* pdpe1gb is asked for */
    uint64_t asked_mib; /* X-PciMmio64Mb */
};

/* All firmwares, and five things that may be so or otherwise. */
#define GUEST_CASES (MMIO_FIRMWARES * 32)

/* How wide the guest's addresses are; 0: nobody knows. */
unsigned guest_bits(const struct facts *facts, bool large);
/* How many cases there are; 0: the width of addresses is not known. */
size_t guest_cases(const struct facts *facts, bool large, const struct space_change *change,
                   struct guest_case ret[GUEST_CASES]);
/* X-PciMmio64Mb as far as OVMF heeds it; 0: not given. */
uint64_t guest_asked(const struct domain *domain);
/* "OVMF before 2022.11", "OVMF 2025.05"...: what the first firmware of a rule is called. */
const char *firmware_name(enum mmio_firmware firmware);

#endif
