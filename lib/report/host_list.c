/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_list.c - what can be assigned to a guest
 *
 * Takes:  a host.
 * Gives:  a line per function, mdev and vDPA device; and who shares an IOMMU group, because the
 *         members of a group can only be given away together.
 * Rule:   columns are as wide as their content; the name is last and, for a terminal, cut to what
 *         the others leave it of a line, but not below 16.
 */
#include "report/hostview.h"

#include "base/utf8.h"
#include "check/check.h"
#include "model/link_text.h"
#include "model/pci_class.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define NAME_MIN 16

enum column {
    COLUMN_BDF,
    COLUMN_CLASS,
    COLUMN_NODE,
    COLUMN_GROUP,
    COLUMN_DRIVER,
    COLUMN_SRIOV,
    COLUMN_BARS,
    COLUMN_LINK,
    COLUMN_OWNER, /* left out where nobody asked */
    COLUMN_NAME,
    COLUMNS,
};

static const char *const titles[COLUMNS] = {
    "BDF", "CLASS", "NODE", "GROUP", "DRIVER", "SR-IOV", "BARS", "LINK", "USED BY", "NAME",
};

struct row {
    char *cells[COLUMNS];
};

struct table {
    VEC(struct row) rows;
    bool failed;
};

static void clear_table(struct table *table)
{
    for (size_t i = 0; i < table->rows.count; i++) {
        for (int column = 0; column < COLUMNS; column++)
            free(table->rows.items[i].cells[column]);
    }
    free(table->rows.items);
}

static char *number_or_dash(int number)
{
    return number < 0 ? strdup("-") : mem_printf("%d", number);
}

/* The first word: "Ethernet" of "Ethernet controller". */
static char *class_cell(const struct host_function *function)
{
    const char *words = class_word(function->class_code);

    return strndup(words, strcspn(words, " "));
}

/* A virtual function is in the domain of its physical one. */
static char *sriov_cell(const struct host_function *function)
{
    if (function->is_vf)
        return mem_printf("VF of %02x:%02x.%x", function->physfn.bus, function->physfn.slot,
                          function->physfn.function);
    if (function->vfs_total)
        return mem_printf("%u/%u VFs", function->vfs, function->vfs_total);
    return strdup("-");
}

/*
 * "16M+64G+32M+io": memory by size; of I/O ports only that there are some, which is what is scarce.
 */
static char *bars_cell(const struct host_function *function)
{
    struct buffer cell = {0};
    bool io = false;

    for (size_t i = 0; i < HOST_BARS; i++) {
        const struct host_bar *bar = &function->bars[i];

        io |= bar->size && bar->io;
        if (bar->size && !bar->io)
            buffer_printf(&cell, "%s%s", cell.length ? "+" : "",
                          size_format(bar->size, (char[SIZE_TEXT_SIZE]){0}));
    }
    if (io)
        buffer_add(&cell, cell.length ? "+io" : "io");
    if (!cell.length)
        buffer_add(&cell, "-");
    return buffer_steal(&cell);
}

/* "16x16": GT/s and lanes, now; what is below the maximum is marked: "8x16 of 16x16!". */
static void add_link(struct buffer *cell, const struct host_link *link)
{
    if (link->speed % 10)
        buffer_printf(cell, "%u.%u", link->speed / 10, link->speed % 10);
    else if (link->speed)
        buffer_printf(cell, "%u", link->speed / 10);
    else
        buffer_add(cell, "?");
    if (link->width)
        buffer_printf(cell, "x%u", link->width);
    else
        buffer_add(cell, "x?");
}

static char *link_cell(const struct host_function *function)
{
    const struct host_link *now = &function->link_now, *max = &function->link_max;
    struct buffer cell = {0};

    if (!now->speed && !now->width && !max->speed && !max->width)
        return strdup("-");
    add_link(&cell, now);
    if (check_is_link_low(function)) {
        buffer_add(&cell, " of ");
        add_link(&cell, max);
        buffer_add(&cell, "!");
    }
    return buffer_steal(&cell);
}

/* @function: HOST_NONE: it is none. */
static char *owner_cell(const struct view *view, const char *device, size_t function)
{
    const struct hold_reason *held = function == HOST_NONE ? NULL : &view->holds[function];
    const struct owner *first;
    size_t count;

    if (!view->owners)
        return strdup("");
    first = owners_find(view->owners, device, &count);
    return owners_describe(view->host, first, count, held, function);
}

static void add_row(struct table *table, const struct view *view, size_t at)
{
    const struct host_function *function = &view->host->functions.items[at];
    struct row *row = vec_add(&table->rows);

    if (!row) {
        table->failed = true;
        return;
    }
    *row = (struct row){{
        [COLUMN_BDF] = strdup(BDF_TEXT(&function->bdf)),
        [COLUMN_CLASS] = class_cell(function),
        [COLUMN_NODE] = number_or_dash(function->node),
        [COLUMN_GROUP] = number_or_dash(function->iommu_group),
        [COLUMN_DRIVER] = strdup(function->driver ? function->driver : "-"),
        [COLUMN_SRIOV] = sriov_cell(function),
        [COLUMN_BARS] = bars_cell(function),
        [COLUMN_LINK] = link_cell(function),
        [COLUMN_OWNER] = owner_cell(view, BDF_TEXT(&function->bdf), at),
        [COLUMN_NAME] = device_short_name(view->names, function),
    }};
    for (int column = 0; column < COLUMNS; column++)
        table->failed |= !row->cells[column];
}

