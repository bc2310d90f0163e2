/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmi_parts.h - the parts of a VMI that are of interest here, as text */
#ifndef VTOPO_KUBEVIRT_VMI_PARTS_H
#define VTOPO_KUBEVIRT_VMI_PARTS_H

#include "base/buffer.h"

/* Adds them to @parts, as an object; false: the text is none, and @parts is of no use. */
bool vmi_copy_parts(const char *text, size_t length, struct buffer *parts);

#endif
