/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy.c - see policy.h */
#include "model/policy.h"

#include "vtopo/error.h"

#include <stdlib.h>
#include <string.h>

#define FLAG 0
#define NUMBER(lowest, highest) (lowest)
#define WORD(...) 0

#define POLICY_KEY(name, type, initial, values, places) .name = (initial),
#define DEVICE_KEY(name, values, places)
const struct vtopo_policy policy_default = {
#include "model/policy_keys.def"
};
#undef POLICY_KEY

#define POLICY_KEY(name, type, initial, values, places) .name = -1,
const struct policy_wish policy_wish_unset = {
#include "model/policy_keys.def"
};
#undef POLICY_KEY
#undef DEVICE_KEY

#define POLICY_KEY(name, type, initial, values, places)
#define DEVICE_KEY(name, values, places) .name = (values)-1,
const struct policy_device policy_device_unset = {
#include "model/policy_keys.def"
};
#undef POLICY_KEY
#undef DEVICE_KEY

#define DEVICE_KEY(name, values, places) &&device->name == policy_device_unset.name
#define POLICY_KEY(name, type, initial, values, places)
bool policy_device_is_unset(const struct policy_device *device)
{
    return true
#include "model/policy_keys.def"
        ;
}
#undef DEVICE_KEY

#define DEVICE_KEY(name, values, places)                                                           \
    device->name = device->name == policy_device_unset.name ? from->name : device->name;
void policy_device_fill(struct policy_device *device, const struct policy_device *from)
{
#include "model/policy_keys.def"
}

/* --- entries for the same device --- */

static int compare_devices(const struct policy_device *a, const struct policy_device *b)
{
    if (a->by_bdf != b->by_bdf)
        return a->by_bdf ? -1 : 1;
    if (a->by_bdf)
        return bdf_compare(&a->bdf, &b->bdf);
    if (a->vendor != b->vendor)
        return a->vendor < b->vendor ? -1 : 1;
    return a->device < b->device ? -1 : a->device > b->device;
}

bool policy_same_device(const struct policy_device *a, const struct policy_device *b)
{
    return !compare_devices(a, b);
}

/* The same device: in the order of the entries. */
static int compare_entries(const void *left, const void *right)
{
    const struct policy_device *a = *(const struct policy_device *const *)left;
    const struct policy_device *b = *(const struct policy_device *const *)right;
    int order = compare_devices(a, b);

    return order ? order : a < b ? -1 : a > b;
}

int policy_find_double(const struct policy_device *entries, size_t count, size_t *ret_index)
{
    autofree const struct policy_device **sorted = NULL;

    *ret_index = count;
    if (count < 2)
        return 0;
    sorted = calloc(count, sizeof(*sorted));
    if (!sorted)
        return VTOPO_ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &entries[i];
    qsort(sorted, count, sizeof(*sorted), compare_entries);
    for (size_t i = 1; i < count; i++) {
        size_t index = (size_t)(sorted[i] - entries);

        if (!compare_devices(sorted[i - 1], sorted[i]) && index < *ret_index)
            *ret_index = index;
    }
    return 0;
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
