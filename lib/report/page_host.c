/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page_host.c - what a page shows of one host
 *
 * Takes:  a host, with who has its devices where that was saved.
 * Gives:  its GPUs, what is wrong with VMs, its picture and its tree.
 * Rule:   a GPU is what a guest could have whole: its virtual functions and mdevs are told of with
 *         it. Where libvirt was not asked, only what the host does is known.
 * Not here: HTML (page.c).
 */
#include "report/page.h"

#include "check/check.h"
#include "draw/scene_svg.h"
#include "model/host_tree.h"
#include "model/pci_class.h"
#include "report/host_scene.h"
#include "report/hostview.h"

#include <string.h>

/* --- whose a GPU is --- */

/* Those of what is made on it, each name once and in a row: "vm1, vm2". */
static void add_names(const struct owners *owners, const char *device, struct buffer *names,
                      const char **last)
{
    size_t count;
    const struct owner *first = owners_find(owners, device, &count);

    for (size_t i = 0; i < count; i++) {
        if (*last && !strcmp(*last, first[i].name))
            continue;
        buffer_printf(names, "%s%s", names->length ? ", " : "", first[i].name);
        *last = first[i].name;
    }
}

static bool is_made_on(const struct vtopo_host *host, const struct bdf *parent,
                       const struct host_function *gpu)
{
    size_t at = host_find(host, parent);

    return bdf_equal(parent, &gpu->bdf) ||
           (at != HOST_NONE && host->functions.items[at].is_vf &&
            bdf_equal(&host->functions.items[at].physfn, &gpu->bdf));
}

/* Who has virtual functions and mdevs of it; "": nobody. */
static char *owners_of_parts(const struct view *view, const struct host_function *gpu)
{
    const struct vtopo_host *host = view->host;
    struct buffer names = {0};
    const char *last = NULL;

    for (size_t i = 0; gpu->vfs && i < host->functions.count; i++) {
        const struct host_function *f = &host->functions.items[i];

        if (f->is_vf && bdf_equal(&f->physfn, &gpu->bdf))
            add_names(view->owners, BDF_TEXT(&f->bdf), &names, &last);
    }
    for (size_t i = 0; i < host->mdevs.count; i++) {
        const struct host_mdev *mdev = &host->mdevs.items[i];

        if (!mdev->software && is_made_on(host, &mdev->parent, gpu))
            add_names(view->owners, mdev->uuid, &names, &last);
    }
    return buffer_steal(&names);
}

static enum page_state state_of(const struct owner *first, size_t count,
                                const struct hold_reason *held)
{
    const char *state = owners_state(first, count, held);

    if (!strcmp(state, "conflict"))
        return PAGE_CONFLICT;
    if (!strcmp(state, "host"))
        return PAGE_HOST;
    return !strcmp(state, "free") ? PAGE_FREE : PAGE_USED;
}

/* Of what only a driver has, which one. */
static char *host_words(const struct view *view, size_t at)
{
    const struct hold_reason *held = &view->holds[at];

    if (held->hold == HOLD_DRIVER && held->holder == at)
        return mem_printf("host (%s)", view->host->functions.items[at].driver);
    return owners_describe(view->host, NULL, 0, held, at);
}

/* Sets state and owner.  False: out of memory. */
static bool find_owner(const struct view *view, size_t at, struct page_gpu *ret)
{
    const struct host_function *gpu = &view->host->functions.items[at];
    const struct hold_reason *held = &view->holds[at];
    autofree char *parts = NULL;
    const struct owner *first;
    size_t count;

    if (!view->owners) {
        ret->state = held->hold != HOLD_NONE ? PAGE_HOST : PAGE_UNKNOWN;
        ret->owner = ret->state == PAGE_HOST ? host_words(view, at) : strdup("not known");
        return ret->owner;
    }
    first = owners_find(view->owners, BDF_TEXT(&gpu->bdf), &count);
    parts = owners_of_parts(view, gpu);
    if (!parts)
        return false;
    ret->state = !count && *parts ? PAGE_USED : state_of(first, count, held);
    if (!count && *parts)
        ret->owner = mem_printf("in parts: %s", parts);
    else
        ret->owner = ret->state == PAGE_HOST ? host_words(view, at)
                                             : owners_describe(view->host, first, count, held, at);
    return ret->owner;
}

/* --- GPUs --- */

static char *near_of(const struct vtopo_host *host, size_t at)
{
    const struct host_function *gpu = &host->functions.items[at];
    int node = host_node_of(host, gpu);
    struct buffer out = {0};
    size_t top;

    if (node >= 0)
        buffer_printf(&out, "node %d", node);
    else
        buffer_add(&out, "node not known");
    if (host_switches_above(host, at, &top, 1))
        buffer_printf(&out, ", switch %s", BDF_TEXT(&host->functions.items[top].bdf));
    return buffer_steal(&out);
}

