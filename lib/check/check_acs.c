/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_acs.c - what do the ports between two cards of a switch do with peer-to-peer requests?
 *
 * Takes:  ACS Control (PCI Express Base Specification 6.0, 7.7.11.3) of each downstream port on the
 *         way from one card to another one below the same switch, nested switches included.
 * Gives:  a result for each thing that a port does otherwise than it should for a guest.
 * Rule:   a guest's cards send with addresses of the guest. A switch compares them with addresses
 *         of the host, so they must go up to the IOMMU (source validation, request and completion
 *         redirect, upstream forwarding), and only those that the IOMMU has translated before (ATS)
 *         may go straight across (direct translated P2P). That is decided where the ways to the two
 *         cards part; below, a port cannot send anything across. Egress control and translation
 *         blocking are in the way of both. These are the masks of rdma_topo of rdma-core for
 *         guests, which wants direct translated P2P on the ports of NICs only; here it is wanted
 *         for on others, too, unless it is known that nothing below them has ATS.
 */
#include "check/checker.h"

#include "model/pci_class.h"

#define ACS_CAPABILITY 0x04
#define ACS_CONTROL 0x06

#define ACS_ISOLATION                                                                              \
    (ACS_SOURCE_VALIDATION | ACS_REQUEST_REDIRECT | ACS_COMPLETION_REDIRECT |                      \
     ACS_UPSTREAM_FORWARDING)

static const struct {
    enum acs_control bit;
    const char *name;
} names[] = {
    {ACS_SOURCE_VALIDATION, "source validation"},
    {ACS_TRANSLATION_BLOCKING, "translation blocking"},
    {ACS_REQUEST_REDIRECT, "P2P request redirect"},
    {ACS_COMPLETION_REDIRECT, "P2P completion redirect"},
    {ACS_UPSTREAM_FORWARDING, "upstream forwarding"},
    {ACS_EGRESS_CONTROL, "P2P egress control"},
    {ACS_DIRECT_TRANSLATED, "direct translated P2P"},
};

/* What can be wrong with a port. */
struct fault {
    enum acs_fault is;
    unsigned mask, good;                 /* the bits of @mask should be as in @good */
    struct check_advice advice, lacking; /* lacking: where the port cannot set them */
};

#define MAY_HIDE "the switch lacks it; a firmware or BIOS option may show it"
/* An "x" for a bit would give what the firmware has set, not Linux.  Before 6.15 only the first of
 * several was heeded. */
#define CONFIG_ACS                                                                                 \
    "kernel command line: pci=config_acs=1011101@BDF (Linux 6.15 and later; \";\" between several)"
#define OPEN_MEANS                                                                                 \
    "the port takes a guest's addresses for the host's, and the IOMMU does not see all that the cards send"
#define OPEN_SHOULD                                                                                \
    "bits 0, 2, 3 and 4 (0x001d) set: source validation, request and completion redirect, upstream forwarding"
#define INDIRECT_MEANS                                                                             \
    "what the cards below the port send to others of the switch takes the way through the root complex"
#define INDIRECT_SHOULD                                                                            \
    "0x005d: redirection stays on, and bit 6 (0x0040), direct translated P2P, lets what ATS has translated go straight across"

#define OPEN_BRIEF                                                                                 \
    "lets the cards of its switch reach each other past the IOMMU, which is unsafe with guests (switched off in its ACS: "
#define INDIRECT_BRIEF                                                                             \
    "sends what the cards of its switch exchange up to the CPU and back (switched off in its ACS: "

