/* SPDX-License-Identifier: GPL-2.0-or-later */
/* command_line.h - devices that only QEMU knows, and what is said of them */
#ifndef VTOPO_PLAN_DEVICES_COMMAND_LINE_H
#define VTOPO_PLAN_DEVICES_COMMAND_LINE_H

#include "model/domain.h"

/* The host's devices that QEMU gets past libvirt, as a sentence without its end; NULL in *ret_text:
 * there are none.  False: out of memory. */
bool command_line_assigned(const struct domain *domain, char **ret_text);
/* The devices for which QEMU chooses a bus, in the same way. */
/* What -global says of a kind of controllers of which the domain has none, so that QEMU may be
 * unable to make one; NULL: nothing. */
const char *command_line_unfit(const struct domain *domain);
bool command_line_anywhere(const struct domain *domain, char **ret_names);

#endif
