/* SPDX-License-Identifier: GPL-2.0-or-later */
/* device_element.h - the element of a libvirt domain that gives it a function of the host */
#ifndef VTOPO_REPORT_DEVICE_ELEMENT_H
#define VTOPO_REPORT_DEVICE_ELEMENT_H

#include "base/buffer.h"
#include "model/host.h"

/*
 * <hostdev>, or for a virtual function of an Ethernet NIC <interface type='hostdev'>, whose MAC
 * address libvirt keeps; with a line feed.
 *
 * @indent   blanks before each line
 * @address  the guest's <address>, a line without blanks before it; NULL: libvirt chooses one
 */
void device_element_add(const struct host_function *function, size_t indent, const char *address,
                        struct buffer *out);

/* "<!-- TEXT -->" and a line feed; "--" in the text, which XML has no place for, becomes "- -". */
void comment_add(const char *text, size_t indent, struct buffer *out);

#endif
