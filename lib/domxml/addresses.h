/* SPDX-License-Identifier: GPL-2.0-or-later */
/* addresses.h - write the <address> of a device or controller */
#ifndef VTOPO_DOMXML_ADDRESSES_H
#define VTOPO_DOMXML_ADDRESSES_H

#include "domxml/domxml.h"

/* What to do with the attribute multifunction. */
enum address_multifunction {
    MULTIFUNCTION_AS_IT_IS,
    MULTIFUNCTION_TURN_ON,
    MULTIFUNCTION_TURN_OFF,
    MULTIFUNCTION_REMOVE
};

/* 0x and at least @width digits. */
void address_add_hex(struct buffer *out, unsigned value, int width);
/* An element.  @multifunction: its value, NULL: it is not written. */
void address_add(struct buffer *out, const struct bdf *at, const char *multifunction);

/* Gives the element, a place in scan.elements, the address @at. */
void address_write(struct edits *edits, const struct vtopo_domain *domain, size_t device,
                   const struct bdf *at, enum address_multifunction wanted);

#endif
