/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deliver.c - see deliver.h
 *
 * Takes:  policy deliver, a plan.
 * Gives:  additions: fw_cfg entries opt/org.vtopo/nccl-topo.xml and opt/org.vtopo/plan.json, as
 *         arguments for QEMU.
 * Rule:   not as <sysinfo type='fwcfg'>: libvirt gives QEMU its texts with the escapes of XML, and
 *         doubles no comma (tried: 9.0, "&lt;a b=&quot;1&quot;/&gt;" arrives in the guest). Each is
 *         one line. What libvirt has still to choose is not in the texts of a definition that is
 *         stored, either: such a domain is refused.
 * Not here: what is in the texts (guest_plan.c, peer/nccl_file.c).
 */
#include "plan/deliver.h"

#include "base/buffer.h"
#include "peer/nccl_file.h"
#include "plan/guest_plan.h"

#include <string.h>

#define FOLDER "opt/org.vtopo/"
/* Linux takes 128 KiB an argument (MAX_ARG_STRLEN), and each comma is two in it. */
#define TEXT_MAX (96u * 1024u)

struct entry {
    const char *name;
    char *text; /* one line; NULL: not to be delivered */
};

/* Line ends and the indentation behind them; in neither text are they a part of anything. */
static void make_one_line(char *text)
{
    char *to = text;

    while (*text) {
        if (*text != '\n') {
            *to++ = *text++;
            continue;
        }
        text += 1 + strspn(text + 1, " ");
    }
    *to = '\0';
}

/* --- the texts --- */

/* Of devices that stay the plan for the guest says nothing, NCCL's file does. */
static int check_addresses(const struct vtopo_plan *plan, const struct reporter *reporter)
{
    const char *unknown = guest_plan_unknown(plan);

    if (!unknown)
        return 0;
    return error_set(
        reporter->reterr, VTOPO_ERR_REFUSED,
        "policy deliver: the guest's address of %s is not known; define the domain first, then rewrite what \"virsh dumpxml --inactive\" prints",
        unknown);
}

static bool has_unknown(const struct vtopo_plan *plan)
{
    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];

        if (device->function != HOST_NONE && device->fate != FATE_UNASSIGNED &&
            !device->after_known)
            return true;
    }
    return false;
}

/* Where NCCL takes none that is no reason to refuse a domain, but for an address that will be known
 * later. */
static int make_nccl(struct vtopo_plan *plan, struct entry *entry, const struct reporter *reporter)
{
    struct vtopo_error *error = NULL;
    int r = nccl_topo_file(plan, &entry->text, &error);

    if (r == VTOPO_ERR_REFUSED && has_unknown(plan))
        r = error_set(reporter->reterr, r, "policy deliver: %s", vtopo_error_message(error));
    else if (r == VTOPO_ERR_REFUSED)
        r = report_finding(reporter, FINDING_NOT_DELIVERED, "domain", "%s",
                           vtopo_error_message(error));
    else if (r)
        r = error_nomem(reporter->reterr);
    vtopo_error_free(error);
    return r;
}

static int finish_text(struct entry *entry, const struct reporter *reporter)
{
    if (!entry->text)
        return 0;
    make_one_line(entry->text);
    if (strlen(entry->text) <= TEXT_MAX)
        return 0;
    return error_set(reporter->reterr, VTOPO_ERR_REFUSED,
                     "policy deliver: %s%s has %zu bytes, and QEMU can be given %u", FOLDER,
                     entry->name, strlen(entry->text), TEXT_MAX);
}

/* --- the elements --- */

/* As libvirt escapes a text; in an option for QEMU a comma is two. */
static void add_escaped(struct buffer *out, const char *text)
{
    static const struct {
        char c;
        const char *escaped;
    } rows[] = {
        {'&', "&amp;"},  {'<', "&lt;"},    {'>', "&gt;"},
        {'"', "&quot;"}, {'\'', "&apos;"}, {',', ",,"},
    };

    for (; *text; text++) {
        const char *escaped = NULL;

        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
            escaped = *text == rows[i].c ? rows[i].escaped : escaped;
        if (escaped)
            buffer_add(out, escaped);
        else
            buffer_add_bytes(out, text, 1);
    }
}

