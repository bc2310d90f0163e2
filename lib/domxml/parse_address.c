/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_address.c - <address> of devices and of what stands for them on the host
 *
 * Takes:  an element.
 * Gives:  struct address, struct bdf.
 * Rule:   numbers in C's notation (0x.., 0.. octal, decimal), absent ones are 0; domain, bus and
 *         slot all 0 is no address, whatever the function; of two <address> children the first
 *         counts. All as in libvirt 9.0's virPCIDeviceAddressParseXML() and
 *         virDomainDeviceAddressParseXML().
 */
#include "domxml/parse.h"

#include <string.h>

struct numbers {
    uint64_t domain, bus, slot, function;
};

static int read_numbers(const struct reader *reader, const struct node *address,
                        struct numbers *ret)
{
    const struct {
        const char *name;
        uint64_t *value;
    } fields[] = {
        {"domain", &ret->domain},
        {"bus", &ret->bus},
        {"slot", &ret->slot},
        {"function", &ret->function},
    };
    int r = 0;

    *ret = (struct numbers){0};
    for (size_t i = 0; !r && i < sizeof(fields) / sizeof(*fields); i++)
        r = node_number(reader, address, fields[i].name, 0, UINT32_MAX, fields[i].value);
    return r;
}

static int to_bdf(const struct reader *reader, const struct node *address,
                  const struct numbers *numbers, struct bdf *ret_bdf)
{
    const struct {
        const char *name;
        uint64_t value, max;
    } limits[] = {
        {"bus", numbers->bus, 0xff},
        {"slot", numbers->slot, 0x1f},
        {"function", numbers->function, 7},
    };

    for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
        if (limits[i].value > limits[i].max)
            return reader_refuse(reader, address, "%s 0x%llx is out of range (at most 0x%llx)",
                                 limits[i].name, (unsigned long long)limits[i].value,
                                 (unsigned long long)limits[i].max);
    }
    *ret_bdf = (struct bdf){(uint32_t)numbers->domain, (uint8_t)numbers->bus,
                            (uint8_t)numbers->slot, (uint8_t)numbers->function};
    return 0;
}

int parse_host_address(const struct reader *reader, const struct node *address, struct bdf *ret_bdf)
{
    struct numbers numbers;
    int r = read_numbers(reader, address, &numbers);

    return r ? r : to_bdf(reader, address, &numbers, ret_bdf);
}

static int parse_pci(const struct reader *reader, const struct node *address, struct address *ret)
{
    struct numbers numbers;
    int r = read_numbers(reader, address, &numbers);

    if (!r)
        r = node_switch(reader, address, "multifunction", &ret->multifunction);
    if (r || !(numbers.domain || numbers.bus || numbers.slot))
        return r;
    if (numbers.domain)
        return reader_refuse(reader, address, "domain 0x%llx: a guest has PCI domain 0 only",
                             (unsigned long long)numbers.domain);
    ret->kind = ADDRESS_PCI;
    return to_bdf(reader, address, &numbers, &ret->at);
}

int parse_guest_address(const struct reader *reader, const struct node *node,
                        struct address *ret_address)
{
    const struct node *address = node_child(node, "address");
    const char *type = node_attribute(address, "type");

    *ret_address = (struct address){.kind = ADDRESS_NONE, .multifunction = -1};
    if (!address)
        return 0;
    if (!type)
        return reader_refuse(reader, address, "in <%s> has no type", node->name);
    if (strcmp(type, "pci") == 0)
        return parse_pci(reader, address, ret_address);
    ret_address->kind = strcmp(type, "unassigned") == 0 ? ADDRESS_UNASSIGNED : ADDRESS_OTHER;
    return 0;
}