static const struct fault faults[] = {
    {
        ACS_FAULT_OPEN,
        ACS_ISOLATION,
        ACS_ISOLATION,
        {
            FINDING_ACS_OPEN,
            OPEN_MEANS,
            OPEN_SHOULD,
            "Linux sets them at boot while the IOMMU is on: look for who clears them (scripts with setpci, "
            "pci=disable_acs_redir=); " CONFIG_ACS
            "; now, while no guest runs: setpci -s BDF ECAP_ACS+6.w=001d:001d",
            {OPEN_BRIEF,
             "); look for what cleared these bits, which Linux sets at boot; to set them now, while "
             "no guest runs: setpci -s BDF ECAP_ACS+6.w=001d:001d"},
        },
        {FINDING_ACS_OPEN, OPEN_MEANS, OPEN_SHOULD, MAY_HIDE, {OPEN_BRIEF, "); " MAY_HIDE}},
    },
    {
        ACS_FAULT_REDIRECTS,
        ACS_DIRECT_TRANSLATED,
        ACS_DIRECT_TRANSLATED,
        {
            FINDING_ACS_INDIRECT,
            INDIRECT_MEANS,
            INDIRECT_SHOULD,
            CONFIG_ACS
            "; now, until the next boot: setpci -s BDF ECAP_ACS+6.w=0040:0040; the cards need ATS, too",
            {INDIRECT_BRIEF,
             "); to let it pass, if the cards have ATS, until the next boot: setpci -s BDF "
             "ECAP_ACS+6.w=0040:0040"},
        },
        {FINDING_ACS_INDIRECT,
         INDIRECT_MEANS,
         INDIRECT_SHOULD,
         MAY_HIDE,
         {INDIRECT_BRIEF, "); " MAY_HIDE}},
    },
    {
        ACS_FAULT_BLOCKS,
        ACS_TRANSLATION_BLOCKING | ACS_EGRESS_CONTROL,
        0,
        {
            FINDING_ACS_BLOCKS,
            "the port stops requests between the cards",
            "bits 1 and 5 (0x0022) clear",
            CONFIG_ACS
            ", and no pci=noats; now, until the next boot: setpci -s BDF ECAP_ACS+6.w=0000:0022",
            {"stops what the cards of its switch send to each other (switched on in its ACS: ",
             "); to clear these bits until the next boot: setpci -s BDF ECAP_ACS+6.w=0000:0022"},
        },
        {0}, /* every port can clear them */
    },
};

static const struct check_advice absent = {
    FINDING_ACS_ABSENT,
    "the port takes a guest's addresses for the host's, and Linux puts the cards of the switch into one IOMMU group",
    "an ACS capability with 0x005d",
    MAY_HIDE,
    {"has no ACS, so the cards of its switch reach each other past the IOMMU and are in one IOMMU "
     "group",
     "; a firmware or BIOS option may show it"},
};

static char *name_bits(unsigned bits)
{
    struct check_list list = {0};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (bits & names[i].bit)
            check_list_add(&list, names[i].name);
    }
    return check_list_steal(&list);
}

/* @able: the ACS Capability register. */
static bool report_fault(struct checker *c, size_t port, const struct fault *fault,
                         const struct check_register *reg, unsigned able)
{
    unsigned wrong = (reg->value ^ fault->good) & fault->mask;
    bool lacks = wrong & fault->good & ~able;
    autofree char *text = NULL, *bits = NULL;
    char *is;

    text = check_register_text(reg);
    bits = name_bits(wrong);
    if (!text || !bits)
        return false;
    is = mem_printf("%s (ACS Capability 0x%04x): %s %s %s", text, able, bits,
                    wrong & (wrong - 1) ? "are" : "is", fault->good ? "off" : "on");
    return check_add_detail(c, port, lacks ? &fault->lacking : &fault->advice, reg, is,
                            steal(bits));
}

/* What is below a function. */
struct below {
    size_t devices;
    bool
        translates; /* one of them may have ATS, as far as that is checked and known, or is a NIC */
};

/* @parts: the ways to two of the devices part at the port; otherwise they have parted above it. */
static bool check_port(struct checker *c, size_t port, bool parts, bool translates)
{
    const struct host_function *f = &c->host->functions.items[port];
    struct check_register reg = {
        .name = "ACS Control",
        .capability = "Access Control Services",
        .extended = true,
        .id = PCICAP_EXT_ACS,
    };
    enum pcicap_result result = check_read(c, port, ACS_CONTROL, &reg);
    enum acs_state state;
    unsigned control, found;
    uint16_t able = 0;
    bool done = true;

    if (result == PCICAP_UNREADABLE)
        return true;
    state = check_acs_state(f, &control);
    found = check_acs_faults(state, control, parts);
    if (found & ACS_FAULT_ABSENT)
        return check_add(c, port, &absent, NULL,
                         mem_printf("has no ACS capability (extended capability 000d)"));
    if (!translates)
        found &= ~(unsigned)ACS_FAULT_REDIRECTS;
    /* It is before the register that was read. */
    if (result == PCICAP_FOUND)
        pcicap_read16(f->config, f->config_size, reg.at + ACS_CAPABILITY, &able);
    for (size_t i = 0; done && i < sizeof(faults) / sizeof(*faults); i++) {
        if (found & faults[i].is)
            done = report_fault(c, port, &faults[i], &reg, able);
    }
    return done;
}

