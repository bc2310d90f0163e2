/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * which_call.c - see which_call.h
 *
 * Takes:  the VMI, the domain of one call.
 * Gives:  whether it is left as it is, because KubeVirt shows the domain again.
 * Rule:   what is not sure to be shown again is acted on.
 *
 * KubeVirt calls its hooks up to three times for one boot, and the last output counts.  While
 * libvirt has not placed anything yet, every controller of ours makes it choose other addresses
 * for disks and NICs than it does without the hook, which not every guest survives (Windows takes
 * a disk offline that moved).  So the earlier calls are left alone, if another one is sure to
 * follow.  What the releases do (allocateHotplugPorts() in pkg/virt-launcher/virtwrap/manager.go,
 * WithNetworkIfacesResources() in its nichotplug.go; read at v0.58.0, v1.0.0, v1.5.3, v1.6.0,
 * v1.6.4, v1.7.0, v1.7.2, v1.7.4, v1.8.4, v1.9.0 and d923fdb815, after 1.9):
 *
 *  - Interfaces that keep ports free for hot-plug, <target dev='placeholder-N'>, since 1.0 (their
 *    alias came with 1.8): what libvirt made of this call is read back and shown again.  Leave it.
 *  - No placeholders (no interface, or four and more), and no root ports on pcie.0.  Up to 1.6.3
 *    and 1.7.1: the only call; act.  Since then a call with bare root ports follows (up to 1.9
 *    nothing is read back between the two), or one with all that libvirt made (after 1.9).  Those
 *    are the releases whose webhook gives every VMI the annotation
 *    kubevirt.io/pci-topology-version.  So leave it if the annotation is there, and the machine
 *    has PCIe: to others nothing is added since 1.8 (SupportsPCIeHotplug() in pkg/defaults).
 *  - Everything on pcie.0 (annotation kubevirt.io/placePCIDevicesOnRootComplex): no ports are
 *    added, and after this call none may follow; all has addresses that stay.  Act.
 *  - Root ports: with addresses on pcie.0 they are libvirt's, read back; without addresses
 *    KubeVirt's own, which it adds before its last call only.  Act.  This covers the call between
 *    placeholders and bare root ports, too, which is the last one up to 1.6.3 and 1.7.1; what
 *    vtopo puts in is shown again in the next call, and then stays as it is.  (Root ports
 *    elsewhere are those of KubeVirt's gate PCINUMAAwareTopology: there from the first call on.)
 */
#include "which_call.h"

#include "kubevirt/shown.h"
#include "kubevirt/vmi.h"

#include <stdlib.h>
#include <string.h>

static bool is_on_root_complex(const json_t *vmi)
{
    return vmi_annotation_is(vmi, "kubevirt.io/placePCIDevicesOnRootComplex", "true");
}

/* SupportsPCIeHotplug(); earlier releases, which do not ask, have a call more, which does no harm.
 */
static bool has_pcie(const json_t *vmi)
{
    const char *machine = vmi_text(vmi_domain_part(vmi, "machine", "type", NULL));

    return !machine || strstr(machine, "q35") || !strncmp(machine, "virt", strlen("virt"));
}

/* calculatePlaceholderCount() */
size_t count_placeholders(const json_t *vmi)
{
    const char *slots = vmi_annotation(vmi, "kubevirt.io/pci-interface-slot-count");
    size_t interfaces = json_array_size(vmi_domain_part(vmi, "devices", "interfaces", NULL));
    size_t wanted = slots ? strtoul(slots, NULL, 10) : interfaces ? 4 : 0;

    if (!slots && is_on_root_complex(vmi))
        return 0;
    return wanted > interfaces ? wanted - interfaces : 0;
}

bool another_call_follows(const json_t *vmi, const struct vtopo_domain *domain)
{
    if (vtopo_domain_has_device(domain, "placeholder-0"))
        return true;
    if (is_on_root_complex(vmi) || !has_pcie(vmi))
        return false;
    return vmi_annotation(vmi, "kubevirt.io/pci-topology-version") &&
           !vtopo_domain_has_root_ports(domain);
}

bool adds_ports(const json_t *vmi)
{
    return vmi_annotation(vmi, "kubevirt.io/pci-topology-version") && !is_on_root_complex(vmi) &&
           has_pcie(vmi);
}

/*
 * Where there are placeholders, a call with addresses comes before the one with bare ports, if
 * there are any: KubeVirt may have none to add.  It switches hot-plug of occupied ports off, and
 * only before its last call (DisableHotplugOnOccupiedRootPorts()).  Where everything is on pcie.0,
 * the call in front of one with libvirt's own controllers was already acted on.
 */
bool earlier_call_acted(const json_t *vmi, const struct vtopo_domain *domain)
{
    if (kubevirt_is_rewritten(domain) ||
        (is_on_root_complex(vmi) && !count_placeholders(vmi) && kubevirt_is_read_back(domain)))
        return true;
    return count_placeholders(vmi) && kubevirt_has_placed_port(domain) &&
           (kubevirt_count_bare_ports(domain) || kubevirt_has_port_without_hotplug(domain));
}
