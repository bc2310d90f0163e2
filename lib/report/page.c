/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page.c - see page.h
 *
 * Takes:  what page_host.c found of each host.
 * Gives:  one HTML document.
 * Rule:   nothing runs and nothing is fetched, and the page itself tells the browser so. All texts
 *         go through markup_add(). Without style, and read aloud, it is in the same order.
 * Not here: how it looks (page_style.c).
 */
#include "report/page.h"

#include "draw/markup.h"

#include <stdio.h>
#include <string.h>

#define OPEN_HOSTS 4 /* of more than that the pictures are folded */

/* The models that there are, sorted. */
struct models {
    const char **items;
    size_t count;
};

/* --- models --- */

static int compare_models(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool models_make(const struct page *page, struct models *ret)
{
    size_t all = 0, different = 0;

    for (size_t i = 0; i < page->count; i++)
        all += page->items[i].gpus.count;
    *ret = (struct models){calloc(all + 1, sizeof(*ret->items)), 0};
    if (!ret->items)
        return false;
    for (size_t i = 0; i < page->count; i++) {
        for (size_t k = 0; k < page->items[i].gpus.count; k++)
            ret->items[ret->count++] = page->items[i].gpus.items[k].model;
    }
    if (ret->count)
        qsort(ret->items, ret->count, sizeof(*ret->items), compare_models);
    for (size_t i = 0; i < ret->count; i++) {
        if (!i || strcmp(ret->items[i], ret->items[different - 1]) != 0)
            ret->items[different++] = ret->items[i];
    }
    ret->count = different;
    return true;
}

static size_t model_at(const struct models *models, const char *model)
{
    const char *const *found =
        bsearch(&model, models->items, models->count, sizeof(*models->items), compare_models);

    return (size_t)(found - models->items);
}

/* How many GPUs of a model (NULL: of any), or in a state (PAGE_STATES: in any). */
static size_t count_gpus(const struct page_host *host, const char *model, enum page_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < host->gpus.count; i++)
        count += (!model || !strcmp(host->gpus.items[i].model, model)) &&
                 (state == PAGE_STATES || host->gpus.items[i].state == state);
    return count;
}

static size_t count_all(const struct page *page, const char *model, enum page_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < page->count; i++)
        count += count_gpus(&page->items[i], model, state);
    return count;
}

/* --- parts --- */

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* "8 GPUs: 3 free, 4 with VMs, 1 with the host" */
static void add_counts(struct buffer *out, size_t all, const size_t counts[PAGE_STATES])
{
    static const char *const words[PAGE_STATES] = {
        [PAGE_FREE] = "free",
        [PAGE_USED] = "with VMs",
        [PAGE_CONFLICT] = "assigned to several VMs",
        [PAGE_HOST] = "with the host",
        [PAGE_UNKNOWN] = "of which nobody knows",
    };
    const char *before = ": ";

    buffer_printf(out, "%zu GPU%s", all, plural(all));
    for (size_t i = 0; i < PAGE_STATES; i++) {
        if (!counts[i])
            continue;
        buffer_printf(out, "%s%zu %s", before, counts[i], words[i]);
        before = ", ";
    }
}

static void add_summary(struct buffer *out, const struct page *page)
{
    size_t counts[PAGE_STATES];

    for (enum page_state i = 0; i < PAGE_STATES; i++)
        counts[i] = count_all(page, NULL, i);
    buffer_add(out, "<p>");
    add_counts(out, count_all(page, NULL, PAGE_STATES), counts);
    buffer_add(out, ". All of it as it was when the hosts were saved.</p>\n");
}

static void add_unasked(struct buffer *out, const struct page *page)
{
    size_t count = 0;

    for (size_t i = 0; i < page->count; i++) {
        if (page->items[i].asked)
            continue;
        buffer_add(out, count++ ? ", " : "<p>Who has what is not known of ");
        markup_add(out, page->items[i].name);
    }
    if (count)
        buffer_add(out, ": saved without <code>--connect</code>.</p>\n");
}

static void add_choice(struct buffer *out, const char *group, const char *id, bool checked,
                       const char *label, size_t count)
{
    buffer_printf(out, "<label><input type=\"radio\" name=\"%s\" id=\"%s\"%s> ", group, id,
                  checked ? " checked" : "");
    markup_add(out, label);
    buffer_printf(out, " (%zu)</label>\n", count);
}

