/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shown.h - what a domain that KubeVirt shows has been through */
#ifndef VTOPO_KUBEVIRT_SHOWN_H
#define VTOPO_KUBEVIRT_SHOWN_H

#include <vtopo/domain.h>

/* Has it controllers of vtopo's, so that an earlier call of this boot has acted? */
bool kubevirt_is_rewritten(const struct vtopo_domain *domain);

/* Root ports without an address, which KubeVirt adds before its last call. */
size_t kubevirt_count_bare_ports(const struct vtopo_domain *domain);
/* Has it a root port on pcie.0 with an address, which only libvirt gives? */
bool kubevirt_has_placed_port(const struct vtopo_domain *domain);

/* Is it one that libvirt has printed? KubeVirt itself writes no root of PCIe. */
bool kubevirt_is_read_back(const struct vtopo_domain *domain);
/* Has it a root port that is not vtopo's and takes no hot-plug? */
bool kubevirt_has_port_without_hotplug(const struct vtopo_domain *domain);

/* Does it say which CPUs of the host it may use? */
bool kubevirt_has_cpuset(const struct vtopo_domain *domain);

#endif
