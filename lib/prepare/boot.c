/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * boot.c - what the kernel's command line needs
 *
 * Takes:  the processor's vendor, whether there are IOMMU groups, the command line if it is known.
 * Gives:  arguments that are there, to be added, to be taken away.
 * Rule:   an IOMMU that is on needs nothing.  Intel's is off unless the kernel was built otherwise
 *         (CONFIG_INTEL_IOMMU_DEFAULT_ON) or intel_iommu=on is there; AMD's is on if the firmware
 * has it, and "amd_iommu=on" is no argument at all (Documentation/admin-guide/
 *         kernel-parameters.txt of Linux).  iommu=pt leaves the host's own devices without
 *         translation.
 */
#include "prepare/prepare.h"

#include <string.h>

static bool has_word(const char *line, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = line; at && (at = strstr(at, word)); at += length) {
        char before = at == line ? ' ' : at[-1], behind = at[length];

        if ((before == ' ' || before == '\n') && (!behind || behind == ' ' || behind == '\n'))
            return true;
    }
    return false;
}

/* "intel_iommu=on,sm_on" says so, too. */
static bool has_value(const char *line, const char *name, const char *value)
{
    size_t length = strlen(name);

    for (const char *at = line; at && (at = strstr(at, name)); at += length) {
        const char *word = at + length;

        if (at != line && at[-1] != ' ')
            continue;
        for (;;) {
            size_t end = strcspn(word, ", \n");

            if (end == strlen(value) && !strncmp(word, value, end))
                return true;
            if (word[end] != ',')
                break;
            word += end + 1;
        }
    }
    return false;
}

static void add(struct prepare *p, const char *text, enum argument_advice advice)
{
    if (p->argument_count < PREPARE_ARGUMENTS)
        p->arguments[p->argument_count++] = (struct prepare_argument){text, advice};
}

static bool is_intel(const struct vtopo_host *host)
{
    return !strcmp(host->processor.vendor, "GenuineIntel");
}

void prepare_boot(const char *command_line, struct prepare *p)
{
    static const char *const in_the_way[] = {"intel_iommu=off", "amd_iommu=off", "iommu=off",
                                             "iommu=soft", "noiommu"};
    bool intel = has_value(command_line, "intel_iommu=", "on");

    p->knows_command_line = command_line;
    for (size_t i = 0; i < p->host->functions.count; i++)
        p->iommu_on = p->iommu_on || p->host->functions.items[i].iommu_group >= 0;
    for (size_t i = 0; i < sizeof(in_the_way) / sizeof(*in_the_way); i++) {
        if (has_word(command_line, in_the_way[i]))
            add(p, in_the_way[i], ARGUMENT_REMOVE);
    }
    if (intel)
        add(p, "intel_iommu=on", ARGUMENT_THERE);
    else if (!p->iommu_on && is_intel(p->host))
        add(p, "intel_iommu=on", ARGUMENT_ADD);
    add(p, "iommu=pt", has_value(command_line, "iommu=", "pt") ? ARGUMENT_THERE : ARGUMENT_USEFUL);
}
