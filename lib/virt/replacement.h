/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replacement.h - put another definition into the place of the one that was read */
#ifndef VTOPO_VIRT_REPLACEMENT_H
#define VTOPO_VIRT_REPLACEMENT_H

#include "virt/definition.h"

enum replacement {
    REPLACED,
    REPLACEMENT_NOT_KEPT, /* the old one cannot be kept: nothing is done */
    REPLACEMENT_CHANGED,  /* it was defined otherwise or undefined meanwhile, or its guest runs */
    REPLACEMENT_REFUSED,  /* libvirt does not take the new one */
    REPLACEMENT_UNSURE,   /* libvirt is gone: nobody knows which of the two stands */
};

/*
 * @history    folder in which the old one is kept (virt/history.h)
 * @shut_off   only while its guest does not run
 * @reterr     why not, if it is not REPLACED
 */
enum replacement replace_definition(const struct definition *definition, const char *xml,
                                    const char *history, bool shut_off,
                                    struct vtopo_error **reterr);

#endif
