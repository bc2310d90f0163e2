/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device_element.c - see device_element.h
 *
 * Rule:   managed: libvirt binds the function to a VFIO driver when the guest starts, and back.  A
 *         virtual function in a <hostdev> has another MAC address at each start; libvirt sets it
 *         through the network interface of the physical one, which InfiniBand's has no such of.
 */
#include "report/device_element.h"

#define CLASS_ETHERNET 0x0200

static bool is_interface(const struct host_function *f)
{
    return f->is_vf && f->class_code >> 8 == CLASS_ETHERNET;
}

static void add_line(size_t indent, const char *line, struct buffer *out)
{
    buffer_add_times(out, " ", indent);
    buffer_add(out, line);
    buffer_add(out, "\n");
}

void device_element_add(const struct host_function *function, size_t indent, const char *address,
                        struct buffer *out)
{
    bool interface = is_interface(function);
    const struct bdf *bdf = &function->bdf;

    add_line(indent,
             interface ? "<interface type='hostdev' managed='yes'>"
                       : "<hostdev mode='subsystem' type='pci' managed='yes'>",
             out);
    add_line(indent + 2, "<source>", out);
    buffer_add_times(out, " ", indent + 4);
    buffer_printf(out, "<address %sdomain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/>\n",
                  interface ? "type='pci' " : "", (unsigned)bdf->domain, bdf->bus, bdf->slot,
                  bdf->function);
    add_line(indent + 2, "</source>", out);
    if (address)
        add_line(indent + 2, address, out);
    add_line(indent, interface ? "</interface>" : "</hostdev>", out);
}

void comment_add(const char *text, size_t indent, struct buffer *out)
{
    buffer_add_times(out, " ", indent);
    buffer_add(out, "<!-- ");
    for (; *text; text++) {
        buffer_add_bytes(out, text, 1);
        if (text[0] == '-' && text[1] == '-')
            buffer_add(out, " ");
    }
    buffer_add(out, " -->\n");
}
