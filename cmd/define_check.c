/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * define_check.c - see define_check.h
 *
 * Takes:  the definitions of VMs.
 * Gives:  a row for each of them: for people, as JSON, as Prometheus's text format (for the
 *         textfile collector of node-exporter, which wants a file that is there whole).
 * Rule:   one VM that cannot be checked keeps no other from being checked.  The status is that
 *         of the first failure, else 1 if one would change, else 8 if one lacks its host's
 *         topology.
 * Not here: what a VM's definition should be (define_vm.c).
 */
#include "define_check.h"

#include "base/buffer.h"
#include "base/printable.h"
#include "common.h"
#include "vm_versions.h"
#include "write_file.h"

#include <jansson.h>
#include <string.h>

struct row {
    const struct definition *definition;
    enum verdict verdict;
    int status;                  /* of a failure */
    char *why;                   /* for one line */
    char *shared;                /* vm_plan.h; NULL: not known */
    char *versions[VM_VERSIONS]; /* by vm_version_keys; NULL: there was no policy */
};

struct rows {
    struct row *items;
    size_t count, cap;
};

/* The words of JSON and metrics, which scripts rely on, and those for people. */
static const struct {
    const char *id, *text;
} words[VERDICTS] = {
    [VM_AS_WANTED] = {"as_host", "as on the host"},
    [VM_LACKS] = {"lacking", "lacks it"},
    [VM_DIFFERS] = {"differs", "would change"},
    [VM_NOTHING] = {"no_devices", "no host devices"},
    [VM_TRANSIENT] = {"transient", "transient"},
    [VM_FAILED] = {"failed", "not checked"},
};

/* --- rows --- */

static bool copy_versions(const struct vtopo_policy *policy, struct row *row)
{
    int r = 0;

    for (size_t i = 0; !r && i < VM_VERSIONS; i++)
        r = vtopo_policy_get(policy, vm_version_keys[i], &row->versions[i], NULL);
    return !r;
}

static bool add_row(struct vm *vm, struct rows *rows)
{
    struct row *row = vec_add(rows);

    if (!row)
        return false;
    *row = (struct row){
        .definition = vm->definition,
        .verdict = vm->verdict,
        .why = strdup(describe_vm(vm)),
        .shared = steal(vm->shared),
    };
    if (vm->verdict == VM_FAILED)
        row->status = -vtopo_error_code(vm->error);
    return row->why && (!vm->policy || copy_versions(vm->policy, row));
}

static bool make_rows(const struct define_options *options, virConnectPtr conn,
                      struct others *others, const struct definitions *definitions,
                      struct rows *rows)
{
    bool ok = true;

    for (size_t i = 0; ok && i < definitions->count; i++) {
        struct vm vm;

        plan_vm(options, conn, others, &definitions->items[i], &vm);
        ok = add_row(&vm, rows);
        clear_vm(&vm);
    }
    return ok;
}

static void clear_rows(struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        free(rows->items[i].why);
        free(rows->items[i].shared);
        for (size_t j = 0; j < VM_VERSIONS; j++)
            free(rows->items[i].versions[j]);
    }
    free(rows->items);
}

static int status_of(const struct rows *rows)
{
    bool has[VERDICTS] = {false};

    for (size_t i = 0; i < rows->count; i++) {
        if (rows->items[i].status)
            return rows->items[i].status;
        has[rows->items[i].verdict] = true;
    }
    return has[VM_DIFFERS] ? STATUS_DIFFERS : has[VM_LACKS] ? STATUS_LACKS : STATUS_DONE;
}

/* --- for people --- */

static const char *state_of(const struct definition *definition)
{
    return definition->running ? "running" : "shut off";
}

/* VMs without host devices are most of them on many hosts. */
static bool is_listed(const struct define_options *options, const struct row *row)
{
    return !options->all || options->messages.verbose || row->verdict != VM_NOTHING;
}

static void add_name(struct buffer *out, const char *name)
{
    size_t start = out->length;

    buffer_add(out, name);
    if (!out->failed)
        printable(out->text + start, false);
}

static size_t widest_name(const struct define_options *options, const struct rows *rows)
{
    size_t width = strlen("VM");

    for (size_t i = 0; i < rows->count; i++) {
        size_t length = strlen(rows->items[i].definition->name);

        if (is_listed(options, &rows->items[i]) && length > width)
            width = length;
    }
    return width;
}

static void add_line(struct buffer *out, size_t width, const char *name, const char *state,
                     const char *topology, const char *why)
{
    size_t start = out->length;

    add_name(out, name);
    buffer_pad(out, start, width + 2);
    buffer_add(out, state);
    buffer_pad(out, start, width + 12);
    buffer_add(out, topology);
    if (*why)
        buffer_add(out, ": ");
    buffer_add(out, why);
    buffer_end_line(out);
}

