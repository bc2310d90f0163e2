/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * addresses.c - see addresses.h
 *
 * Takes:  an element that is a device or a controller, and the address that it gets.
 * Gives:  edits that write it.
 * Rule:   an <address> is written as libvirt prints it (virPCIDeviceAddressFormat()); of one that
 *         is there only the values that libvirt would print otherwise are touched.
 * Not here: which device gets which address.
 */
#include "domxml/addresses.h"

/* --- text, without printf(): there are thousands of numbers --- */

void address_add_hex(struct buffer *out, unsigned value, int width)
{
    char digits[16], *at = digits + sizeof(digits);

    for (; value || width > 0; value >>= 4, width--)
        *--at = "0123456789abcdef"[value & 15];
    *--at = 'x';
    *--at = '0';
    buffer_add_bytes(out, at, (size_t)(digits + sizeof(digits) - at));
}

void address_add(struct buffer *out, const struct bdf *at, const char *multifunction)
{
    buffer_add(out, "<address type='pci' domain='");
    address_add_hex(out, at->domain, 4);
    buffer_add(out, "' bus='");
    address_add_hex(out, at->bus, 2);
    buffer_add(out, "' slot='");
    address_add_hex(out, at->slot, 2);
    buffer_add(out, "' function='");
    address_add_hex(out, at->function, 1);
    if (multifunction) {
        buffer_add(out, "' multifunction='");
        buffer_add(out, multifunction);
    }
    buffer_add(out, "'/>");
}

enum { ADDRESS_FIELDS = 4 };

struct field {
    const char *name;
    int digits; /* as libvirt prints them: at least so many, hexadecimal */
    unsigned value;
    const struct scan_attribute *attribute; /* NULL: not there */
};

/* Into its attribute, or a new one behind @behind. */
static void write_number(struct edits *edits, const struct vtopo_domain *domain, size_t element,
                         const struct scan_attribute *behind, const struct field *field)
{
    autobuffer struct buffer text = {0};

    address_add_hex(&text, field->value, field->digits);
    if (text.failed)
        edits->no_memory = true;
    else if (field->attribute && scan_span_is(domain->text, field->attribute->value, text.text))
        return;
    else if (field->attribute)
        edits_set_value(edits, field->attribute, text.text);
    else
        edits_add_attribute(edits, element, behind, field->name, text.text);
}

/*
 * All numbers as libvirt writes them: what it has printed is then not to be told from what a
 * rewrite of the same domain would write.  Behind which attribute a new one goes: its order is
 * type, domain, bus, slot, function, multifunction.
 */
static const struct scan_attribute *write_fields(struct edits *edits,
                                                 const struct vtopo_domain *domain, size_t element,
                                                 const struct bdf *at)
{
    struct field fields[ADDRESS_FIELDS] = {
        {"domain", 4, at->domain, NULL},
        {"bus", 2, at->bus, NULL},
        {"slot", 2, at->slot, NULL},
        {"function", 1, at->function, NULL},
    };
    const struct scan_attribute *behind =
        scan_attribute(&domain->scan, domain->text, element, "type");

    for (size_t i = 0; i < ADDRESS_FIELDS; i++) {
        fields[i].attribute = scan_attribute(&domain->scan, domain->text, element, fields[i].name);
        write_number(edits, domain, element, behind, &fields[i]);
        behind = fields[i].attribute ? fields[i].attribute : behind;
    }
    return behind;
}

static void write_multifunction(struct edits *edits, const struct vtopo_domain *domain,
                                size_t element, const struct scan_attribute *behind,
                                enum address_multifunction wanted)
{
    const struct scan_attribute *attribute =
        scan_attribute(&domain->scan, domain->text, element, "multifunction");
    const char *value = wanted == MULTIFUNCTION_TURN_ON ? "on" : "off";

    if (wanted == MULTIFUNCTION_AS_IT_IS || (wanted == MULTIFUNCTION_REMOVE && !attribute))
        return;
    if (wanted == MULTIFUNCTION_REMOVE)
        edits_remove_attribute(edits, attribute);
    else if (!attribute)
        edits_add_attribute(edits, element, behind, "multifunction", value);
    else if (!scan_span_is(domain->text, attribute->value, value))
        edits_set_value(edits, attribute, value);
}

static void write_new_address(struct edits *edits, size_t element, const struct bdf *at,
                              enum address_multifunction wanted)
{
    static const char *const values[] = {[MULTIFUNCTION_AS_IT_IS] = NULL,
                                         [MULTIFUNCTION_TURN_ON] = "on",
                                         [MULTIFUNCTION_TURN_OFF] = "off",
                                         [MULTIFUNCTION_REMOVE] = NULL};
    autobuffer struct buffer line = {0};

    address_add(&line, at, values[wanted]);
    if (line.failed)
        edits->no_memory = true;
    else
        edits_append_child(edits, element, line.text);
}

void address_write(struct edits *edits, const struct vtopo_domain *domain, size_t device,
                   const struct bdf *at, enum address_multifunction wanted)
{
    size_t element = scan_child(&domain->scan, domain->text, device, "address");

    if (element == SCAN_NONE) {
        write_new_address(edits, device, at, wanted);
        return;
    }
    write_multifunction(edits, domain, element, write_fields(edits, domain, element, at), wanted);
}
