/* SPDX-License-Identifier: GPL-2.0-or-later */
/* prepare_view.c - see prepare_view.h: what the forms share */
#include "report/prepare_view.h"

#include "base/wrap.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#define COMMENT_WIDTH 100

const struct host_function *prepare_function(const struct prepare_view *view, size_t at)
{
    return &view->prepare->host->functions.items[view->prepare->devices.items[at].function];
}

const char *prepare_kind_name(enum prepare_kind kind)
{
    static const char *const names[] = {
        [PREPARE_GPU] = "gpu",
        [PREPARE_NIC] = "nic",
        [PREPARE_OTHER] = "other",
        [PREPARE_COMPANION] = "companion",
    };

    return names[kind];
}

/* --- kinds --- */

static bool id_key(const struct prepare_view *view, size_t at, uint64_t *ret)
{
    *ret = host_function_id(prepare_function(view, at));
    return true;
}

bool prepare_find_kinds(const struct prepare_view *view, prepare_key *key, struct kinds *ret)
{
    size_t count = view->prepare->devices.count;
    autofree struct kinds_key *keys = calloc(count + 1, sizeof(*keys));

    *ret = (struct kinds){0};
    for (size_t i = 0; keys && i < count; i++)
        keys[i].left_out = !key(view, i, &keys[i].number);
    return keys && kinds_make(keys, count, ret);
}

bool prepare_view_open(const struct prepare *prepare, const char *node, struct prepare_view *ret)
{
    *ret = (struct prepare_view){.prepare = prepare, .names = device_names_new(), .node = node};
    return prepare_find_kinds(ret, id_key, &ret->ids) && ret->names;
}

void prepare_view_close(struct prepare_view *view)
{
    kinds_clear(&view->ids);
    device_names_free(view->names);
    *view = (struct prepare_view){0};
}

bool prepare_is_first_of_id(const struct prepare_view *view, size_t at)
{
    return view->ids.first[at] == at;
}

/* A "#" before each line of what wrap_add_width() makes. */
void prepare_add_comment(struct buffer *out, const char *format, ...)
{
    autofree char *text = NULL;
    autobuffer struct buffer lines = {0};
    va_list ap;

    va_start(ap, format);
    text = mem_vprintf(format, ap);
    va_end(ap);
    out->failed |= !text;
    if (!text)
        return;
    wrap_add_width(&lines, text, strlen(text), 0, 0, COMMENT_WIDTH - 2);
    out->failed |= lines.failed;
    for (const char *line = lines.text; !lines.failed && line && *line;) {
        size_t length = strcspn(line, "\n");

        buffer_add(out, "# ");
        buffer_add_bytes(out, line, length);
        buffer_add(out, "\n");
        line += length + (line[length] == '\n');
    }
}

/* In place: of the name only ASCII is left. */
static void make_identifier(char *text, char joint, bool lower)
{
    char *end = text;

    for (const char *c = text; *c; c++) {
        if (isalnum((unsigned char)*c))
            *end++ = lower ? (char)tolower((unsigned char)*c) : *c;
        else if (end > text && end[-1] != joint)
            *end++ = joint;
    }
    if (end > text && end[-1] == joint)
        end--;
    *end = '\0';
}

char *prepare_identifier(const struct prepare_view *view, size_t at, char joint, bool lower,
                         size_t most)
{
    const struct host_function *f = prepare_function(view, at);
    char *name = device_short_name(view->names, f);

    if (!name)
        return NULL;
    make_identifier(name, joint, lower);
    if (strlen(name) > most) {
        name[most] = '\0';
        make_identifier(name, joint, lower);
    }
    if (*name && isalpha((unsigned char)*name))
        return name;
    free(name);
    return mem_printf(lower ? "pci%c%04x%c%04x" : "PCI%c%04X%c%04X", joint, f->vendor, joint,
                      f->device);
}
