/* SPDX-License-Identifier: GPL-2.0-or-later */
/* places.h - where a domain has its PCI controllers and devices, as a text to compare */
#ifndef VTOPO_MODEL_PLACES_H
#define VTOPO_MODEL_PLACES_H

#include "base/buffer.h"
#include "model/domain.h"

/* Adds a line for each of them. */
void places_add(const struct domain *domain, struct buffer *text);

#endif