static char *make_table(const struct define_options *options, const struct rows *rows)
{
    autobuffer struct buffer out = {0};
    size_t width = widest_name(options, rows);
    bool any = false;

    add_line(&out, width, "VM", "STATE", "TOPOLOGY", "");
    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->items[i];

        if (!is_listed(options, row))
            continue;
        any = true;
        add_line(&out, width, row->definition->name, state_of(row->definition),
                 words[row->verdict].text, row->why);
    }
    if (!any) {
        buffer_clear(&out);
        buffer_add(&out, "no VM has a host device\n");
    }
    return buffer_steal(&out);
}

/* --- JSON --- */

static json_t *split(const char *lines)
{
    json_t *list = json_array();

    while (list && lines && *lines) {
        size_t length = strcspn(lines, "\n");

        if (json_array_append_new(list, json_stringn(lines, length))) {
            json_decref(list);
            return NULL;
        }
        lines += length + 1;
    }
    return list;
}

/* Those that are known. */
static json_t *make_versions(const struct row *row)
{
    json_t *versions = json_object();

    for (size_t i = 0; versions && i < VM_VERSIONS; i++) {
        if (row->versions[i] && *row->versions[i] &&
            json_object_set_new(versions, vm_version_keys[i], json_string(row->versions[i]))) {
            json_decref(versions);
            return NULL;
        }
    }
    return versions;
}

static json_t *make_object(const struct row *row)
{
    const struct definition *d = row->definition;

    return json_pack("{s:s, s:s, s:b, s:b, s:s, s:s*, s:o, s:o}", "name", d->name, "uuid", d->uuid,
                     "running", d->running, "managed_save", d->has_managed_save, "topology",
                     words[row->verdict].id, "reason", *row->why ? row->why : NULL, "shared",
                     split(row->shared), "versions", make_versions(row));
}

static char *make_json(const struct rows *rows)
{
    json_t *list = json_array(), *root = NULL;
    char *text = NULL, *line = NULL;
    bool ok = list != NULL;

    for (size_t i = 0; ok && i < rows->count; i++)
        ok = !json_array_append_new(list, make_object(&rows->items[i]));
    if (ok)
        root =
            json_pack("{s:s, s:i, s:O}", "format", "vtopo-define-check", "version", 1, "vms", list);
    json_decref(list);
    if (root)
        text = json_dumps(root, JSON_INDENT(2));
    json_decref(root);
    if (text)
        line = mem_printf("%s\n", text);
    free(text);
    return line;
}

/* --- metrics --- */

/* https://prometheus.io/docs/instrumenting/exposition_formats/ */
static void add_label(struct buffer *out, const char *value)
{
    for (; *value; value++) {
        if (*value == '\n')
            buffer_add(out, "\\n");
        else if (*value == '"' || *value == '\\')
            buffer_printf(out, "\\%c", *value);
        else
            buffer_add_bytes(out, value, 1);
    }
}

static void add_metric(struct buffer *out, const struct row *row)
{
    for (enum verdict i = 0; i < VERDICTS; i++) {
        buffer_add(out, "vtopo_vm_topology{vm=\"");
        add_label(out, row->definition->name);
        buffer_printf(out, "\",uuid=\"%s\",state=\"%s\"} %d\n", row->definition->uuid, words[i].id,
                      row->verdict == i);
    }
}

static int write_metrics(const char *path, const struct rows *rows)
{
    autobuffer struct buffer out = {0};

    buffer_add(
        &out,
        "# HELP vtopo_vm_topology Whether the VM's definition gives its guest the host's topology: 1 for the state that holds.\n"
        "# TYPE vtopo_vm_topology gauge\n");
    for (size_t i = 0; i < rows->count; i++)
        add_metric(&out, &rows->items[i]);
    if (out.failed)
        return no_memory(DEFINE_PROGRAM);
    return write_file(DEFINE_PROGRAM, path, out.text, out.length);
}

/* --- all --- */

static int write_rows(const struct define_options *options, const struct rows *rows)
{
    autofree char *text = options->json ? make_json(rows) : make_table(options, rows);
    int status = text ? STATUS_DONE : no_memory(DEFINE_PROGRAM);

    if (!status && options->metrics)
        status = write_metrics(options->metrics, rows);
    if (!status && !(options->messages.quiet && !options->json))
        status = write_stdout(DEFINE_PROGRAM, text, strlen(text));
    return status ? status : status_of(rows);
}

int check_all(const struct define_options *options, virConnectPtr conn, struct others *others,
              const struct definitions *definitions)
{
    struct rows rows = {0};
    int status = make_rows(options, conn, others, definitions, &rows) ? write_rows(options, &rows)
                                                                      : no_memory(DEFINE_PROGRAM);

    clear_rows(&rows);
    return status;
}