static void add_choices(struct buffer *out, const struct page *page, const struct models *models)
{
    char id[32];

    buffer_add(out, "<fieldset><legend>Model</legend>\n");
    add_choice(out, "model", "all", true, "all", count_all(page, NULL, PAGE_STATES));
    for (size_t i = 0; i < models->count; i++) {
        snprintf(id, sizeof(id), "m%zu", i);
        add_choice(out, "model", id, false, models->items[i],
                   count_all(page, models->items[i], PAGE_STATES));
    }
    buffer_add(out, "</fieldset>\n<fieldset><legend>State</legend>\n");
    add_choice(out, "state", "any", true, "any", count_all(page, NULL, PAGE_STATES));
    add_choice(out, "state", "free", false, "free", count_all(page, NULL, PAGE_FREE));
    buffer_add(out, "</fieldset>\n");
}

/* A table with a heading row; the caller adds rows and end_table(). */
static void start_table(struct buffer *out, const char *const *headings, size_t count)
{
    buffer_add(out, "<div class=\"scroll\"><table>\n<thead><tr>");
    for (size_t i = 0; i < count; i++)
        buffer_printf(out, "<th scope=\"col\">%s</th>", headings[i]);
    buffer_add(out, "</tr></thead>\n<tbody>\n");
}

static void end_table(struct buffer *out)
{
    buffer_add(out, "</tbody>\n</table></div>\n");
}

static void add_cell(struct buffer *out, const char *text)
{
    buffer_add(out, "<td>");
    markup_add(out, text);
    buffer_add(out, "</td>");
}

static void add_host_cell(struct buffer *out, const struct page_host *host, size_t number)
{
    buffer_printf(out, "<td><a href=\"#h%zu\">", number);
    markup_add(out, host->name);
    buffer_add(out, "</a></td>");
}

static void add_gpu(struct buffer *out, const struct page *page, size_t host,
                    const struct page_gpu *gpu, size_t model)
{
    buffer_printf(out, "<tr class=\"gpu pick m%zu %s\">", model, page_state_class(gpu->state));
    add_host_cell(out, &page->items[host], host);
    add_cell(out, gpu->address);
    add_cell(out, gpu->model);
    add_cell(out, gpu->near);
    buffer_add(out, "<td class=\"state\">");
    markup_add(out, gpu->owner);
    buffer_add(out, "</td></tr>\n");
}

static void add_gpus(struct buffer *out, const struct page *page, const struct models *models)
{
    static const char *const headings[] = {"Host", "Address", "Model", "Place", "Who has it"};

    buffer_add(out, "<h2 id=\"gpus\">GPUs</h2>\n");
    if (!models->count) {
        buffer_add(out, "<p>There are none.</p>\n");
        return;
    }
    add_choices(out, page, models);
    start_table(out, headings, sizeof(headings) / sizeof(*headings));
    for (size_t i = 0; i < page->count; i++) {
        for (size_t k = 0; k < page->items[i].gpus.count; k++) {
            const struct page_gpu *gpu = &page->items[i].gpus.items[k];

            add_gpu(out, page, i, gpu, model_at(models, gpu->model));
        }
    }
    end_table(out);
}

static void add_problems(struct buffer *out, const struct page *page)
{
    static const char *const headings[] = {"Host", "VM or device", "What is wrong"};
    size_t count = 0, vms = 0, asked = 0;

    for (size_t i = 0; i < page->count; i++) {
        count += page->items[i].problems.count;
        vms += page->items[i].vms;
        asked += page->items[i].asked;
    }
    buffer_add(out, "<h2 id=\"vms\">VMs</h2>\n");
    if (!asked) {
        buffer_add(out, "<p>No libvirt was asked for them.</p>\n");
        return;
    }
    buffer_printf(out, "<p>%zu VM%s with devices of %s; ", vms, plural(vms),
                  asked == page->count ? "these hosts" : "the hosts whose libvirt was asked");
    buffer_add(out, count ? "what is not as it should be:</p>\n"
                          : "nothing is known to be wrong with them.</p>\n");
    if (!count)
        return;
    start_table(out, headings, sizeof(headings) / sizeof(*headings));
    for (size_t i = 0; i < page->count; i++) {
        for (size_t k = 0; k < page->items[i].problems.count; k++) {
            buffer_add(out, "<tr>");
            add_host_cell(out, &page->items[i], i);
            add_cell(out, page->items[i].problems.items[k].subject);
            add_cell(out, page->items[i].problems.items[k].what);
            buffer_add(out, "</tr>\n");
        }
    }
    end_table(out);
}

