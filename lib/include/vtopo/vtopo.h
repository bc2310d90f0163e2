/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file vtopo/vtopo.h
 * All of libvtopo.
 */
#ifndef VTOPO_VTOPO_H
#define VTOPO_VTOPO_H

#include <vtopo/domain.h>
#include <vtopo/error.h>
#include <vtopo/findings.h>
#include <vtopo/guest.h>
#include <vtopo/host.h>
#include <vtopo/plan.h>
#include <vtopo/policy.h>
#include <vtopo/rewrite.h>
#include <vtopo/version.h>

#endif