static bool add_argument(const struct entry *entry, struct vtopo_plan *plan)
{
    autobuffer struct buffer out = {0};

    buffer_printf(&out, "<qemu:arg value='name=" FOLDER "%s,string=", entry->name);
    add_escaped(&out, entry->text);
    buffer_add(&out, "'/>");
    return additions_add(&plan->additions, ADDITION_QEMU_ARG,
                         strdup("<qemu:arg value='-fw_cfg'/>")) &&
           additions_add(&plan->additions, ADDITION_QEMU_ARG, buffer_steal(&out));
}

static bool add_entries(const struct entry *entries, size_t count, struct vtopo_plan *plan)
{
    bool ok = true;

    for (size_t i = 0; ok && i < count; i++)
        ok = !entries[i].text || add_argument(&entries[i], plan);
    return ok;
}

static int make_entries(const struct facts *facts, struct vtopo_plan *plan, struct entry *nccl,
                        struct entry *guest, const struct reporter *reporter)
{
    int r = check_addresses(plan, reporter);

    if (!r && facts->policy->deliver & DELIVER_NCCL)
        r = make_nccl(plan, nccl, reporter);
    if (!r)
        r = finish_text(nccl, reporter);
    if (!r && facts->policy->deliver & DELIVER_PLAN)
        r = guest_plan_format(plan, &guest->text, reporter->reterr);
    return r ? r : finish_text(guest, reporter);
}

/* --- entries that are there --- */

static int report_taken(const struct reporter *reporter)
{
    return report_finding(
        reporter, FINDING_NOT_DELIVERED, "domain",
        "it has fw_cfg entries of its own below " FOLDER
        " (<sysinfo> or <qemu:commandline>), and QEMU takes no name twice: take them out, and vtopo puts its own in");
}

/* Are the domain's own the very ones that it would be given?  KubeVirt loses the record between its
 * calls, and keeps the arguments. */
static int compare(const struct facts *facts, const struct entry *entries, size_t count,
                   bool *ret_same, const struct reporter *reporter)
{
    struct vtopo_plan wanted = {0};
    uint64_t digest = 0;
    int r = add_entries(entries, count, &wanted) ? 0 : error_nomem(reporter->reterr);

    for (size_t i = 1; i < wanted.additions.count; i += 2) /* behind each "-fw_cfg" */
        digest += wanted.additions.items[i].digest;
    *ret_same = wanted.additions.count && digest == facts->base->delivered_digest;
    additions_clear(&wanted.additions);
    return r;
}

static int check_those_there(const struct facts *facts, struct vtopo_plan *plan,
                             struct entry *entries, const struct reporter *reporter)
{
    struct vtopo_error *error = NULL;
    const struct reporter quiet = {.findings = reporter->findings, .reterr = &error};
    bool same = false;
    int r = make_entries(facts, plan, &entries[0], &entries[1], &quiet);

    if (!r)
        r = compare(facts, entries, 2, &same, &quiet);
    vtopo_error_free(error);
    if (r && r != VTOPO_ERR_REFUSED)
        return error_nomem(reporter->reterr);
    return same ? 0 : report_taken(reporter);
}

int deliver_add(const struct facts *facts, struct vtopo_plan *plan, const struct reporter *reporter)
{
    struct entry entries[] = {{"nccl-topo.xml", NULL}, {"plan.json", NULL}};
    int r;

    if (!facts->policy->deliver || plan->outcome == PLAN_UNCHANGED || !plan->devices.count)
        return 0;
    if (!facts->base->delivered && !guest_plan_has_devices(plan))
        return report_finding(reporter, FINDING_NOT_DELIVERED, "domain",
                              "no device has a place from vtopo of which the guest could be told");
    if (facts->base->delivered)
        r = check_those_there(facts, plan, entries, reporter);
    else
        r = make_entries(facts, plan, &entries[0], &entries[1], reporter);
    if (!r && !facts->base->delivered && !add_entries(entries, 2, plan))
        r = error_nomem(reporter->reterr);
    free(entries[0].text);
    free(entries[1].text);
    return r;
}