/* Names of VMs are nobody's ASCII. */
static size_t columns_of(const char *cell)
{
    return utf8_columns(cell, strlen(cell));
}

static bool is_shown(const struct view *view, int column)
{
    return column != COLUMN_OWNER || view->owners;
}

static void measure(const struct view *view, const struct table *table, size_t widths[COLUMNS])
{
    size_t left = view->width ? view->width : INT_MAX;

    for (int column = 0; column < COLUMN_NAME; column++) {
        widths[column] = strlen(titles[column]);
        for (size_t i = 0; i < table->rows.count; i++) {
            size_t width = columns_of(table->rows.items[i].cells[column]);

            if (width > widths[column])
                widths[column] = width;
        }
        if (is_shown(view, column))
            left -= widths[column] + 1 < left ? widths[column] + 1 : left;
    }
    widths[COLUMN_NAME] = left < NAME_MIN ? NAME_MIN : left;
}

static void print_row(const struct view *view, struct buffer *out, const char *const *cells,
                      const size_t *widths)
{
    for (int column = 0; column < COLUMN_NAME; column++) {
        if (!is_shown(view, column))
            continue;
        buffer_add(out, cells[column]);
        buffer_add_times(out, " ", widths[column] + 1 - columns_of(cells[column]));
    }
    buffer_printf(out, "%.*s\n", (int)widths[COLUMN_NAME], cells[COLUMN_NAME]);
}

static void print_group(const struct view *view, size_t first, size_t size, struct buffer *out)
{
    const struct host_function *functions = view->host->functions.items;

    buffer_printf(out, "  %-5d", functions[view->by_group[first]].iommu_group);
    for (size_t i = first; i < first + size; i++) {
        const struct host_function *function = &functions[view->by_group[i]];

        buffer_printf(out, " %s%s", BDF_TEXT(&function->bdf),
                      function->port == PORT_NONE ? "" : " (port)");
    }
    buffer_add(out, "\n");
}

static void print_groups(const struct view *view, struct buffer *out)
{
    size_t printed = 0, size;

    for (size_t first = 0; first < view->host->functions.count; first += size) {
        size = group_size(view, first);
        if (!is_group_shared(view, first, size))
            continue;
        if (!printed++)
            buffer_add(out, "\nIOMMU groups with several members (given to a guest only together; "
                            "ports may stay with the host):\n");
        print_group(view, first, size, out);
    }
}

static void print_owner(const struct view *view, const char *device, struct buffer *out)
{
    autofree char *cell = owner_cell(view, device, HOST_NONE);

    if (!cell)
        out->failed = true;
    else if (*cell)
        buffer_printf(out, "  %s", cell);
    buffer_add(out, "\n");
}

static void print_vdpa_owner(const struct view *view, const struct host_vdpa *vdpa,
                             struct buffer *out)
{
    autofree char *path = vdpa->device ? mem_printf("/dev/%s", vdpa->device) : strdup("");

    if (path)
        print_owner(view, path, out);
    else
        out->failed = true;
}

static void print_mediated(const struct view *view, struct buffer *out)
{
    const struct vtopo_host *host = view->host;

    if (host->mdevs.count)
        buffer_add(out, "\nMediated devices:\n");
    for (size_t i = 0; i < host->mdevs.count; i++) {
        const struct host_mdev *mdev = &host->mdevs.items[i];

        buffer_printf(out, "  %s  on %s  %s", mdev->uuid,
                      mdev->software ? "no PCI function" : BDF_TEXT(&mdev->parent),
                      mdev->type_name ? mdev->type_name
                      : mdev->type    ? mdev->type
                                      : "-");
        print_owner(view, mdev->uuid, out);
    }
    if (host->vdpas.count)
        buffer_add(out, "\nvDPA devices:\n");
    for (size_t i = 0; i < host->vdpas.count; i++) {
        const struct host_vdpa *vdpa = &host->vdpas.items[i];

        buffer_printf(out, "  %s  on %s  %s%s", vdpa->name,
                      vdpa->software ? "no PCI function" : BDF_TEXT(&vdpa->parent),
                      vdpa->device ? "/dev/" : "not bound to vhost_vdpa",
                      vdpa->device ? vdpa->device : "");
        print_vdpa_owner(view, vdpa, out);
    }
}

void view_list_text(const struct view *view, struct buffer *out)
{
    struct table table = {0};
    size_t widths[COLUMNS];

    for (size_t i = 0; i < view->host->functions.count; i++) {
        if (is_assignable(&view->host->functions.items[i]))
            add_row(&table, view, i);
    }
    out->failed |= table.failed;
    if (!table.failed) {
        measure(view, &table, widths);
        print_row(view, out, titles, widths);
        for (size_t i = 0; i < table.rows.count; i++)
            print_row(view, out, (const char *const *)table.rows.items[i].cells, widths);
        print_groups(view, out);
        print_mediated(view, out);
    }
    clear_table(&table);
}
