/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pod_host.c - see pod_host.h
 *
 * Takes:  a domain; what the container sees as /sys; the files of device metadata.
 * Gives:  the host; findings of what of it is not known.
 * Rule:   what is in /sys goes before. A device that is not there is where its driver says that it
 *         is (KEP-5304), with a finding, because switches are not known then. Whatever is missing
 *         is named with the mount that brings it. A description of a host is no pod's view: it is
 *         taken as it is.
 * Not here: what metadata is (kubevirt/device_metadata.h), what is made of it (kubevirt/unseen.h).
 */
#include "pod_host.h"

#include "base/buffer.h"
#include "base/error.h"
#include "base/mem.h"
#include "kubevirt/device_metadata.h"
#include "kubevirt/unseen.h"
#include "rewrite.h"
#include "words.h"
#include "work.h"

#include <sys/stat.h>
#include <unistd.h>

#define PCI_DEVICES "bus/pci/devices"
#define NODES "devices/system/node"
/* Of devices, for a line of the log. */
#define NAMES_MAX 16

struct pod_host {
    struct device_metadata_list metadata; /* read only if a device is not seen */
    struct unseen unseen;
    bool without_nodes; /* there are assigned devices, and /sys has no NUMA nodes */
};

void pod_host_free(struct pod_host *pod)
{
    if (!pod)
        return;
    device_metadata_clear(&pod->metadata);
    unseen_clear(&pod->unseen);
    free(pod);
}

/* Is it what the container sees?  A pod may be without /sys at all; a path that somebody has given
 * is there. */
static bool is_view(const struct work *w)
{
    struct stat status;

    if (stat(host_path(&w->request), &status))
        return !w->call->host;
    return S_ISDIR(status.st_mode);
}

/* False: it is not there, or out of memory. */
static bool shows(const struct work *w, const char *part)
{
    autofree char *path = mem_printf("%s/%s", host_path(&w->request), part);

    return path && !access(path, F_OK);
}

/* The mount, for who writes the container. */
static const char mount_words[] =
    "the hook's container needs the node's /sys: a volume with hostPath {path: /sys}, and a "
    "volumeMount of it with mountPath /sys and readOnly";

/* --- reading --- */

static int read_metadata(struct work *w)
{
    static const char *const folders[] = {DEVICE_METADATA_FOLDER, DEVICE_METADATA_OLD_FOLDER};
    int r = 0;

    if (w->call->metadata)
        return device_metadata_read(w->call->metadata, &w->pod->metadata, w->reterr);
    for (size_t i = 0; !r && i < sizeof(folders) / sizeof(*folders); i++)
        r = device_metadata_read(folders[i], &w->pod->metadata, w->reterr);
    return r;
}

static void add_names(const struct unseen *unseen, bool added, struct buffer *out)
{
    size_t count = 0;

    for (size_t i = 0; i < unseen->devices.count; i++) {
        const struct unseen_device *d = &unseen->devices.items[i];

        if (d->is_added != added || count++ >= NAMES_MAX)
            continue;
        buffer_printf(out, "%s%s", count > 1 ? ", " : "", d->name);
        if (d->alias)
            buffer_printf(out, " (%s)", d->alias);
    }
    if (count > NAMES_MAX)
        buffer_printf(out, " and %zu more", count - NAMES_MAX);
}

static int refuse(struct work *w)
{
    autobuffer struct buffer out = {0};
    const struct device_metadata_list *metadata = &w->pod->metadata;

    add_names(&w->pod->unseen, false, &out);
    buffer_printf(&out,
                  ": not in '%s/" PCI_DEVICES "' of the pod, and no device metadata of a DRA "
                  "driver (KEP-5304) says where",
                  host_path(&w->request));
    if (metadata->problems.count)
        buffer_printf(&out, " (%s)", metadata->problems.items[0]);
    if (out.failed)
        return error_nomem(w->reterr);
    return error_set(w->reterr, VTOPO_ERR_HOST, "%s; %s", out.text, mount_words);
}

static bool has_missing(const struct unseen *unseen)
{
    for (size_t i = 0; i < unseen->devices.count; i++) {
        if (!unseen->devices.items[i].is_added)
            return true;
    }
    return false;
}

static int add_unseen(struct work *w, const struct vtopo_domain *domain)
{
    struct pod_host *pod = w->pod;
    int r = unseen_find(domain, w->host, &pod->unseen) ? 0 : error_nomem(w->reterr);

    if (r || !pod->unseen.devices.count)
        return r;
    r = read_metadata(w);
    if (!r)
        r = unseen_add(&pod->unseen, &pod->metadata, w->host, w->reterr);
    return !r && has_missing(&pod->unseen) ? refuse(w) : r;
}

