/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse.c - a domain XML: read the document, then its parts
 *
 * Takes:  bytes from anywhere.
 * Gives:  struct vtopo_domain.
 * Not here: which texts are accepted (xmltext.c), its elements (document.c), machine and NUMA
 *         (parse_machine.c, parse_numa.c), policy (parse_policy.c), <devices> (parse_controllers.c,
 *         parse_devices.c, parse_address.c), what is in the namespace for QEMU (parse_qemu.c).
 */
#include "domxml/parse.h"

#include "base/error.h"
#include "domxml/additions.h"
#include "domxml/xmltext.h"
#include "model/policy_key.h"

#include <string.h>

static int parse_document(const struct reader *reader)
{
    const struct node *root = reader->document->nodes;
    int r;

    if (!node_is(root, "domain"))
        return reader_refuse(reader, root, "is not a libvirt <domain>");
    if (node_child(root, "devices"))
        reader->domain->devices = node_element(node_child(root, "devices"));
    r = parse_policy(reader, root);
    if (!r)
        r = parse_machine(reader, root);
    if (!r)
        r = parse_space(reader, root);
    if (!r)
        r = parse_numa(reader, root);
    if (!r)
        r = parse_controllers(reader, root);
    if (!r)
        r = parse_devices(reader, root);
    if (!r)
        r = parse_needs(reader, root);
    if (!r)
        r = parse_changeable(reader);
    if (!r)
        r = parse_record(reader, root);
    return r ? r : parse_qemu(reader, root);
}

static int parse_text(struct reader *reader)
{
    struct vtopo_domain *domain = reader->domain;
    struct document document;
    int r = xmltext_read(domain->text, domain->length, domain->name, &domain->scan, &document,
                         reader->reterr);

    if (r)
        return r;
    reader->document = &document;
    r = parse_document(reader);
    document_free(&document);
    return r;
}

static struct vtopo_domain *new_domain(const char *text, size_t length, const char *name)
{
    struct vtopo_domain *domain = calloc(1, sizeof(*domain));

    if (!domain)
        return NULL;
    domain->devices = SCAN_NONE;
    domain->qemu.override = domain->qemu.commandline = domain->qemu.deprecation = SCAN_NONE;
    domain->length = length;
    domain->name = strdup(name);
    domain->text = malloc(length + 1);
    if (!domain->name || !domain->text) {
        vtopo_domain_free(domain);
        return NULL;
    }
    if (length)
        memcpy(domain->text, text, length);
    domain->text[length] = '\0';
    return domain;
}

/* Messages name lines of the whole text. */
static void copy_lines(const struct domain *from, struct domain *to)
{
    for (size_t i = 0;
         from->controllers.count == to->controllers.count && i < to->controllers.count; i++)
        to->controllers.items[i].line = from->controllers.items[i].line;
    for (size_t i = 0; from->devices.count == to->devices.count && i < to->devices.count; i++)
        to->devices.items[i].line = from->devices.items[i].line;
}

static int parse_stripped(struct vtopo_domain *domain, struct vtopo_error **reterr)
{
    autofree char *text = NULL;
    size_t length;
    int r = additions_strip(domain, &text, &length, reterr);

    return r ? r : vtopo_domain_parse(text, length, domain->name, &domain->plain, reterr);
}

/* Does <acpi nodeset> of a device name a cell that is not there? */
static bool lacks_cells(const struct domain *domain)
{
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *device = &domain->devices.items[i];

        if (device->acpi_nodes && device->acpi_most >= domain->cells.count)
            return true;
    }
    return false;
}

/* Without what vtopo added.  Where somebody's part does not stand without that, it stays: theirs.
 */
static int make_plain(struct vtopo_domain *domain, struct vtopo_error **reterr)
{
    struct record_additions *additions = &domain->model.record.additions;
    int r;

    if (!additions->count)
        return 0;
    record_additions_give_cells(additions, false);
    r = parse_stripped(domain, NULL);
    if (!r && lacks_cells(&domain->plain->model) && !lacks_cells(&domain->model)) {
        vtopo_domain_free(steal(domain->plain));
        record_additions_give_cells(additions, true);
        r = parse_stripped(domain, NULL);
    }
    if (r == VTOPO_ERR_DOMAIN) {
        for (size_t i = 0; i < additions->count; i++)
            additions->items[i].element = SCAN_NONE;
        r = parse_stripped(domain, reterr);
    } else if (r) {
        return error_nomem(reterr);
    }
    if (r)
        return r;
    copy_lines(&domain->model, &domain->plain->model);
    domain->plain->model.record.additions = *additions;
    *additions = (struct record_additions){0};
    return 0;
}

int vtopo_domain_parse(const char *text, size_t length, const char *name,
                       struct vtopo_domain **ret_domain, struct vtopo_error **reterr)
{
    struct reader reader = {.reterr = reterr};
    int r;

    if (length > VTOPO_DOMAIN_MAX)
        return error_set(reterr, VTOPO_ERR_DOMAIN, "%s: is larger than %u MiB", name,
                         VTOPO_DOMAIN_MAX >> 20);
    reader.domain = new_domain(text, length, name);
    if (!reader.domain)
        return error_nomem(reterr);
    r = parse_text(&reader);
    if (!r)
        r = make_plain(reader.domain, reterr);
    if (r)
        vtopo_domain_free(reader.domain);
    else
        *ret_domain = reader.domain;
    return r;
}

const char *vtopo_domain_text(const struct vtopo_domain *domain, size_t *ret_length)
{
    if (ret_length)
        *ret_length = domain->length;
    return domain->text;
}

void vtopo_domain_free(struct vtopo_domain *domain)
{
    if (!domain)
        return;
    domain_clear(&domain->model);
    for (size_t i = 0; i < domain->qemu.devices.count; i++)
        free(domain->qemu.devices.items[i].alias);
    free(domain->qemu.devices.items);
    free(domain->qemu.prefix);
    policy_wish_clear_lists(&domain->policy);
    free(domain->policy.devices.items);
    free(domain->records.items);
    free(domain->added.items);
    for (size_t i = 0; i < domain->changeable.count; i++)
        free(domain->changeable.items[i].value);
    free(domain->changeable.items);
    vtopo_domain_free(domain->plain);
    scan_clear(&domain->scan);
    free(domain->text);
    free(domain->name);
    free(domain);
}
