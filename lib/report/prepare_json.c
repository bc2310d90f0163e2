/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prepare_json.c - what a host needs, for programs
 *
 * Gives:  schemas/prepare.schema.json.
 */
#include "report/prepare_view.h"

#include "report/hold_words.h"
#include "json/writer.h"

static void write_device(struct json_writer *json, const struct prepare_view *view, size_t at)
{
    const struct prepare_device *device = &view->prepare->devices.items[at];
    const struct host_function *f = prepare_function(view, at);
    autofree char *name = device_short_name(view->names, f);

    json->out.failed |= !name;
    json_open(json, NULL, '{');
    json_text(json, "pciBusID", BDF_TEXT(&f->bdf));
    json_text(json, "kind", prepare_kind_name(device->kind));
    json_text(json, "name", name);
    json_number_or_null(json, "numaNode", f->node);
    json_number_or_null(json, "iommu_group", f->iommu_group);
    json_text(json, "driver", f->driver);
    json_flag(json, "may_be_in_use", view->prepare->holds[device->function] == HOLD_DRIVER);
    json_flag(json, "by_id", device->by_id);
    json_text(json, "vfio_driver", prepare_vfio_driver(f));
    json_close(json, '}');
}

static void write_left_out(struct json_writer *json, const struct prepare_view *view,
                           const struct prepare_left_out *left)
{
    const struct vtopo_host *host = view->prepare->host;
    autobuffer struct buffer why = {0};

    hold_describe(host, NULL, left->holder, left->hold, &why);
    json->out.failed |= why.failed;
    json_open(json, NULL, '{');
    json_text(json, "pciBusID", BDF_TEXT(&host->functions.items[left->function].bdf));
    json_text(json, "because_of", BDF_TEXT(&host->functions.items[left->holder].bdf));
    json_text(json, "held_by", hold_name(left->hold));
    json_text(json, "why", why.failed ? NULL : why.text);
    json_close(json, '}');
}

static void write_arguments(struct json_writer *json, const struct prepare *p, const char *key,
                            enum argument_advice advice)
{
    json_open(json, key, '[');
    for (size_t i = 0; i < p->argument_count; i++) {
        if (p->arguments[i].advice == advice)
            json_text(json, NULL, p->arguments[i].text);
    }
    json_close(json, ']');
}

static void write_command_line(struct json_writer *json, const struct prepare *p)
{
    json_open(json, "command_line", '{');
    json_flag(json, "known", p->knows_command_line);
    write_arguments(json, p, "there", ARGUMENT_THERE);
    write_arguments(json, p, "add", ARGUMENT_ADD);
    write_arguments(json, p, "useful", ARGUMENT_USEFUL);
    write_arguments(json, p, "remove", ARGUMENT_REMOVE);
    json_close(json, '}');
}

static void write_ids(struct json_writer *json, const struct prepare_view *view)
{
    json_open(json, "vfio_ids", '[');
    for (size_t i = 0; i < view->prepare->devices.count; i++) {
        const struct host_function *f = prepare_function(view, i);
        autofree char *id = mem_printf("%04x:%04x", f->vendor, f->device);

        json->out.failed |= !id;
        if (id && view->prepare->devices.items[i].by_id && prepare_is_first_of_id(view, i))
            json_text(json, NULL, id);
    }
    json_close(json, ']');
}

static void write_modules(struct json_writer *json, const struct prepare *p)
{
    json_open(json, "softdeps", '[');
    for (size_t i = 0; i < p->modules.count; i++)
        json_text(json, NULL, p->modules.items[i].name);
    json_close(json, ']');
    json_open(json, "blacklist", '[');
    for (size_t i = 0; i < p->modules.count; i++) {
        if (p->modules.items[i].blacklist)
            json_text(json, NULL, p->modules.items[i].name);
    }
    json_close(json, ']');
}

void prepare_view_json(const struct prepare_view *view, struct buffer *out)
{
    struct json_writer json = {.out = *out, .ascii = true};

    json_open(&json, NULL, '{');
    json_text(&json, "format", "vtopo-prepare");
    json_number(&json, "version", 1);
    json_open(&json, "devices", '[');
    for (size_t i = 0; i < view->prepare->devices.count; i++)
        write_device(&json, view, i);
    json_close(&json, ']');
    json_open(&json, "left_out", '[');
    for (size_t i = 0; i < view->prepare->left_out.count; i++)
        write_left_out(&json, view, &view->prepare->left_out.items[i]);
    json_close(&json, ']');
    json_flag(&json, "iommu_on", view->prepare->iommu_on);
    write_command_line(&json, view->prepare);
    write_ids(&json, view);
    write_modules(&json, view->prepare);
    json_close(&json, '}');
    *out = json.out;
}