/* @why: freed. */
static int without_tree(struct work *w, const struct vtopo_domain *domain, struct vtopo_error *why)
{
    int code = vtopo_error_code(why), r;

    if (code == VTOPO_ERR_HOST && !shows(w, PCI_DEVICES)) {
        vtopo_error_free(why);
        w->host = unseen_host();
        return w->host ? 0 : error_nomem(w->reterr);
    }
    if (code != VTOPO_ERR_HOST || shows(w, NODES))
        return report_refusal(w, domain, why);
    r = error_set(w->reterr, code, "%s, because '%s/" NODES "' is not there; %s",
                  vtopo_error_message(why), host_path(&w->request), mount_words);
    vtopo_error_free(why);
    return r;
}

int pod_host_read(struct work *w, const struct vtopo_domain *domain)
{
    struct vtopo_error *why = NULL;
    bool seen;
    int r;

    if (w->pod)
        return 0;
    w->pod = calloc(1, sizeof(*w->pod));
    if (!w->pod)
        return error_nomem(w->reterr);
    seen = is_view(w);
    r = read_host(&w->request, domain, w->policy, &w->host, &why);
    if (r)
        r = seen ? without_tree(w, domain, why) : report_refusal(w, domain, why);
    if (r || !seen)
        return r;
    w->pod->without_nodes = vtopo_domain_assigned_count(domain) && !shows(w, NODES);
    return add_unseen(w, domain);
}

/* --- findings --- */

static void add_place(const struct unseen_device *device, struct buffer *out)
{
    if (device->node < 0)
        buffer_add(out, "node not known");
    else
        buffer_printf(out, "node %d", device->node);
    if (device->has_root)
        buffer_printf(out, ", pci%04x:%02x", device->root.domain, device->root.bus);
    else
        buffer_add(out, ", root complex not known");
}

/* NULL: out of memory. */
static char *words_of_added(const struct unseen *unseen)
{
    struct buffer out = {0};
    size_t count = 0;

    buffer_printf(&out,
                  "%s domain: of devices that the pod's /sys does not show only their DRA "
                  "drivers' metadata is known: ",
                  vtopo_finding_name(VTOPO_FINDING_METADATA_ONLY));
    for (size_t i = 0; i < unseen->devices.count; i++) {
        const struct unseen_device *d = &unseen->devices.items[i];

        if (!d->is_added || count++ >= NAMES_MAX)
            continue;
        buffer_printf(&out, "%s%s (", count > 1 ? ", " : "", d->name);
        add_place(d, &out);
        buffer_add(&out, ")");
    }
    if (count > NAMES_MAX)
        buffer_printf(&out, " and %zu more", count - NAMES_MAX);
    buffer_printf(&out, "; which switches are above them, and their BARs, is not known; %s",
                  mount_words);
    return buffer_steal(&out);
}

static int report_problems(struct work *w)
{
    const struct device_metadata_list *metadata = &w->pod->metadata;
    int r = 0;

    for (size_t i = 0; !r && i < metadata->problems.count && i < NAMES_MAX; i++) {
        autofree char *text = mem_printf("%s domain: device metadata: %s",
                                         vtopo_finding_name(VTOPO_FINDING_METADATA_UNUSABLE),
                                         metadata->problems.items[i]);

        r = report_warning(w, VTOPO_FINDING_METADATA_UNUSABLE, text);
    }
    return r;
}

static int report_nodes(struct work *w)
{
    autofree char *text = NULL;

    if (!w->pod->without_nodes)
        return 0;
    text = mem_printf("%s domain: the pod does not see '%s/" NODES
                      "', so which NUMA nodes the host has, and their CPUs and memory, is not "
                      "known; %s",
                      vtopo_finding_name(VTOPO_FINDING_NODES_UNSEEN), host_path(&w->request),
                      mount_words);
    return report_warning(w, VTOPO_FINDING_NODES_UNSEEN, text);
}

int pod_host_report(struct work *w)
{
    int r = report_nodes(w);

    if (!r)
        r = report_problems(w);
    if (!r && w->pod->unseen.devices.count) {
        autofree char *text = words_of_added(&w->pod->unseen);

        r = report_warning(w, VTOPO_FINDING_METADATA_ONLY, text);
    }
    return r;
}
