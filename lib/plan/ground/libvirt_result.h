/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libvirt_result.h - what libvirt will make of the rewritten domain (libvirt_result.c) */
#ifndef VTOPO_PLAN_GROUND_LIBVIRT_RESULT_H
#define VTOPO_PLAN_GROUND_LIBVIRT_RESULT_H

#include "plan/ground/layout.h"
#include "plan/ground/libvirt_define.h"

/* The domain without the plan's controllers; devices that move are in their places below those. */
struct libvirt_result {
    struct domain domain;
    struct guest_tree tree;
};

struct libvirt_results {
    struct libvirt_result items[LIBVIRT_VERSIONS]; /* of versions that differ */
    size_t count;                                  /* 0: it cannot be known */
    const char *unknown;                           /* why; static */
};

/* Of a layout that has its indexes, slots and bus numbers. */
int libvirt_results_make(const struct layout_input *in, const struct layout *layout,
                         struct libvirt_results *ret, struct vtopo_error **reterr);
void libvirt_results_clear(struct libvirt_results *results);

#endif