static bool add_gpu(const struct view *view, size_t at, struct page_host *ret)
{
    const struct host_function *function = &view->host->functions.items[at];
    struct page_gpu *gpu = vec_add(&ret->gpus);

    if (!gpu || !find_owner(view, at, gpu))
        return false;
    gpu->address = strdup(BDF_TEXT(&function->bdf));
    gpu->model = device_short_name(view->names, function);
    gpu->near = near_of(view->host, at);
    return gpu->address && gpu->model && gpu->near;
}

static bool add_gpus(const struct view *view, struct page_host *ret)
{
    for (size_t i = 0; i < view->host->functions.count; i++) {
        const struct host_function *f = &view->host->functions.items[i];

        if (class_is_gpu(f->class_code) && !f->is_vf && check_is_gpu_or_nic(view->host, f) &&
            !add_gpu(view, i, ret))
            return false;
    }
    return true;
}

/* --- what is wrong --- */

static bool add_problem(struct page_host *ret, char *subject, char *what)
{
    struct page_problem *problem = subject && what ? vec_add(&ret->problems) : NULL;

    if (!problem) {
        free(subject);
        free(what);
        return false;
    }
    *problem = (struct page_problem){subject, what};
    return true;
}

static const char *wrong_words(enum vm_topology topology)
{
    switch (topology) {
    case VM_TOPOLOGY_LACKING:
        return "lacks its host's topology";
    case VM_TOPOLOGY_DIFFERS:
        return "is not as vtopo would define it";
    case VM_TOPOLOGY_FAILED:
        return "could not be checked";
    default:
        return NULL;
    }
}

static bool add_vms(const struct vtopo_host *host, struct page_host *ret)
{
    for (size_t i = 0; i < host->vms.count; i++) {
        const struct host_vm *vm = &host->vms.items[i];
        const char *words = wrong_words(vm->topology);

        if (words &&
            !add_problem(ret, mem_printf("%s%s", vm->name, vm->running ? " (running)" : ""),
                         mem_printf("%s%s%s", words, *vm->reason ? ": " : "", vm->reason)))
            return false;
    }
    return true;
}

static bool add_conflicts(const struct owners *owners, struct page_host *ret)
{
    size_t count;

    for (size_t i = 0; i < owners->count; i += count) {
        autofree char *names = NULL;

        owners_find(owners, owners->items[i].device, &count);
        if (count < 2)
            continue;
        names = owners_describe(NULL, &owners->items[i], count, NULL, HOST_NONE);
        if (!names || !add_problem(ret, strdup(owners->items[i].device),
                                   mem_printf("is assigned to several VMs, of which only one can "
                                              "run: %s",
                                              names + strspn(names, "! "))))
            return false;
    }
    return true;
}

/* --- all --- */

static bool draw(const struct view *view, struct page_host *ret)
{
    struct buffer picture = {0}, tree = {0};
    struct scene scene;

    host_scene_make(view, &scene);
    scene_to_svg(&scene, false, &picture);
    scene_clear(&scene);
    view_draw_text(view, &tree);
    ret->picture = buffer_steal(&picture);
    ret->tree = buffer_steal(&tree);
    return ret->picture && ret->tree;
}

static bool fill(const struct vtopo_host *host, const struct owners *owners, struct page_host *ret)
{
    struct view view;
    bool done = view_open(host, &view);

    if (done && host->vms.known)
        view.owners = owners;
    ret->asked = host->vms.known;
    ret->vms = host->vms.count;
    done = done && add_gpus(&view, ret) && add_vms(host, ret) && add_conflicts(owners, ret) &&
           draw(&view, ret);
    view_close(&view);
    return done;
}

bool page_add_host(struct page *page, const char *name, const struct vtopo_host *host)
{
    struct page_host *ret = vec_add(page);
    struct owners owners = {0};
    bool done = ret && owners_of_host(host, &owners);

    if (done) {
        ret->name = strdup(name);
        done = ret->name && fill(host, &owners, ret);
    }
    free(owners.items);
    return done;
}

static void clear_host(struct page_host *host)
{
    for (size_t i = 0; i < host->gpus.count; i++) {
        free(host->gpus.items[i].address);
        free(host->gpus.items[i].model);
        free(host->gpus.items[i].near);
        free(host->gpus.items[i].owner);
    }
    for (size_t i = 0; i < host->problems.count; i++) {
        free(host->problems.items[i].subject);
        free(host->problems.items[i].what);
    }
    free(host->gpus.items);
    free(host->problems.items);
    free(host->name);
    free(host->picture);
    free(host->tree);
}

void page_clear(struct page *page)
{
    for (size_t i = 0; i < page->count; i++)
        clear_host(&page->items[i]);
    free(page->items);
    *page = (struct page){0};
}