/* --- hosts --- */

static void add_classes(struct buffer *out, const struct page_host *host,
                        const struct models *models)
{
    for (size_t i = 0; i < models->count; i++) {
        if (count_gpus(host, models->items[i], PAGE_STATES))
            buffer_printf(out, " m%zu", i);
    }
}

static void add_picture(struct buffer *out, const struct page_host *host, bool open)
{
    buffer_printf(out,
                  "<details%s><summary>Picture</summary>\n<div class=\"scroll\" tabindex=\"0\" "
                  "role=\"region\" aria-label=\"Picture of ",
                  open ? " open" : "");
    markup_add(out, host->name);
    buffer_add(out, "\">\n");
    buffer_add(out, host->picture);
    buffer_add(out, "</div></details>\n");
}

static void add_tree(struct buffer *out, const struct page_host *host)
{
    const char *line = host->tree;

    buffer_add(out, "<details><summary>As text</summary>\n<div class=\"scroll\" tabindex=\"0\" "
                    "role=\"region\" aria-label=\"Tree of ");
    markup_add(out, host->name);
    buffer_add(out, "\"><pre>");
    while (*line) {
        autofree char *text = strndup(line, strcspn(line, "\n"));

        if (!text) {
            out->failed = true;
            return;
        }
        markup_add(out, text);
        buffer_add(out, "\n");
        line += strlen(text) + (line[strlen(text)] == '\n');
    }
    buffer_add(out, "</pre></div></details>\n");
}

static void add_host(struct buffer *out, const struct page *page, size_t number,
                     const struct models *models)
{
    const struct page_host *host = &page->items[number];
    size_t counts[PAGE_STATES];

    buffer_add(out, "<section class=\"pick");
    add_classes(out, host, models);
    buffer_printf(out, "\"><h3 id=\"h%zu\">", number);
    markup_add(out, host->name);
    buffer_add(out, "</h3>\n<p>");
    for (enum page_state i = 0; i < PAGE_STATES; i++)
        counts[i] = count_gpus(host, NULL, i);
    add_counts(out, host->gpus.count, counts);
    buffer_add(out, "</p>\n");
    add_picture(out, host, page->count <= OPEN_HOSTS);
    add_tree(out, host);
    buffer_add(out, "</section>\n");
}

static void add_head(struct buffer *out, const struct page *page, const struct models *models)
{
    buffer_add(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                    "style-src 'unsafe-inline'\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    buffer_printf(out, "<title>GPUs of %zu host%s</title>\n<style>", page->count,
                  plural(page->count));
    page_add_style(models->count, out);
    buffer_add(out, "</style>\n</head>\n<body>\n");
}

static void print(struct buffer *out, const struct page *page, const struct models *models)
{
    add_head(out, page, models);
    buffer_printf(out, "<header><h1>GPUs of %zu host%s</h1>\n", page->count, plural(page->count));
    add_summary(out, page);
    add_unasked(out, page);
    buffer_add(out, "<nav><a href=\"#gpus\">GPUs</a>, <a href=\"#vms\">VMs</a>, <a "
                    "href=\"#hosts\">hosts</a></nav></header>\n<main>\n");
    add_gpus(out, page, models);
    add_problems(out, page);
    buffer_add(out, "<h2 id=\"hosts\">Hosts</h2>\n");
    for (size_t i = 0; i < page->count; i++)
        add_host(out, page, i, models);
    buffer_add(out, "</main>\n</body>\n</html>\n");
}

void page_print(const struct page *page, struct buffer *out)
{
    struct models models;

    if (models_make(page, &models))
        print(out, page, &models);
    else
        out->failed = true;
    free(models.items);
}