unsigned check_acs_faults(enum acs_state state, unsigned control, bool parts)
{
    unsigned faults_found = 0;

    if (state == ACS_UNREADABLE)
        return ACS_FAULT_UNREAD;
    if (state == ACS_NONE)
        return parts ? ACS_FAULT_ABSENT : 0;
    if (~control & ACS_ISOLATION)
        faults_found |= ACS_FAULT_OPEN;
    if (control & (ACS_TRANSLATION_BLOCKING | ACS_EGRESS_CONTROL))
        faults_found |= ACS_FAULT_BLOCKS;
    /* Without the redirection there is nothing that direct translated P2P would be the exception
     * of. */
    if (parts && control & ACS_REQUEST_REDIRECT && !(control & ACS_DIRECT_TRANSLATED))
        faults_found |= ACS_FAULT_REDIRECTS;
    return faults_found;
}

enum acs_state check_acs_state(const struct host_function *port, unsigned *ret_control)
{
    uint16_t control;
    size_t at;

    if (ret_control)
        *ret_control = 0;
    switch (pcicap_find_extended(port->config, port->config_size, PCICAP_EXT_ACS, &at)) {
    case PCICAP_UNREADABLE:
        return ACS_UNREADABLE;
    case PCICAP_ABSENT:
        return ACS_NONE;
    case PCICAP_FOUND:
        break;
    }
    if (!pcicap_read16(port->config, port->config_size, at + ACS_CONTROL, &control) ||
        control == UINT16_MAX)
        return ACS_UNREADABLE;
    if (ret_control)
        *ret_control = control;
    if (control & (ACS_TRANSLATION_BLOCKING | ACS_EGRESS_CONTROL))
        return ACS_BLOCK;
    if (~control & ACS_ISOLATION)
        return ACS_OPEN;
    return control & ACS_DIRECT_TRANSLATED ? ACS_DIRECT : ACS_REDIRECT;
}

const char *acs_state_name(enum acs_state state)
{
    static const char *const names_of_states[] = {
        [ACS_NONE] = "none",     [ACS_OPEN] = "open",   [ACS_REDIRECT] = "redirect",
        [ACS_DIRECT] = "direct", [ACS_BLOCK] = "block",
    };

    return names_of_states[state];
}

bool check_may_translate(const struct host_function *device)
{
    return class_is_network(device->class_code) ||
           pcicap_find_extended(device->config, device->config_size, PCICAP_EXT_ATS,
                                &(size_t){0}) != PCICAP_ABSENT;
}

static void count_below(const struct checker *c, struct below *below)
{
    for (size_t i = 0; i < c->set->count; i++) {
        const struct host_function *device = &c->host->functions.items[c->set->devices[i].function];
        bool translates = !(c->questions & CHECK_ATS) || check_may_translate(device);

        for (size_t at = device->parent; at != HOST_NONE;
             at = c->host->functions.items[at].parent) {
            below[at].devices++;
            below[at].translates |= translates;
        }
    }
}

/* How many of the devices are below the topmost switch above a port. */
static size_t count_in_tree(const struct vtopo_host *host, const struct below *below, size_t port)
{
    size_t count = 0;

    for (size_t at = host->functions.items[port].parent; at != HOST_NONE;
         at = host->functions.items[at].parent) {
        if (host->functions.items[at].port == PORT_UPSTREAM)
            count = below[at].devices;
        else if (host->functions.items[at].port != PORT_DOWNSTREAM)
            break;
    }
    return count;
}

bool check_acs(struct checker *c)
{
    const struct vtopo_host *host = c->host;
    autofree struct below *below = calloc(host->functions.count + 1, sizeof(*below));
    bool done = below;

    if (done)
        count_below(c, below);
    for (size_t i = 0; done && i < host->functions.count; i++) {
        const struct host_function *port = &host->functions.items[i];

        if (port->port == PORT_DOWNSTREAM && below[i].devices && port->parent != HOST_NONE &&
            count_in_tree(host, below, i) > below[i].devices)
            done = check_port(c, i, below[port->parent].devices > below[i].devices,
                              below[i].translates);
    }
    return done;
}
