/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prepare.c - what a host needs before devices are assigned, as the public header gives it
 *
 * Takes:  a host, devices or none, the kernel's command line if it is known.
 * Gives:  text in one of several forms.
 * Not here: what is needed (lib/prepare), how it looks (lib/report).
 */
#include "vtopo/place.h"

#include "base/error.h"
#include "report/hold_words.h"
#include "report/prepare_view.h"

#include <string.h>

typedef void printer(const struct prepare_view *view, struct buffer *out);

static const struct {
    const char *name;
    printer *print;
} forms[] = {
    {"text", prepare_view_text},
    {"json", prepare_view_json},
    {"cmdline", prepare_view_command_line},
    {"modprobe", prepare_view_modprobe},
    {"driverctl", prepare_view_driverctl},
    {"nova", prepare_view_nova},
    {"kubevirt", prepare_view_kubevirt},
    {"proxmox", prepare_view_proxmox},
};

static printer *find_form(const char *name)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        if (!strcmp(forms[i].name, name))
            return forms[i].print;
    }
    return NULL;
}

/* A name that Proxmox can give to a node: letters, digits, and "-" between them. */
static bool is_node_name(const char *name)
{
    size_t length = strlen(name);

    return length && length <= 63 && *name != '-' && name[length - 1] != '-' &&
           length ==
               strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
}

static int check_form(const char *form, const char *node, printer **ret_print,
                      struct vtopo_error **reterr)
{
    *ret_print = find_form(form);
    if (!*ret_print)
        return error_set(reterr, VTOPO_ERR_USAGE, "there is no form '%.40s'", form);
    if (*ret_print != prepare_view_proxmox)
        return 0;
    if (!node)
        return error_set(reterr, VTOPO_ERR_USAGE,
                         "Proxmox needs its name of this host: --node NAME");
    return is_node_name(node) ? 0
                              : error_set(reterr, VTOPO_ERR_USAGE,
                                          "'%.70s' is no name of a node of Proxmox", node);
}

static int refuse(const struct prepare *p, struct vtopo_error **reterr)
{
    const struct prepare_left_out *first = p->left_out.items;
    autobuffer struct buffer why = {0};

    if (!p->left_out.count)
        return error_set(reterr, VTOPO_ERR_REFUSED, "the host has neither a GPU nor a NIC");
    if (first->holder != first->function)
        buffer_printf(&why, "%s goes with %s, which ",
                      BDF_TEXT(&p->host->functions.items[first->function].bdf),
                      BDF_TEXT(&p->host->functions.items[first->holder].bdf));
    else
        buffer_printf(&why, "%s ", BDF_TEXT(&p->host->functions.items[first->function].bdf));
    hold_describe(p->host, NULL, first->holder, first->hold, &why);
    if (why.failed)
        return error_nomem(reterr);
    return error_set(reterr, VTOPO_ERR_REFUSED, "no device is left: %s%s", why.text,
                     p->left_out.count > 1 ? "; and so on (vtopo-host devices)" : "");
}

static int print(const struct prepare *prepare, printer *form, const char *node, char **ret_text,
                 struct vtopo_error **reterr)
{
    autobuffer struct buffer out = {0};
    struct prepare_view view;
    char *text;

    out.failed = !prepare_view_open(prepare, node, &view);
    if (!out.failed)
        form(&view, &out);
    prepare_view_close(&view);
    text = buffer_steal(&out);
    if (!text)
        return error_nomem(reterr);
    *ret_text = text;
    return 0;
}

int vtopo_host_prepare(const struct vtopo_host *host, const char *const *devices, size_t count,
                       const char *command_line, const char *form, const char *node,
                       char **ret_text, struct vtopo_error **reterr)
{
    struct prepare prepare = {0};
    printer *printer_of_form = NULL;
    int r = check_form(form, node, &printer_of_form, reterr);

    if (!r)
        r = prepare_make(host, devices, count, command_line, &prepare, reterr);
    if (!r && !prepare.devices.count)
        r = refuse(&prepare, reterr);
    if (!r)
        r = print(&prepare, printer_of_form, node, ret_text, reterr);
    prepare_clear(&prepare);
    return r;
}
