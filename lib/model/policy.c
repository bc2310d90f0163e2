/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy.c - see policy.h */
#include "model/policy.h"

#include <stdlib.h>
#include <string.h>

const struct vtopo_policy policy_default = {
    .mirror = MIRROR_SWITCH,
    .unmapped_node = UNMAPPED_EXPANDER,
    .without_numa = WITHOUT_NUMA_LEAVE,
    .clique = CLIQUE_CDI,
};

const struct policy_device policy_device_nothing = {
    .keep = -1, .node = -2, .hotplug = -1, .clique = -1, .attach_pci = -1};
const struct policy_wish policy_wish_nothing = {
    .mirror = -1, .strict = -1, .links = -1, .clique = -1, .spare_ports = -1};

const char *const mirror_words[] = {
    [MIRROR_NUMA] = "numa",
    [MIRROR_ROOT] = "root",
    [MIRROR_SWITCH] = "switch",
    [MIRROR_EXACT] = "exact",
    NULL,
};

const char *const clique_words[] = {
    [CLIQUE_OFF] = "off",
    [CLIQUE_CDI] = "cdi",
    [CLIQUE_AUTO] = "auto",
    NULL,
};

const char *const links_words[] = {
    [LINKS_STOCK] = "stock",
    [LINKS_HOST] = "host",
    NULL,
};

int policy_word(const char *const *words, const char *text)
{
    for (int i = 0; words[i]; i++) {
        if (!strcmp(words[i], text))
            return i;
    }
    return -1;
}

bool policy_device_says_nothing(const struct policy_device *device)
{
    return device->keep < 0 && device->node == -2 && device->hotplug < 0 && device->clique < 0 &&
           device->attach_pci < 0;
}

bool policy_same_device(const struct policy_device *a, const struct policy_device *b)
{
    if (a->by_bdf != b->by_bdf)
        return false;
    if (a->by_bdf)
        return bdf_equal(&a->bdf, &b->bdf);
    return a->vendor == b->vendor && a->device == b->device;
}

void policy_device_fill(struct policy_device *device, const struct policy_device *from)
{
    device->keep = device->keep >= 0 ? device->keep : from->keep;
    device->node = device->node >= -1 ? device->node : from->node;
    device->hotplug = device->hotplug >= 0 ? device->hotplug : from->hotplug;
    device->clique = device->clique >= 0 ? device->clique : from->clique;
    device->attach_pci = device->attach_pci >= 0 ? device->attach_pci : from->attach_pci;
}

/* Four hex digits; strtoul() alone would take signs and blanks. */
static bool parse_hex4(const char *text, uint16_t *ret)
{
    char digits[5] = "";

    if (strspn(text, "0123456789abcdefABCDEF") < 4)
        return false;
    memcpy(digits, text, 4);
    *ret = (uint16_t)strtoul(digits, NULL, 16);
    return true;
}

bool policy_parse_ids(const char *text, uint16_t *ret_vendor, uint16_t *ret_device)
{
    return strlen(text) == 9 && text[4] == ':' && parse_hex4(text, ret_vendor) &&
           parse_hex4(text + 5, ret_device);
}
