/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file vtopo/vtopo.h
 * All of libvtopo.
 *
 * @mainpage libvtopo
 *
 * Rewrites libvirt domain XML so that a guest sees the PCIe and NUMA topology of its host.  Most
 * programs need one call, vtopo_rewrite(); examples/library has one in C and one in Python.  Those
 * that want to see or change what happens between do the steps themselves: vtopo_domain_parse(),
 * vtopo_policy_read(), vtopo_host_read(), vtopo_plan_make(), vtopo_plan_apply().
 *
 * @section contract What stays
 *
 * - Functions, numbers and layouts of these headers: a symbol that is there stays, with the version
 *   that it came with (LIBVTOPO_0.1).  All structs are opaque.
 * - Ids of findings (vtopo/findings.h) and error codes (vtopo/error.h); their texts are for people
 *   and may change.
 * - JSON: plans, host descriptions and checks are as schemas/plan.schema.json, host.schema.json and
 *   check.schema.json say.  Who wants to know what is in a plan reads its JSON: it is the contract,
 *   and there are no getters for the same.
 *
 * @section results Results and errors
 *
 * A call that can fail returns 0 or a negative code.  On success it sets what its @c ret_ arguments
 * point to, on failure only what @c reterr points to, which may be NULL.  Nothing is printed and
 * the process never ends, out of memory included.
 *
 * @section ownership Who owns what
 *
 * What a call puts into a @c ret_ argument is the caller's: texts go with free(), all else with the
 * function of its name that ends in @c _free, which takes NULL.  What a getter returns belongs to
 * the object.  Objects keep no pointers into what they were made from, so all may be freed in any
 * order.  Where nothing else is said, pointers must not be NULL.
 *
 * @section threads Threads
 *
 * All functions may be called by several threads at the same time, unless they change the same
 * object: only the functions that take a policy that is not const change anything.  With libxml2
 * before 2.12 a program with threads calls xmlInitParser() before it starts them, as libxml2 wants.
 *
 * @section text Text
 *
 * Texts are UTF-8.  Lengths are in bytes.  PCI addresses are written "0000:41:00.0".
 */
#ifndef VTOPO_VTOPO_H
#define VTOPO_VTOPO_H

#include <vtopo/domain.h>
#include <vtopo/error.h>
#include <vtopo/findings.h>
#include <vtopo/guest.h>
#include <vtopo/host.h>
#include <vtopo/place.h>
#include <vtopo/plan.h>
#include <vtopo/policy.h>
#include <vtopo/report.h>
#include <vtopo/rewrite.h>
#include <vtopo/version.h>

#endif
