/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest.c - compare a guest with a plan, as the public header gives it
 *
 * Takes:  a guest that was read as a host, and the text of a plan.
 * Gives:  a table of what agrees and what does not, as text or JSON.
 * Rule:   needs neither libxml2 nor libpci, so that vtopo-compare is small enough for any guest.
 * Not here: what is compared (expect/compare.c), what a plan says (json/plan_read.c).
 */
#include "vtopo/guest.h"

#include "base/buffer.h"
#include "base/error.h"
#include "expect/compare.h"
#include "json/plan_read.h"
#include "json/writer.h"

#include <stdio.h>
#include <string.h>

static const char *const titles[GUEST_ASPECTS] = {
    [GUEST_ADDRESS] = "address",
    [GUEST_NODE] = "node",
    [GUEST_PORTS] = "ports",
    [GUEST_LINK] = "link",
};
static const char *const words[] = {
    [GUEST_NOT_COMPARED] = "-",
    [GUEST_AGREES] = "ok",
    [GUEST_DIFFERS] = "NO",
};

static size_t name_width(const struct expectation *list)
{
    size_t width = strlen("DEVICE");

    for (size_t i = 0; i < list->count; i++) {
        if (strlen(list->items[i].name) > width)
            width = strlen(list->items[i].name);
    }
    return width < 60 ? width : 60;
}

static const char *address_of(const struct expected *item, char text[BDF_TEXT_SIZE])
{
    snprintf(text, BDF_TEXT_SIZE, "%s", item->has_bdf ? BDF_TEXT(&item->bdf) : "?");
    return text;
}

static void print_text(const struct expectation *list, const struct guest_row *rows,
                       size_t differences, struct buffer *out)
{
    int width = (int)name_width(list);
    size_t known = expectation_known(list);
    char text[BDF_TEXT_SIZE];

    buffer_printf(out, "%-*s  %-14s", width, "DEVICE", "GUEST BDF");
    for (size_t k = 0; k < GUEST_ASPECTS; k++)
        buffer_printf(out, k + 1 < GUEST_ASPECTS ? "%-9s" : "%s\n", titles[k]);
    for (size_t i = 0; i < list->count; i++) {
        buffer_printf(out, "%-*s  %-14s", width, list->items[i].name,
                      address_of(&list->items[i], text));
        for (size_t k = 0; k < GUEST_ASPECTS; k++)
            buffer_printf(out, k + 1 < GUEST_ASPECTS ? "%-9s" : "%s\n", words[rows[i].answers[k]]);
        for (const char *line = rows[i].difference; line; line = strchr(line, '\n')) {
            line += *line == '\n';
            buffer_printf(out, "    %.*s\n", (int)strcspn(line, "\n"), line);
        }
    }
    if (differences)
        buffer_printf(out, "%zu of %zu are not as planned\n", differences, known);
    else
        buffer_printf(out, "all %zu are as planned\n", known);
    if (known < list->count)
        buffer_printf(
            out,
            "%zu cannot be compared: when the plan was made, libvirt had still to choose where they are\n",
            list->count - known);
}

static void print_json(const struct expectation *list, const struct guest_row *rows,
                       struct buffer *out)
{
    static const char *const answers[] = {
        [GUEST_NOT_COMPARED] = NULL,
        [GUEST_AGREES] = "agrees",
        [GUEST_DIFFERS] = "differs",
    };
    struct json_writer json = {0};

    json_open(&json, NULL, '[');
    for (size_t i = 0; i < list->count; i++) {
        json_open(&json, NULL, '{');
        json_text(&json, "name", list->items[i].name);
        json_text(&json, "guest_bdf",
                  list->items[i].has_bdf ? BDF_TEXT(&list->items[i].bdf) : NULL);
        for (size_t k = 0; k < GUEST_ASPECTS; k++)
            json_text(&json, titles[k], answers[rows[i].answers[k]]);
        json_text(&json, "difference", rows[i].difference);
        json_close(&json, '}');
    }
    json_close(&json, ']');
    *out = json.out;
}

static void clear_rows(struct guest_row *rows, size_t count)
{
    for (size_t i = 0; rows && i < count; i++)
        free(rows[i].difference);
    free(rows);
}

static int compare(const struct expectation *list, const struct vtopo_host *guest,
                   enum vtopo_host_style style, char **ret_text, size_t *ret_differences,
                   struct vtopo_error **reterr)
{
    struct guest_row *rows = calloc(list->count + 1, sizeof(*rows));
    struct buffer out = {0};
    bool done = rows && guest_compare(list, guest, rows);
    size_t differences = 0;

    for (size_t i = 0; done && i < list->count; i++)
        differences += rows[i].difference != NULL;
    if (done && style == VTOPO_HOST_JSON)
        print_json(list, rows, &out);
    else if (done)
        print_text(list, rows, differences, &out);
    clear_rows(rows, list->count);
    *ret_text = done ? buffer_steal(&out) : NULL;
    *ret_differences = differences;
    return *ret_text ? 0 : error_nomem(reterr);
}

int vtopo_guest_compare(const struct vtopo_host *guest, const char *plan, size_t length,
                        const char *name, enum vtopo_host_style style, char **ret_text,
                        size_t *ret_differences, struct vtopo_error **reterr)
{
    struct expectation list = {0};
    int code = plan_read(plan, length, name, &list, reterr);

    if (!code)
        code = compare(&list, guest, style, ret_text, ret_differences, reterr);
    expectation_clear(&list);
    return code;
}
