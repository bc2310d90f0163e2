/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place_text.c - proposals for people
 *
 * Gives:  each with its devices, CPUs, memory, and what is given up; the elements of the best one.
 * Not here: the words for what is given up (place_words.c).
 */
#include "base/wrap.h"
#include "model/link_text.h"
#include "report/place_view.h"

#include <string.h>

#define BYTES_PER_KIB 1024u

static const char *size_of(uint64_t kib, char text[SIZE_TEXT_SIZE])
{
    return kib ? size_format(kib * BYTES_PER_KIB, text) : "0";
}

static void add_wrapped(const char *text, size_t first, size_t indent, struct buffer *out)
{
    wrap_add(out, text, strlen(text), first, indent);
}

/* --- devices --- */

struct listing {
    struct buffer *out;
    size_t last; /* function whose line has begun; further ones of its slot follow it */
};

static void end_line(const struct place_view *view, const struct listing *listing)
{
    const struct vtopo_host *host = view->place->stock.host;
    const struct host_function *f = &host->functions.items[listing->last];
    autofree char *name = device_short_name(view->names, f);
    size_t top = place_view_switch(view, listing->last);
    struct buffer *out = listing->out;

    out->failed |= !name;
    if (top != HOST_NONE)
        buffer_printf(out, "  switch %s", BDF_TEXT(&host->functions.items[top].bdf));
    if (f->is_vf)
        buffer_printf(out, "  VF of %s", BDF_TEXT(&f->physfn));
    buffer_printf(out, "  %s  %s\n", f->driver ? f->driver : "no driver", name ? name : "");
}

static void add_device(const struct place_view *view, size_t function, const char *kind,
                       void *context)
{
    const struct host_function *functions = view->place->stock.host->functions.items;
    struct listing *listing = context;

    if (!strcmp(kind, "other") && listing->last != HOST_NONE &&
        bdf_same_slot(&functions[listing->last].bdf, &functions[function].bdf)) {
        buffer_printf(listing->out, " .%u", functions[function].bdf.function);
        return;
    }
    if (listing->last != HOST_NONE)
        end_line(view, listing);
    listing->last = function;
    buffer_printf(listing->out, "   %-5s %s", kind, BDF_TEXT(&functions[function].bdf));
}

static void add_devices(const struct place_view *view, const struct place_proposal *proposal,
                        struct buffer *out)
{
    struct listing listing = {out, HOST_NONE};

    place_view_for_each(view, proposal, add_device, &listing);
    if (listing.last != HOST_NONE)
        end_line(view, &listing);
}

/* --- CPUs and memory --- */

static void add_free(const struct vtopo_host *host, const struct place_share *share,
                     struct buffer *out)
{
    const struct host_node *node =
        share->node == HOST_NONE ? NULL : &host->nodes.items[share->node];
    char text[SIZE_TEXT_SIZE];

    buffer_printf(out, "%zu CPUs free in whole cores", share->free_cpus);
    if (!node)
        return;
    if (node->memory_free_kib)
        buffer_printf(out, ", %llu of %llu MiB free",
                      (unsigned long long)(node->memory_free_kib / 1024),
                      (unsigned long long)(node->memory_kib / 1024));
    else if (node->memory_kib)
        buffer_printf(out, ", %llu MiB", (unsigned long long)(node->memory_kib / 1024));
    for (size_t i = 0; i < node->pages.count; i++) {
        if (node->pages.items[i].free)
            buffer_printf(out, ", %llu free pages of %s",
                          (unsigned long long)node->pages.items[i].free,
                          size_of(node->pages.items[i].size_kib, text));
    }
}

static void add_share(const struct place_view *view, const struct place_share *share,
                      struct buffer *out)
{
    const struct vtopo_host *host = view->place->stock.host;
    autofree char *list = idset_format(&share->list);
    struct buffer line = {0};

    if (share->node == HOST_NONE)
        buffer_add(&line, "host: ");
    else
        buffer_printf(&line, "node %u: ", host->nodes.items[share->node].id);
    if (share->cpus)
        buffer_printf(&line, "%u CPUs (%s)", share->cpus, list ? list : "");
    if (share->memory_kib)
        buffer_printf(&line, "%s%llu MiB", share->cpus ? ", " : "",
                      (unsigned long long)(share->memory_kib / 1024));
    buffer_add(&line, share->cpus || share->memory_kib ? "; has " : "");
    add_free(host, share, &line);
    out->failed |= line.failed || !list;
    if (!line.failed)
        add_wrapped(line.text, 3, 9, out);
    buffer_clear(&line);
}

/* --- a proposal --- */

static void add_sentences(const char *word, const struct sentences *sentences, struct buffer *out)
{
    for (size_t i = 0; i < sentences->items.count; i++) {
        autofree char *line = mem_printf("%s: %s", word, sentences->items.items[i]);

        out->failed |= !line;
        if (line)
            add_wrapped(line, 3, 6, out);
    }
    out->failed |= sentences->failed;
}

static void add_proposal(const struct place_view *view, size_t at, struct buffer *out)
{
    const struct place_proposal *p = &view->place->proposals.items[at];
    autofree char *summary = place_summary(view->place, p);
    autofree char *nodes = place_nodes(view->place, p);
    struct sentences given_up;

    out->failed |= !summary || !nodes;
    buffer_printf(out, "%zu. %s: %s\n", at + 1, nodes ? nodes : "", summary ? summary : "");
    add_devices(view, p, out);
    for (size_t i = 0; i < p->shares.count; i++)
        add_share(view, &p->shares.items[i], out);
    place_given_up(view->place, view->request, p, &given_up);
    add_sentences("given up", &given_up, out);
    sentences_clear(&given_up);
    buffer_add(out, "\n");
}

static void add_number(struct buffer *out, unsigned number, const char *what)
{
    if (number)
        buffer_printf(out, "%s%u %s%s", out->length ? ", " : "", number, what,
                      number == 1 ? "" : "s");
}

static void add_title(const struct place_view *view, struct buffer *out)
{
    size_t count = view->place->proposals.count;

    add_number(out, view->request->gpus, "GPU");
    add_number(out, view->request->nics, "NIC");
    add_number(out, view->request->cpus, "CPU");
    if (view->request->memory_kib)
        buffer_printf(out, ", %llu MiB", (unsigned long long)(view->request->memory_kib / 1024));
    buffer_printf(out, ": %zu way%s", count, count == 1 ? "" : "s");
    if (count > view->most)
        buffer_printf(out, ", the best %zu of them", view->most);
    else if (count > 1)
        buffer_add(out, ", the best one first");
    buffer_add(out, "\n\n");
}

void place_view_text(const struct place_view *view, struct buffer *out)
{
    struct sentences unknown;

    add_title(view, out);
    for (size_t i = 0; i < view->place->proposals.count && i < view->most; i++)
        add_proposal(view, i, out);
    place_unknown(view->place, view->request, &unknown);
    for (size_t i = 0; i < unknown.items.count; i++)
        add_wrapped(unknown.items.items[i], 0, 3, out);
    buffer_add(out, unknown.items.count ? "\n" : "");
    out->failed |= unknown.failed;
    sentences_clear(&unknown);
    buffer_add(out, "For the <devices> of a domain, which vtopo-define --cells make then gives "
                    "their topology (1.):\n\n");
    place_view_xml(view, 0, out);
}
