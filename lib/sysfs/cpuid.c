/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpuid.c - see cpuid.h
 *
 * Takes:  the instruction CPUID of x86-64, which needs no privilege and opens nothing.
 * Gives:  vendor, family, model, the width of physical addresses, pages of 1 GiB, page tables of
 *         five levels.
 * Rule:   a leaf that the processor does not have says nothing.
 * Not here: what of it counts beside /proc/cpuinfo (addresses.c).
 *
 * Intel's manual, volume 2, CPUID; AMD's, volume 3, appendix E.
 */
#include "sysfs/cpuid.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <string.h>

#define LEAF_FEATURES 7
#define LEAF_EXTENDED_FEATURES 0x80000001
#define LEAF_ADDRESSES 0x80000008
#define FEATURE_LA57 (1U << 16)    /* of 7.0, ECX */
#define FEATURE_PDPE1GB (1U << 26) /* of 0x80000001, EDX */

struct registers {
    unsigned eax, ebx, ecx, edx; /* zeros: there is no such leaf */
};

static struct registers ask(unsigned leaf)
{
    struct registers r = {0};

    if (!__get_cpuid_count(leaf, 0, &r.eax, &r.ebx, &r.ecx, &r.edx))
        return (struct registers){0};
    return r;
}

/* Of characters that a host description takes. */
static bool is_name(const char *text)
{
    size_t known = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ");

    return known == sizeof(((struct cpuid *)NULL)->vendor) - 1;
}

static void set_vendor(struct cpuid *ret)
{
    struct registers r = ask(0);
    char vendor[sizeof(ret->vendor)] = {0};

    memcpy(vendor, &r.ebx, 4);
    memcpy(vendor + 4, &r.edx, 4);
    memcpy(vendor + 8, &r.ecx, 4);
    if (is_name(vendor))
        memcpy(ret->vendor, vendor, sizeof(vendor));
}

/* As Linux counts them (arch/x86/lib/cpu.c). */
static void set_model(struct cpuid *ret)
{
    unsigned signature = ask(1).eax;

    ret->family = signature >> 8 & 0xf;
    ret->model = signature >> 4 & 0xf;
    if (ret->family >= 6)
        ret->model |= signature >> 12 & 0xf0;
    if (ret->family == 0xf)
        ret->family += signature >> 20 & 0xff;
}

struct cpuid cpuid_ask(void)
{
    struct cpuid ret = {
        .bits = ask(LEAF_ADDRESSES).eax & 0xff,
        .pages_1g = ask(LEAF_EXTENDED_FEATURES).edx & FEATURE_PDPE1GB,
        .la57 = ask(LEAF_FEATURES).ecx & FEATURE_LA57,
    };

    set_vendor(&ret);
    set_model(&ret);
    if (ret.bits < 32 || ret.bits > 63)
        ret.bits = 0;
    return ret;
}

#else

struct cpuid cpuid_ask(void)
{
    return (struct cpuid){.bits = 0};
}

#endif
