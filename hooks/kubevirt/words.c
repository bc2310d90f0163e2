/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words.c - see words.h
 *
 * Takes:  what the library says of a domain, the VMI.
 * Gives:  the same in KubeVirt's words.
 * Rule:   who writes a VMI sees no domain: what is to be done is named as the field of the VMI or
 *         the annotation that does it, and XML that could be pasted somewhere is left out.
 * Not here: what the findings are (the library).
 */
#include "words.h"

#include "base/buffer.h"
#include "base/mem.h"
#include "kubevirt/vmi.h"

#include <string.h>

/* --- a domain without cells --- */

/* What KubeVirt makes cells of, as far as the VMI lacks it. */
static void add_lacking(const json_t *vmi, struct buffer *out)
{
    const struct {
        bool there;
        const char *field;
    } fields[] = {
        {json_is_true(vmi_domain_part(vmi, "cpu", "dedicatedCpuPlacement", NULL)),
         "cpu.dedicatedCpuPlacement: true"},
        {json_is_object(vmi_domain_part(vmi, "cpu", "numa", "guestMappingPassthrough", NULL)),
         "cpu.numa.guestMappingPassthrough: {}"},
        {json_is_object(vmi_domain_part(vmi, "memory", "hugepages", NULL)),
         "memory.hugepages.pageSize (huge pages, which the mapping needs)"},
    };
    size_t count = 0;

    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        if (fields[i].there)
            continue;
        buffer_printf(out, "%s%s", count++ ? ", " : ": in spec.domain it lacks ", fields[i].field);
    }
    if (!count)
        buffer_add(out, ", although it asks for them");
}

static char *words_without_cells(const json_t *vmi)
{
    struct buffer out = {0};

    buffer_add(&out, "the VMI's guest has no NUMA cells that stand for nodes of the host, so no "
                     "device can belong to one");
    add_lacking(vmi, &out);
    buffer_add(&out, "; or let annotation vtopo.io/cells \"make\" add cells");
    return buffer_steal(&out);
}

/* --- phrases --- */

/* What is for those who have the domain's XML or a command line. */
static const struct {
    const char *from, *to;
} phrases[] = {
    {"; define the domain first, then rewrite what \"virsh dumpxml --inactive\" prints", ""},
    {": define it first, then rewrite what \"virsh dumpxml --inactive\" prints", ""},
    {"; take its <address> out of the domain, and vtopo places it", ""},
    {", or use --adopt", "; annotation vtopo.io/adopt \"true\" takes it over"},
    {"; --adopt (or policy adopt)", "; annotation vtopo.io/adopt \"true\""},
    {"<target hotplug='off'/> in ports of the domain makes room",
     "without EFI (spec.domain.firmware.bootloader.bios) no such space is kept"},
    {"a wider guest address space, <cpu mode='host-passthrough'> or <maxphysaddr>, has more room",
     "a wider guest address space (spec.domain.cpu.model \"host-passthrough\") has more room"},
    {"would be plugged in later (<vcpu current>), and a guest starts with a CPU in each cell; <vcpus> "
     "can say which of them are there at the start",
     "would be plugged in later (spec.domain.cpu.maxSockets, which vmRolloutStrategy LiveUpdate makes "
     "larger than sockets), and a guest starts with a CPU in each cell; maxSockets of the same number "
     "as sockets leaves none for later"},
    {"--cells make", "annotation vtopo.io/cells \"make\""},
    {"with --mirror exact", "with annotation vtopo.io/mirror \"exact\""},
    {"an explicit --mirror switch", "annotation vtopo.io/mirror \"switch\""},
    {"because --mirror on the command line", "because annotation vtopo.io/mirror"},
    {"without --mirror it", "without the annotation it"},
    {"<kvm><hidden state='on'/> hides", "spec.domain.features.kvm.hidden hides"},
    {" (<hostdev managed='yes'> with <address type='unassigned'/>)", ""},
    {" of <topology>,", " of spec.domain.cpu,"},
    {"<topology> with a whole number of sockets (or dies)",
     "a whole number of sockets (spec.domain.cpu.sockets)"},
    {"its <topology> has", "the guest has"},
    {", or a <topology> of your own, makes it fewer", " makes it fewer"},
    {"--clique off", "annotation vtopo.io/clique \"off\""},
    {" (they are printed without --strict)", ""},
    {"run this with sudo, or let policy qemu_version say it", "policy qemu_version can say it"},
};
#define PHRASES (sizeof(phrases) / sizeof(*phrases))

