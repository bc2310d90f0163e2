/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * target_link.h - a port's link and model in libvirt's own words
 *
 * <controller type='pci' model='pcie-switch-upstream-port'>
 *   <model name='pcie-upstream-port'/>
 *   <target speed='32' width='16'/>
 * </controller>
 *
 * As posted to libvirt's list in 2026 ("Add speed/width target attributes for the generic PCIe root
 * and switch ports"); libvirt 12.8 and QEMU 11.1 have none of it.
 */
#ifndef VTOPO_MODEL_TARGET_LINK_H
#define VTOPO_MODEL_TARGET_LINK_H

#include "model/domain.h"

/* <model name> of the ports of QEMU's generic switch; NULL: @model is no port of a switch. */
const char *generic_port_name(enum controller_model model);
bool generic_port_is(const char *name);

/* <target speed>, in GT/s, of a speed of struct host_link; NULL: there is no word for it. */
const char *target_speed_word(unsigned speed);
/* The same back; 0: something else. */
unsigned target_speed_of(const char *word);

#endif
