/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * advice.h - findings about the host and the domain that change nothing in the plan
 *
 * Takes:  the facts, and a plan whose devices have their addresses, nodes and cells.
 * Gives:  findings.
 */
#ifndef VTOPO_PLAN_ADVICE_ADVICE_H
#define VTOPO_PLAN_ADVICE_ADVICE_H

#include "plan/ground/facts.h"
#include "plan/ground/plan.h"
#include "plan/ground/reporter.h"

/* input.c: what is odd about the XML itself. */
int input_report(const struct facts *facts, const struct reporter *reporter);
/* no_acpi.c: the guest will find neither cells nor expanders. */
int firmware_cells_report(const struct facts *facts, const struct reporter *reporter);
int no_acpi_report(const struct facts *facts, const struct reporter *reporter);
/* function0.c: slots whose devices the guest will not see. */
int function0_report(const struct facts *facts, const struct vtopo_plan *plan,
                     const struct reporter *reporter);
/* atomics_price.c: what PCIe atomics cost, or that they are lost. */
int atomics_report(const struct facts *facts, const struct vtopo_plan *plan,
                   const struct reporter *reporter);
/* locality.c: vCPUs and memory that are bound to other nodes than their cell's devices. */
int locality_report(const struct facts *facts, const struct vtopo_plan *plan,
                    const struct reporter *reporter);
/* cell_cuts.c: cells that cut a guest core or socket. */
int cell_cuts_report(const struct facts *facts, const struct reporter *reporter);
/* cell_memory.c: cells that their host node cannot hold. */
int cell_memory_report(const struct facts *facts, const struct reporter *reporter);
/* port_properties.c: what the ports say that devices leave, and their new ones do not. */
int port_properties_report(const struct facts *facts, const struct vtopo_plan *plan,
                           const struct reporter *reporter);
/* p2p.c: what of the domain keeps its GPUs and NICs from reaching each other. */
int p2p_report(const struct facts *facts, const struct vtopo_plan *plan,
               const struct reporter *reporter);
/* version_doubts.c: why QEMU's version is not known where a finding before it doubts it. */
int version_doubts_report(const struct facts *facts, const struct vtopo_plan *plan,
                          const struct reporter *reporter);
/* fabric.c: whether NVLink between the GPUs has what it needs. */
int fabric_report(const struct facts *facts, const struct vtopo_plan *plan,
                  const struct reporter *reporter);
/* host_checks.c: what on the host spoils peer-to-peer of the devices. */
int host_checks_report(const struct facts *facts, const struct vtopo_plan *plan,
                       const struct reporter *reporter);

#endif