/* The phrase that begins here; PHRASES: none. */
static size_t find_phrase(const char *text)
{
    size_t i = 0;

    while (i < PHRASES && strncmp(text, phrases[i].from, strlen(phrases[i].from)))
        i++;
    return i;
}

/* The first @length bytes. */
static void add_phrases(const char *text, size_t length, struct buffer *out)
{
    for (size_t at = 0; at < length;) {
        size_t phrase = find_phrase(text + at);

        if (phrase < PHRASES) {
            buffer_add(out, phrases[phrase].to);
            at += strlen(phrases[phrase].from);
        } else {
            buffer_add_bytes(out, text + at++, 1);
        }
    }
}

/* --- */

/* What the library advises stands behind the first such mark of its sentence. */
static char *with_other_advice(const char *text, const char *advice)
{
    struct buffer out = {0};

    add_phrases(text, strcspn(text, ";\n"), &out);
    buffer_printf(&out, "; %s", advice);
    return buffer_steal(&out);
}

#define ADVISES_XML "; with <"
#define MAKES_ROOM " there is room"

/* Which elements make the window for 64-bit BARs large enough. */
static size_t add_up_to_window(const char *text, struct buffer *out)
{
    const char *advice = strstr(text, ADVISES_XML);
    const char *end = advice ? strstr(advice, MAKES_ROOM) : NULL;

    if (!end)
        return 0;
    add_phrases(text, (size_t)(advice - text), out);
    buffer_add(out, "; annotation vtopo.io/mmio \"auto\" adds what makes room");
    return (size_t)(end - text) + strlen(MAKES_ROOM);
}

char *words_of_reason(const char *text)
{
    struct buffer out = {0};

    text += add_up_to_window(text, &out);
    add_phrases(text, strcspn(text, "\n"), &out);
    return buffer_steal(&out);
}

char *words_of_finding(const json_t *vmi, enum vtopo_finding_id id, const char *text)
{
    switch (id) {
    case VTOPO_FINDING_MACHINE:
        return with_other_advice(
            text, "spec.domain.machine.type must be q35 or one of its kind, or virt on arm64");
    case VTOPO_FINDING_NO_CELLS:
    case VTOPO_FINDING_CELLS_UNTIED:
        return words_without_cells(vmi);
    case VTOPO_FINDING_NODE_WITHOUT_CELL:
        return with_other_advice(
            text, "KubeVirt makes a cell of each node on which the pod has dedicated CPUs: with "
                  "more CPUs it has some on this node, too, and kubelet's Topology Manager keeps "
                  "the CPUs and devices of a pod together");
    case VTOPO_FINDING_CELL_VCPUS:
    case VTOPO_FINDING_CELL_MEMORY:
        return with_other_advice(
            text,
            "annotation vtopo.io/devices can keep such a device apart, and kubelet's Topology "
            "Manager keeps the CPUs and devices of a pod together");
    case VTOPO_FINDING_NODE_UNKNOWN:
        return with_other_advice(
            text, "annotation vtopo.io/devices can say it: {\"NAME\": {\"node\": N}}");
    case VTOPO_FINDING_NO_ACPI:
        return with_other_advice(text, "spec.domain.features.acpi turns it on");
    default:
        return words_of_reason(text);
    }
}
